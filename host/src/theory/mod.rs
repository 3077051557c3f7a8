//! Exact moments without Monte Carlo, in `f64`: what a simulation of a linear or quadratic landscape must agree with.
//!
//! * [`exact`](exact()): mean and covariance of (x, m) after any number of steps, for every optimiser, schedule and law;
//!   [`cumulants`](cumulants::cumulants): skewness, kurtosis and beyond where the directions do not mix.
//! * [`stationary`](stationary::stationary): where the moments settle; [`stability`]: whether they do, and what oscillates;
//!   [`lyapunov`]: the equation behind it.
//! * [`linear`]: the closed forms of MV 3.1; [`sde`] and [`limit`]: the Ornstein–Uhlenbeck process that SGD and SGDM share as η → 0.
//! * [`lemma24`]: one step's change of the loss in its parts.
//! * [`sampling`]: z-scores and the errors of sample moments. [`report`](report()): all of it for an experiment.
//!
//! # Where there is no exact answer
//!
//! The first two moments close when E(g | x) is linear in x and E Cov(g | x) is quadratic. That holds for the linear and
//! quadratic landscapes and least squares, with additive noise of any law and any Σ (diag(c + qx²) too), label noise, and
//! mini-batches drawn afresh. It fails, with the reason in [`Unsolvable`], for the valley, the hyperbola, Rosenbrock, the
//! double well and the diagonal network (their gradients are not linear), and for shuffled epochs (a batch depends on the ones
//! before).

pub mod cumulants;
mod exact;
#[doc(hidden)]
pub mod example;
pub mod law;
pub mod lemma24;
pub mod limit;
pub mod linear;
pub mod lyapunov;
pub mod modes;
pub mod noise;
mod report;
pub mod sampling;
pub mod sde;
pub mod stability;
pub mod state;
pub mod stationary;
mod text;
pub mod transition;
mod unsolvable;

#[cfg(test)]
mod tests;

pub use exact::{Exact, Moments, Recursion, exact};
pub use report::{Answer, Final, Report, RunReport, Settled, report};
pub use unsolvable::{FULL_LIMIT, Unsolvable, WHOLE_LIMIT};
