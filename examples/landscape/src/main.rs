//! Runs the same trajectories as a Rust function and as PTX in the emulator, and compares every bit.

use std::error::Error;
use std::process::ExitCode;

use polyak_core::real::Scalar;
use polyak_emulator::{Memory, Module};
use pseudo_huber::{DIMENSION, trajectory};

/// What `cuda-kernels/build-ptx examples/landscape` made.
const PTX: &str = include_str!("../pseudo-huber.ptx");
const SEED: u64 = 1;
const STEPS: u32 = 200;
const TRAJECTORIES: u32 = 1000;

/// Bits that differ between this machine and the PTX.
fn compare<S: Scalar>(module: &Module, kernel: &str) -> Result<u32, Box<dyn Error>> {
    const BLOCK: u32 = 128;
    let n = TRAJECTORIES as usize;
    let mut memory = Memory::new();
    let out = memory.alloc(n * DIMENSION * S::BYTES);
    let arguments = [out.into(), u64::from(TRAJECTORIES).into(), SEED.into(), STEPS.into()];
    let grid = [TRAJECTORIES.div_ceil(BLOCK), 1, 1];
    let stats = module.launch(kernel, grid, [BLOCK, 1, 1], &arguments, &mut memory)?;
    let bytes = memory.read(out, n * DIMENSION * S::BYTES)?;
    let mut differing = 0;
    let mut mean = 0.0;
    for t in 0..n {
        let here: [S; DIMENSION] = trajectory(SEED, t as u64, STEPS);
        for (i, x) in here.into_iter().enumerate() {
            mean += x.to_f64() / (n * DIMENSION) as f64;
            // Coordinate i of all trajectories lies together.
            let mut word = [0; 8];
            let begin = (i * n + t) * S::BYTES;
            word[..S::BYTES].copy_from_slice(&bytes[begin..begin + S::BYTES]);
            differing += (x.to_canonical_bits() ^ u64::from_le_bytes(word)).count_ones();
        }
    }
    println!(
        "{kernel}: {n} trajectories of {STEPS} steps, {} PTX instructions, mean coordinate {mean:.4}, {differing} differing bits",
        stats.instructions
    );
    Ok(differing)
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let module = Module::parse(PTX)?;
    let differing =
        compare::<f32>(&module, "pseudo_huber_f32")? + compare::<f64>(&module, "pseudo_huber_f64")?;
    Ok(if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
