//! What is summed up along a path: its length, how much the loss varies, when it first falls below a value.

use crate::landscape::Landscape;
use crate::real::{LaneArray, Real};
use crate::vector::{Vector, VectorMut};

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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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

impl<F: Real, P: VectorMut<F>> Watch<F> for PathLength<F, P> {
    #[inline(always)]
    fn before<X: Vector<F>>(&mut self, x: &X) {
        for i in 0..self.previous.len() {
            self.previous.set(i, x.get(i));
        }
    }

    #[inline(always)]
    fn after<X: Vector<F>>(&mut self, x: &X) {
        let mut square = F::ZERO;
        for i in 0..self.previous.len() {
            let step = x.get(i) - self.previous.get(i);
            square = square + step * step;
        }
        self.length = self.length + square.sqrt();
    }
}

/// The loss along the path: its variation Σ |L(x_{k+1}) − L(x_k)|, and the first passage below a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossWatch<F: Real, L> {
    /// The variation so far.
    pub variation: F,
    /// Number of steps after which L < `below` for the first time; `u32::MAX` for a lane that has not been there.
    pub passage: F::Array<u32>,
    /// The loss that the next step starts from.
    pub previous: F,
    /// Steps counted so far.
    pub step: u32,
    below: F::Scalar,
    landscape: L,
}

#[cfg(feature = "defmt")]
impl<F: Real<Scalar: defmt::Format> + defmt::Format, L: defmt::Format> defmt::Format for LossWatch<F, L> {
    fn format(&self, out: defmt::Formatter) {
        let Self { variation, passage, previous, step, below, landscape } = self;
        defmt::write!(
            out,
            "LossWatch {{ variation: {}, passage: {}, previous: {}, step: {}, below: {}, landscape: {} }}",
            variation,
            passage.as_slice(),
            previous,
            step,
            below,
            landscape
        );
    }
}

impl<F: Real, L> LossWatch<F, L> {
    /// Begins at a point of loss `loss`, which counts as step 0. A `below` of −∞ is never passed. The first `uncounted` steps
    /// (the one that draws m₀) do not move.
    pub fn new(landscape: L, loss: F::Scalar, below: F::Scalar, uncounted: u32) -> Self {
        let passage = if loss < below { 0 } else { u32::MAX };
        Self {
            variation: F::ZERO,
            passage: F::Array::from_fn(|_| passage),
            previous: F::splat(loss),
            step: 0u32.wrapping_sub(uncounted),
            below,
            landscape,
        }
    }
}

impl<F: Real, L: Landscape<F::Scalar>> Watch<F> for LossWatch<F, L> {
    #[inline(always)]
    fn before<X: Vector<F>>(&mut self, _: &X) {}

    #[inline(always)]
    fn after<X: Vector<F>>(&mut self, x: &X) {
        let loss = self.landscape.loss::<F, X>(x);
        self.variation = self.variation + (loss - self.previous).abs();
        self.previous = loss;
        self.step = self.step.wrapping_add(1);
        for (lane, passage) in self.passage.as_mut_slice().iter_mut().enumerate() {
            let there = if loss.lane(lane) < self.below { self.step } else { u32::MAX };
            *passage = there.min(*passage);
        }
    }
}

/// Those that are asked for.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WatchAll<F: Real, P, L> {
    /// [`PathLength`].
    pub path_length: Option<PathLength<F, P>>,
    /// [`LossWatch`].
    pub loss: Option<LossWatch<F, L>>,
}

impl<F: Real, P: VectorMut<F>, L: Landscape<F::Scalar>> Watch<F> for WatchAll<F, P, L> {
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
        if let Some(watch) = &mut self.loss {
            watch.after(x);
        }
    }
}
