//! Runs the same trajectories as a Rust function and as PTX, and compares every bit: in the emulator, or with `gpu` as argument on a GPU.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use polyak::backend::kernels::KernelScalar;
use polyak::backend::user::{Job, Place, trajectories};
use pseudo_huber::{DIMENSION, trajectory};

/// What `cuda-kernels/build-ptx examples/landscape` made.
const PTX: &str = include_str!("../pseudo-huber.ptx");

const JOB: Job = Job { dimension: DIMENSION, trajectories: 1000, seed: 1, steps: 200 };

/// Bits that differ between this machine and the PTX.
fn compare<S: KernelScalar>(place: Place, kernel: &str) -> Result<u32, Box<dyn Error>> {
    let points = trajectories::<S>(place, PTX, kernel, JOB)?;
    let (mut differing, mut mean) = (0, 0.0);
    for (t, there) in points.chunks(DIMENSION).enumerate() {
        let here: [S; DIMENSION] = trajectory(JOB.seed, t as u64, JOB.steps);
        for (here, there) in here.iter().zip(there) {
            mean += here.to_f64() / points.len() as f64;
            differing += (here.to_canonical_bits() ^ there.to_canonical_bits()).count_ones();
        }
    }
    let Job { trajectories: n, steps, .. } = JOB;
    println!(
        "{kernel}: {n} trajectories of {steps} steps, mean coordinate {mean:.4}, {differing} differing bits"
    );
    Ok(differing)
}

/// Exit codes as polyak's: 0 equal, 1 different, 3 it could not run.
fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

/// Bits that differ in both precisions.
fn run() -> Result<u32, Box<dyn Error>> {
    let place = match env::args().nth(1).as_deref() {
        None | Some("emulator") => Place::Emulator,
        Some("gpu") => Place::Gpu,
        Some(other) => return Err(format!("{other}: must be \"emulator\" or \"gpu\"").into()),
    };
    Ok(compare::<f32>(place, "pseudo_huber_f32")? + compare::<f64>(place, "pseudo_huber_f64")?)
}
