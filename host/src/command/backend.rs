//! `--backend` and `--device`: what computes, and what it is called.

use crate::backend::cpu::{Cpu, LaneScalar, Width};
use crate::backend::emulator::Emulator;
use crate::backend::gpu;
use crate::backend::gpu::device::NoGpu;
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

/// What is to compute: `--backend` and `--device`.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Selection {
    /// Where it runs.
    #[arg(long, value_enum, default_value_t)]
    pub backend: BackendChoice,
    /// Which GPUs.
    #[command(flatten)]
    pub devices: Devices,
}

/// `--device`.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Devices {
    /// Which GPUs, by their numbers in `polyak devices`, as in 0,2; by default all that can be used. The results do not depend on it.
    #[arg(id = "device", long = "device", value_name = "N,...", value_delimiter = ',')]
    pub numbers: Vec<u32>,
}

impl From<BackendChoice> for Selection {
    fn from(backend: BackendChoice) -> Self {
        Self { backend, devices: Devices::default() }
    }
}

impl Devices {
    /// That no GPU is named.
    ///
    /// # Errors
    /// Input: one is.
    pub fn must_be_none(&self) -> Result<(), CommandError> {
        match self.numbers.first() {
            None => Ok(()),
            Some(number) => Err(CommandError::Input(format!(
                "--device {number}: names a GPU, but no GPU is to compute; the back end must be gpu"
            ))),
        }
    }
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

/// Opens a back end; `threads` are the CPU's. Whoever names GPUs wants to run on them: `auto` does not take the CPU then.
///
/// # Errors
/// Input: a GPU that is not there, or any for a back end that is none. Machine: no GPU where one is asked for, or it cannot be opened.
pub fn open<S: Precision>(selection: &Selection, threads: usize) -> Result<Opened<S>, CommandError> {
    let Selection { backend: choice, devices } = selection;
    let named = !devices.numbers.is_empty();
    let opened =
        |executor, kind, device, note| Opened { executor, backend: Backend { kind, device, threads }, note };
    let cpu = |note| {
        let cpu = Cpu { width: Width::detect(), threads };
        let device = format!("{} ({})", super::run::cpu_name(), cpu.width.name());
        opened(Box::new(cpu), "cpu", device, note)
    };
    let gpu = |note: fn(&str) -> Option<String>| {
        let gpu = gpu::open(&devices.numbers)?;
        let device = gpu.name();
        let note = note(&device);
        Ok(opened(Box::new(gpu), "gpu", device, note))
    };
    let no_gpu = |reason| match reason {
        NoGpu::Choice { .. } => CommandError::Input(format!("--device {reason}")),
        _ => CommandError::Machine(format!("no GPU to run on: {reason}")),
    };
    let running = |device: &str| Some(format!("Running on the GPU: {device}"));
    match choice {
        BackendChoice::Cpu => devices.must_be_none().map(|()| cpu(None)),
        BackendChoice::Emulator => {
            devices.must_be_none()?;
            let emulator =
                Emulator::new(threads).map_err(|error| CommandError::Machine(error.to_string()))?;
            Ok(opened(Box::new(emulator), "emulator", super::run::cpu_name(), None))
        }
        BackendChoice::Gpu => gpu(|_| None).map_err(no_gpu),
        BackendChoice::Auto if named => gpu(running).map_err(no_gpu),
        // Where there is no driver, nothing needs to be said.
        BackendChoice::Auto if gpu::device::devices().driver.is_none() => Ok(cpu(None)),
        BackendChoice::Auto => {
            gpu(running).or_else(|reason: NoGpu| Ok(cpu(Some(format!("Running on the CPU: {reason}")))))
        }
    }
}
