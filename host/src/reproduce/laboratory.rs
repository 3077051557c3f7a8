//! Where claims run their experiments: the engine of `polyak run`, with what is needed of every trajectory handed out.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use polyak_core::observe::CHUNK;
use polyak_core::real::Scalar;

use super::check::FirstFailure;
use super::claim::{Budget, Findings};
use super::mutation::{Mutation, Part};
use crate::backend::ChunkResult;
use crate::backend::cpu::{Cpu, LaneScalar, Width};
use crate::backend::gpu;
use crate::command::backend::{self, BackendChoice, Opened, Selection};
use crate::engine::{self, Executor, Fault, Finished, Listener, Progress};
use crate::experiment::model::{Experiment, Precision};
use crate::job::Job;
use crate::statistics::{Estimate, PairedEstimates, PointEstimates};

/// Why a claim has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Stopped from outside.
    #[error("interrupted")]
    Interrupted,
    /// A check has failed, and no more was asked for ([`Laboratory::until_failure`]).
    #[error("a check failed")]
    Decided,
    /// A fault of the machine, in words.
    #[error("{0}")]
    Fault(String),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault.0)
    }
}

/// Runs experiments.
#[derive(Debug)]
pub struct Laboratory<'a> {
    /// How much may be spent.
    pub budget: Budget,
    /// Threads; the results do not depend on it.
    pub threads: usize,
    /// Set from outside to stop.
    pub stop: &'a AtomicBool,
    /// The mistake to make, if any.
    pub mutation: Option<Mutation>,
    /// Added to the seed of every experiment: the same claims on other random numbers.
    pub seed: u64,
    /// Where the first check that fails is left, if that is the end.
    pub(super) first_failure: Option<Arc<FirstFailure>>,
    selection: Selection,
    updates: AtomicU64,
    devices: Mutex<BTreeSet<String>>,
}

/// One run of an ensemble.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Digest of the final states.
    pub digest: String,
    /// Trajectories that ended not finite.
    pub diverged: u64,
    /// Steps of the observation points.
    pub observed: Vec<u64>,
    /// Estimates at the observation points.
    pub points: Vec<PointEstimates>,
    /// Covariance of the final points, up to d = 64.
    pub covariance: Vec<Vec<Estimate>>,
    /// Trajectories that passed below the loss asked for.
    pub passed: u64,
    /// Mean step of their first passage.
    pub passage: Estimate,
}

impl Member {
    /// The estimates at the end.
    pub fn last(&self) -> &PointEstimates {
        &self.points[self.points.len() - 1]
    }
}

/// What an experiment left.
#[derive(Debug, Clone)]
pub struct Ensemble {
    /// One for each run.
    pub runs: Vec<Member>,
    /// Paired differences: (first, second, estimates).
    pub pairs: Vec<(usize, usize, PairedEstimates)>,
}

/// Where one trajectory of every run is at the observation points: the same random numbers in each run.
#[derive(Debug)]
pub struct Sample<'a> {
    dimension: usize,
    trajectory: usize,
    paths: &'a [Vec<f64>],
    /// Trajectories in the chunk.
    count: usize,
}

impl Sample<'_> {
    /// x of `run` at observation point number `point`.
    pub fn at(&self, run: usize, point: usize) -> &[f64] {
        let place = (point * self.count + self.trajectory) * self.dimension;
        &self.paths[run][place..place + self.dimension]
    }

    /// Observation points of `run`.
    pub fn points(&self, run: usize) -> usize {
        self.paths[run].len() / (self.count * self.dimension)
    }

    /// x of `run` at the end.
    pub fn end(&self, run: usize) -> &[f64] {
        self.at(run, self.points(run) - 1)
    }
}

impl<'a> Laboratory<'a> {
    /// A laboratory with this budget, on the CPU.
    pub fn new(budget: Budget, threads: usize, stop: &'a AtomicBool) -> Self {
        Self {
            budget,
            threads,
            stop,
            mutation: None,
            seed: 0,
            first_failure: None,
            selection: BackendChoice::Cpu.into(),
            updates: AtomicU64::new(0),
            devices: Mutex::default(),
        }
    }

    /// The same on another back end. What that cannot do (an experiment that it lacks something for, or whose trajectories are
    /// looked at on their way) runs on the CPU; the bits are the same.
    #[must_use]
    pub fn on(self, selection: impl Into<Selection>) -> Self {
        let selection = selection.into();
        let none = selection == BackendChoice::Auto.into() && gpu::device::devices().driver.is_none();
        Self { selection: if none { BackendChoice::Cpu.into() } else { selection }, ..self }
    }

    /// The same, making a mistake.
    #[must_use]
    pub fn mutated(self, mutation: Mutation) -> Self {
        Self { mutation: Some(mutation), ..self }
    }

