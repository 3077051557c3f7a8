//! The Ornstein–Uhlenbeck limit of a whole run, its schedule included.

use nalgebra::DMatrix;

use super::modes::{Modes, check_size};
use super::noise::{NoiseModel, coordinate_variances};
use super::sde::decayed_time;
use super::state::{Covariance, Full, NoiseCovariance};
use super::transition::{Direction, effective_rate};
use super::unsolvable::{Unsolvable, WHOLE_LIMIT};
use crate::experiment::model::{Experiment, Run};

/// The limit's moments at the run's end.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// t = Σ η over the run, η the effective rate of each step.
    pub time: f64,
    /// E X_t.
    pub mean: Vec<f64>,
    /// Var X_t,ᵢ.
    pub variance: Vec<f64>,
    /// Cov X_t, up to d = [`WHOLE_LIMIT`].
    pub covariance: Option<DMatrix<f64>>,
    /// E L(X_t).
    pub loss: f64,
}

/// dX = −(KX + c)dt + s dW at the end of `run`, K = ±H + λ, with s² = ησ²Σ from the effective rate
/// η = gradient_step + momentum_step·gain/(1 − decay) of each step (LB's ε_eff), constant over time η.
///
/// It is what SGD and every momentum method have in common as η → 0 (MV theorem 3.5), so it depends on the optimiser through η
/// alone; SVAG leaves it as it is, as η/ℓ meets ℓΣ.
///
/// # Errors
/// [`Unsolvable::NotGaussian`] where the noise depends on the state, [`Unsolvable::TooLarge`], and those of
/// [`exact`](super::exact()).
pub fn limit(experiment: &Experiment, run: &Run) -> Result<Limit, Unsolvable> {
    let modes = Modes::of(&experiment.landscape)?;
    let model = NoiseModel::of(&experiment.landscape, &modes, &experiment.noise, run.noise_scale, run.ell())?;
    let NoiseModel::Constant(noise) = model else { return Err(Unsolvable::NotGaussian) };
    let direction = Direction::of(run);
    let curvature: Vec<f64> = modes.curvature.iter().map(|&h| direction.curvature(h)).collect();
    let mut mean = modes.into_modes(&experiment.start);
    let mut covariance = match &noise {
        NoiseCovariance::Diagonal(variance) => Covariance::Diagonal(vec![[0.0; 3]; variance.len()]),
        NoiseCovariance::Full(matrix) => {
            check_size(matrix.nrows(), WHOLE_LIMIT, "the limit of coupled directions")?;
            let zero = DMatrix::zeros(matrix.nrows(), matrix.nrows());
            Covariance::Full(Box::new(Full { xx: zero.clone(), xm: zero.clone(), mm: zero }))
        }
    };
    let mut time = 0.0;
    for (rate, steps) in segments(run) {
        let t = rate * steps as f64;
        for (i, mean) in mean.iter_mut().enumerate() {
            let force = direction.sign * modes.gradient[i];
            *mean = *mean * libm::exp(-curvature[i] * t) - force * decayed_time(curvature[i], t);
        }
        let moved =
            |old: f64, noise: f64, k: f64| old * libm::exp(-k * t) + rate * noise * decayed_time(k, t);
        match &mut covariance {
            Covariance::Diagonal(blocks) => {
                for (i, block) in blocks.iter_mut().enumerate() {
                    block[0] = moved(block[0], noise.variance(i), 2.0 * curvature[i]);
                }
            }
            Covariance::Full(full) => {
                let noise = noise.matrix();
                full.xx = DMatrix::from_fn(mean.len(), mean.len(), |i, j| {
                    moved(full.xx[(i, j)], noise[(i, j)], curvature[i] + curvature[j])
                });
            }
        }
        time += t;
    }
    let mut loss = modes.constant;
    for (i, (h, c)) in modes.curvature.iter().zip(&modes.gradient).enumerate() {
        loss += 0.5 * h * (covariance.of_mode(i)[0] + mean[i] * mean[i]) + c * mean[i];
    }
    Ok(Limit {
        time,
        mean: modes.into_coordinates(&mean),
        variance: coordinate_variances(&modes, &covariance),
        covariance: (mean.len() <= WHOLE_LIMIT).then(|| modes.matrix_into_coordinates(&covariance.block(0))),
        loss,
    })
}

