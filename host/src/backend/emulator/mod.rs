//! The kernels on a machine without a GPU.

mod executor;

pub(super) use executor::EmulatedDevice;
pub use executor::{Counts, Emulator};
pub use polyak_emulator::{
    Address, Argument, BadAccess, Cause, Fault, Memory, Module, Problem, PtxError, Stats,
};
