//! `summary.json`.

use serde::Serialize;

use super::RunResult;
use super::comparison::Comparison;
use crate::experiment::model::{Experiment, Precision};
use crate::statistics::{Counts, Estimate, PairedEstimates};

/// The file's contents; numbers that are not finite are null.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// Name of the experiment.
    pub experiment: String,
    /// Version of the program.
    pub polyak: &'static str,
    /// Seed.
    pub seed: u64,
    /// `f32` or `f64`.
    pub precision: &'static str,
    /// Trajectories that the results rest on.
    pub trajectories: u64,
    /// Whether it was stopped before all trajectories asked for were done.
    pub interrupted: bool,
    /// Where it ran.
    pub backend: Backend,
    /// The runs.
    pub runs: Vec<Run>,
    /// Paired differences between runs.
    pub paired: Vec<Paired>,
}

/// Where an experiment ran.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backend {
    /// `cpu`, `gpu` or `emulator`.
    pub kind: &'static str,
    /// The device in words.
    pub device: String,
    /// CPU threads.
    pub threads: usize,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    name: String,
    steps: u64,
    digest: Option<String>,
    diverged: u64,
    r#final: Final,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_passage: Option<Passage>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    histograms: Vec<HistogramCounts>,
    theory: Theory,
    seconds: f64,
    updates_per_second: f64,
}

#[derive(Debug, Clone, Serialize)]
struct Final {
    time: f64,
    count: u64,
    mean: Vec<f64>,
    mean_std_error: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covariance: Option<Vec<Vec<f64>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variance: Option<Vec<f64>>,
    variance_std_error: Vec<f64>,
    skewness: Vec<f64>,
    excess_kurtosis: Vec<f64>,
    loss: Estimate,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_length: Option<Estimate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss_variation: Option<Estimate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_loss: Option<Estimate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_accuracy: Option<Estimate>,
}

#[derive(Debug, Clone, Serialize)]
struct Passage {
    passed: u64,
    mean_step: Estimate,
}

#[derive(Debug, Clone, Serialize)]
struct HistogramCounts {
    coordinate: usize,
    #[serde(flatten)]
    counts: Counts,
}

/// How a run compares with exact moments.
#[derive(Debug, Clone, Serialize)]
struct Theory {
    moments: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    largest_z: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    none_because: Option<String>,
}

/// Paired difference of two runs.
#[derive(Debug, Clone, Serialize)]
pub struct Paired {
    /// Name of the run that is subtracted.
    pub from: String,
    /// Name of the run that it is subtracted from.
    pub to: String,
    /// The differences.
    #[serde(flatten)]
    pub difference: PairedEstimates,
}

impl Summary {
    /// Gathers the file's contents.
    pub fn new(
        experiment: &Experiment,
        trajectories: u64,
        backend: Backend,
        results: &[(RunResult, Vec<Comparison>)],
        paired: Vec<Paired>,
    ) -> Self {
        Self {
            experiment: experiment.name.clone(),
            polyak: env!("CARGO_PKG_VERSION"),
            seed: experiment.seed,
            precision: match experiment.precision {
                Precision::F32 => "f32",
                Precision::F64 => "f64",
            },
            trajectories,
            interrupted: trajectories < experiment.trajectories,
            backend,
            runs: results.iter().map(|(run, comparisons)| one(experiment, run, comparisons)).collect(),
            paired,
        }
    }
}

fn one(experiment: &Experiment, run: &RunResult, comparisons: &[Comparison]) -> Run {
    let last = run.last();
    let values = |estimates: &[Estimate]| estimates.iter().map(|estimate| estimate.value).collect();
    let errors = |estimates: &[Estimate]| estimates.iter().map(|estimate| estimate.std_error).collect();
    let covariance: Option<Vec<Vec<f64>>> =
        run.covariance.as_ref().map(|rows| rows.iter().map(|row| values(row)).collect());
    Run {
        name: run.name.clone(),
        steps: run.steps,
        digest: run.digest.clone(),
        diverged: run.diverged,
        r#final: Final {
            time: run.times.last().copied().unwrap_or(0.0),
            count: last.count,
            mean: values(&last.mean),
            mean_std_error: errors(&last.mean),
            variance: covariance.is_none().then(|| values(&last.variance)),
            covariance,
            variance_std_error: errors(&last.variance),
            skewness: values(&last.skewness),
            excess_kurtosis: values(&last.kurtosis),
            loss: last.loss,
            path_length: last.path_length,
            loss_variation: last.loss_variation,
            test_loss: last.test_loss,
            test_accuracy: last.test_accuracy,
        },
        first_passage: run.passage.map(|(passed, mean_step)| Passage { passed, mean_step }),
        histograms: experiment
            .observe
            .histograms
            .iter()
            .zip(&run.histograms)
            .map(|(histogram, counts)| HistogramCounts {
                coordinate: histogram.coordinate,
                counts: counts.clone(),
            })
            .collect(),
        theory: Theory {
            moments: comparisons.len(),
            largest_z: largest_z(comparisons),
            none_because: run.theory.as_ref().err().cloned(),
        },
        seconds: run.seconds,
        updates_per_second: run.updates_per_second,
    }
}

/// The z-score of largest magnitude, with its sign.
pub fn largest_z(comparisons: &[Comparison]) -> Option<f64> {
    comparisons.iter().map(|comparison| comparison.z).max_by(|a, b| a.abs().total_cmp(&b.abs()))
}
