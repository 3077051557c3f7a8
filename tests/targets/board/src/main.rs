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
    semihosting::println!("{:016x}", polyak_replay::digest());
    semihosting::process::exit(0)
}

/// Where the emulator of a Linux process begins: the stack is there, and semihosting needs nothing more.
#[cfg(target_arch = "aarch64")]
// SAFETY: the linker looks for this name, and no other symbol has it.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    main()
}
