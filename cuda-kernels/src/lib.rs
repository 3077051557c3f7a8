//! `polyak-core` as CUDA kernels in PTX, and the launch structures that host and kernel share.
#![no_std]

pub mod check;
mod registers;

pub use registers::Registers;
