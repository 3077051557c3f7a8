//! Exact cumulants of x of order up to 6 where the directions do not mix.

use super::exact::may_have_settled;
use super::law;
use super::modes::Modes;
use super::transition::{Direction, Transition};
use super::unsolvable::Unsolvable;
use crate::experiment::model::{Covariance, Experiment, InitialMomentum, Law, Noise, Run};

/// The highest order.
pub const HIGHEST: usize = 6;

/// Cumulants κ₁ … κ₆ of each coordinate of x after some steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Cumulants {
    /// Steps taken, SVAG's counted one by one.
    pub step: u64,
    /// κ₁ … κ_n of each coordinate, n the order asked for.
    pub coordinates: Vec<Vec<f64>>,
}

impl Cumulants {
    /// κ₃/κ₂^{3/2} of coordinate `i`; needs order 3.
    pub fn skewness(&self, i: usize) -> f64 {
        let k = &self.coordinates[i];
        k[2] / (k[1] * k[1].sqrt())
    }

    /// Excess kurtosis κ₄/κ₂² of coordinate `i`; needs order 4.
    pub fn kurtosis(&self, i: usize) -> f64 {
        let k = &self.coordinates[i];
        k[3] / (k[1] * k[1])
    }

    /// E(xᵢ − E xᵢ)ⁿ for n = 2 … 6, up to the order asked for; `None` beyond.
    pub fn central_moment(&self, i: usize, order: u32) -> Option<f64> {
        let k = |n: usize| self.coordinates[i].get(n - 1).copied();
        match order {
            2 | 3 => k(order as usize),
            4 => Some(k(4)? + 3.0 * k(2)? * k(2)?),
            5 => Some(k(5)? + 10.0 * k(3)? * k(2)?),
            6 => Some(k(6)? + 15.0 * k(4)? * k(2)? + 10.0 * k(3)? * k(3)? + 15.0 * k(2)? * k(2)? * k(2)?),
            _ => None,
        }
    }
}

/// Cumulants of order 1 … `order` (at most 6) of every coordinate of x after each of `steps` steps (ascending).
///
/// Cumulants of a sum of independent terms add, and a linear map carries them along: with κ_n the symmetric tensor of order n on
/// s = (x, m), κ_n' = A^{⊗n} κ_n + b^{⊗n} κ_n(noise). So κ_n(x_K) = Σ_k (response of x_K to noise k)ⁿ κ_n(noise k) exactly.
///
/// # Errors
/// [`Unsolvable::Coupled`] unless H is diagonal (or the loss linear) with independent noise components of constant size,
/// [`Unsolvable::NoCumulant`] where the law's tail is too heavy.
pub fn cumulants(
    experiment: &Experiment,
    run: &Run,
    order: usize,
    steps: &[u64],
) -> Result<Vec<Cumulants>, Unsolvable> {
    let modes = Modes::of(&experiment.landscape)?;
    if modes.basis.is_some() {
        return Err(Unsolvable::Coupled);
    }
    let noise = noise_cumulants(experiment, run, order.clamp(1, HIGHEST))?;
    let mut state: Vec<Vec<Form>> =
        (0..modes.dimension()).map(|i| initial(&modes, i, experiment.start[i], &noise, run)).collect();
    let direction = Direction::of(run);
    let mut taken = 0;
    let mut result = Vec::with_capacity(steps.len());
    for &step in steps {
        while taken < step {
            let before = may_have_settled(run, taken).then(|| state.clone());
            let coefficients = run.coefficients(taken);
            for (i, forms) in state.iter_mut().enumerate() {
                let transition = Transition::new(&coefficients, direction, modes.curvature[i]);
                for (form, noise) in forms.iter_mut().zip(&noise) {
                    let gradient = if form.order == 1 { modes.gradient[i] } else { 0.0 };
                    form.step(&transition, noise[i] + gradient);
                }
            }
            taken += 1;
            if before.as_ref() == Some(&state) {
                taken = step;
            }
        }
        let coordinates = state.iter().map(|forms| forms.iter().map(|form| form.entries[0]).collect());
        result.push(Cumulants { step: taken, coordinates: coordinates.collect() });
    }
    Ok(result)
}

/// κ_n of the gradient noise of each coordinate, for n = 1 … `order`.
fn noise_cumulants(experiment: &Experiment, run: &Run, order: usize) -> Result<Vec<Vec<f64>>, Unsolvable> {
    let d = experiment.dimension();
    let (law, deviation) = match &experiment.noise {
        Noise::None => (Law::Gaussian, vec![0.0; d]),
        Noise::Additive { law, covariance: Covariance::Identity } => (*law, vec![run.noise_scale; d]),
        Noise::Additive { law, covariance: Covariance::Diagonal(variance) } => {
            (*law, variance.iter().map(|v| run.noise_scale * v.sqrt()).collect())
        }
        _ => return Err(Unsolvable::Coupled),
    };
    let ell = run.ell();
    (1..=order as u32)
        .map(|n| {
            let unit = law::cumulant(law, n).ok_or(Unsolvable::NoCumulant(n))?;
            let unit = if run.svag.is_some() { unit * law::svag_factor(ell, n) } else { unit };
            Ok(deviation.iter().map(|&s| unit * (0..n).fold(1.0, |product, _| product * s)).collect())
        })
        .collect()
}

/// κ₁, κ₂, … of (x, m) in coordinate `i` before the first step.
fn initial(modes: &Modes, i: usize, start: f64, noise: &[Vec<f64>], run: &Run) -> Vec<Form> {
    let (mut mean, mut weight) = (0.0, 0.0);
    if run.has_momentum() {
        match &run.initial_momentum {
            InitialMomentum::Zero => {}
            InitialMomentum::Given(momentum) => mean = momentum[i],
            InitialMomentum::Stationary => {
                let (gain, deviation) = super::exact::stationary_draw(run);
                let direction = Direction::of(run);
                mean = gain * direction.mean(modes.curvature[i], modes.gradient[i], start);
                weight = gain * deviation * direction.sign;
            }
        }
    }
    let form = |(index, noise): (usize, &Vec<f64>)| {
        let order = index + 1;
        let mut form = Form { order, entries: [0.0; HIGHEST + 1] };
        form.entries[order] = noise[i] * (0..order).fold(1.0, |product, _| product * weight);
        if order == 1 {
            form.entries = [start, mean, 0.0, 0.0, 0.0, 0.0, 0.0];
        }
        form
    };
    noise.iter().enumerate().map(form).collect()
}

/// A symmetric tensor of order n on the plane: entry j is κ(x, …, x, m, …, m) with j times m.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Form {
    order: usize,
    entries: [f64; HIGHEST + 1],
}

impl Form {
    /// A^{⊗n} of the tensor plus b^{⊗n}·`noise`.
    fn step(&mut self, transition: &Transition, noise: f64) {
        let n = self.order;
        let mut next = [0.0; HIGHEST + 1];
        for (j, entry) in next.iter_mut().enumerate().take(n + 1) {
            // Contract one argument at a time: n − j of them with A's first row, then j with its second.
            let mut work = self.entries;
            for used in 0..n {
                let row = transition.a[usize::from(used >= n - j)];
                for i in 0..n - used {
                    work[i] = row[0] * work[i] + row[1] * work[i + 1];
                }
            }
            let response =
                (0..n).fold(1.0, |product, used| product * transition.b[usize::from(used >= n - j)]);
            *entry = work[0] + response * noise;
        }
        self.entries = next;
    }
}
