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
    /// Another mistake, but only there: each part of a claim must tell it for itself, where another would tell it first.
    Only(Part, &'static Self),
}

/// The experiments that a mistake is made in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// On quadratics, diagonal or dense.
    Quadratic,
    /// On valleys.
    Valley,
    /// On double wells.
    DoubleWell,
    /// On matrix sensing.
    MatrixSensing,
    /// On networks.
    Network,
    /// With batches of so many examples.
    Batch(usize),
}

impl Part {
    /// Whether the experiment is of this part.
    pub fn has(self, experiment: &Experiment) -> bool {
        match (self, &experiment.landscape) {
            (Self::Batch(examples), _) => {
                matches!(experiment.noise, Noise::MiniBatch { batch, .. } if batch == examples)
            }
            (Self::Quadratic, Landscape::Diagonal { .. } | Landscape::Dense { .. })
            | (Self::Valley, Landscape::Valley)
            | (Self::DoubleWell, Landscape::DoubleWell { .. })
            | (Self::MatrixSensing, Landscape::MatrixSensing { .. })
            | (Self::Network, Landscape::Network(_)) => true,
            _ => false,
        }
    }
}

impl Mutation {
    /// Makes the mistake.
    pub fn apply(self, experiment: &mut Experiment) {
        if let Self::Only(part, mistake) = self {
            if part.has(experiment) {
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
                run.learning_rate = run.learning_rate.scaled(factor);
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
                if let Some(svag) = run.svag {
                    run.learning_rate = run.learning_rate.scaled(svag.ell);
                }
            }
            Self::SvagNoise => {
                if let Some(svag) = run.svag.take() {
                    run.learning_rate = run.learning_rate.scaled(1.0 / svag.ell);
                    run.steps = libm::round(run.steps as f64 * svag.ell) as u64;
                }
            }
            Self::NoMomentum if run.optimizer == Optimizer::Sgdm => {
                run.optimizer = Optimizer::Sgd;
                run.momentum = Momentum::Schedule(Schedule::Constant(0.0));
                run.learning_rate = run.learning_rate.scaled(1.0 - momentum);
            }
            Self::EffectiveRate if momentum > 0.0 => {
                let heavy = matches!(run.optimizer, Optimizer::HeavyBall { .. });
                run.optimizer = Optimizer::Sgd;
                run.momentum = Momentum::Schedule(Schedule::Constant(0.0));
                if heavy {
                    run.learning_rate = run.learning_rate.scaled(1.0 / (1.0 - momentum));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::example;

    #[test]
    fn momentum_left_out_is_sgd_at_the_effective_rate_under_any_schedule() {
        use crate::reproduce::digits::protocol;

        let [plain, mut heavy] = protocol(0.01, 0.9, 1000);
        Mutation::EffectiveRate.apply_to(&mut heavy);
        assert_eq!(heavy.optimizer, Optimizer::Sgd);
        for k in [0, 7, 99, 100, 499, 500, 750, 999] {
            let [expected, found] = [&plain, &heavy].map(|run| run.hyperparameters(k).0);
            assert!((found / expected - 1.0).abs() < 1e-12, "{k}: {found} {expected}");
        }
    }

    #[test]
    fn a_mistake_is_made_in_its_part_only() {
        let right = example::experiment();
        let made = |mutation: Mutation| {
            let mut experiment = right.clone();
            mutation.apply(&mut experiment);
            experiment.runs != right.runs
        };
        assert!(matches!(right.landscape, Landscape::Diagonal { .. }));
        assert!(made(Mutation::Only(Part::Quadratic, &Mutation::HalfTheSteps)));
        for part in [Part::DoubleWell, Part::Network, Part::Batch(1)] {
            assert!(!made(Mutation::Only(part, &Mutation::HalfTheSteps)), "{part:?}");
        }
    }
}
