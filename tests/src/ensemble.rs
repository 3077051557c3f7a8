//! An experiment through the engine, and what comes out.

use std::sync::atomic::AtomicBool;

use polyak::backend::ChunkResult;
use polyak::backend::cpu::{Cpu, LaneScalar, Width};
use polyak::engine::{Fault, Listener, Progress, drive};
use polyak::experiment::model::{Experiment, Precision};
use polyak::job::Job;
use polyak::statistics::{Estimate, PairedEstimates, PointEstimates};
use polyak_core::real::Scalar;

/// What an ensemble leaves, in either precision.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// One for each run.
    pub runs: Vec<RunOutcome>,
    /// Differences of each pair of runs: (first, second, estimates).
    pub pairs: Vec<(usize, usize, PairedEstimates)>,
    /// All sums, as a checkpoint keeps them; the seconds are 0, as they are not a result.
    pub progress: Progress,
}

/// What one run leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    /// 16 hex digits.
    pub digest: String,
    /// Trajectories that were not finite at the end.
    pub diverged: u64,
    /// The observation points.
    pub points: Vec<PointEstimates>,
    /// Covariance of the final points.
    pub covariance: Vec<Vec<Estimate>>,
    /// First passage.
    pub passage: Estimate,
    /// Final points, d numbers a trajectory.
    pub states: Vec<f64>,
    /// First passage steps, trajectory by trajectory.
    pub passages: Vec<u32>,
}

impl RunOutcome {
    /// The last observation point.
    pub fn last(&self) -> &PointEstimates {
        &self.points[self.points.len() - 1]
    }
}

/// Collects the final states; stops after some chunks if it is told to.
struct Collector<'a> {
    states: Vec<Vec<f64>>,
    passages: Vec<Vec<u32>>,
    stop_at: Option<u64>,
    stop: &'a AtomicBool,
}

impl<S: Scalar> Listener<S> for Collector<'_> {
    fn merged(&mut self, progress: &Progress, chunk: &[ChunkResult<S>]) -> Result<(), Fault> {
        for (states, result) in self.states.iter_mut().zip(chunk) {
            states.extend(result.final_states.iter().map(|x| x.to_f64()));
        }
        for (passages, result) in self.passages.iter_mut().zip(chunk) {
            passages.extend(&result.passages);
        }
        if Some(progress.chunks) == self.stop_at {
            self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Runs an experiment on two threads of the widest instruction set.
pub fn simulate(experiment: &Experiment) -> Outcome {
    simulate_on(experiment, Cpu { width: Width::detect(), threads: 2 }, &[])
}

/// Runs an experiment on `cpu`, interrupted whenever the number of merged chunks is in `interruptions`, and resumed.
pub fn simulate_on(experiment: &Experiment, cpu: Cpu, interruptions: &[u64]) -> Outcome {
    match experiment.precision {
        Precision::F32 => generic::<f32>(experiment, cpu, interruptions),
        Precision::F64 => generic::<f64>(experiment, cpu, interruptions),
    }
}

fn generic<S: LaneScalar>(experiment: &Experiment, cpu: Cpu, interruptions: &[u64]) -> Outcome {
    let job = Job::<S>::new(experiment);
    let mut progress = Progress::new(&job);
    let (mut states, mut passages) = (vec![Vec::new(); job.runs.len()], vec![Vec::new(); job.runs.len()]);
    for stop_at in interruptions.iter().copied().map(Some).chain([None]) {
        let stop = AtomicBool::new(false);
        let mut collector = Collector { states, passages, stop_at, stop: &stop };
        drive(&job, &cpu, &mut progress, &mut collector, &stop).expect("the CPU has no faults");
        (states, passages) = (collector.states, collector.passages);
        if stop_at.is_some() {
            // As a checkpoint does: through text and back.
            let text = serde_json::to_string(&progress).expect("a checkpoint is data");
            progress = serde_json::from_str(&text).expect("a checkpoint can be read");
            assert!(progress.fits(&job));
        }
    }
    for run in &mut progress.runs {
        run.seconds = 0.0;
    }
    let layout = job.layout();
    let finished = progress.runs.iter().zip(&job.runs).zip(states.into_iter().zip(passages));
    let runs = finished.map(|((accumulator, run), (states, passages))| RunOutcome {
        digest: accumulator.digest.to_string(),
        diverged: accumulator.diverged,
        points: accumulator.estimates(&layout, run, &[]),
        covariance: accumulator.covariance(&layout, run).unwrap_or_default(),
        passage: accumulator.passage(),
        states,
        passages,
    });
    Outcome {
        runs: runs.collect(),
        pairs: progress.pairs.iter().map(|pair| (pair.first, pair.second, pair.estimates())).collect(),
        progress,
    }
}
