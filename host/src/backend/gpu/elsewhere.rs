//! Operating systems on which CUDA is not used.

use std::ops::Range;

use super::device::NoGpu;
use crate::engine::{Executor, Fault, Finished};
use crate::job::Job;

/// No GPU: there is no value of this type.
#[derive(Debug, Clone, Copy)]
pub enum Gpu {}

/// There is none.
///
/// # Errors
/// Always.
pub fn open(_: &[u32]) -> Result<Gpu, NoGpu> {
    Err(NoGpu::NotOnThisSystem)
}

impl Gpu {
    /// Never called.
    pub fn name(&self) -> String {
        match *self {}
    }
}

impl<S> Executor<S> for Gpu {
    fn run_chunks(&self, _: &Job<S>, _: Range<u64>) -> Result<Vec<Finished<S>>, Fault> {
        match *self {}
    }

    fn workers(&self) -> usize {
        match *self {}
    }
}
