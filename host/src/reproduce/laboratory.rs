//! Where claims run their experiments: the engine of `polyak run`, with what is needed of every trajectory handed out.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use polyak_core::observe::CHUNK;
use polyak_core::real::Scalar;

use super::claim::Budget;
use super::mutation::Mutation;
use crate::backend::ChunkResult;
use crate::backend::cpu::{Cpu, LaneScalar, Width};
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
    updates: AtomicU64,
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
    /// A laboratory with this budget.
    pub fn new(budget: Budget, threads: usize, stop: &'a AtomicBool) -> Self {
        Self { budget, threads, stop, mutation: None, updates: AtomicU64::new(0) }
    }

    /// The same, making a mistake.
    #[must_use]
    pub fn mutated(self, mutation: Mutation) -> Self {
        Self { mutation: Some(mutation), ..self }
    }

    /// The same without a mistake, for what a claim holds its measurements against; its updates count for nothing.
    pub fn faultless(&self) -> Self {
        Self::new(self.budget, self.threads, self.stop)
    }

    /// Updates computed so far.
    pub fn updates(&self) -> u64 {
        self.updates.load(Ordering::Relaxed)
    }

    /// Runs an experiment.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn run(&self, experiment: &Experiment) -> Result<Ensemble, Failure> {
        self.drive(experiment, None)
    }

    /// Runs an experiment and shows `sample` every trajectory, in order, at every observation point of all runs.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn sample(
        &self,
        experiment: &Experiment,
        mut sample: impl FnMut(&Sample<'_>),
    ) -> Result<Ensemble, Failure> {
        let mut experiment = experiment.clone();
        experiment.observe.paths = CHUNK as u64;
        self.drive(&experiment, Some(&mut sample))
    }

    fn drive(&self, experiment: &Experiment, sample: Option<Shown<'_>>) -> Result<Ensemble, Failure> {
        let mut experiment = experiment.clone();
        if let Some(mutation) = self.mutation {
            mutation.apply(&mut experiment);
        }
        match experiment.precision {
            Precision::F32 => self.drive_in::<f32>(&experiment, sample),
            Precision::F64 => self.drive_in::<f64>(&experiment, sample),
        }
    }

    fn drive_in<S: LaneScalar>(
        &self,
        experiment: &Experiment,
        sample: Option<Shown<'_>>,
    ) -> Result<Ensemble, Failure> {
        let job = Job::<S>::new(experiment);
        let mut progress = Progress::new(&job);
        let mut watcher = Watcher { dimension: job.dimension, sample, paths: Vec::new() };
        let cpu = RecordAll(Cpu { width: Width::detect(), threads: self.threads });
        engine::drive(&job, &cpu as &dyn Executor<S>, &mut progress, &mut watcher, self.stop)?;
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
                    observed: plan.plan.observed.clone(),
                    points: sums.estimates(&layout, plan, &job.observe.moments),
                    covariance: sums.covariance(&layout, plan).unwrap_or_default(),
                    passed: sums.passed,
                    passage: sums.passage(),
                })
                .collect(),
            pairs: progress.pairs.iter().map(|pair| (pair.first, pair.second, pair.estimates())).collect(),
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

/// Shows each chunk's trajectories.
struct Watcher<'a> {
    dimension: usize,
    sample: Option<Shown<'a>>,
    /// Paths of the chunk in `f64`, one list a run.
    paths: Vec<Vec<f64>>,
}

impl<S: Scalar> Listener<S> for Watcher<'_> {
    fn merged(&mut self, _: &Progress, chunk: &[ChunkResult<S>]) -> Result<(), Fault> {
        let Some(sample) = &mut self.sample else { return Ok(()) };
        self.paths.clear();
        self.paths.extend(chunk.iter().map(|run| run.paths.iter().map(|x| x.to_f64()).collect()));
        let count = chunk.first().map_or(0, |run| run.final_losses.len());
        for trajectory in 0..count {
            sample(&Sample { dimension: self.dimension, trajectory, paths: &self.paths, count });
        }
        Ok(())
    }
}
