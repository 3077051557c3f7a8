//! Programs that are wrong on purpose.

use crate::experiment::model::{Experiment, Landscape, Momentum, Noise, Optimizer, Run, Sampling};
use crate::schedule::Schedule;

/// A mistake in the program under test, made in the experiment before it runs; what a claim expects stays as it is.
///
/// Swapping SVAG's r₁ and r₂ is not among them: it exchanges two independent draws of one law, so no distribution can show it; the
/// bits do, and the tests of the core pin those.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Mutation {
    /// β times the factor in every run that has a constant one.
    Momentum(f64),
    /// η times the factor in runs with momentum.
    MomentumRate(f64),
    /// σ² in place of σ.
    SquaredNoise,
    /// SGDM's η taken for the heavy ball's γ: steps 1/(1−β) times as long.
    HeavyBallRate,
    /// SGDM in place of the heavy ball: steps 1−β times as long.
    SgdmRate,
    /// SVAG(ℓ) leaves the rate at η and takes ℓ times the steps.
    SvagRate,
    /// SVAG(ℓ) forgets to scale the noise: r = (0, 1) at every ℓ.
    SvagNoise,
    /// Momentum is left out: SGDM runs as SGD at (1−β)η, which is what its first step looks like.
    NoMomentum,
    /// Momentum is left out: SGD at the effective rate in place of SGDM and of the heavy ball.
    EffectiveRate,
    /// Half of the steps.
    HalfTheSteps,
    /// The averaged schedule is taken for the plain one.
    PlainSchedule,
    /// Batches without replacement are drawn with replacement, and the other way round.
    OtherSampling,
    /// Noise σ times the factor.
    Noise(f64),
    /// Another mistake, but in the training of networks only: where a claim has a cheaper part, that would tell it first.
    OfNetworks(&'static Self),
}

impl Mutation {
    /// Makes the mistake.
    pub fn apply(self, experiment: &mut Experiment) {
        if let Self::OfNetworks(mistake) = self {
            if matches!(experiment.landscape, Landscape::Network(_)) {
                mistake.apply(experiment);
            }
            return;
        }
        if self == Self::OtherSampling
            && let Noise::MiniBatch { sampling, .. } = &mut experiment.noise
        {
            *sampling = match sampling {
                Sampling::WithReplacement => Sampling::WithoutReplacement,
                _ => Sampling::WithReplacement,
            };
        }
        experiment.runs.iter_mut().for_each(|run| self.apply_to(run));
    }

    fn apply_to(self, run: &mut Run) {
        let momentum = run.hyperparameters(0).1;
        match self {
            Self::Momentum(factor) => {
                if let Momentum::Schedule(Schedule::Constant(beta)) = &mut run.momentum {
                    *beta *= factor;
                }
            }
            Self::MomentumRate(factor) if run.has_momentum() => {
                if let Schedule::Constant(rate) = &mut run.learning_rate {
                    *rate *= factor;
                }
            }
            Self::SquaredNoise => run.noise_scale *= run.noise_scale,
            Self::Noise(factor) => run.noise_scale *= factor,
            Self::HeavyBallRate if run.optimizer == Optimizer::Sgdm => {
                run.optimizer = Optimizer::HeavyBall { dampening: 0.0, nesterov: false, first_step: false };
            }
            Self::SgdmRate if matches!(run.optimizer, Optimizer::HeavyBall { .. }) => {
                run.optimizer = Optimizer::Sgdm;
            }
            Self::SvagRate => {
                if let (Some(svag), Schedule::Constant(rate)) = (run.svag, &mut run.learning_rate) {
                    *rate *= svag.ell;
                }
            }
            Self::SvagNoise => {
                if let Some(svag) = run.svag.take() {
                    if let Schedule::Constant(rate) = &mut run.learning_rate {
                        *rate /= svag.ell;
                    }
                    run.steps = libm::round(run.steps as f64 * svag.ell) as u64;
                }
            }
            Self::NoMomentum if run.optimizer == Optimizer::Sgdm => {
                run.optimizer = Optimizer::Sgd;
                run.momentum = Momentum::Schedule(Schedule::Constant(0.0));
                if let Schedule::Constant(rate) = &mut run.learning_rate {
                    *rate *= 1.0 - momentum;
                }
            }
            Self::EffectiveRate if momentum > 0.0 => {
                let heavy = matches!(run.optimizer, Optimizer::HeavyBall { .. });
                run.optimizer = Optimizer::Sgd;
                run.momentum = Momentum::Schedule(Schedule::Constant(0.0));
                if let (Schedule::Constant(rate), true) = (&mut run.learning_rate, heavy) {
                    *rate /= 1.0 - momentum;
                }
            }
            Self::HalfTheSteps => run.steps = run.steps.div_ceil(2),
            Self::PlainSchedule => {
                if let Schedule::Averaged { learning_rate, .. } = &run.learning_rate {
                    run.learning_rate = (**learning_rate).clone();
                }
            }
            _ => {}
        }
    }
}
