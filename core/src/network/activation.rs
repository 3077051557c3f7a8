//! What a hidden unit makes of its input.

use crate::real::{Real, Scalar};

/// A function φ of a hidden unit, its derivative given by its value.
pub trait Activation {
    /// a = φ(z).
    fn value<F: Real>(&self, z: F) -> F;

    /// φ'(z) from a.
    fn slope<F: Real>(&self, a: F) -> F;

    /// The derivative of φ'(z) along a line on which a has the derivative `along`: φ''(z)ż, ȧ = φ'(z)ż.
    fn bend<F: Real>(&self, a: F, along: F) -> F;
}

/// φ(z) = max(z, 0), φ'(0) = 0, as PyTorch has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Relu;

/// φ(z) = tanh z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tanh;

/// φ(z) = 1/(1 + e⁻ᶻ).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sigmoid;

/// φ(z) = z: a deep linear network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Identity;

impl Activation for Relu {
    #[inline(always)]
    fn value<F: Real>(&self, z: F) -> F {
        // A NaN passes: a trajectory that is lost must be seen to be.
        z.map(|z| if z <= F::Scalar::ZERO { F::Scalar::ZERO } else { z })
    }

    #[inline(always)]
    fn slope<F: Real>(&self, a: F) -> F {
        a.map(|a| if a > F::Scalar::ZERO { F::Scalar::ONE } else { F::Scalar::ZERO })
    }

    #[inline(always)]
    fn bend<F: Real>(&self, _: F, _: F) -> F {
        F::ZERO
    }
}

impl Activation for Tanh {
    #[inline(always)]
    fn value<F: Real>(&self, z: F) -> F {
        z.map_apart(Scalar::hyperbolic_tangent)
    }

    #[inline(always)]
    fn slope<F: Real>(&self, a: F) -> F {
        F::splat(F::Scalar::ONE) - a * a
    }

    #[inline(always)]
    fn bend<F: Real>(&self, a: F, along: F) -> F {
        -(a + a) * along
    }
}

impl Activation for Sigmoid {
    #[inline(always)]
    fn value<F: Real>(&self, z: F) -> F {
        z.map_apart(Scalar::logistic)
    }

    #[inline(always)]
    fn slope<F: Real>(&self, a: F) -> F {
        a * (F::splat(F::Scalar::ONE) - a)
    }

    #[inline(always)]
    fn bend<F: Real>(&self, a: F, along: F) -> F {
        (F::splat(F::Scalar::ONE) - (a + a)) * along
    }
}

impl Activation for Identity {
    #[inline(always)]
    fn value<F: Real>(&self, z: F) -> F {
        z
    }

    #[inline(always)]
    fn slope<F: Real>(&self, _: F) -> F {
        F::splat(F::Scalar::ONE)
    }

    #[inline(always)]
    fn bend<F: Real>(&self, _: F, _: F) -> F {
        F::ZERO
    }
}

/// One of the activations, chosen at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyActivation {
    /// [`Relu`].
    Relu,
    /// [`Tanh`].
    Tanh,
    /// [`Sigmoid`].
    Sigmoid,
    /// [`Identity`].
    Identity,
}

macro_rules! each_activation {
    ($self:expr, $activation:ident => $body:expr) => {
        match $self {
            AnyActivation::Relu => {
                let $activation = Relu;
                $body
            }
            AnyActivation::Tanh => {
                let $activation = Tanh;
                $body
            }
            AnyActivation::Sigmoid => {
                let $activation = Sigmoid;
                $body
            }
            AnyActivation::Identity => {
                let $activation = Identity;
                $body
            }
        }
    };
}

impl Activation for AnyActivation {
    #[inline(always)]
    fn value<F: Real>(&self, z: F) -> F {
        each_activation!(self, activation => activation.value(z))
    }

    #[inline(always)]
    fn slope<F: Real>(&self, a: F) -> F {
        each_activation!(self, activation => activation.slope(a))
    }

    #[inline(always)]
    fn bend<F: Real>(&self, a: F, along: F) -> F {
        each_activation!(self, activation => activation.bend(a, along))
    }
}
