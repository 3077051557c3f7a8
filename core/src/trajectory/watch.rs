//! What is summed up along a path: its length, how much the loss varies, when it first falls below a value.

use crate::landscape::Landscape;
use crate::real::{LaneArray, Real};
use crate::vector::Vector;

/// Sees the point before and after every step.
pub trait Watch<F: Real> {
    /// The point that a step starts from.
    fn before<X: Vector<F>>(&mut self, x: &X);
    /// The point that it ends at.
    fn after<X: Vector<F>>(&mut self, x: &X);
}

impl<F: Real> Watch<F> for () {
    #[inline(always)]
    fn before<X: Vector<F>>(&mut self, _: &X) {}

    #[inline(always)]
    fn after<X: Vector<F>>(&mut self, _: &X) {}
}

/// Σ |x_{k+1} − x_k|, the length of the path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathLength<F, P> {
    /// The length so far.
    pub length: F,
    previous: P,
}

impl<F: Real, P> PathLength<F, P> {
    /// Length 0; `scratch` has the dimension of the landscape.
    pub fn new(scratch: P) -> Self {
        Self { length: F::ZERO, previous: scratch }
    }
}

impl<F: Real, P: AsMut<[F]>> Watch<F> for PathLength<F, P> {
    #[inline(always)]
    fn before<X: Vector<F>>(&mut self, x: &X) {
        for (i, previous) in self.previous.as_mut().iter_mut().enumerate() {
            *previous = x.get(i);
        }
    }

    #[inline(always)]
    fn after<X: Vector<F>>(&mut self, x: &X) {
        let mut square = F::ZERO;
        for (i, previous) in self.previous.as_mut().iter().enumerate() {
            let step = x.get(i) - *previous;
            square = square + step * step;
        }
        self.length = self.length + square.sqrt();
    }
}

/// Σ |L(x_{k+1}) − L(x_k)|, the variation of the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossVariation<F, L> {
    /// The variation so far.
    pub variation: F,
    previous: F,
    landscape: L,
}

impl<F: Real, L: Landscape<F::Scalar>> LossVariation<F, L> {
    /// Variation 0 from the point `x`.
    pub fn new<X: Vector<F> + ?Sized>(landscape: L, x: &X) -> Self {
        Self { variation: F::ZERO, previous: landscape.loss(x), landscape }
    }
}

impl<F: Real, L: Landscape<F::Scalar>> Watch<F> for LossVariation<F, L> {
    #[inline(always)]
    fn before<X: Vector<F>>(&mut self, _: &X) {}

    #[inline(always)]
    fn after<X: Vector<F>>(&mut self, x: &X) {
        let loss = self.landscape.loss::<F, X>(x);
        self.variation = self.variation + (loss - self.previous).abs();
        self.previous = loss;
    }
}

/// The first step after which L < `below`: first passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossBelow<F: Real, L> {
    /// Number of steps until then; `u32::MAX` for a lane that has not been there.
    pub passage: F::Array<u32>,
    step: u32,
    below: F::Scalar,
    landscape: L,
}

impl<F: Real, L: Landscape<F::Scalar>> LossBelow<F, L> {
    /// Begins at the point `x`, which counts as step 0.
    pub fn new<X: Vector<F> + ?Sized>(landscape: L, below: F::Scalar, x: &X) -> Self {
        let passage = F::Array::from_fn(|_| u32::MAX);
        let mut watch = Self { passage, step: 0, below, landscape };
        watch.look(x);
        watch
    }

    #[inline(always)]
    fn look<X: Vector<F> + ?Sized>(&mut self, x: &X) {
        let loss = self.landscape.loss::<F, X>(x);
        for (lane, passage) in self.passage.as_mut_slice().iter_mut().enumerate() {
            let there = if loss.lane(lane) < self.below { self.step } else { u32::MAX };
            *passage = there.min(*passage);
        }
    }
}

impl<F: Real, L: Landscape<F::Scalar>> Watch<F> for LossBelow<F, L> {
    #[inline(always)]
    fn before<X: Vector<F>>(&mut self, _: &X) {}

    #[inline(always)]
    fn after<X: Vector<F>>(&mut self, x: &X) {
        self.step = self.step.saturating_add(1);
        self.look(x);
    }
}

/// Those that are asked for, of the three.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchAll<F: Real, P, L> {
    /// [`PathLength`].
    pub path_length: Option<PathLength<F, P>>,
    /// [`LossVariation`].
    pub loss_variation: Option<LossVariation<F, L>>,
    /// [`LossBelow`].
    pub loss_below: Option<LossBelow<F, L>>,
}

impl<F: Real, P: AsMut<[F]>, L: Landscape<F::Scalar>> Watch<F> for WatchAll<F, P, L> {
    #[inline(always)]
    fn before<X: Vector<F>>(&mut self, x: &X) {
        if let Some(watch) = &mut self.path_length {
            watch.before(x);
        }
    }

    #[inline(always)]
    fn after<X: Vector<F>>(&mut self, x: &X) {
        if let Some(watch) = &mut self.path_length {
            watch.after(x);
        }
        if let Some(watch) = &mut self.loss_variation {
            watch.after(x);
        }
        if let Some(watch) = &mut self.loss_below {
            watch.after(x);
        }
    }
}
