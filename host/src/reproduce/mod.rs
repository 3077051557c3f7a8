//! The claims of the three papers that a simulation can reach, each an experiment with a verdict.
//!
//! A [`Claim`] states a hypothesis that can fail. It drives its experiments through the engine of `polyak run`
//! ([`Laboratory`]) and leaves [`Findings`]: checks, a figure, notes. A check holds a measured number with its error against a region;
//! [`Verdict`] says by which rule. [`claims::all`] lists the claims; [`store`] keeps their results on disk; [`html`] makes the report.
//!
//! A claim can be run on a program that is wrong on purpose ([`Mutation`]): then it must fail, and the tests see to that.

mod check;
mod claim;
pub mod claims;
mod digits;
mod exact_gaps;
pub mod html;
mod laboratory;
mod mutation;
mod settling_time;
mod setup;
mod slow_limit;
pub mod store;
mod two_times;

pub use check::{Check, Finding, Hypothesis, Verdict};
pub use claim::{Budget, Claim, Findings, Outcome};
pub use laboratory::{Ensemble, Failure, Laboratory, Member, Sample};
pub use mutation::{Mutation, Part};