    /// The same with other random numbers: `seed` is added to every experiment's.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same for a claim of `checks` checks, of which the first that fails decides: no experiment begins after it, and the outcome
    /// has this check alone. That is the verdict of the whole claim, which the others could not change.
    #[must_use]
    pub fn until_failure(self, checks: usize) -> Self {
        Self { first_failure: Some(Arc::new(FirstFailure::new(checks))), ..self }
    }

    /// Whether a check of this part can fail: not where only a failure is looked for and the mistake is of another part alone.
    pub fn concerns(&self, part: Part) -> bool {
        let elsewhere = matches!(self.mutation, Some(Mutation::Only(other, _)) if other != part);
        self.first_failure.is_none() || !elsewhere
    }

    /// Nothing found yet, with the picture's title.
    pub fn findings(&self, title: &str) -> Findings {
        Findings { first_failure: self.first_failure.clone(), ..Findings::new(title) }
    }

    /// The same without a mistake, for what a claim holds its measurements against; its updates count for nothing.
    pub fn faultless(&self) -> Self {
        Self::new(self.budget, self.threads, self.stop).seeded(self.seed)
    }

    /// Updates computed so far.
    pub fn updates(&self) -> u64 {
        self.updates.load(Ordering::Relaxed)
    }

    /// Where experiments have run since the last call.
    pub fn take_devices(&self) -> Vec<String> {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *devices).into_iter().collect()
    }

    /// Runs an experiment.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, experiment: &Experiment) -> Result<Ensemble, Failure> {
        self.drive(experiment, self.threads, Seen::Nothing)
    }

    /// Runs experiments side by side, each on threads of its own: for those with too few trajectories to share them out.
    ///
    /// # Errors
    /// The first [`Failure`].
    pub fn each(&self, experiments: &[Experiment]) -> Result<Vec<Ensemble>, Failure> {
        let workers = if self.selection.backend == BackendChoice::Cpu {
            self.threads.min(experiments.len())
        } else {
            1
        };
        let threads = (self.threads / workers.max(1)).max(1);
        Self::side_by_side(workers, experiments.len(), |place| {
            self.drive(&experiments[place], threads, Seen::Nothing)
        })
    }

    /// Runs `one(0)`, …, `one(count − 1)`, which sample with [`sample_alone`](Self::sample_alone), on all threads.
    ///
    /// # Errors
    /// The first [`Failure`].
    pub fn share<T: Send>(
        &self,
        count: usize,
        one: impl Fn(usize) -> Result<T, Failure> + Sync,
    ) -> Result<Vec<T>, Failure> {
        Self::side_by_side(self.threads.min(count), count, one)
    }

    fn side_by_side<T: Send>(
        workers: usize,
        count: usize,
        one: impl Fn(usize) -> Result<T, Failure> + Sync,
    ) -> Result<Vec<T>, Failure> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= count {
                    return done;
                }
                done.push((place, one(place)));
            }
        };
        let mut done: Vec<_> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for other in others {
                done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            done
        });
        done.sort_by_key(|(place, _)| *place);
        done.into_iter().map(|(_, result)| result).collect()
    }

    /// Runs an experiment and shows `sample` the end of every trajectory, in order ([`Sample::end`]; there are no other points).
    ///
    /// # Errors
    /// [`Failure`].
    pub fn ends(
        &self,
        experiment: &Experiment,
        mut sample: impl FnMut(&Sample<'_>),
    ) -> Result<Ensemble, Failure> {
        self.drive(experiment, self.threads, Seen::Ends(&mut sample))
    }

    /// Runs an experiment and shows `sample` every trajectory, in order, at every observation point of all runs: on the CPU.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn sample(
        &self,
        experiment: &Experiment,
        sample: impl FnMut(&Sample<'_>),
    ) -> Result<Ensemble, Failure> {
        self.sample_on(self.threads, experiment, sample)
    }

    /// [`sample`](Self::sample) on one thread, for [`share`](Self::share).
    ///
    /// # Errors
    /// [`Failure`].
    pub fn sample_alone(
        &self,
        experiment: &Experiment,
        sample: impl FnMut(&Sample<'_>),
    ) -> Result<Ensemble, Failure> {
        self.sample_on(1, experiment, sample)
    }

    fn sample_on(
        &self,
        threads: usize,
        experiment: &Experiment,
        mut sample: impl FnMut(&Sample<'_>),
    ) -> Result<Ensemble, Failure> {
        let mut experiment = experiment.clone();
        experiment.observe.paths = CHUNK as u64;
        self.drive(&experiment, threads, Seen::Paths(&mut sample))
    }

    fn drive(&self, experiment: &Experiment, threads: usize, seen: Seen<'_>) -> Result<Ensemble, Failure> {
        if self.first_failure.as_ref().is_some_and(|first| first.found().is_some()) {
            return Err(Failure::Decided);
        }
        let mut experiment = experiment.clone();
        experiment.seed = experiment.seed.wrapping_add(self.seed);
        if let Some(mutation) = self.mutation {
            mutation.apply(&mut experiment);
        }
        match experiment.precision {
            Precision::F32 => self.drive_in::<f32>(&experiment, threads, seen),
            Precision::F64 => self.drive_in::<f64>(&experiment, threads, seen),
        }
    }

    fn drive_in<S: backend::Precision>(
        &self,
        experiment: &Experiment,
        threads: usize,
        seen: Seen<'_>,
    ) -> Result<Ensemble, Failure> {
        let job = Job::<S>::new(experiment);
        let mut progress = Progress::new(&job);
        let executor = self.executor::<S>(threads, &seen)?;
        let mut watcher = Watcher { dimension: job.dimension, seen, states: Vec::new() };
        engine::drive(&job, executor.as_ref(), &mut progress, &mut watcher, self.stop)?;
        if progress.chunks < engine::chunks(job.trajectories) {
            return Err(Failure::Interrupted);
        }
        let steps: u64 = job.runs.iter().map(|run| run.plan.steps).sum();
        self.updates.fetch_add(steps * job.dimension as u64 * job.trajectories, Ordering::Relaxed);
        let layout = job.layout();
        let members = experiment.runs.iter().zip(&job.runs).zip(&progress.runs);
        Ok(Ensemble {
            runs: members
                .map(|((run, plan), sums)| Member {
                    name: run.name.clone(),
                    digest: sums.digest.to_string(),
                    diverged: sums.diverged,
                    observed: plan.plan.observed.to_vec(),
                    points: sums.estimates(&layout, plan, &job.observe.moments),
                    covariance: sums.covariance(&layout, plan).unwrap_or_default(),
                    passed: sums.passed,
                    passage: sums.passage(),
                })
                .collect(),
            pairs: progress.pairs.iter().map(|pair| (pair.first, pair.second, pair.estimates())).collect(),
        })
    }

    /// What computes the job, noted among the devices.
    fn executor<S: backend::Precision>(
        &self,
        threads: usize,
        seen: &Seen<'_>,
    ) -> Result<Box<dyn Executor<S>>, Failure> {
        let cpu = BackendChoice::Cpu.into();
        let selection = if matches!(seen, Seen::Paths(_)) { &cpu } else { &self.selection };
        let Opened { executor, backend, .. } =
            backend::open(selection, threads).map_err(|error| Failure::Fault(error.to_string()))?;
        let device = format!("{}: {}", backend.kind, backend.device);
        self.devices.lock().unwrap_or_else(PoisonError::into_inner).insert(device);
        Ok(match seen {
            Seen::Paths(_) => Box::new(RecordAll(Cpu { width: Width::detect(), threads })),
            _ => executor,
        })
    }
}

/// The CPU, which records the trajectories of every chunk and not of the first one only.
struct RecordAll(Cpu);

impl<S: LaneScalar> Executor<S> for RecordAll {
    fn run_chunks(&self, job: &Job<S>, chunks: Range<u64>) -> Result<Vec<Finished<S>>, Fault> {
        let paths = job.layout().paths;
        Ok(self.0.run_recording(job, chunks, |_| paths))
    }

    fn workers(&self) -> usize {
        Executor::<S>::workers(&self.0)
    }
}

type Shown<'a> = &'a mut dyn FnMut(&Sample<'_>);

/// What a claim sees of the trajectories.
enum Seen<'a> {
    Nothing,
    Ends(Shown<'a>),
    Paths(Shown<'a>),
}

/// Shows each chunk's trajectories.
struct Watcher<'a> {
    dimension: usize,
    seen: Seen<'a>,
    /// States of the chunk in `f64`, one list a run.
    states: Vec<Vec<f64>>,
}

impl<S: Scalar> Listener<S> for Watcher<'_> {
    fn merged(&mut self, _: &Progress, chunk: &[ChunkResult<S>]) -> Result<(), Fault> {
        let states = |run: &ChunkResult<S>, paths: bool| -> Vec<f64> {
            let states = if paths { &run.paths } else { &run.final_states };
            states.iter().map(|x| x.to_f64()).collect()
        };
        let paths = matches!(self.seen, Seen::Paths(_));
        let (Seen::Ends(sample) | Seen::Paths(sample)) = &mut self.seen else { return Ok(()) };
        self.states.clear();
        self.states.extend(chunk.iter().map(|run| states(run, paths)));
        let count = chunk.first().map_or(0, |run| run.final_losses.len());
        for trajectory in 0..count {
            sample(&Sample { dimension: self.dimension, trajectory, paths: &self.states, count });
        }
        Ok(())
    }
}
