//! From the sums of chunks to estimates with errors: merged in index order, so the result does not depend on who computed
//! which chunk when.

mod accumulator;
mod control;
#[cfg(test)]
mod coverage;
mod digest;
pub mod distance;
mod estimate;
mod exponent;
mod interval;
mod largest;
mod line;
mod paired;

pub use accumulator::{Accumulator, Bits, Counts};
pub use control::{Controlled, mean_of, ratio_of_means};
pub use digest::Digest;
pub use estimate::{Estimate, PointEstimates, central_moments};
pub use exponent::exponents;
pub use interval::{Interval, normal_quantile, student_quantile};
pub use largest::LargestGap;
pub use line::{Line, richardson};
pub use paired::{PairedAccumulator, PairedEstimates};
