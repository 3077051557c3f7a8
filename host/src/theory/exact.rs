//! Exact mean and covariance of (x, m) after any number of steps.

use nalgebra::{DMatrix, DVector};

use super::modes::Modes;
use super::noise::{NoiseModel, coordinate_variances};
use super::state::{Covariance, NoiseCovariance, State};
use super::transition::{Direction, Transition};
use super::unsolvable::{Unsolvable, WHOLE_LIMIT};
use crate::experiment::model::{Experiment, InitialMomentum, Run};

/// Exact moments of a run at the steps that were asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// One entry for each step asked for, in that order.
    pub moments: Vec<Moments>,
}

/// Mean and covariance of (x, m) after some steps, in the experiment's coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Steps taken, SVAG's counted one by one.
    pub step: u64,
    /// t = Σ η over them ([`Run::time_step`]).
    pub time: f64,
    /// E x.
    pub mean: Vec<f64>,
    /// E m.
    pub momentum_mean: Vec<f64>,
    /// Var xᵢ.
    pub variance: Vec<f64>,
    /// Cov(xᵢ, xⱼ), up to d = [`WHOLE_LIMIT`].
    pub covariance: Option<DMatrix<f64>>,
    /// Cov(xᵢ, mⱼ), up to d = [`WHOLE_LIMIT`].
    pub position_momentum: Option<DMatrix<f64>>,
    /// Cov(mᵢ, mⱼ), up to d = [`WHOLE_LIMIT`].
    pub momentum_covariance: Option<DMatrix<f64>>,
    /// E L(x) = ½ tr(H P) + ½ μᵀHμ + cᵀμ + L(0).
    pub loss: f64,
}

/// Exact moments of `run` after each of `steps` steps (0 is the start; ascending).
///
/// With s = (x, m) a step is s' = A_k s + b_k(c + n), so μ' = Aμ + bc and P' = A P Aᵀ + b bᵀ ⊗ E Cov(g | x) hold exactly for
/// every law of the noise (PAPERS: MV definition 2.1 for the oracle, MV 5.1 for SVAG, whose covariance is ℓ times as large).
/// In the eigenbasis of H every pair of directions is a 2 × 2 problem of its own, so a step costs O(d) where noise and H share
/// their eigenvectors, O(d²) otherwise. The coefficients are used in `f64`; a simulation rounds them once to its precision.
///
/// # Errors
/// [`Unsolvable`]: the landscape's gradient is not linear, the batches come in shuffled epochs, or a dense matrix is too large.
///
/// ```
/// # use polyak::theory::example::experiment;
/// // L = ½x², σ = 1, SGD with η = ½ from x₀ = 1: Var x_k = η²(1 − (1−η)^{2k})/(1 − (1−η)²).
/// let experiment = experiment();
/// let exact = polyak::theory::exact(&experiment, &experiment.runs[0], &[0, 2]).unwrap();
/// assert_eq!((exact.moments[1].mean[0], exact.moments[1].variance[0]), (0.25, 0.3125));
/// ```
pub fn exact(experiment: &Experiment, run: &Run, steps: &[u64]) -> Result<Exact, Unsolvable> {
    let mut recursion = Recursion::new(experiment, run)?;
    let mut moments = Vec::with_capacity(steps.len());
    for &step in steps {
        recursion.advance_to(step);
        moments.push(recursion.moments());
    }
    Ok(Exact { moments })
}

/// The recursion itself, a step at a time.
#[derive(Debug, Clone)]
pub struct Recursion<'a> {
    run: &'a Run,
    modes: Modes,
    noise: NoiseModel,
    direction: Direction,
    state: State,
    transitions: Vec<Transition>,
    coefficients: Option<polyak_core::optimizer::Coefficients<f64>>,
    step: u64,
    time: f64,
}

impl<'a> Recursion<'a> {
    /// At step 0.
    ///
    /// # Errors
    /// See [`exact`].
    pub fn new(experiment: &Experiment, run: &'a Run) -> Result<Self, Unsolvable> {
        let modes = Modes::of(&experiment.landscape)?;
        let noise =
            NoiseModel::of(&experiment.landscape, &modes, &experiment.noise, run.noise_scale, run.ell())?;
        let state = initial(&modes, &noise, &experiment.start, run);
        Ok(Self {
            direction: Direction::of(run),
            run,
            modes,
            noise,
            state,
            transitions: Vec::new(),
            coefficients: None,
            step: 0,
            time: 0.0,
        })
    }

