//! A batch of chunks through the kernels, on whatever runs them: a CUDA device or the emulator.
//!
//! The batch's trajectories lie in the device's memory from beginning to end. Each observation point is one launch for each kernel
//! that the runs take, usually one, and one that sums over chunks; only the sums and, at the end, the final states come back.

mod arrays;
mod inputs;

use std::fmt::Display;
use std::ops::Range;
use std::time::Instant;

use polyak_core::landscape::{AnyLandscape, FiniteSum};
use polyak_core::observe::CHUNK;
use polyak_core::oracle::AnyNoise;
use polyak_core::real::Scalar;
use polyak_kernels::launch::{Address, Trajectories};
use polyak_kernels::memory::Plain;
use polyak_kernels::sums_kernel;

use self::inputs::{Group, Inputs};
use crate::engine::Finished;
use crate::job::Job;

/// A precision that the kernels have.
pub trait KernelScalar: Scalar + Plain {
    /// The number of its little-endian bytes.
    fn from_bytes(bytes: &[u8]) -> Self;
}

macro_rules! kernel_scalar {
    ($($scalar:ident)*) => {$(
        impl KernelScalar for $scalar {
            fn from_bytes(bytes: &[u8]) -> Self {
                bytes.try_into().map_or(0.0, Self::from_le_bytes)
            }
        }
    )*};
}

kernel_scalar!(f32 f64);

/// What runs kernels.
pub trait Device {
    /// What can go wrong, in words.
    type Error: Display;

    /// Memory for each size in bytes, aligned to 256; what was placed before is gone.
    fn place(&mut self, sizes: &[usize]) -> Result<Vec<Address>, Self::Error>;

    /// Copies bytes to the device.
    fn write(&mut self, address: Address, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Compiles a kernel, where that takes time and is not done yet: it must not lie in what [`time`](Self::time) measures.
    fn prepare(&mut self, _kernel: &str) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Launches a kernel of blocks of `block` threads with a structure's address and three numbers.
    fn launch(&mut self, kernel: &str, grid: Grid, arguments: (Address, [u32; 3]))
    -> Result<(), Self::Error>;

    /// Copies bytes from the device when all launches before are done.
    fn read(&mut self, address: Address, bytes: usize) -> Result<Vec<u8>, Self::Error>;

    /// Seconds that launches take, by the device's own clock.
    fn time(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Self::Error>) -> Result<f64, Self::Error> {
        let start = Instant::now();
        work(self)?;
        Ok(start.elapsed().as_secs_f64())
    }
}

/// The shape of a launch: blocks in x and y, and threads in each block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Blocks in x.
    pub x: u32,
    /// Blocks in y: runs.
    pub y: u32,
    /// Threads in a block.
    pub block: u32,
}

/// Threads in a block that moves trajectories.
const MOVERS: u32 = 128;

/// Threads in a block that sums.
const SUMMERS: u32 = 32;

/// Rows of a grid that a device takes.
const MOST_ROWS: usize = 65_535;

/// Updates of one launch at most, times the examples that a step looks at: a fraction of a second on the slowest device that the kernels run on.
const UPDATES_OF_A_LAUNCH: f64 = 2e9;

/// The kernels that move a job's trajectories.
pub fn kernels_of<S: KernelScalar>(job: &Job<S>) -> Vec<String> {
    inputs_of(job).groups.into_iter().map(|group| group.kernel).collect()
}

/// Bytes that a batch of `chunks` chunks takes on a device.
pub fn bytes<S: KernelScalar>(job: &Job<S>, chunks: u64) -> u64 {
    let arrays = (0..job.runs.len()).flat_map(|run| arrays::sizes(job, run, chunks));
    let arrays: u64 = arrays.map(|size| (size as u64).next_multiple_of(256)).sum();
    arrays + inputs_of(job).contents.len() as u64
}

/// The most chunks that fit into `free` bytes of a device, at least one.
pub fn fitting<S: KernelScalar>(job: &Job<S>, free: u64) -> u64 {
    let (one, two) = (bytes(job, 1), bytes(job, 2));
    let each = (two - one).max(1);
    1 + free.saturating_sub(one) / each
}

/// All runs of the chunks of a range on a device.
///
/// # Errors
/// The device's.
pub fn run_chunks<S: KernelScalar, D: Device>(
    job: &Job<S>,
    device: &mut D,
    chunks: Range<u64>,
) -> Result<Vec<Finished<S>>, D::Error> {
    let batch = Batch::place(job, device, chunks)?;
    let points = job.runs.iter().map(|run| run.plan.observed.len()).max().unwrap_or(0);
    for group in &batch.groups {
        device.prepare(&group.kernel)?;
    }
    device.prepare(&sums_kernel::<S>())?;
    let seconds = device.time(|device| {
        for point in 0..points {
            batch.advance(device, point)?;
            batch.sum(device, point)?;
        }
        Ok(())
    })?;
    let mut finished = batch.collect(device)?;
    // Runs are computed side by side: each is given its share of the updates.
    let updates: Vec<f64> = job.runs.iter().map(|run| run.plan.steps as f64).collect();
    let seconds = seconds / finished.len() as f64 / updates.iter().sum::<f64>().max(1.0);
    for chunk in &mut finished {
        chunk.seconds = updates.iter().map(|updates| updates * seconds).collect();
    }
    Ok(finished)
}

