//! Where the moments settle when rate and momentum stay as they are at the last step.

use nalgebra::DMatrix;
use polyak_core::optimizer::Coefficients;

use super::lyapunov::solve_pair;
use super::modes::Modes;
use super::noise::{NoiseModel, coordinate_variances};
use super::state::{Covariance, Full, NoiseCovariance, State};
use super::transition::{Direction, Transition};
use super::unsolvable::{Unsolvable, WHOLE_LIMIT};
use crate::experiment::model::{Experiment, Run};

/// Stationary mean and covariance, in the experiment's coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Stationary {
    /// E x.
    pub mean: Vec<f64>,
    /// Var xᵢ.
    pub variance: Vec<f64>,
    /// Cov(xᵢ, xⱼ), up to d = [`WHOLE_LIMIT`].
    pub covariance: Option<DMatrix<f64>>,
    /// Cov(xᵢ, mⱼ), up to d = [`WHOLE_LIMIT`].
    pub position_momentum: Option<DMatrix<f64>>,
    /// Cov(mᵢ, mⱼ), up to d = [`WHOLE_LIMIT`].
    pub momentum_covariance: Option<DMatrix<f64>>,
    /// E L(x).
    pub loss: f64,
    /// Steps that the slowest direction needs from a certain start until its variance is within 1 % of the stationary one.
    pub settling: u64,
}

/// The closed form of SGDM along one direction: ((Var x, Cov(x, m), Var m) for constant η, β, curvature h and noise variance c
/// (derived; PAPERS), with D = 2(1+β) − η(1−β)h:
///
/// ```text
/// Var x = η(1+β)c/(hD),   Var m = 2(1−β)c/D,   Cov(x, m) = −(η/2) Var m
/// ```
///
/// `None` unless 0 < ηh < 2(1+β)/(1−β). β = 0 is SGD: Var x = ηc/(h(2 − ηh)).
///
/// ```
/// let [var_x, _, var_m] = polyak::theory::stationary::sgdm(0.5, 0.0, 1.0, 1.0).unwrap();
/// assert!((var_x - 1.0 / 3.0).abs() < 1e-15 && (var_m - 4.0 / 3.0).abs() < 1e-15);
/// ```
pub fn sgdm(rate: f64, momentum: f64, curvature: f64, noise: f64) -> Option<[f64; 3]> {
    let denominator = 2.0 * (1.0 + momentum) - rate * (1.0 - momentum) * curvature;
    if !(rate * curvature > 0.0 && denominator > 0.0) {
        return None;
    }
    let x = rate * (1.0 + momentum) * noise / (curvature * denominator);
    let m = 2.0 * (1.0 - momentum) * noise / denominator;
    Some([x, -0.5 * rate * m, m])
}

/// The stationary law's moments for the coefficients of the run's last step, by the discrete Lyapunov equation P = A P Aᵀ + bbᵀ⊗N,
/// 2 × 2 for each pair of eigendirections. Where the noise depends on the state, N is the fixed point of N ↦ E Cov(g | x).
///
/// # Errors
/// [`Unsolvable::Unstable`], [`Unsolvable::NoiseTooStrong`], and those of [`exact`](super::exact()).
pub fn stationary(experiment: &Experiment, run: &Run) -> Result<Stationary, Unsolvable> {
    let modes = Modes::of(&experiment.landscape)?;
    let noise = NoiseModel::of(&experiment.landscape, &modes, &experiment.noise, run.noise_scale, run.ell())?;
    let (coefficients, direction) = (final_coefficients(run), Direction::of(run));
    let transitions: Vec<Transition> =
        modes.curvature.iter().map(|&h| Transition::new(&coefficients, direction, h)).collect();
    let slowest = transitions
        .iter()
        .max_by(|a, b| a.spectral_radius().total_cmp(&b.spectral_radius()))
        .filter(|slowest| slowest.spectral_radius() < 1.0)
        .ok_or(Unsolvable::Unstable)?;
    let responses = Responses::new(&transitions, noise.couples(&modes)).ok_or(Unsolvable::Unstable)?;
    let state = fixed_point(&modes, &noise, &responses, direction)?;
    let whole = modes.dimension() <= WHOLE_LIMIT;
    let block = |which| whole.then(|| modes.matrix_into_coordinates(&state.covariance.block(which)));
    let mean: Vec<f64> = state.mean.iter().map(|s| s[0]).collect();
    let mut loss = modes.constant;
    for (i, (h, c)) in modes.curvature.iter().zip(&modes.gradient).enumerate() {
        loss += 0.5 * h * (state.covariance.of_mode(i)[0] + mean[i] * mean[i]) + c * mean[i];
    }
    Ok(Stationary {
        mean: modes.into_coordinates(&mean),
        variance: coordinate_variances(&modes, &state.covariance),
        covariance: block(0),
        position_momentum: block(1),
        momentum_covariance: block(2),
        loss,
        settling: settling(slowest).ok_or(Unsolvable::Unstable)?,
    })
}

