//! The driver of an ensemble: chunks dealt to workers, merged in index order, watched, interrupted and resumed.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use polyak_core::observe::CHUNK;
use polyak_core::real::Scalar;
use serde::{Deserialize, Serialize};

use crate::backend::{ChunkResult, Layout};
use crate::job::Job;
use crate::statistics::{Accumulator, Bits, PairedAccumulator};

/// Computes chunks; the same bits whoever does it.
pub trait Executor<S>: Sync {
    /// All runs of the chunks of a range, chunk after chunk.
    ///
    /// # Errors
    /// A fault of the machine.
    fn run_chunks(&self, job: &Job<S>, chunks: Range<u64>) -> Result<Vec<Finished<S>>, Fault>;

    /// How many ranges it works on at a time.
    fn workers(&self) -> usize;

    /// How many clocks measure [`Finished::seconds`] side by side: its workers', or its devices' if those share them.
    fn clocks(&self) -> usize {
        self.workers()
    }

    /// How many chunks it wants in a range: at first, and at most where they take less than a millisecond.
    fn batch(&self, _: &Job<S>) -> RangeInclusive<u64> {
        1..=1
    }
}

/// One chunk of all runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished<S> {
    /// What each run leaves.
    pub results: Vec<ChunkResult<S>>,
    /// Seconds that a worker, or a device, spent on each.
    pub seconds: Vec<f64>,
}

/// A fault of the machine, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

/// All that is merged so far: with the experiment, enough to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Chunks merged, always the first ones.
    pub chunks: u64,
    /// One for each run.
    pub runs: Vec<Accumulator>,
    /// Pairs of runs.
    pub pairs: Vec<PairedAccumulator>,
    /// Recorded paths of each run: observation point, trajectory, coordinate.
    pub paths: Vec<Bits>,
    /// Final states of the first few thousand trajectories of each run, for the picture.
    pub clouds: Vec<Bits>,
}

/// Final states kept for the picture.
const CLOUD: usize = 4096;

/// More runs than this are compared with the first only, not each with each.
const ALL_PAIRS: usize = 8;

impl Progress {
    /// Nothing done.
    pub fn new<S: Scalar>(job: &Job<S>) -> Self {
        let layout = job.layout();
        let runs = job.runs.iter();
        let pairs = (0..job.runs.len())
            .flat_map(|first| (first + 1..job.runs.len()).map(move |second| (first, second)));
        Self {
            chunks: 0,
            runs: runs
                .map(|run| Accumulator::new(&layout, run.plan.observed.len(), &job.observe.histograms))
                .collect(),
            pairs: pairs
                .filter(|&(first, _)| first == 0 || job.runs.len() <= ALL_PAIRS)
                .map(|(first, second)| PairedAccumulator::new(first, second, job.dimension))
                .collect(),
            paths: vec![Bits(Vec::new()); job.runs.len()],
            clouds: vec![Bits(Vec::new()); job.runs.len()],
        }
    }

    /// Whether it can be the progress of this job: a checkpoint is read from a file.
    pub fn fits<S: Scalar>(&self, job: &Job<S>) -> bool {
        let layout = job.layout();
        let like = Self::new(job);
        self.chunks <= chunks(job.trajectories)
            && self.runs.len() == like.runs.len()
            && self.paths.len() == like.paths.len()
            && self.clouds.len() == like.clouds.len()
            && self.pairs.len() == like.pairs.len()
            && self.pairs.iter().zip(&like.pairs).all(|(pair, like)| {
                (pair.first, pair.second) == (like.first, like.second) && pair.fits(job.dimension)
            })
            && self.runs.iter().zip(&job.runs).all(|(accumulator, run)| {
                accumulator.fits(&layout, run.plan.observed.len(), &job.observe.histograms)
            })
    }
}

/// Number of chunks of an ensemble.
pub fn chunks(trajectories: u64) -> u64 {
    trajectories.div_ceil(CHUNK as u64)
}

/// The trajectories of a chunk: the first one's index, and how many there are.
pub fn trajectories<S>(job: &Job<S>, chunk: u64) -> (u64, usize) {
    let first = chunk * CHUNK as u64;
    (first, job.trajectories.saturating_sub(first).min(CHUNK as u64) as usize)
}

/// What the driver tells while it works.
pub trait Listener<S> {
    /// A chunk of every run has been merged.
    fn merged(&mut self, progress: &Progress, chunk: &[ChunkResult<S>]) -> Result<(), Fault>;
}

/// A message between threads takes some hundredths of it.
const WORTH_A_MESSAGE: Duration = Duration::from_millis(1);

/// Ranges for each worker that may be begun before the first of them is merged: what waits for a worker that is held up stays bounded.
const AHEAD: u64 = 32;

