//! The named optimisers as coefficients of the recurrence.

use super::{Coefficients, Form};

/// A named optimiser. Its learning rate and momentum are given step by step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Method {
    /// x' = x − ηg (MV (2), LB (1)).
    Sgd,
    /// m' = βm + (1−β)g, x' = x − ηm' (MV (3), definition 2.3).
    Sgdm,
    /// m' = βm + (1−τ)g, x' = x − γm' (MV (1), LB (8)); with `nesterov` x' = x − γ(g + βm').
    /// `torch.optim.SGD`'s meaning of every option.
    HeavyBall {
        /// Dampening τ.
        dampening: f64,
        /// Step along g + βm' instead of m'.
        nesterov: bool,
        /// PyTorch's first step: m' = g whatever m and τ are; so too at β = 0, where PyTorch keeps no buffer to dampen.
        first_step: bool,
    },
    /// m' = βm + (1−β)g, x' = x − η\[(1−ν)g + νm'\] (Ma and Yarats 2019).
    Qhm {
        /// ν in \[0, 1\]: 0 is SGD, 1 is SGDM.
        nu: f64,
    },
}

impl Method {
    /// Which terms its recurrence has.
    pub fn form(self) -> Form {
        match self {
            Self::Sgd => Form::Gradient,
            Self::Sgdm | Self::HeavyBall { nesterov: false, .. } => Form::Momentum,
            Self::HeavyBall { nesterov: true, .. } | Self::Qhm { .. } => Form::Blend,
        }
    }

    /// Coefficients of step `k` at learning rate `rate` (η, γ or α) and momentum `momentum` (β).
    ///
    /// ```
    /// use polyak_core::optimizer::Method;
    /// let c = Method::Sgdm.coefficients(0, 0.1, 0.75);
    /// assert_eq!((c.decay, c.gain, c.gradient_step, c.momentum_step), (0.75, 0.25, 0.0, 0.1));
    /// ```
    pub fn coefficients(self, k: u64, rate: f64, momentum: f64) -> Coefficients<f64> {
        match self {
            Self::Sgd => {
                Coefficients { decay: 0.0, gain: 0.0, gradient_step: rate, momentum_step: 0.0, noise: 1.0 }
            }
            Self::Sgdm => Coefficients {
                decay: momentum,
                gain: 1.0 - momentum,
                gradient_step: 0.0,
                momentum_step: rate,
                noise: 1.0,
            },
            Self::HeavyBall { dampening, nesterov, first_step } => {
                let first = first_step && (k == 0 || momentum == 0.0);
                Coefficients {
                    decay: if first { 0.0 } else { momentum },
                    gain: if first { 1.0 } else { 1.0 - dampening },
                    gradient_step: if nesterov { rate } else { 0.0 },
                    momentum_step: if nesterov { rate * momentum } else { rate },
                    noise: 1.0,
                }
            }
            Self::Qhm { nu } => Coefficients {
                decay: momentum,
                gain: 1.0 - momentum,
                gradient_step: rate * (1.0 - nu),
                momentum_step: rate * nu,
                noise: 1.0,
            },
        }
    }
}
