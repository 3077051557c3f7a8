//! `polyak-core` as CUDA kernels in PTX, and the launch structures that host and kernel share.
#![no_std]
#![cfg_attr(target_arch = "nvptx64", feature(stdarch_nvptx))]
#![cfg_attr(all(target_arch = "nvptx64", feature = "kernels"), feature(abi_ptx))]

pub mod check;
pub mod encoded;
#[cfg(all(target_arch = "nvptx64", feature = "kernels"))]
mod entry;
pub mod generator;
pub mod kernel;
pub mod launch;
pub mod memory;
#[cfg(not(target_arch = "nvptx64"))]
mod names;
pub mod problem;
pub mod quantity;
mod registers;
mod user;

#[cfg(not(target_arch = "nvptx64"))]
pub use names::{PTX, kernel, names, single, sums_kernel};
pub use registers::Registers;
#[cfg(target_arch = "nvptx64")]
pub use user::thread_index;
