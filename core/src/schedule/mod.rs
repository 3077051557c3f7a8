//! Learning rate and momentum as functions of the step.
//!
//! A schedule is a pure function k ↦ value, evaluated in `f64` on every target, so that a board, a desk
//! and a GPU use the same bits; a run rounds the value once to its own precision.

mod averaged;
mod basic;
mod compose;
mod momentum;

pub use averaged::averaged;
pub use basic::{Constant, Cosine, Exponential, InverseTime, Linear, StepDecay};
pub use compose::{Join, Stretched, Table};
pub use momentum::{Power, Scaled, scaled_momentum};

/// A function of the step k = 0, 1, ….
pub trait Schedule {
    /// Value at step `k`.
    fn at(&self, k: u64) -> f64;
}

impl<T: Schedule + ?Sized> Schedule for &T {
    fn at(&self, k: u64) -> f64 {
        (**self).at(k)
    }
}

/// base^n by repeated squaring: n's bits from the lowest, multiplications only.
pub(crate) fn integer_power(base: f64, n: u64) -> f64 {
    let (mut square, mut n, mut product) = (base, n, 1.0);
    while n > 0 {
        if n & 1 == 1 {
            product *= square;
        }
        square *= square;
        n >>= 1;
    }
    product
}
