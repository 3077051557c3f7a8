//! Entry points over `work.rs`, which the tests also run on the host.
#![no_std]
#![feature(abi_ptx, core_intrinsics, stdarch_nvptx)]
#![allow(internal_features)]

use core::arch::nvptx::{_block_dim_x, _block_idx_x, _thread_idx_x};

mod work;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

macro_rules! entries {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {$(
        /// # Safety
        /// `out` has room for one result a thread, `n` threads.
        #[unsafe(no_mangle)]
        pub unsafe extern "ptx-kernel" fn $name(out: *mut $result, n: u32, $($argument: $type),*) {
            let i = unsafe { _block_idx_x() * _block_dim_x() + _thread_idx_x() } as u32;
            if i < n {
                let result = work::$name(i, $($argument),*);
                unsafe { out.add(i as usize).write(result) };
            }
        }
    )*};
}

entries! {
    momentum_f32(steps: u32, seed: u64, rate: f32, beta: f32) -> [f32; 2];
    gaussian_f32(draws: u32, seed: u64) -> [f32; 2];
    double_f64(steps: u32, seed: u64) -> [f64; 4];
    floats_f32(seed: u64) -> [u32; 16];
    conversions(seed: u64) -> [u64; 16];
    integers(seed: u64) -> [u64; 16];
    table(seed: u64, steps: u32) -> [u32; 4];
}
