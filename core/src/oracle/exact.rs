//! The gradient itself.

use super::{Deck, Oracle};
use crate::landscape::Landscape;
use crate::random::{Generator, Stream};
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// g = ∇L(x), no noise.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Exact<L>(
    /// The landscape.
    pub L,
);

impl<S: Scalar, L: Landscape<S>> Oracle<S> for Exact<L> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        self.0.gradient(x, g);
    }

    #[inline(always)]
    fn add_noise<F, R, X, D, G>(&self, _: S, _: &X, _: &mut Stream<F, R>, _: &mut D, _: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
    }
}
