//! Puts the memory map of the emulated board where the linker finds it.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let target = env::var("TARGET").unwrap_or_default();
    let (map, scripts): (_, &[_]) = match target.as_str() {
        // QEMU's mps2-an505 starts in the secure state, with its code at the secure alias.
        target if target.starts_with("thumbv8m") => ("an505.x", &["-Tlink.x"]),
        target if target.starts_with("thumb") => ("cortex-m.x", &["-Tlink.x"]),
        target if target.starts_with("riscv32") => ("riscv-virt.x", &["-Tmemory.x", "-Tlink.x"]),
        _ => ("", &[]),
    };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=memory");
    if !map.is_empty() {
        let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
        fs::copy(PathBuf::from("memory").join(map), out.join("memory.x"))?;
        println!("cargo::rustc-link-search={}", out.display());
    }
    for script in scripts {
        println!("cargo::rustc-link-arg-bins={script}");
    }
    Ok(())
}