    /// The run.
    pub fn run(&self) -> &'a Run {
        self.run
    }

    /// Steps taken.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The loss in its eigenbasis.
    pub fn modes(&self) -> &Modes {
        &self.modes
    }

    /// Moments in the eigenbasis.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Covariance of the next step's gradient noise in the eigenbasis.
    pub fn noise(&self) -> NoiseCovariance {
        self.noise.covariance(&self.modes, &self.state)
    }

    /// One step.
    pub fn advance(&mut self) {
        let coefficients = self.run.coefficients(self.step);
        if self.coefficients != Some(coefficients) {
            self.coefficients = Some(coefficients);
            self.transitions = self
                .modes
                .curvature
                .iter()
                .map(|&h| Transition::new(&coefficients, self.direction, h))
                .collect();
        }
        match &self.noise {
            NoiseModel::Constant(noise) => {
                self.state.step(&self.transitions, &self.modes.gradient, noise);
            }
            _ => {
                let noise = self.noise();
                self.state.step(&self.transitions, &self.modes.gradient, &noise);
            }
        }
        self.time += self.run.time_step(self.step);
        self.step += 1;
    }

    /// Steps until `step`; none if it is past. Where a run with constant coefficients has settled to the last bit, the steps that
    /// are left change nothing and are not taken one by one.
    pub fn advance_to(&mut self, step: u64) {
        while self.step < step {
            if !may_have_settled(self.run, self.step) {
                self.advance();
                continue;
            }
            let before = self.state.clone();
            self.advance();
            if self.state == before {
                self.time += (step - self.step) as f64 * self.run.time_step(self.step);
                self.step = step;
            }
        }
    }

    /// E L(x).
    pub fn loss(&self) -> f64 {
        let mut loss = self.modes.constant;
        for (i, (h, c)) in self.modes.curvature.iter().zip(&self.modes.gradient).enumerate() {
            let mean = self.state.mean[i][0];
            loss += 0.5 * h * (self.state.covariance.of_mode(i)[0] + mean * mean) + c * mean;
        }
        loss
    }

    /// The moments in the experiment's coordinates.
    pub fn moments(&self) -> Moments {
        let d = self.modes.dimension();
        let part = |which: usize| self.state.mean.iter().map(|s| s[which]).collect::<Vec<_>>();
        let block = |which: usize| {
            (d <= WHOLE_LIMIT)
                .then(|| self.modes.matrix_into_coordinates(&self.state.covariance.block(which)))
        };
        Moments {
            step: self.step,
            time: self.time,
            mean: self.modes.into_coordinates(&part(0)),
            momentum_mean: self.modes.into_coordinates(&part(1)),
            variance: coordinate_variances(&self.modes, &self.state.covariance),
            covariance: block(0),
            position_momentum: block(1),
            momentum_covariance: block(2),
            loss: self.loss(),
        }
    }
}

/// Whether step `k` is one after which to look whether anything still changes: looking at each would cost as much as stepping.
pub(super) fn may_have_settled(run: &Run, k: u64) -> bool {
    k > 0 && k.is_multiple_of(1024) && run.is_constant()
}

/// The state before the first step: x₀ certain, m₀ as the run says. The stationary m₀ of MV 3.1 is
/// gain·(±(∇L(x₀) + √((1−β₀)/(1+β₀))·noise) + λx₀), gain = 1/(1−β₀) for the heavy ball, whose m is that much larger.
fn initial(modes: &Modes, noise: &NoiseModel, start: &[f64], run: &Run) -> State {
    let d = modes.dimension();
    let start = modes.into_modes(start);
    let full = noise.couples(modes);
    let zero = vec![0.0; d];
    if !run.has_momentum() {
        return State::certain(&start, &zero, full);
    }
    match &run.initial_momentum {
        InitialMomentum::Zero => State::certain(&start, &zero, full),
        InitialMomentum::Given(momentum) => State::certain(&start, &modes.into_modes(momentum), full),
        InitialMomentum::Stationary => {
            let (gain, weight) = stationary_draw(run);
            let direction = Direction::of(run);
            let gradient: Vec<f64> = (0..d)
                .map(|i| gain * direction.mean(modes.curvature[i], modes.gradient[i], start[i]))
                .collect();
            let mut state = State::certain(&start, &gradient, full);
            let covariance = noise.covariance(modes, &state);
            let power = gain * gain * weight * weight;
            match &mut state.covariance {
                Covariance::Diagonal(blocks) => {
                    for (i, block) in blocks.iter_mut().enumerate() {
                        block[2] = power * covariance.variance(i);
                    }
                }
                Covariance::Full(full) => full.mm = covariance.matrix() * power,
            }
            state
        }
    }
}

/// (gain, weight) of a momentum drawn as MV 3.1 does: m₀ = gain·(±(∇L + weight·noise) + λx₀).
pub fn stationary_draw(run: &Run) -> (f64, f64) {
    let (_, beta) = run.hyperparameters(0);
    (run.initial_momentum_gain(), ((1.0 - beta) / (1.0 + beta)).sqrt())
}

impl Moments {
    /// Standard deviation of L for a Gaussian x: √(½ tr (HP)² + (Hμ+c)ᵀP(Hμ+c)); `None` above d = [`WHOLE_LIMIT`].
    pub fn gaussian_loss_deviation(&self, hessian: &DMatrix<f64>, gradient: &[f64]) -> Option<f64> {
        let p = self.covariance.as_ref()?;
        let hp = hessian * p;
        let slope = hessian * DVector::from_column_slice(&self.mean) + DVector::from_column_slice(gradient);
        Some((0.5 * (&hp * &hp).trace() + slope.dot(&(p * &slope))).max(0.0).sqrt())
    }
}
