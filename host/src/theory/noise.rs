//! Covariance of the gradient noise, given the first two moments of x.

use nalgebra::{DMatrix, DVector};

use super::modes::{Modes, check_size, dense};
use super::state::{Covariance as StateCovariance, NoiseCovariance, State};
use super::unsolvable::{FULL_LIMIT, Unsolvable, WHOLE_LIMIT};
use crate::experiment::model::{Covariance, Data, LabelExamples, Landscape, Noise, Sampling};

/// E Cov(g | x) as a function of the moments of x, in the eigenbasis of H: all of the noise that second moments see.
///
/// Every oracle here has E(g | x) = ∇L(x) and draws afresh at each step, so x and the noise do not correlate and
/// P' = A P Aᵀ + b bᵀ ⊗ E Cov(g | x) is exact whatever the law.
#[derive(Debug, Clone, PartialEq)]
pub enum NoiseModel {
    /// The same at every x.
    Constant(NoiseCovariance),
    /// diag(cᵢ + qᵢE xᵢ²) in the coordinates of the experiment.
    StateDependent {
        /// c.
        constant: Vec<f64>,
        /// q.
        quadratic: Vec<f64>,
    },
    /// weight·\[(1/N) Σⱼ aⱼaⱼᵀ E(⟨aⱼ, x⟩ − yⱼ)² − E ∇L∇Lᵀ\], aⱼ in the eigenbasis.
    Batch {
        /// N × d inputs times Q.
        inputs: DMatrix<f64>,
        /// N targets.
        targets: Vec<f64>,
        /// 1/B, or (N−B)/(B(N−1)) without replacement.
        weight: f64,
    },
}

impl NoiseModel {
    /// The model of an oracle on a landscape, for noise of scale `scale` (σ or δ) and covariance multiplied by `factor` (ℓ
    /// under SVAG).
    ///
    /// # Errors
    /// [`Unsolvable::Epochs`], [`Unsolvable::NoExamples`], [`Unsolvable::TooLarge`].
    pub fn of(
        landscape: &Landscape,
        modes: &Modes,
        noise: &Noise,
        scale: f64,
        factor: f64,
    ) -> Result<Self, Unsolvable> {
        let d = modes.dimension();
        let power = scale * scale * factor;
        let scaled = |values: &[f64]| values.iter().map(|value| power * value).collect::<Vec<_>>();
        let constant = |covariance| Ok(Self::Constant(covariance));
        match (noise, landscape) {
            (Noise::None, _) => constant(NoiseCovariance::Diagonal(vec![0.0; d])),
            (Noise::Additive { covariance, .. }, _) => match covariance {
                Covariance::Identity => constant(NoiseCovariance::Diagonal(vec![power; d])),
                Covariance::Diagonal(variance) if modes.basis.is_none() => {
                    constant(NoiseCovariance::Diagonal(scaled(variance)))
                }
                Covariance::Diagonal(variance) => {
                    let matrix = DMatrix::from_diagonal(&DVector::from_vec(scaled(variance)));
                    constant(NoiseCovariance::Full(modes.matrix_into_modes(&matrix)))
                }
                Covariance::Dense(matrix) => {
                    check_size(d, FULL_LIMIT, "a dense noise covariance")?;
                    constant(NoiseCovariance::Full(modes.matrix_into_modes(&(dense(matrix) * power))))
                }
                Covariance::StateDependent { constant, quadratic } => {
                    if modes.basis.is_some() {
                        check_size(d, WHOLE_LIMIT, "state-dependent noise under a dense Hessian")?;
                    }
                    Ok(Self::StateDependent { constant: scaled(constant), quadratic: scaled(quadratic) })
                }
            },
            // The noise is −(δ/N) Σ aⱼξⱼ over all j, or for one j: covariance δ²H/N, or δ²H/N², diagonal in the eigenbasis.
            (Noise::Label { examples, .. }, Landscape::LeastSquares(data)) => {
                let count = data.targets.len() as f64;
                let weight = match examples {
                    LabelExamples::All => power / count,
                    LabelExamples::One => power / (count * count),
                };
                let variance = modes.curvature.iter().map(|h| weight * h.max(0.0)).collect();
                constant(NoiseCovariance::Diagonal(variance))
            }
            (Noise::Label { .. }, _) => Err(Unsolvable::NoExamples("label")),
            (Noise::MiniBatch { batch, sampling }, Landscape::LeastSquares(data)) => {
                Self::batch(data, modes, *batch, *sampling, factor)
            }
            (Noise::MiniBatch { .. }, _) => Err(Unsolvable::NoExamples("mini-batch")),
        }
    }

