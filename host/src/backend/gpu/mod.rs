//! CUDA devices, through `cust`. A plain build has this in it and starts without a driver; see [`device::devices`].

#[cfg(target_os = "linux")]
mod clock;
pub mod device;
#[cfg(target_os = "linux")]
mod driver;
#[cfg(target_os = "linux")]
pub mod error;
#[cfg(target_os = "linux")]
mod executor;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod executor;
#[cfg(target_os = "linux")]
mod worker;

pub use executor::{Gpu, open};
#[cfg(target_os = "linux")]
pub(super) use {clock::Clock, worker::Worker};
