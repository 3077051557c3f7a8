//! What an experiment is, and how it is read from a file and written back.

mod data;
mod document;
mod error;
mod landscape;
pub mod model;
mod network;
mod noise;
mod observe;
mod overrides;
mod read;
mod reader;
mod run;
mod schedule;
mod sweep;
mod write;

pub use data::{planted, sensed, table};
pub use error::{ExperimentError, Place, Problem, nearest};
pub use overrides::Override;

/// Largest dimension of a landscape.
pub const MAX_DIMENSION: usize = 4096;
