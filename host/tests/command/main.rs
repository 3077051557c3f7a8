//! The command `polyak` as a user meets it: the real executable, its files, its messages and its exit codes.

mod bad_input;
mod crosscheck;
mod edge;
mod files;
mod fnv;
mod harness;
mod interrupt;
#[cfg(target_os = "linux")]
mod memory;
mod npy;
mod output;
mod reproduce;
