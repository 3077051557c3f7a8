//! From the sums of chunks to estimates with errors: merged in index order, so the result does not depend on who computed
//! which chunk when.

mod accumulator;
mod digest;
mod estimate;
mod paired;

pub use accumulator::{Accumulator, Bits, Counts};
pub use digest::Digest;
pub use estimate::{Estimate, PointEstimates, central_moments};
pub use paired::{PairedAccumulator, PairedEstimates};
