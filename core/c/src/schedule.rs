//! Schedules: learning rate or momentum at step k = 0, 1, ..., in `double` on every target, so that the bits agree.
//!
//! They are functions and not structures: C composes them by itself (`k < 100 ? polyak_linear(0, 0.1, 100, k) : 0.1`), and what is not
//! called is not linked.

use core::ffi::c_void;

use polyak_core::schedule::{
    Constant, Cosine, Exponential, InverseTime, Linear, Power, Schedule, StepDecay, Stretched, averaged,
    scaled_momentum,
};

use crate::polyak_status;
use crate::raw::{array, array_mut};
use crate::status::{given, require, status};

/// from + (to - from) k / steps, then `to`: a warm-up.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_linear(from: f64, to: f64, steps: u64, k: u64) -> f64 {
    Linear { from, to, steps }.at(k)
}

/// to + (from - to) (1 + cos(pi k / steps)) / 2, then `to`.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_cosine(from: f64, to: f64, steps: u64, k: u64) -> f64 {
    Cosine { from, to, steps }.at(k)
}

/// base factor^floor((k - after) / every) from step `after` on, `base` before.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_exponential(base: f64, factor: f64, every: u64, after: u64, k: u64) -> f64 {
    Exponential { base, factor, every, after }.at(k)
}

/// base / (1 + decay k).
#[unsafe(no_mangle)]
pub extern "C" fn polyak_inverse_time(base: f64, decay: f64, k: u64) -> f64 {
    InverseTime { base, decay }.at(k)
}

/// Sets `value` to base factor^n, n the number of the `count` steps in `at` that are not above k.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_step_decay(
    base: f64,
    factor: f64,
    at: *const u64,
    count: usize,
    k: u64,
    value: Option<&mut f64>,
) -> polyak_status {
    status(|| {
        *given(value)? = StepDecay { base, factor, at: array(at, count)? }.at(k);
        Ok(())
    })
}

/// The momentum 1 - lambda rate^alpha, kept from 0 to below 1 (MV 3.1; alpha = 2/3 is FF's).
#[unsafe(no_mangle)]
pub extern "C" fn polyak_power_momentum(rate: f64, lambda: f64, alpha: f64) -> f64 {
    Power { rate: Constant(rate), lambda, alpha }.at(0)
}

/// The momentum 1 - (1 - momentum) / ell, whose memory keeps its length in time under SVAG.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_scaled_momentum(momentum: f64, ell: f64) -> f64 {
    scaled_momentum(momentum, ell)
}

/// floor(k / ell): the step of a schedule that SVAG's step k uses; the rate is then divided by ell.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_svag_step(k: u64, ell: f64) -> u64 {
    Stretched { inner: StepNumber, ell, divisor: 1.0 }.at(k) as u64
}

/// k itself.
struct StepNumber;

impl Schedule for StepNumber {
    fn at(&self, k: u64) -> f64 {
        k as f64
    }
}

/// A schedule of the caller's: its value at step k.
pub type polyak_schedule = Option<extern "C" fn(context: *mut c_void, k: u64) -> f64>;

/// A schedule of the caller's with its context.
struct Called(extern "C" fn(*mut c_void, u64) -> f64, *mut c_void);

impl Schedule for Called {
    fn at(&self, k: u64) -> f64 {
        self.0(self.1, k)
    }
}

/// Sets rates[0..n] to the averaged schedule of MV theorem 3.5: the SGD that SGDM with this rate and momentum is compared with. Both
/// functions are asked for steps beyond n, until what remains is below 1e-18; the momentum must be from 0 to below 1.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_averaged(
    rate: polyak_schedule,
    momentum: polyak_schedule,
    context: *mut c_void,
    rates: *mut f64,
    n: usize,
) -> polyak_status {
    status(|| {
        let (rate, momentum) = (Called(given(rate)?, context), Called(given(momentum)?, context));
        require((0.0..1.0).contains(&momentum.at(0)), polyak_status::Momentum)?;
        averaged(&rate, &momentum, array_mut(rates, n)?);
        Ok(())
    })
}