/// A batch on a device.
struct Batch<'a, S> {
    job: &'a Job<S>,
    chunks: Range<u64>,
    /// Of each run of the job.
    arrays: Vec<Trajectories>,
    groups: Vec<Group>,
}

impl<'a, S: KernelScalar> Batch<'a, S> {
    /// Places the arrays and the inputs of a batch.
    fn place<D: Device>(job: &'a Job<S>, device: &mut D, chunks: Range<u64>) -> Result<Self, D::Error> {
        let count = chunks.end - chunks.start;
        let mut sizes: Vec<usize> =
            (0..job.runs.len()).flat_map(|run| arrays::sizes(job, run, count)).collect();
        sizes.push(inputs_of(job).contents.len());
        let places = device.place(&sizes)?;
        let (runs, _) = places.as_chunks();
        let (arrays, base) =
            (runs.iter().copied().map(arrays::at).collect::<Vec<_>>(), places[places.len() - 1]);
        let Inputs { contents, groups } = Inputs::new(job, base, &chunks, &arrays);
        device.write(base, &contents)?;
        Ok(Self { job, chunks, arrays, groups })
    }

    fn threads(&self) -> u64 {
        (self.chunks.end - self.chunks.start) * CHUNK as u64
    }

    /// Moves all runs to an observation point.
    fn advance<D: Device>(&self, device: &mut D, point: usize) -> Result<(), D::Error> {
        for group in &self.groups {
            let steps = group.members.iter().filter_map(|&run| {
                let observed = &self.job.runs[run].plan.observed;
                let before = point.checked_sub(1).and_then(|before| observed.get(before));
                observed.get(point).map(|to| to - before.copied().unwrap_or(0))
            });
            let Some(steps) = steps.max() else { continue };
            let (rows, d) = (group.members.len() as u32, self.job.dimension as f64);
            let work = steps as f64 * self.threads() as f64 * d * f64::from(rows) * examples_a_step(self.job);
            let parts = (work / UPDATES_OF_A_LAUNCH).ceil().clamp(1.0, steps.clamp(1, 1 << 30) as f64);
            let x = self.threads().div_ceil(MOVERS.into()) as u32;
            let grid = Grid { x, y: rows, block: MOVERS };
            for part in 0..parts as u32 {
                device.launch(&group.kernel, grid, (group.launch, [point as u32, part, parts as u32]))?;
            }
        }
        Ok(())
    }

    /// Sums over the chunks at an observation point.
    fn sum<D: Device>(&self, device: &mut D, point: usize) -> Result<(), D::Error> {
        let blocks = (self.chunks.end - self.chunks.start).div_ceil(SUMMERS.into()) as u32;
        for group in &self.groups {
            let left = group.members.iter().map(|&run| self.job.runs[run].plan.observed.len());
            let left = left.filter_map(|points| points.checked_sub(point + 1));
            let Some(fewest) = left.min() else { continue };
            let sums = arrays::sums(self.job);
            let sums = sums.per_point() + if fewest == 0 { sums.of_pairs() } else { 0 };
            let grid = Grid { x: sums as u32 * blocks, y: group.members.len() as u32, block: SUMMERS };
            device.launch(&sums_kernel::<S>(), grid, (group.launch, [point as u32, blocks, 0]))?;
        }
        Ok(())
    }

    /// What came of the batch, chunk by chunk.
    fn collect<D: Device>(&self, device: &mut D) -> Result<Vec<Finished<S>>, D::Error> {
        let empty = || Finished { results: Vec::new(), seconds: Vec::new() };
        let mut finished: Vec<Finished<S>> = self.chunks.clone().map(|_| empty()).collect();
        for (run, arrays) in self.arrays.iter().enumerate() {
            let results = arrays::results(self.job, run, (arrays, &self.chunks), device)?;
            for (finished, result) in finished.iter_mut().zip(results) {
                finished.results.push(result);
            }
        }
        Ok(finished)
    }
}

/// How many examples a step looks at; 1 where the landscape is no sum over examples.
fn examples_a_step<S: KernelScalar>(job: &Job<S>) -> f64 {
    let AnyLandscape::FiniteSum(sum) = &job.landscape else { return 1.0 };
    let all = FiniteSum::<S>::examples(sum);
    let most = job.runs.iter().map(|run| match &run.oracle.noise {
        AnyNoise::MiniBatch { batch, .. } if job.watches_loss() => batch.saturating_add(all),
        AnyNoise::MiniBatch { batch, .. } => *batch,
        _ => all,
    });
    f64::from(most.max().unwrap_or(1).max(1))
}

/// The inputs with no addresses filled in, for their length.
fn inputs_of<S: KernelScalar>(job: &Job<S>) -> Inputs {
    Inputs::new(job, 0, &(0..1), &vec![Trajectories::default(); job.runs.len()])
}
