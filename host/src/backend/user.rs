//! Kernels of a user's own, made by [`trajectories!`](polyak_kernels::trajectories), on a GPU or in the emulator.

use std::fmt::Display;

use polyak_kernels::launch::Ensemble;
use polyak_kernels::memory::bytes;

use super::emulator::{EmulatedDevice, Module};
use super::gpu::device::NoGpu;
use super::kernels::{Device, Grid, KernelScalar};

/// Where a kernel runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first NVIDIA GPU that can be used.
    Gpu,
    /// The PTX run on the CPU, exactly and slowly.
    Emulator,
}

/// What is computed: trajectories 0 to n − 1 of a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job {
    /// d, as in the macro.
    pub dimension: usize,
    /// n.
    pub trajectories: u32,
    /// Seed of every stream.
    pub seed: u64,
    /// Steps of each trajectory.
    pub steps: u64,
}

/// Why a kernel did not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserError {
    /// There is no GPU to run on.
    #[error("no GPU to run on: {0}")]
    NoGpu(#[from] NoGpu),
    /// The PTX cannot be read, has no such kernel, or the kernel failed.
    #[error("kernel {kernel}: {reason}")]
    Kernel {
        /// Its name.
        kernel: String,
        /// What went wrong.
        reason: String,
    },
}

/// Threads in a block.
const BLOCK: u32 = 128;

/// Runs the kernel of a PTX text, and gives the final points, d numbers a trajectory, one trajectory after the other.
///
/// The precision `S` must be the kernel's.
///
/// # Errors
/// No GPU, or what went wrong with the kernel.
pub fn trajectories<S: KernelScalar>(
    place: Place,
    ptx: &str,
    kernel: &str,
    job: Job,
) -> Result<Vec<S>, UserError> {
    match place {
        Place::Emulator => {
            let module = Module::parse(ptx).map_err(|error| failed(kernel, error))?;
            on(&mut EmulatedDevice::new(&module), kernel, job).map_err(|error| failed(kernel, error))
        }
        Place::Gpu => on_gpu(ptx, kernel, job),
    }
}

fn failed(kernel: &str, reason: impl Display) -> UserError {
    UserError::Kernel { kernel: kernel.to_owned(), reason: reason.to_string() }
}

#[cfg(target_os = "linux")]
fn on_gpu<S: KernelScalar>(ptx: &str, kernel: &str, job: Job) -> Result<Vec<S>, UserError> {
    use super::gpu::{Clock, Worker, device::devices};

    let report = devices();
    let Some(device) = report.usable().next() else {
        let reason = report.reason.unwrap_or(NoGpu::DevicesTooOld);
        return Err(reason.into());
    };
    Worker::open(device.index, Clock::default(), ptx.to_owned().into())
        .and_then(|mut worker| on(&mut worker, kernel, job))
        .map_err(|error| failed(kernel, error))
}

#[cfg(not(target_os = "linux"))]
fn on_gpu<S: KernelScalar>(_: &str, _: &str, _: Job) -> Result<Vec<S>, UserError> {
    Err(NoGpu::NotOnThisSystem.into())
}

/// The same on a device.
fn on<S: KernelScalar, D: Device>(device: &mut D, kernel: &str, job: Job) -> Result<Vec<S>, D::Error> {
    let Job { dimension, trajectories, seed, steps } = job;
    let n = trajectories as usize;
    let size = n * dimension * S::BYTES;
    let places = device.place(&[size, size_of::<Ensemble>()])?;
    let (out, ensemble) = (places[0], places[1]);
    device.write(ensemble, bytes(&[Ensemble { out, trajectories: trajectories.into(), seed, steps }]))?;
    let grid = Grid { x: trajectories.div_ceil(BLOCK).max(1), y: 1, block: BLOCK };
    device.launch(kernel, grid, (ensemble, [0; 3]))?;
    let numbers = device.read(out, size)?;
    let numbers: Vec<S> = numbers.chunks_exact(S::BYTES).map(S::from_bytes).collect();
    // On the device coordinate i of all trajectories lies together.
    Ok((0..n * dimension).map(|place| numbers[place % dimension * n + place / dimension]).collect())
}
