//! The GPUs as an executor of chunks: batches dealt to the streams of every device.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use polyak_kernels::PTX;

use super::clock::Clock;
use super::device::{DeviceInfo, NoGpu, devices};
use super::error::GpuError;
use super::worker::Worker;
use crate::backend::kernels::{KernelScalar, bytes, fitting, run_chunks};
use crate::engine::{Executor, Fault, Finished};
use crate::job::Job;

/// Streams of a device: while one computes, the host takes in what the other left.
const STREAMS: u64 = 2;

/// The share of the free memory that is used: the driver needs some for the kernels.
const SHARE: f64 = 0.8;

/// Updates of a batch at most, so that Ctrl-C and the progress bar are heard.
const UPDATES_OF_A_BATCH: f64 = 4e11;

/// Bytes of results of a batch at most, as they lie in the host's memory.
const RESULTS_OF_A_BATCH: u64 = 1 << 30;

/// GPUs.
pub struct Gpu {
    names: Vec<String>,
    workers: Mutex<Vec<Worker>>,
    returned: Condvar,
    count: usize,
    /// Free bytes for each worker, of the device that has the least.
    free: u64,
}

/// Opens the GPUs of these numbers, which are the driver's; all that can be used where no number is given.
///
/// # Errors
/// Why there is none, a number that cannot be had, or what went wrong.
pub fn open(numbers: &[u32]) -> Result<Gpu, NoGpu> {
    let report = devices();
    Gpu::on(&report.choose(numbers)?).map_err(|error| NoGpu::Fault { sentence: error.to_string() })
}

impl Gpu {
    fn on(devices: &[&DeviceInfo]) -> Result<Self, GpuError> {
        let (mut workers, mut free) = (Vec::new(), u64::MAX);
        let clocks: Vec<Clock> = devices.iter().map(|_| Clock::default()).collect();
        // Device by device, so that the first batches go to different ones.
        for _ in 0..STREAMS {
            for (device, clock) in devices.iter().zip(&clocks) {
                workers.push(Worker::open(device.index, clock.clone(), Cow::Borrowed(PTX))?);
            }
        }
        for worker in &workers {
            free = free.min((worker.free_memory()? as f64 * SHARE) as u64 / STREAMS);
        }
        Ok(Self {
            names: devices.iter().map(|device| device.name.clone()).collect(),
            count: workers.len(),
            workers: Mutex::new(workers),
            returned: Condvar::new(),
            free,
        })
    }

    /// The devices' names.
    pub fn name(&self) -> String {
        self.names.join(", ")
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does work on a worker that is idle, or the next to be so.
    fn with<T>(&self, work: impl FnOnce(&mut Worker) -> T) -> T {
        let mut idle = self.idle();
        let mut worker = loop {
            match idle.pop() {
                Some(worker) => break worker,
                None => idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(idle);
        let done = work(&mut worker);
        self.idle().insert(0, worker);
        self.returned.notify_one();
        done
    }
}

/// A range on a worker; where its memory does not suffice, half of the range and then the other.
fn halved<S: KernelScalar>(
    job: &Job<S>,
    worker: &mut Worker,
    chunks: Range<u64>,
) -> Result<Vec<Finished<S>>, GpuError> {
    match run_chunks(job, worker, chunks.clone()) {
        Err(error) if error.is_out_of_memory() && chunks.end - chunks.start > 1 => {
            let middle = chunks.start + (chunks.end - chunks.start) / 2;
            let mut finished = halved(job, worker, chunks.start..middle)?;
            finished.extend(halved(job, worker, middle..chunks.end)?);
            Ok(finished)
        }
        other => other,
    }
}

impl<S: KernelScalar> Executor<S> for Gpu {
    fn run_chunks(&self, job: &Job<S>, chunks: Range<u64>) -> Result<Vec<Finished<S>>, Fault> {
        self.with(|worker| worker.enter().and_then(|()| halved(job, worker, chunks)))
            .map_err(|error| Fault(format!("GPU: {error}")))
    }

    fn workers(&self) -> usize {
        self.count
    }

    fn clocks(&self) -> usize {
        self.names.len()
    }

    fn batch(&self, job: &Job<S>) -> RangeInclusive<u64> {
        let chunk = 256.0 * job.dimension as f64;
        let updates: f64 = job.runs.iter().map(|run| run.plan.steps as f64 * chunk).sum();
        let quick = (UPDATES_OF_A_BATCH / updates.max(1.0)) as u64;
        let results = RESULTS_OF_A_BATCH / (bytes(job, 2) - bytes(job, 1)).max(1);
        // Every worker has something to do.
        let share = crate::engine::chunks(job.trajectories).div_ceil(self.count as u64);
        let batch = fitting(job, self.free).min(quick.max(1)).min(results.max(1)).min(share);
        batch..=batch
    }
}
