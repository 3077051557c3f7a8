//! What is run: rows that together meet every optimiser, landscape, oracle, law and schedule.

use polyak_core::landscape::{
    AnyFiniteSum, AnyLandscape, Dense, Diagonal, DiagonalNetwork, DoubleWell, Hyperbola, LeastSquares,
    Linear, Rosenbrock, Valley,
};
use polyak_core::network::{Initial, initialize};
use polyak_core::optimizer::{Method, Update};
use polyak_core::oracle::{AnyNoise, AnyOracle, Covariance, LabelExamples, Sampling, svag_weights};
use polyak_core::random::{Law, StudentT};
use polyak_core::real::Scalar;
use polyak_core::schedule::{
    Constant, Cosine, Exponential, InverseTime, Join, Linear as Ramp, Power, Scaled, Schedule, StepDecay,
    Table,
};

use crate::data::{DIMENSION, Data};
use crate::network::{self, UNITS};
use crate::trajectory::ELL;

/// How many settings there are.
pub const SETTINGS: usize = 24;

/// A landscape with its noise, an optimiser and its schedules.
pub struct Setting<'a, S> {
    /// Landscape and noise, under SVAG or not.
    pub oracle: AnyOracle<&'a [S], S, UNITS>,
    /// Where it begins.
    pub start: [S; DIMENSION],
    /// Maximisation and weight decay.
    pub update: Update<S>,
    /// The optimiser.
    pub method: Method,
    /// η or γ.
    pub rate: &'a dyn Schedule,
    /// β.
    pub momentum: &'a dyn Schedule,
}

const HEAVY_BALL: Method = Method::HeavyBall { dampening: 0.0, nesterov: false, first_step: false };
const DAMPENED: Method = Method::HeavyBall { dampening: 0.3, nesterov: false, first_step: true };
const NESTEROV: Method = Method::HeavyBall { dampening: 0.0, nesterov: true, first_step: true };
const QHM: Method = Method::Qhm { nu: 0.7 };

/// Setting `number`; beyond the last, the last.
pub fn setting<S: Scalar>(number: usize, data: &Data<S>, svag: bool) -> Setting<'_, S> {
    let landscape = landscape(number, data);
    let start = start(&landscape, data);
    let noise = noise(number, data);
    let (method, maximize, weight_decay) = optimizer(number);
    let (rate, momentum) = schedules(number, data);
    let weights = svag.then(|| svag_weights(ELL)).flatten();
    Setting {
        oracle: AnyOracle { landscape, noise, svag: weights.map(|weights| weights.map(S::from_f64)) },
        start,
        update: Update { form: method.form(), maximize, weight_decay: weight_decay.map(S::from_f64) },
        method,
        rate,
        momentum,
    }
}

fn landscape<S: Scalar>(number: usize, data: &Data<S>) -> AnyLandscape<&[S], S, UNITS> {
    let inputs = (data.inputs.as_slice(), data.targets.as_slice());
    match number {
        0 | 1 | 12 | 14 | 17 => AnyLandscape::Diagonal(Diagonal(data.curvature.as_slice())),
        2 | 15 => AnyLandscape::Dense(Dense::new(data.hessian.as_slice(), 3)),
        3 => AnyLandscape::Linear(Linear(data.slope.as_slice())),
        4 => AnyLandscape::Valley(Valley),
        5 | 16 => AnyLandscape::Rosenbrock(Rosenbrock { a: S::ONE, b: S::from_f64(10.0), dimension: 4 }),
        6 => AnyLandscape::DoubleWell(DoubleWell { width: S::from_f64(0.8), dimension: 3 }),
        7 => AnyLandscape::FiniteSum(AnyFiniteSum::Hyperbola(Hyperbola)),
        8..=10 => {
            AnyLandscape::FiniteSum(AnyFiniteSum::LeastSquares(LeastSquares::new(inputs.0, inputs.1, 3)))
        }
        11 | 13 => AnyLandscape::FiniteSum(AnyFiniteSum::DiagonalNetwork(DiagonalNetwork::new(
            inputs.0, inputs.1, 3,
        ))),
        _ => AnyLandscape::FiniteSum(network::of(number, data)),
    }
}

/// x₀: of a network by chance, of another landscape the data's.
fn start<S: Scalar>(landscape: &AnyLandscape<&[S], S, UNITS>, data: &Data<S>) -> [S; DIMENSION] {
    let mut start = [S::ZERO; DIMENSION];
    match landscape {
        AnyLandscape::FiniteSum(AnyFiniteSum::Network(network)) => {
            let dimension = network.shape().parameters();
            let x = start.get_mut(..dimension).unwrap_or_default();
            initialize(network.shape(), Initial::Glorot, 5, x);
        }
        _ => start.iter_mut().zip(&data.start).for_each(|(x, &number)| *x = number),
    }
    start
}

