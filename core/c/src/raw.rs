//! The one place with `unsafe` code: pointers and lengths from C become slices.
//!
//! Rust cannot see what a C caller promises, and the header says what that is: a pointer that is not null points to as many elements as the
//! length beside it says, aligned as C aligns them, and nothing else writes there during the call; two arrays that a function is
//! given do not overlap where it writes to one of them.

use crate::polyak_status;

/// The `n` elements at `p`.
pub fn array<'a, T>(p: *const T, n: usize) -> Result<&'a [T], polyak_status> {
    match (p.is_null(), n) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(polyak_status::NullPointer),
        // SAFETY: not null, and the rest is the caller's promise.
        (false, _) => Ok(unsafe { core::slice::from_raw_parts(p, n) }),
    }
}

/// The `n` elements at `p`, to be written.
pub fn array_mut<'a, T>(p: *mut T, n: usize) -> Result<&'a mut [T], polyak_status> {
    match (p.is_null(), n) {
        (_, 0) => Ok(&mut []),
        (true, _) => Err(polyak_status::NullPointer),
        // SAFETY: not null, and the rest is the caller's promise.
        (false, _) => Ok(unsafe { core::slice::from_raw_parts_mut(p, n) }),
    }
}

unsafe extern "C" {
    /// Nobody defines it, so that a program with a panic in it does not link.
    pub safe fn panic_in_polyak() -> !;
}
