//! What theory says about an experiment, run by run: the data behind `polyak theory`.

use serde::Serialize;

use super::cumulants::cumulants;
use super::exact::exact;
use super::limit::limit;
use super::modes::Modes;
use super::stability::{Mode, Thresholds, effective_rate_threshold, mode, thresholds};
use super::stationary::{final_coefficients, stationary};
use super::transition::{Direction, effective_rate};
use super::unsolvable::{Unsolvable, WHOLE_LIMIT};
use crate::experiment::model::{Experiment, Run};

/// Everything that is known exactly about an experiment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The experiment's name.
    pub experiment: String,
    /// d.
    pub dimension: usize,
    /// 1/h_max: the effective rate above which SGD oscillates, LB's ε_thres; `None` if the loss is not quadratic or nowhere curves
    /// upwards.
    pub rate_threshold: Option<f64>,
    /// One entry a run, in the file's order.
    pub runs: Vec<RunReport>,
}

/// Everything that is known exactly about a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// The run's name.
    pub name: String,
    /// Steps taken, SVAG's counted one by one.
    pub steps: u64,
    /// Effective rate of the last step: η, or γ/(1−β) for the heavy ball.
    pub effective_rate: f64,
    /// Ranges of the curvature at the last step's rate and momentum.
    pub thresholds: Thresholds,
    /// Every eigenvalue of H at the last step's rate and momentum, ascending up to d = 64 for a dense H, in the file's order for a
    /// diagonal; the two extreme ones above.
    pub modes: Vec<Mode>,
    /// Largest spectral radius over all eigenvalues; `None` if the loss is not quadratic.
    pub spectral_radius: Option<f64>,
    /// Moments at the end of the run.
    pub exact: Answer<Final>,
    /// Excess kurtosis of each coordinate at the end of the run.
    pub kurtosis: Answer<Vec<f64>>,
    /// Moments that the last step's rate and momentum lead to.
    pub stationary: Answer<Settled>,
    /// Moments of the SDE limit at the time of the run's end.
    pub limit: Answer<Final>,
}

/// An answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer<T> {
    /// The answer.
    Known(T),
    /// There is none.
    Unknown {
        /// Why.
        reason: String,
    },
}

impl<T> Answer<T> {
    fn of(result: Result<T, Unsolvable>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(reason) => Self::Unknown { reason: reason.to_string() },
        }
    }

    /// The answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown { .. } => None,
        }
    }

    /// Why there is none.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unknown { reason } => Some(reason),
        }
    }
}

/// Moments of x at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Final {
    /// t = Σ η.
    pub time: f64,
    /// E x.
    pub mean: Vec<f64>,
    /// Var xᵢ.
    pub variance: Vec<f64>,
    /// E L(x).
    pub loss: f64,
}

/// Stationary moments of x.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settled {
    /// E x.
    pub mean: Vec<f64>,
    /// Var xᵢ.
    pub variance: Vec<f64>,
    /// E L(x).
    pub loss: f64,
    /// Steps from a certain start until the variance of the slowest direction is within 1 % of the stationary one.
    pub settling: u64,
}

/// What theory says about an experiment. Nothing in it is random; where a quantity has no exact form the reason stands in its
/// place.
pub fn report(experiment: &Experiment) -> Report {
    let modes = Modes::of(&experiment.landscape).ok();
    Report {
        experiment: experiment.name.clone(),
        dimension: experiment.dimension(),
        rate_threshold: modes.as_ref().and_then(|modes| effective_rate_threshold(&modes.curvature)),
        runs: experiment.runs.iter().map(|run| of_run(experiment, run, modes.as_ref())).collect(),
    }
}

fn of_run(experiment: &Experiment, run: &Run, modes: Option<&Modes>) -> RunReport {
    let (coefficients, direction) = (final_coefficients(run), Direction::of(run));
    let all: Vec<Mode> = modes.map_or_else(Vec::new, |modes| {
        modes.curvature.iter().map(|&h| mode(&coefficients, direction, h)).collect()
    });
    let steps = run.total_steps();
    let end = exact(experiment, run, &[steps]).map(|exact| {
        let end = exact.moments.into_iter().next();
        end.map_or_else(
            || Final { time: 0.0, mean: Vec::new(), variance: Vec::new(), loss: f64::NAN },
            |end| Final { time: end.time, mean: end.mean, variance: end.variance, loss: end.loss },
        )
    });
    let kurtosis = cumulants(experiment, run, 4, &[steps]).map(|all| {
        let coordinates = 0..experiment.dimension();
        all.first().map_or_else(Vec::new, |end| coordinates.map(|i| end.kurtosis(i)).collect())
    });
    RunReport {
        name: run.name.clone(),
        steps,
        effective_rate: effective_rate(&coefficients),
        thresholds: thresholds(&coefficients),
        spectral_radius: all.iter().map(|mode| mode.spectral_radius).reduce(f64::max),
        modes: shown(all),
        exact: Answer::of(end),
        kurtosis: Answer::of(kurtosis),
        stationary: Answer::of(stationary(experiment, run).map(|limit| Settled {
            mean: limit.mean,
            variance: limit.variance,
            loss: limit.loss,
            settling: limit.settling,
        })),
        limit: Answer::of(limit(experiment, run).map(|limit| Final {
            time: limit.time,
            mean: limit.mean,
            variance: limit.variance,
            loss: limit.loss,
        })),
    }
}

/// All modes up to d = 64, else those of least and greatest curvature.
fn shown(all: Vec<Mode>) -> Vec<Mode> {
    if all.len() <= WHOLE_LIMIT {
        return all;
    }
    let by_curvature = |a: &&Mode, b: &&Mode| a.curvature.total_cmp(&b.curvature);
    all.iter().min_by(by_curvature).into_iter().chain(all.iter().max_by(by_curvature)).copied().collect()
}