/// How far the merging is, for workers that are far ahead of it.
struct Merged {
    chunks: Mutex<u64>,
    more: Condvar,
}

impl Merged {
    fn set(&self, chunks: u64) {
        *self.chunks.lock().unwrap_or_else(PoisonError::into_inner) = chunks;
        self.more.notify_all();
    }

    /// Waits until so many chunks are merged: true, or until `ended` says that they never will be.
    fn wait_for(&self, least: u64, ended: impl Fn() -> bool) -> bool {
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        while *chunks < least {
            if ended() {
                return false;
            }
            // Who ends it does not know of those who wait.
            let now_and_then = Duration::from_millis(20);
            (chunks, _) =
                self.more.wait_timeout(chunks, now_and_then).unwrap_or_else(PoisonError::into_inner);
        }
        true
    }
}

/// Of a worker: if it panics, nobody waits for its chunks.
struct HaltOnPanic<'a>(&'a AtomicBool);

impl Drop for HaltOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// Runs every chunk from `progress` on through the executor, merging in index order. Stops early, with what is merged intact, when
/// `stop` is set or a fault occurs.
///
/// # Errors
/// The first fault of the executor or the listener.
pub fn drive<S: Scalar>(
    job: &Job<S>,
    executor: &dyn Executor<S>,
    progress: &mut Progress,
    listener: &mut dyn Listener<S>,
    stop: &AtomicBool,
) -> Result<(), Fault> {
    let layout = job.layout();
    let total = chunks(job.trajectories);
    let next = AtomicU64::new(progress.chunks);
    // The largest batch so far.
    let largest = AtomicU64::new(0);
    let halt = AtomicBool::new(false);
    let workers = executor.workers().max(1);
    let (first_batch, most) = executor.batch(job).into_inner();
    let ranges = total.saturating_sub(progress.chunks).div_ceil(first_batch.max(1));
    // Who finds no work measures nothing.
    let clocks = executor.clocks().min(usize::try_from(ranges).unwrap_or(usize::MAX)).max(1);
    // Bounded, so that a slow disk holds the workers back instead of filling the memory.
    let (sender, receiver) = mpsc::sync_channel(workers);
    let merged = Merged { chunks: Mutex::new(progress.chunks), more: Condvar::new() };
    std::thread::scope(|scope| {
        for started in 0..workers {
            let (sender, next, largest, halt, merged) = (sender.clone(), &next, &largest, &halt, &merged);
            let spawned = std::thread::Builder::new().spawn_scoped(scope, move || {
                let _guard = HaltOnPanic(halt);
                let ended = || stop.load(Ordering::Relaxed) || halt.load(Ordering::Relaxed);
                let mut batch = first_batch.max(1);
                while !ended() {
                    let first = next.fetch_add(batch, Ordering::Relaxed);
                    let range = first..total.min(first.saturating_add(batch));
                    let largest = largest.fetch_max(batch, Ordering::Relaxed).max(batch);
                    let ahead = largest.saturating_mul(AHEAD).saturating_mul(workers as u64);
                    if range.is_empty() || !merged.wait_for(range.end.saturating_sub(ahead), ended) {
                        break;
                    }
                    let begun = Instant::now();
                    if sender.send((first, executor.run_chunks(job, range))).is_err() {
                        break;
                    }
                    if begun.elapsed() < WORTH_A_MESSAGE {
                        batch = (2 * batch).min(most.max(batch));
                    }
                }
            });
            match spawned {
                Ok(_) => {}
                // The results do not depend on how many there are.
                Err(_) if started > 0 => break,
                Err(error) => return Err(Fault(format!("cannot start a thread: {error}"))),
            }
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let (mut outcome, mut heard) = (Ok(()), true);
        for (first, finished) in receiver {
            match finished {
                Ok(finished) => waiting.extend((first..).zip(finished)),
                Err(fault) => outcome = outcome.and(Err(fault)),
            }
            // After a fault of one worker, what the others finish is still kept.
            while heard && let Some(finished) = waiting.remove(&progress.chunks) {
                merge(job, &layout, progress, &finished, clocks);
                if let Err(fault) = listener.merged(progress, &finished.results) {
                    (outcome, heard) = (outcome.and(Err(fault)), false);
                }
            }
            merged.set(progress.chunks);
            if outcome.is_err() {
                halt.store(true, Ordering::Relaxed);
            }
        }
        outcome
    })
}

fn merge<S: Scalar>(
    job: &Job<S>,
    layout: &Layout,
    progress: &mut Progress,
    finished: &Finished<S>,
    clocks: usize,
) {
    let results = &finished.results;
    let (_, count) = trajectories(job, progress.chunks);
    for (run, result) in results.iter().enumerate() {
        progress.runs[run].merge(layout, &job.observe.histograms, count, result);
        progress.runs[run].seconds += finished.seconds[run] / clocks as f64;
    }
    for pair in &mut progress.pairs {
        pair.merge(job.dimension, &results[pair.first], &results[pair.second]);
    }
    // Recorded trajectories are the first ones of the ensemble, so they all lie in the first chunk.
    if progress.chunks == 0 {
        for (paths, result) in progress.paths.iter_mut().zip(results) {
            paths.0.extend(result.paths.iter().map(|x| x.to_f64()));
        }
    }
    for (cloud, result) in progress.clouds.iter_mut().zip(results) {
        let room = (CLOUD * job.dimension).saturating_sub(cloud.0.len());
        cloud.0.extend(result.final_states.iter().take(room).map(|x| x.to_f64()));
    }
    progress.chunks += 1;
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::backend::cpu::{Cpu, Width};
    use crate::experiment::model::Experiment;

    const EXPERIMENT: &str = r#"
trajectories = 1280
steps = 3
precision = "f64"
[landscape]
kind = "quadratic"
curvature = [1.0]
start = 1.0
[[run]]
optimizer = "sgd"
learning_rate = 0.1
"#;

    /// The experiment with so many trajectories.
    fn job(trajectories: u64) -> Job<f64> {
        let text = EXPERIMENT.replace("1280", &trajectories.to_string());
        Job::new(&Experiment::parse(&text, Path::new("experiment.toml"), &[]).unwrap())
    }

    struct Silent;

    impl<S> Listener<S> for Silent {
        fn merged(&mut self, _: &Progress, _: &[ChunkResult<S>]) -> Result<(), Fault> {
            Ok(())
        }
    }

    /// Two workers of which one computes the first chunk, but only when the other has failed at the second.
    struct Failing {
        cpu: Cpu,
        failed: Mutex<bool>,
        told: Condvar,
    }

    impl Executor<f64> for Failing {
        fn run_chunks(&self, job: &Job<f64>, chunks: Range<u64>) -> Result<Vec<Finished<f64>>, Fault> {
            if chunks.start == 0 {
                let failed = self.failed.lock().unwrap();
                drop(self.told.wait_while(failed, |failed| !*failed).unwrap());
                return self.cpu.run_chunks(job, chunks);
            }
            *self.failed.lock().unwrap() = true;
            self.told.notify_all();
            Err(Fault("lost".into()))
        }

        fn workers(&self) -> usize {
            2
        }
    }

    /// Two workers, each of which says that a chunk took it a second.
    struct Steady(Cpu);

    impl Executor<f64> for Steady {
        fn run_chunks(&self, job: &Job<f64>, chunks: Range<u64>) -> Result<Vec<Finished<f64>>, Fault> {
            let mut finished = self.0.run_chunks(job, chunks)?;
            finished.iter_mut().for_each(|chunk| chunk.seconds = vec![1.0; job.runs.len()]);
            Ok(finished)
        }

        fn workers(&self) -> usize {
            2
        }
    }

    #[test]
    fn seconds_are_shared_among_those_who_had_work() {
        let steady = Steady(Cpu { width: Width::detect(), threads: 1 });
        for (trajectories, seconds) in [(1, 1.0), (256, 1.0), (512, 1.0), (1024, 2.0)] {
            let job = job(trajectories);
            let mut progress = Progress::new(&job);
            drive(&job, &steady, &mut progress, &mut Silent, &AtomicBool::new(false)).unwrap();
            assert_eq!(progress.runs[0].seconds, seconds, "{trajectories} trajectories");
        }
    }

    #[test]
    fn what_is_finished_after_a_fault_is_kept() {
        let job = job(1280);
        let mut progress = Progress::new(&job);
        let cpu = Cpu { width: Width::available().pop().unwrap(), threads: 1 };
        let failing = Failing { cpu, failed: Mutex::new(false), told: Condvar::new() };
        let outcome = drive(&job, &failing, &mut progress, &mut Silent, &AtomicBool::new(false));
        assert_eq!(outcome, Err(Fault("lost".into())));
        assert_eq!(progress.chunks, 1);
    }

    /// Chunks that have been begun so far, and a condition that is told of each.
    #[derive(Default)]
    struct Begun {
        chunks: Mutex<u64>,
        told: Condvar,
    }

    /// One worker that says when it begins a chunk.
    struct Telling<'a> {
        cpu: Cpu,
        begun: &'a Begun,
    }

    impl Executor<f64> for Telling<'_> {
        fn run_chunks(&self, job: &Job<f64>, chunks: Range<u64>) -> Result<Vec<Finished<f64>>, Fault> {
            *self.begun.chunks.lock().unwrap() += chunks.end - chunks.start;
            self.begun.told.notify_all();
            self.cpu.run_chunks(job, chunks)
        }

        fn workers(&self) -> usize {
            1
        }
    }

    /// As one that writes for a long time: takes in no chunk before the next one has been begun, or says so if it never is.
    struct Slow<'a>(&'a Begun);

    impl Listener<f64> for Slow<'_> {
        fn merged(&mut self, progress: &Progress, _: &[ChunkResult<f64>]) -> Result<(), Fault> {
            let next = (progress.chunks + 1).min(5);
            let begun = self.0.chunks.lock().unwrap();
            let far_too_long = Duration::from_secs(60);
            let (begun, waited) =
                self.0.told.wait_timeout_while(begun, far_too_long, |begun| *begun < next).unwrap();
            match waited.timed_out() {
                true => Err(Fault(format!("{begun} chunks begun while {} are taken in", progress.chunks))),
                false => Ok(()),
            }
        }
    }

    #[test]
    fn chunks_are_computed_while_others_are_written() {
        let job = job(1280);
        assert_eq!(chunks(job.trajectories), 5);
        let (mut progress, begun) = (Progress::new(&job), Begun::default());
        let telling = Telling { cpu: Cpu { width: Width::detect(), threads: 1 }, begun: &begun };
        let outcome = drive(&job, &telling, &mut progress, &mut Slow(&begun), &AtomicBool::new(false));
        assert_eq!(outcome, Ok(()));
        assert_eq!(progress.chunks, 5);
    }

    /// Two workers, of which the one with the first chunk is held up until the other has begun as many as it may, and a while longer.
    struct HeldUp<'a> {
        cpu: Cpu,
        begun: &'a Begun,
        most: &'a AtomicU64,
    }

    impl Executor<f64> for HeldUp<'_> {
        fn run_chunks(&self, job: &Job<f64>, chunks: Range<u64>) -> Result<Vec<Finished<f64>>, Fault> {
            let mut begun = self.begun.chunks.lock().unwrap();
            *begun += 1;
            self.begun.told.notify_all();
            if chunks.start == 0 {
                let (far_too_long, a_while) = (Duration::from_secs(60), Duration::from_millis(200));
                let all = |begun: &mut u64| *begun < 2 * AHEAD;
                begun = self.begun.told.wait_timeout_while(begun, far_too_long, all).unwrap().0;
                begun = self.begun.told.wait_timeout_while(begun, a_while, |_| true).unwrap().0;
                self.most.store(*begun, Ordering::Relaxed);
            }
            drop(begun);
            self.cpu.run_chunks(job, chunks)
        }

        fn workers(&self) -> usize {
            2
        }
    }

    #[test]
    fn what_waits_for_a_worker_is_bounded() {
        let job = job(200 * CHUNK as u64);
        let (mut progress, begun, most) = (Progress::new(&job), Begun::default(), AtomicU64::new(0));
        let cpu = Cpu { width: Width::detect(), threads: 1 };
        let held_up = HeldUp { cpu, begun: &begun, most: &most };
        drive(&job, &held_up, &mut progress, &mut Silent, &AtomicBool::new(false)).unwrap();
        // Of the chunks 0 to 2·AHEAD − 1 none but the first waits.
        assert_eq!(most.load(Ordering::Relaxed), 2 * AHEAD);
        assert_eq!(progress.chunks, 200);
    }

    /// Two workers, of which the one with the first chunk panics when the other has gone as far ahead as it may.
    struct Panicking<'a>(HeldUp<'a>);

    impl Executor<f64> for Panicking<'_> {
        fn run_chunks(&self, job: &Job<f64>, chunks: Range<u64>) -> Result<Vec<Finished<f64>>, Fault> {
            let first = chunks.start == 0;
            let finished = self.0.run_chunks(job, chunks);
            assert!(!first, "meant to panic");
            finished
        }

        fn workers(&self) -> usize {
            2
        }
    }

    #[test]
    fn nobody_waits_for_a_worker_that_panicked() {
        let job = job(200 * CHUNK as u64);
        let (mut progress, begun, most) = (Progress::new(&job), Begun::default(), AtomicU64::new(0));
        let cpu = Cpu { width: Width::detect(), threads: 1 };
        let panicking = Panicking(HeldUp { cpu, begun: &begun, most: &most });
        let ((ended, heard), stop) = (mpsc::channel(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            // Ends what would never end.
            let watched = &stop;
            scope.spawn(move || {
                let far_too_long = Duration::from_secs(60);
                watched.store(heard.recv_timeout(far_too_long).is_err(), Ordering::Relaxed);
            });
            let drive = || drive(&job, &panicking, &mut progress, &mut Silent, &stop);
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(drive));
            assert!(outcome.is_err() && !stop.load(Ordering::Relaxed));
            ended.send(()).unwrap();
        });
    }
}
