//! Noisy gradient oracles (MV definition 2.1): g = mean(x) + noise(x), E g = ∇L(x).
//!
//! An oracle is two parts: what is the same at every draw, and what a draw adds. SVAG needs them apart: its weights add up to
//! 1, so the mean counts once and only the noise is drawn twice.

mod any;
mod covariance;
mod exact;
mod label;
mod minibatch;
mod ngos;
mod svag;

pub use any::{AnyNoise, AnyOracle};
pub use covariance::Covariance;
pub use exact::Exact;
pub use label::{LabelExamples, LabelNoise};
pub use minibatch::{Cards, Deck, MiniBatch, NoDeck, Sampling};
pub use ngos::Ngos;
pub use svag::{Svag, svag_weights};

use crate::random::{Generator, Stream};
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// A stochastic gradient of a landscape.
pub trait Oracle<S: Scalar> {
    /// Sets g to the part of the gradient that no draw changes.
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized;

    /// Draws once and adds `weight` times what the draw contributes.
    fn add_noise<F, R, X, D, G>(&self, weight: S, x: &X, stream: &mut Stream<F, R>, deck: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized;

    /// Sets g to one stochastic gradient at x.
    #[inline(always)]
    fn sample<F, R, X, D, G>(&self, x: &X, stream: &mut Stream<F, R>, deck: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        self.mean(x, g);
        self.add_noise(S::ONE, x, stream, deck, g);
    }
}
