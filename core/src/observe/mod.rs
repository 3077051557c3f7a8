//! What is measured of trajectories: fixed-tree sums over a chunk of them, histograms, and for boards running moments and a recorder.

mod histogram;
mod online;
mod recorder;
mod sum;

pub use histogram::Histogram;
pub use online::OnlineMoments;
pub use recorder::Recorder;
pub use sum::{CHUNK, PARTIALS, alive, chunk_powers, chunk_sum, masked};
