//! Ensembles observed: fixed-tree sums over a chunk of trajectories, histograms, and a recorder for boards.

mod recorder;
mod sum;

pub use recorder::Recorder;
pub use sum::{CHUNK, PARTIALS, chunk_sum};