/// (effective rate, number of steps) of the stretches of constant effective rate. PyTorch's rule for the first step is a matter
/// of one step and left out.
fn segments(run: &Run) -> Vec<(f64, u64)> {
    let mut segments: Vec<(f64, u64)> = Vec::new();
    for k in 0..run.total_steps() {
        let (rate, momentum) = run.hyperparameters(k);
        let rate = effective_rate(&run.method().coefficients(k.max(1), rate, momentum));
        match segments.last_mut() {
            Some((last, steps)) if *last == rate => *steps += 1,
            _ => segments.push((rate, 1)),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::model::{
        Covariance, Landscape, Law, Matrix, Noise, Optimizer, Svag, SvagMomentum,
    };
    use crate::schedule::Schedule;
    use crate::theory::exact;
    use crate::theory::sde::OrnsteinUhlenbeck;
    use crate::theory::tests::{close, experiment, run};

    fn gaussian(covariance: Covariance) -> Noise {
        Noise::Additive { law: Law::Gaussian, covariance }
    }

    #[test]
    fn constant_rate_is_the_closed_form_for_every_parametrisation() {
        let h = 0.8;
        let experiment = experiment(
            Landscape::Diagonal { curvature: vec![h] },
            &[1.5],
            gaussian(Covariance::Diagonal(vec![0.7])),
        );
        let heavy_ball = Optimizer::HeavyBall { dampening: 0.2, nesterov: false, first_step: true };
        let nesterov = Optimizer::HeavyBall { dampening: 0.0, nesterov: true, first_step: true };
        // (optimiser, its rate, the effective one)
        let cases = [
            (Optimizer::Sgd, 0.1, 0.1),
            (Optimizer::Sgdm, 0.1, 0.1),
            (heavy_ball, 0.1, 0.32),
            (nesterov, 0.1, 0.4),
            (Optimizer::Qhm { nu: 0.3 }, 0.1, 0.1),
        ];
        for (optimizer, rate, effective) in cases {
            for ell in [1.0, 4.0] {
                let mut run = run(optimizer, Schedule::Constant(rate), Schedule::Constant(0.75), 20);
                run.noise_scale = 2.0;
                run.svag = Some(Svag { ell, momentum: SvagMomentum::Keep });
                let limit = limit(&experiment, &run).unwrap();
                let closed =
                    OrnsteinUhlenbeck { curvature: h, gradient: 0.0, diffusion: effective * 4.0 * 0.7 };
                let t = 20.0 * effective;
                close(limit.time, t, 1e-13, "time");
                close(limit.mean[0], closed.mean(1.5, t), 1e-13, "mean");
                close(limit.variance[0], closed.variance(t), 1e-13, "variance");
            }
        }
    }

    /// A dense problem with a decaying rate: the exact moments under SVAG(ℓ) approach the limit like 1/ℓ.
    #[test]
    fn svag_goes_to_the_limit() {
        let matrix = |entries: &[f64]| Matrix { rows: 2, columns: 2, entries: entries.to_vec() };
        let hessian = matrix(&[0.9, 0.3, 0.3, 0.5]);
        let experiment = experiment(
            Landscape::Dense { hessian },
            &[1.0, -0.6],
            gaussian(Covariance::Dense(matrix(&[1.0, -0.4, -0.4, 0.5]))),
        );
        let rate = Schedule::Step { base: 0.4, factor: 0.5, at: vec![5] };
        let errors: Vec<(f64, f64)> = [128.0, 256.0, 512.0]
            .into_iter()
            .map(|ell| {
                let mut run = run(Optimizer::Sgdm, rate.clone(), Schedule::Constant(0.5), 10);
                run.svag = Some(Svag { ell, momentum: SvagMomentum::Keep });
                let end = exact(&experiment, &run, &[run.total_steps()]).unwrap().moments.remove(0);
                let limit = limit(&experiment, &run).unwrap();
                close(limit.time, end.time, 1e-12, "time");
                ((end.covariance.unwrap() - limit.covariance.unwrap()).amax(), end.loss - limit.loss)
            })
            .collect();
        for pair in errors.windows(2) {
            let (covariance, loss) = (pair[0].0 / pair[1].0, pair[0].1 / pair[1].1);
            assert!((covariance - 2.0).abs() < 0.1 && (loss - 2.0).abs() < 0.1, "{errors:?}");
        }
        assert!(errors[2].0 < 2e-3, "{errors:?}");
    }
}
