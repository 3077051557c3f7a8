#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(target_arch = "nvptx64", feature(core_intrinsics), allow(internal_features))]

#[cfg(feature = "std")]
extern crate std;

pub mod landscape;
pub mod network;
pub mod observe;
pub mod optimizer;
pub mod oracle;
pub mod random;
pub mod real;
pub mod schedule;
pub mod trajectory;
pub mod vector;
