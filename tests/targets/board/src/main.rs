//! Firmware for an emulated board: prints the digest of the fixed set and stops.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
use riscv_rt::entry;
// The panic handler.
use semihosting as _;

#[cfg_attr(any(target_arch = "arm", target_arch = "riscv32"), entry)]
fn main() -> ! {
    semihosting::println!("{:016x}", digest());
    semihosting::process::exit(0)
}

/// One trajectory at a time.
#[cfg(not(feature = "lanes"))]
fn digest() -> u64 {
    polyak_replay::digest()
}

/// In the lanes of the CPU back end, in the instruction set of the target. Before that the trajectories of every lane are compared with the same
/// trajectories computed one by one.
#[cfg(feature = "lanes")]
fn digest() -> u64 {
    use polyak_replay::{EVERY_LANE, EVERYWHERE, Wide, digest_in, digest_of};
    // Compiled once.
    #[inline(never)]
    fn lanes(trajectories: &[u64]) -> u64 {
        digest_in::<Wide>(trajectories)
    }
    if lanes(&EVERY_LANE) != digest_of(&EVERY_LANE) {
        semihosting::println!("a lane differs from its trajectory computed alone");
        semihosting::process::exit(1)
    }
    lanes(&EVERYWHERE)
}

/// Where the emulator of a Linux process begins: the stack is there, and semihosting needs nothing more.
#[cfg(target_arch = "aarch64")]
// SAFETY: the linker looks for this name, and no other symbol has it.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    main()
}
