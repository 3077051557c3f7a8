//! polyak for C: `include/polyak.h` is made from this crate, and README.md is its manual.
//!
//! Every function checks what it is given, calls the core, and returns a [`polyak_status`]. Structures are plain and the caller's; arrays
//! come as pointers and become slices in [`raw`], the only module with `unsafe` code. A group of functions is written once, as a macro over
//! the precision.
#![no_std]
// C's names.
#![allow(non_camel_case_types)]

// In the order of the header.
mod status;

mod stream;

mod optimizer;

mod schedule;

mod noise;

mod state;

mod network;

mod checkpoint;

mod size;

mod raw;

pub use checkpoint::*;
pub use network::*;
pub use noise::*;
pub use optimizer::*;
pub use schedule::*;
pub use size::*;
pub use state::*;
pub use status::*;
pub use stream::*;

/// Version of this interface: a header and a library belong together if polyak_version() returns the header's.
pub const POLYAK_VERSION: u32 = 1;

/// `POLYAK_VERSION` of the library.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_version() -> u32 {
    POLYAK_VERSION
}

/// The linker drops it: nothing here panics. Did something, the library would need a function that nobody has.
#[panic_handler]
fn never(_: &core::panic::PanicInfo) -> ! {
    raw::panic_in_polyak()
}
