//! SGD, SGDM, heavy ball, Nesterov and quasi-hyperbolic momentum as **one** linear recurrence on (x, m).
//!
//! With g the oracle's gradient at x,
//!
//! ```text
//! u  = ±g + λx                      (sign of `maximize`, then weight decay)
//! m' = decay·m + gain·u
//! x' = x − gradient_step·u − momentum_step·m'
//! ```
//!
//! and a [`Method`] is a choice of the four coefficients at each step.

mod convert;
mod method;

pub use convert::{heavy_ball_from_sgdm, heavy_ball_momentum, sgdm_from_heavy_ball, sgdm_momentum};
pub use method::Method;

use crate::real::{Real, Scalar, double};
use crate::vector::{Vector, VectorMut};

/// The coefficients of one step of the recurrence.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Coefficients<S> {
    /// What is kept of m.
    pub decay: S,
    /// What enters m of u.
    pub gain: S,
    /// How far x moves along u itself.
    pub gradient_step: S,
    /// How far x moves along m'.
    pub momentum_step: S,
    /// What the step's noise is multiplied by: 1, but for a step that draws m₀ (see [`Coefficients::draw_momentum`]).
    pub noise: S,
}

impl Coefficients<f64> {
    /// The step that draws m₀ from the momentum's stationary law at x₀ as MV 3.1 does and leaves x where it is:
    /// m₀ = gain·(∇L + √((1−β)/(1+β))·noise), with `gain` 1 for the (1−β)-weighted momentum and 1/(1−β) for the heavy ball.
    pub fn draw_momentum(momentum: f64, gain: f64) -> Self {
        let noise = double::sqrt((1.0 - momentum) / (1.0 + momentum));
        Self { decay: 0.0, gain, gradient_step: 0.0, momentum_step: 0.0, noise }
    }

    /// Rounds each coefficient once to the precision of a run.
    pub fn round<S: Scalar>(self) -> Coefficients<S> {
        Coefficients {
            decay: S::from_f64(self.decay),
            gain: S::from_f64(self.gain),
            gradient_step: S::from_f64(self.gradient_step),
            momentum_step: S::from_f64(self.momentum_step),
            noise: S::from_f64(self.noise),
        }
    }
}

/// Which terms of the recurrence a run has; fixed over its steps, so that terms that are always zero are not computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Form {
    /// x' = x − gradient_step·u: no momentum is kept.
    Gradient,
    /// x' = x − momentum_step·m'.
    Momentum,
    /// Both terms.
    Blend,
}

/// The part of an update rule that does not change with the step.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Update<S> {
    /// Terms of the recurrence.
    pub form: Form,
    /// u starts from −g instead of g.
    pub maximize: bool,
    /// λ; `None` leaves the term out.
    pub weight_decay: Option<S>,
}

impl<S: Scalar> Update<S> {
    /// One step: (x, m, g) ↦ (x', m'); all of one dimension, coordinate by coordinate.
    ///
    /// ```
    /// use polyak_core::optimizer::{Coefficients, Form, Update};
    /// let update = Update { form: Form::Momentum, maximize: false, weight_decay: None };
    /// let sgdm = Coefficients { decay: 0.5, gain: 0.5, gradient_step: 0.0, momentum_step: 0.25, noise: 1.0 };
    /// let (mut x, mut m) = ([1.0f32], [0.0f32]);
    /// update.step(&sgdm, &mut x, &mut m, &[2.0f32]);
    /// assert_eq!((x, m), ([0.75], [1.0]));
    /// ```
    #[inline(always)]
    pub fn step<F, X, M, G>(&self, c: &Coefficients<S>, x: &mut X, m: &mut M, g: &G)
    where
        F: Real<Scalar = S>,
        X: VectorMut<F> + ?Sized,
        M: VectorMut<F> + ?Sized,
        G: Vector<F> + ?Sized,
    {
        match (self.form, self.maximize, self.weight_decay) {
            (Form::Momentum, false, None) => self.momentum::<true, _, _, _, _>(c, x, m, g),
            (Form::Gradient, false, None) => self.gradient::<true, _, _, _>(c, x, g),
            (Form::Gradient, ..) => self.gradient::<false, _, _, _>(c, x, g),
            (Form::Momentum, ..) => self.momentum::<false, _, _, _, _>(c, x, m, g),
            (Form::Blend, ..) => self.blend(c, x, m, g),
        }
    }

    /// u = ±g + λx; g itself if it is known that the rule is so plain. No closure, which lanes would not inline where a step is taken in several
    /// places, and then not compile for their instruction set.
    #[inline(always)]
    fn direction<const PLAIN: bool, F: Real<Scalar = S>>(&self, g: F, x: F) -> F {
        if PLAIN {
            return g;
        }
        let u = if self.maximize { -g } else { g };
        match self.weight_decay {
            None => u,
            Some(lambda) => u + x * F::splat(lambda),
        }
    }

    #[inline(always)]
    fn gradient<const PLAIN: bool, F, X, G>(&self, c: &Coefficients<S>, x: &mut X, g: &G)
    where
        F: Real<Scalar = S>,
        X: VectorMut<F> + ?Sized,
        G: Vector<F> + ?Sized,
    {
        let step = F::splat(c.gradient_step);
        for i in 0..x.len().min(g.len()) {
            let position = x.get(i);
            x.set(i, position - self.direction::<PLAIN, F>(g.get(i), position) * step);
        }
    }

    #[inline(always)]
    fn momentum<const PLAIN: bool, F, X, M, G>(&self, c: &Coefficients<S>, x: &mut X, m: &mut M, g: &G)
    where
        F: Real<Scalar = S>,
        X: VectorMut<F> + ?Sized,
        M: VectorMut<F> + ?Sized,
        G: Vector<F> + ?Sized,
    {
        let (decay, gain, step) = (F::splat(c.decay), F::splat(c.gain), F::splat(c.momentum_step));
        for i in 0..x.len().min(m.len()).min(g.len()) {
            let position = x.get(i);
            let memory = m.get(i) * decay + self.direction::<PLAIN, F>(g.get(i), position) * gain;
            m.set(i, memory);
            x.set(i, position - memory * step);
        }
    }

    #[inline(always)]
    fn blend<F, X, M, G>(&self, c: &Coefficients<S>, x: &mut X, m: &mut M, g: &G)
    where
        F: Real<Scalar = S>,
        X: VectorMut<F> + ?Sized,
        M: VectorMut<F> + ?Sized,
        G: Vector<F> + ?Sized,
    {
        let (decay, gain) = (F::splat(c.decay), F::splat(c.gain));
        let (gradient_step, momentum_step) = (F::splat(c.gradient_step), F::splat(c.momentum_step));
        for i in 0..x.len().min(m.len()).min(g.len()) {
            let position = x.get(i);
            let u = self.direction::<false, F>(g.get(i), position);
            let memory = m.get(i) * decay + u * gain;
            m.set(i, memory);
            x.set(i, position - (u * gradient_step + memory * momentum_step));
        }
    }
}
