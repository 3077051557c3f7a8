//! The digest for JavaScript.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// The digest; a `BigInt` in JavaScript.
// SAFETY: no other symbol of the module has this name.
#[unsafe(no_mangle)]
pub extern "C" fn digest() -> u64 {
    polyak_replay::digest()
}
