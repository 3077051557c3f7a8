//! A run as the steps it really takes: SVAG's protocol applied, schedules evaluated, observation points fixed.

use std::sync::Arc;

use polyak_core::optimizer::{Coefficients, Form, Method};
use polyak_core::oracle::svag_weights;
use polyak_core::real::Scalar;
use polyak_core::schedule::{Schedule as _, scaled_momentum};
use polyak_lanes::{Rule, Steps};

use crate::experiment::model::{InitialMomentum, Momentum, Observe, Optimizer, Run, SvagMomentum};
use crate::schedule::Schedule;

/// The steps of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Steps taken: round(K·ℓ) under SVAG(ℓ).
    pub steps: u64,
    /// ℓ, 1 without SVAG.
    pub ell: f64,
    /// The update rule.
    pub method: Method,
    /// (r₁, r₂) under SVAG.
    pub svag: Option<[f64; 2]>,
    /// Numbers of steps after which the ensemble is looked at, from 0 to `steps`, ascending.
    pub observed: Arc<[u64]>,
}

impl Run {
    /// The method of this run, in the core's terms.
    pub fn method(&self) -> Method {
        match self.optimizer {
            Optimizer::Sgd => Method::Sgd,
            Optimizer::Sgdm => Method::Sgdm,
            Optimizer::HeavyBall { dampening, nesterov, first_step } => {
                Method::HeavyBall { dampening, nesterov, first_step }
            }
            Optimizer::Qhm { nu } => Method::Qhm { nu },
        }
    }

    /// ℓ, 1 without SVAG.
    pub fn ell(&self) -> f64 {
        self.svag.map_or(1.0, |svag| svag.ell)
    }

    /// Steps taken: K, or round(K·ℓ) under SVAG(ℓ).
    pub fn total_steps(&self) -> u64 {
        libm::round(self.steps as f64 * self.ell()).max(1.0) as u64
    }

    /// (rate, β) of step `k` of the run as taken: under SVAG the schedules at ⌊k/ℓ⌋, the rate divided by ℓ, and β kept or
    /// 1 − β divided by ℓ.
    pub fn hyperparameters(&self, k: u64) -> (f64, f64) {
        let base = |k| (self.learning_rate.at(k), self.momentum.at(&self.learning_rate, k));
        match self.svag {
            None => base(k),
            Some(svag) => {
                let (rate, momentum) = base((k as f64 / svag.ell) as u64);
                let momentum = match svag.momentum {
                    SvagMomentum::Keep => momentum,
                    SvagMomentum::Scale => scaled_momentum(momentum, svag.ell),
                };
                (rate / svag.ell, momentum)
            }
        }
    }

    /// Whether rate and momentum are the same at every step.
    pub fn is_constant(&self) -> bool {
        let momentum = match &self.momentum {
            Momentum::Schedule(schedule) => matches!(schedule, Schedule::Constant(_)),
            // Laws of the rate.
            Momentum::Power { .. } | Momentum::FlatterFaster { .. } => true,
        };
        momentum && matches!(self.learning_rate, Schedule::Constant(_))
    }

    /// Coefficients of step `k` as taken.
    pub fn coefficients(&self, k: u64) -> Coefficients<f64> {
        let (rate, momentum) = self.hyperparameters(k);
        self.method().coefficients(k, rate, momentum)
    }

    /// The first step after `k` whose coefficients may be others.
    pub fn until(&self, k: u64) -> u64 {
        let base = |k| self.learning_rate.until(k).min(self.momentum.until(&self.learning_rate, k));
        let until = match self.svag {
            None => base(k),
            Some(svag) => match base((k as f64 / svag.ell) as u64) {
                u64::MAX => u64::MAX,
                // One less than the product, so that no rounding makes it too late.
                next => ((next as f64 * svag.ell) as u64).saturating_sub(1).max(k + 1),
            },
        };
        match self.optimizer {
            Optimizer::HeavyBall { first_step: true, .. } if k == 0 => 1,
            _ => until,
        }
    }

    /// By how much step `k` advances the time t = Σ η: the rate, for the heavy ball the effective rate γ/(1 − β).
    pub fn time_step(&self, k: u64) -> f64 {
        let (rate, momentum) = self.hyperparameters(k);
        match self.optimizer {
            Optimizer::HeavyBall { .. } => rate / (1.0 - momentum),
            _ => rate,
        }
    }

    /// Whether m is part of the state, or the run is plain SGD.
    pub fn has_momentum(&self) -> bool {
        self.method().form() != Form::Gradient
    }

    /// What a (1−β)-weighted momentum drawn at the start is multiplied by: 1/(1 − β₀) for the heavy ball.
    pub fn initial_momentum_gain(&self) -> f64 {
        match (self.optimizer, &self.initial_momentum) {
            (Optimizer::HeavyBall { .. }, InitialMomentum::Stationary) => {
                1.0 / (1.0 - self.hyperparameters(0).1)
            }
            _ => 1.0,
        }
    }
}

impl Plan {
    /// The plan of a run.
    pub fn new(run: &Run, observe: &Observe) -> Self {
        let (steps, ell) = (run.total_steps(), run.ell());
        let mut observed = Vec::new();
        let mut base = 0u64;
        loop {
            let step = (libm::round(base as f64 * ell) as u64).min(steps);
            if observed.last() != Some(&step) {
                observed.push(step);
            }
            if step == steps {
                break;
            }
            base = base.saturating_add(observe.every);
        }
        Self {
            steps,
            ell,
            method: run.method(),
            svag: run.svag.and_then(|svag| svag_weights(svag.ell)),
            observed: observed.into(),
        }
    }
}

/// All steps of a run in its precision.
pub fn steps<S: Scalar>(run: &Run) -> Steps<S> {
    Steps::new(Arc::new(Rounded(run.clone())), run.total_steps())
}

/// A run as the rule of its coefficients.
#[derive(Debug)]
struct Rounded(Run);

impl<S: Scalar> Rule<S> for Rounded {
    fn at(&self, k: u64) -> (Coefficients<S>, u64) {
        (self.0.coefficients(k).round(), self.0.until(k))
    }
}
