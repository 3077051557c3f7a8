//! `polyak devices`: what it can run on here, and why not.

use serde::Serialize;

use super::run::cpu_name;
use crate::backend::cpu::Width;
use crate::backend::gpu::device::{DeviceReport, devices};

/// What this machine offers.
#[derive(Debug, Clone, Serialize)]
pub struct Devices {
    /// The CPU.
    pub cpu: CpuInfo,
    /// The GPUs, or why there is none.
    pub gpu: DeviceReport,
}

/// The CPU.
#[derive(Debug, Clone, Serialize)]
pub struct CpuInfo {
    /// Its name.
    pub name: String,
    /// Threads that `run` uses by default.
    pub threads: usize,
    /// Instruction sets that it can be told to use, the last one is used.
    pub instruction_sets: Vec<&'static str>,
}

/// Looks around.
pub fn look() -> Devices {
    Devices {
        cpu: CpuInfo {
            name: cpu_name(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            instruction_sets: Width::available().into_iter().map(Width::name).collect(),
        },
        gpu: devices(),
    }
}

impl std::fmt::Display for Devices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let CpuInfo { name, threads, instruction_sets } = &self.cpu;
        writeln!(f, "cpu: {name}, {threads} threads, {}", instruction_sets.join(", "))?;
        write!(f, "{}", self.gpu)
    }
}
