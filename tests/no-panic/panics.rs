//! A static library that can panic, for the test of the test.
#![no_std]

use polyak_core::real::{Real, Scalar};

#[panic_handler]
fn never(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// Element `i`, if there is one.
#[unsafe(no_mangle)]
pub extern "C" fn element(values: &[f32; 4], i: usize) -> f32 {
    values[i].sqrt().logarithm()
}
