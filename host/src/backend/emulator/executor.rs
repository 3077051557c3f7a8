//! Whole experiments in the emulator: the very PTX that a GPU gets, and the very launches.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use polyak_kernels::launch;

use super::{Address, Argument, BadAccess, Fault, Memory, Module, PtxError, Stats};
use crate::backend::kernels::{self, Device, Grid, KernelScalar};
use crate::engine::{self, Executor, Finished};
use crate::job::Job;

/// The kernels of `polyak_kernels`, run on the CPU thread by thread.
///
/// It is for tests: some 10⁵ to 10⁶ updates a second on each of the CPU's threads, a thousandth of what the CPU back end does.
#[derive(Debug, Clone)]
pub struct Emulator<'a> {
    module: &'a Module,
    threads: usize,
}

impl Emulator<'static> {
    /// The emulator with the committed kernels, on `threads` threads.
    ///
    /// # Errors
    /// If the PTX holds something that the emulator does not have.
    pub fn new(threads: usize) -> Result<Self, PtxError> {
        static MODULE: OnceLock<Result<Module, PtxError>> = OnceLock::new();
        let module = MODULE.get_or_init(|| Module::parse(polyak_kernels::PTX));
        module.as_ref().map(|module| Self { module, threads }).map_err(Clone::clone)
    }
}

impl<'a> Emulator<'a> {
    /// The emulator with other kernels of the same names.
    pub fn with_module(module: &'a Module, threads: usize) -> Self {
        Self { module, threads }
    }

    /// As [`run_chunks`](Executor::run_chunks), with what the launches of each kernel did.
    ///
    /// # Errors
    /// A fault of a kernel, which is a fault of this program.
    pub fn run_counted<S: KernelScalar>(
        &self,
        job: &Job<S>,
        chunks: Range<u64>,
    ) -> Result<(Vec<Finished<S>>, Counts), engine::Fault> {
        let mut device = EmulatedDevice::new(self.module);
        kernels::run_chunks(job, &mut device, chunks)
            .map(|finished| (finished, device.stats))
            .map_err(|error| engine::Fault(format!("emulator: {error}")))
    }
}

impl<S: KernelScalar> Executor<S> for Emulator<'_> {
    fn run_chunks(&self, job: &Job<S>, chunks: Range<u64>) -> Result<Vec<Finished<S>>, engine::Fault> {
        self.run_counted(job, chunks).map(|(finished, _)| finished)
    }

    fn workers(&self) -> usize {
        self.threads
    }
}

/// What the launches of each kernel did, by its name.
pub type Counts = BTreeMap<String, Stats>;

/// A module, and memory that is there for one batch.
pub struct EmulatedDevice<'a> {
    module: &'a Module,
    memory: Memory,
    stats: Counts,
}

/// A launch or an access that did not end as it should.
#[derive(Debug)]
pub enum Error {
    /// A launch.
    Launch(Fault),
    /// An access.
    Access(BadAccess),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Launch(fault) => fault.fmt(f),
            Self::Access(access) => access.fmt(f),
        }
    }
}

impl<'a> EmulatedDevice<'a> {
    /// A device with a module's kernels.
    pub fn new(module: &'a Module) -> Self {
        Self { module, memory: Memory::new(), stats: Counts::new() }
    }
}

impl Device for EmulatedDevice<'_> {
    type Error = Error;

    fn place(&mut self, sizes: &[usize]) -> Result<Vec<launch::Address>, Error> {
        self.memory = Memory::new();
        Ok(sizes.iter().map(|&size| self.memory.alloc(size).0).collect())
    }

    fn write(&mut self, address: launch::Address, bytes: &[u8]) -> Result<(), Error> {
        self.memory.write(Address(address), bytes).map_err(Error::Access)
    }

    fn launch(
        &mut self,
        kernel: &str,
        grid: Grid,
        (launch, words): (launch::Address, [u32; 3]),
    ) -> Result<(), Error> {
        let [a, b, c] = words.map(Argument::from);
        let arguments = [launch.into(), a, b, c];
        let (blocks, threads) = ([grid.x, grid.y, 1], [grid.block, 1, 1]);
        let done = self.module.launch(kernel, blocks, threads, &arguments, &mut self.memory);
        let Stats { threads, instructions, loads, stores } = done.map_err(Error::Launch)?;
        let stats = self.stats.entry(kernel.to_owned()).or_default();
        stats.threads += threads;
        stats.instructions += instructions;
        stats.loads += loads;
        stats.stores += stores;
        Ok(())
    }

    fn read(&mut self, address: launch::Address, bytes: usize) -> Result<Vec<u8>, Error> {
        self.memory.read(Address(address), bytes).map(<[u8]>::to_vec).map_err(Error::Access)
    }
}