/// The coefficients of the run's last step, without the rule for the first: those that hold for ever if rate and momentum stay.
pub fn final_coefficients(run: &Run) -> Coefficients<f64> {
    let last = run.total_steps() - 1;
    let (rate, momentum) = run.hyperparameters(last);
    run.method().coefficients(last.max(1), rate, momentum)
}

/// Number of steps from a certain start until Var x is at least 99 % of its stationary value, and from then on.
///
/// What is missing after k steps is (Aᵏ P Aᵀᵏ)ₓₓ with P the stationary covariance. It never grows, as A P Aᵀ = P − bbᵀ ≤ P, so
/// bisection over the powers of A finds the step. `None` if A does not contract.
pub fn settling(transition: &Transition) -> Option<u64> {
    let p = response(transition, transition)?;
    if p[0][0] == 0.0 {
        return Some(0);
    }
    let missing = |a: [[f64; 2]; 2]| {
        let [x, m] = a[0];
        (x * (x * p[0][0] + m * p[1][0]) + m * (x * p[0][1] + m * p[1][1])) / p[0][0]
    };
    let mut powers = vec![transition.a];
    while missing(powers[powers.len() - 1]) > 0.01 && powers.len() < 63 {
        let last = powers[powers.len() - 1];
        powers.push(product(last, last));
    }
    // The largest number of steps that is not enough, bit by bit from the highest.
    let (mut steps, mut matrix) = (0_u64, [[1.0, 0.0], [0.0, 1.0]]);
    for (bit, power) in powers.iter().enumerate().rev() {
        let further = product(matrix, *power);
        if missing(further) > 0.01 {
            matrix = further;
            steps += 1 << bit;
        }
    }
    Some(steps + 1)
}

fn product(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let entry = |i: usize, j: usize| a[i][0] * b[0][j] + a[i][1] * b[1][j];
    [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]]
}

/// Stationary covariance between two modes for noise of covariance 1 between them.
fn response(left: &Transition, right: &Transition) -> Option<[[f64; 2]; 2]> {
    let q =
        [[left.b[0] * right.b[0], left.b[0] * right.b[1]], [left.b[1] * right.b[0], left.b[1] * right.b[1]]];
    solve_pair(&left.a, &right.a, &q)
}

/// [`response`] of all pairs that matter.
enum Responses {
    Diagonal(Vec<[f64; 3]>),
    Full(Box<Full>),
}

impl Responses {
    fn new(transitions: &[Transition], full: bool) -> Option<Self> {
        let d = transitions.len();
        if !full {
            let one = |t| response(t, t).map(|p| [p[0][0], p[0][1], p[1][1]]);
            return transitions.iter().map(one).collect::<Option<Vec<_>>>().map(Self::Diagonal);
        }
        let zero = DMatrix::zeros(d, d);
        let mut full = Full { xx: zero.clone(), xm: zero.clone(), mm: zero };
        for (i, left) in transitions.iter().enumerate() {
            for (j, right) in transitions.iter().enumerate() {
                let p = response(left, right)?;
                full.xx[(i, j)] = p[0][0];
                full.xm[(i, j)] = p[0][1];
                full.mm[(i, j)] = p[1][1];
            }
        }
        Some(Self::Full(Box::new(full)))
    }

    fn times(&self, noise: &NoiseCovariance) -> Covariance {
        match self {
            Self::Diagonal(blocks) => {
                let scaled = blocks.iter().enumerate().map(|(i, block)| block.map(|p| p * noise.variance(i)));
                Covariance::Diagonal(scaled.collect())
            }
            Self::Full(full) => {
                let n = noise.matrix();
                Covariance::Full(Box::new(Full {
                    xx: full.xx.component_mul(&n),
                    xm: full.xm.component_mul(&n),
                    mm: full.mm.component_mul(&n),
                }))
            }
        }
    }
}

/// The state that reproduces itself: ∓c/κ for the mean (u = 0, m = 0), and noise that fits the covariance it makes. The iteration
/// adds up a series of positive terms: it converges if and only if the second moments do.
fn fixed_point(
    modes: &Modes,
    noise: &NoiseModel,
    responses: &Responses,
    direction: Direction,
) -> Result<State, Unsolvable> {
    let position = |(h, c): (&f64, &f64)| -direction.sign * c / direction.curvature(*h);
    let start: Vec<f64> = modes.curvature.iter().zip(&modes.gradient).map(position).collect();
    let full = matches!(responses, Responses::Full(_));
    let mut state = State::certain(&start, &vec![0.0; start.len()], full);
    let mut size = 0.0;
    for _ in 0..100_000 {
        let covariance = noise.covariance(modes, &state);
        state.covariance = responses.times(&covariance);
        let next: f64 = (0..start.len()).map(|i| state.covariance.of_mode(i)[0]).sum();
        if matches!(noise, NoiseModel::Constant(_)) || (next - size).abs() <= f64::EPSILON * next {
            return Ok(state);
        }
        if !next.is_finite() {
            break;
        }
        size = next;
    }
    Err(Unsolvable::NoiseTooStrong)
}
