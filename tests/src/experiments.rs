//! Experiments as data, in a few words.

use polyak::experiment::model::{
    Covariance, Data, Experiment, InitialMomentum, Landscape, Law, Matrix, Momentum, Noise, Observe,
    Optimizer, Output, Precision, Rng, Run, Svag, SvagMomentum,
};
use polyak::schedule::Schedule;

/// A square matrix from its rows.
pub fn matrix<const D: usize>(rows: [[f64; D]; D]) -> Matrix {
    Matrix { rows: D, columns: D, entries: rows.concat() }
}

/// A data set from rows of inputs and targets.
pub fn data<const D: usize>(inputs: &[[f64; D]], targets: &[f64]) -> Data {
    let inputs = Matrix { rows: inputs.len(), columns: D, entries: inputs.concat() };
    Data { inputs, targets: targets.to_vec() }
}

/// Noise of a law and a covariance.
pub fn additive(law: Law, covariance: Covariance) -> Noise {
    Noise::Additive { law, covariance }
}

/// SVAG(ℓ), β kept.
pub fn svag(ell: f64) -> Option<Svag> {
    Some(Svag { ell, momentum: SvagMomentum::Keep })
}

/// `optimizer` at constant rate and momentum for `steps` steps, noise of scale 1, m₀ = 0.
pub fn run(name: &str, optimizer: Optimizer, rate: f64, momentum: f64, steps: u64) -> Run {
    Run {
        name: name.into(),
        optimizer,
        learning_rate: Schedule::Constant(rate),
        momentum: Momentum::Schedule(Schedule::Constant(momentum)),
        weight_decay: 0.0,
        maximize: false,
        initial_momentum: InitialMomentum::Zero,
        svag: None,
        steps,
        noise_scale: 1.0,
    }
}

/// An experiment in `f32` with `rng = "pcg32"` that is looked at at its start and its end.
pub fn experiment(
    seed: u64,
    trajectories: u64,
    landscape: Landscape,
    start: &[f64],
    noise: Noise,
    runs: Vec<Run>,
) -> Experiment {
    let every = runs.iter().map(|run| run.steps).max().unwrap_or(1);
    Experiment {
        name: "test".into(),
        seed,
        trajectories,
        precision: Precision::F32,
        rng: Rng::Pcg32,
        landscape,
        start: start.to_vec(),
        noise,
        runs,
        observe: Observe {
            every,
            moments: Vec::new(),
            path_length: false,
            loss_variation: false,
            loss_below: None,
            histograms: Vec::new(),
            paths: 0,
        },
        output: Output { directory: None, final_states: false, plots: false, digest: true },
    }
}
