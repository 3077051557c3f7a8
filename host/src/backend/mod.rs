//! What an experiment can run on.

pub mod gpu;