fn noise<S: Scalar>(number: usize, data: &Data<S>) -> AnyNoise<&[S], S> {
    let additive = |covariance, law, scale| AnyNoise::Additive { covariance, law, scale: S::from_f64(scale) };
    let label = |law, examples| AnyNoise::Label { law, scale: S::HALF, examples };
    let spread = data.spread.as_slice();
    let student = || StudentT::new(5.0).map_or(Law::Gaussian, Law::StudentT);
    let dense = Covariance::Dense(data.factor.as_slice());
    match number {
        0 | 14 => additive(Covariance::Identity, Law::Gaussian, 0.5),
        1 => additive(Covariance::Diagonal(spread), Law::Gaussian, 2.0),
        2 => additive(dense, Law::Gaussian, 0.3),
        3 => additive(Covariance::Identity, Law::Rademacher, 0.7),
        4 => additive(Covariance::Identity, Law::Uniform, 0.1),
        5 => additive(Covariance::Identity, Law::Laplace, 0.2),
        6 => {
            let covariance =
                Covariance::StateDependent { constant: spread, quadratic: data.curvature.as_slice() };
            additive(covariance, student(), 0.4)
        }
        7 => label(Law::Rademacher, LabelExamples::One),
        8 => label(Law::Gaussian, LabelExamples::All),
        9 => AnyNoise::MiniBatch { batch: 2, sampling: Sampling::WithReplacement },
        10 => AnyNoise::MiniBatch { batch: 3, sampling: Sampling::WithoutReplacement },
        11 => AnyNoise::MiniBatch { batch: 2, sampling: Sampling::Epochs },
        13 => label(Law::Laplace, LabelExamples::One),
        15 => additive(dense, student(), 0.6),
        18 => AnyNoise::MiniBatch { batch: 3, sampling: Sampling::WithReplacement },
        19 => AnyNoise::MiniBatch { batch: 2, sampling: Sampling::Epochs },
        20 => label(Law::Gaussian, LabelExamples::All),
        21 => AnyNoise::MiniBatch { batch: 3, sampling: Sampling::WithoutReplacement },
        22 => label(Law::Rademacher, LabelExamples::One),
        23 => additive(Covariance::Identity, Law::Gaussian, 0.1),
        _ => AnyNoise::None,
    }
}

/// The method, whether it maximises, and its weight decay.
fn optimizer(number: usize) -> (Method, bool, Option<f64>) {
    match number {
        0 | 8 | 14 | 16 | 17 | 20 => (Method::Sgd, false, None),
        1 | 5 | 7 | 9 | 18 | 22 | 23 => (Method::Sgdm, false, None),
        2 => (HEAVY_BALL, false, None),
        3 => (DAMPENED, false, None),
        4 => (NESTEROV, false, None),
        6 => (QHM, false, None),
        10 => (HEAVY_BALL, false, Some(0.01)),
        11 | 19 => (NESTEROV, false, Some(0.003)),
        12 => (Method::Sgdm, true, None),
        13 => (QHM, true, Some(0.7)),
        21 => (QHM, false, None),
        _ => (Method::Sgd, false, Some(0.02)),
    }
}

/// Rate and momentum.
fn schedules<S>(number: usize, data: &Data<S>) -> (&dyn Schedule, &dyn Schedule) {
    match number {
        0 => (&Constant(0.05), &Constant(0.0)),
        2 => (&Ramp { from: 0.001, to: 0.02, steps: 90 }, &Constant(0.9)),
        3 => (&StepDecay { base: 0.03, factor: 0.3, at: [40, 90, 151] }, &Constant(0.8)),
        4 | 20 => (&Cosine { from: 0.02, to: 0.001, steps: 170 }, &Constant(0.95)),
        5 => (&Exponential { base: 0.01, factor: 0.9, every: 7, after: 30 }, &Constant(0.7)),
        6 => (&InverseTime { base: 0.1, decay: 0.02 }, &Constant(0.85)),
        7 => (&Constant(0.05), &Power { rate: Constant(0.05), lambda: 1.3, alpha: 2.0 / 3.0 }),
        8 => (&Table([0.1, 0.07, 0.2, 0.05]), &Constant(0.0)),
        9 => {
            const WARM_UP: Ramp = Ramp { from: 0.02, to: 0.2, steps: 50 };
            (
                &Join { first: WARM_UP, steps: 60, second: Constant(0.1) },
                &Ramp { from: 0.5, to: 0.95, steps: 150 },
            )
        }
        11 => (&Constant(0.02), &Scaled { inner: Constant(0.6), ell: 3.0 }),
        12 | 13 => (&Constant(0.01), &Constant(0.5)),
        14 => (&data.averaged, &Constant(0.0)),
        // Diverges: infinities and NaN.
        16 => (&Constant(1.0), &Constant(0.0)),
        // Shrinks by 0.64 a step in one coordinate: subnormal in f32 at the end.
        17 => (&Constant(1.2), &Constant(0.0)),
        _ => (&Constant(0.03), &Constant(0.9)),
    }
}
