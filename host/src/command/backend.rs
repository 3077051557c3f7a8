//! `--backend`: which one computes, and what it is called.

use crate::backend::cpu::{Cpu, LaneScalar, Width};
use crate::backend::emulator::Emulator;
use crate::backend::gpu;
use crate::backend::kernels::KernelScalar;
use crate::command::CommandError;
use crate::engine::Executor;
use crate::report::summary::Backend;

/// `--backend`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum BackendChoice {
    /// The GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// Every NVIDIA GPU that can be used.
    Gpu,
    /// The GPU's code run on the CPU, instruction by instruction: slow, for tests.
    Emulator,
}

/// A back end, ready to compute.
pub struct Opened<S> {
    /// What computes.
    pub executor: Box<dyn Executor<S>>,
    /// What it is called in the results.
    pub backend: Backend,
    /// What is to be said about the choice.
    pub note: Option<String>,
}

/// A precision that every back end has.
pub trait Precision: LaneScalar + KernelScalar {}

impl<S: LaneScalar + KernelScalar> Precision for S {}

/// Opens a back end; `threads` are the CPU's.
///
/// # Errors
/// Machine: no GPU where one is asked for, or it cannot be opened.
pub fn open<S: Precision>(choice: BackendChoice, threads: usize) -> Result<Opened<S>, CommandError> {
    let opened =
        |executor, kind, device, note| Opened { executor, backend: Backend { kind, device, threads }, note };
    let cpu = |note| {
        let cpu = Cpu { width: Width::detect(), threads };
        let device = format!("{} ({})", super::run::cpu_name(), cpu.width.name());
        opened(Box::new(cpu), "cpu", device, note)
    };
    match choice {
        BackendChoice::Cpu => Ok(cpu(None)),
        BackendChoice::Emulator => {
            let emulator =
                Emulator::new(threads).map_err(|error| CommandError::Machine(error.to_string()))?;
            Ok(opened(Box::new(emulator), "emulator", super::run::cpu_name(), None))
        }
        BackendChoice::Gpu => match gpu::open() {
            Ok(gpu) => {
                let device = gpu.name();
                Ok(opened(Box::new(gpu), "gpu", device, None))
            }
            Err(reason) => Err(CommandError::Machine(format!("no GPU to run on: {reason}"))),
        },
        // Where there is no driver, nothing needs to be said.
        BackendChoice::Auto if gpu::device::devices().driver.is_none() => Ok(cpu(None)),
        BackendChoice::Auto => match gpu::open() {
            Ok(gpu) => {
                let device = gpu.name();
                let note = format!("Running on the GPU: {device}");
                Ok(opened(Box::new(gpu), "gpu", device, Some(note)))
            }
            Err(reason) => Ok(cpu(Some(format!("Running on the CPU: {reason}")))),
        },
    }
}