    fn batch(
        data: &Data,
        modes: &Modes,
        batch: usize,
        sampling: Sampling,
        factor: f64,
    ) -> Result<Self, Unsolvable> {
        check_size(modes.dimension(), WHOLE_LIMIT, "mini-batch noise")?;
        let (count, size) = (data.targets.len() as f64, batch as f64);
        let weight = match sampling {
            Sampling::WithReplacement => 1.0 / size,
            Sampling::WithoutReplacement if data.targets.len() <= batch => 0.0,
            Sampling::WithoutReplacement => (count - size) / (size * (count - 1.0)),
            Sampling::Epochs => return Err(Unsolvable::Epochs),
        };
        let inputs = dense(&data.inputs);
        let inputs = match &modes.basis {
            None => inputs,
            Some(q) => inputs * q,
        };
        Ok(Self::Batch { inputs, targets: data.targets.clone(), weight: weight * factor })
    }

    /// Whether correlations between modes arise.
    pub fn couples(&self, modes: &Modes) -> bool {
        match self {
            Self::Constant(NoiseCovariance::Diagonal(_)) => false,
            Self::Constant(NoiseCovariance::Full(_)) | Self::Batch { .. } => true,
            Self::StateDependent { .. } => modes.basis.is_some(),
        }
    }

    /// E Cov(g | x) for the moments of `state`.
    pub fn covariance(&self, modes: &Modes, state: &State) -> NoiseCovariance {
        match self {
            Self::Constant(covariance) => covariance.clone(),
            Self::StateDependent { constant, quadratic } => {
                let mean = modes.into_coordinates(&state.mean.iter().map(|s| s[0]).collect::<Vec<_>>());
                let variance = coordinate_variances(modes, &state.covariance);
                let noise = (0..mean.len())
                    .map(|i| constant[i] + quadratic[i] * (mean[i] * mean[i] + variance[i]))
                    .collect::<Vec<_>>();
                match &modes.basis {
                    None => NoiseCovariance::Diagonal(noise),
                    Some(_) => {
                        let matrix = DMatrix::from_diagonal(&DVector::from_vec(noise));
                        NoiseCovariance::Full(modes.matrix_into_modes(&matrix))
                    }
                }
            }
            Self::Batch { inputs, targets, weight } => {
                NoiseCovariance::Full(batch_covariance(inputs, targets, modes, state) * *weight)
            }
        }
    }
}

/// Var xᵢ in the experiment's coordinates.
pub fn coordinate_variances(modes: &Modes, covariance: &StateCovariance) -> Vec<f64> {
    let d = modes.dimension();
    match (&modes.basis, covariance) {
        (None, covariance) => (0..d).map(|i| covariance.of_mode(i)[0]).collect(),
        (Some(q), StateCovariance::Diagonal(blocks)) => {
            (0..d).map(|i| (0..d).map(|j| q[(i, j)] * q[(i, j)] * blocks[j][0]).sum()).collect()
        }
        (Some(q), StateCovariance::Full(full)) => {
            let half = q * &full.xx;
            (0..d).map(|i| half.row(i).dot(&q.row(i))).collect()
        }
    }
}

/// Covariance of the gradient of one example drawn at random, averaged over x.
fn batch_covariance(inputs: &DMatrix<f64>, targets: &[f64], modes: &Modes, state: &State) -> DMatrix<f64> {
    let (d, count) = (modes.dimension(), targets.len());
    let mean = DVector::from_iterator(d, state.mean.iter().map(|s| s[0]));
    let xx = state.covariance.block(0);
    let residual = inputs * &mean - DVector::from_column_slice(targets);
    let projected = inputs * &xx;
    let mut weighted = inputs.clone();
    for j in 0..count {
        let square = projected.row(j).dot(&inputs.row(j)) + residual[j] * residual[j];
        weighted.row_mut(j).scale_mut(square / count as f64);
    }
    let mut covariance = inputs.tr_mul(&weighted);
    let (h, c) = (&modes.curvature, &modes.gradient);
    let gradient: Vec<f64> = (0..d).map(|i| h[i] * mean[i] + c[i]).collect();
    for i in 0..d {
        for j in 0..d {
            covariance[(i, j)] -= h[i] * h[j] * xx[(i, j)] + gradient[i] * gradient[j];
        }
    }
    covariance
}
