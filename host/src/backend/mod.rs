//! Where trajectories are computed. Every back end turns a [`Job`](crate::job::Job) into the same [`ChunkResult`]s, bit for
//! bit; what follows (merging, statistics, files) does not know which one it was.

pub mod cpu;
pub mod emulator;
pub mod gpu;
pub mod kernels;
pub mod user;

pub use polyak_lanes::{COVARIANCE_DIMENSION, ChunkResult, Layout};
