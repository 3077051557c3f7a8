//! Label noise: the full gradient with targets yⱼ replaced by yⱼ + δξ.

use super::{Deck, Oracle};
use crate::landscape::FiniteSum;
use crate::random::{Generator, Law, Stream};
use crate::real::{LaneArray, Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// Which targets are disturbed in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LabelExamples {
    /// One, uniformly at random.
    One,
    /// Each, independently.
    All,
}

/// g = ∇L(x) with y + δξ in place of y on one example or on all (MV section 4, HaoChen et al. 2020, FF).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LabelNoise<L, S> {
    /// L.
    pub landscape: L,
    /// Law of ξ.
    pub law: Law<S>,
    /// δ.
    pub scale: S,
    /// On which examples.
    pub examples: LabelExamples,
}

impl<S: Scalar, L: FiniteSum<S>> Oracle<S> for LabelNoise<L, S> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        self.landscape.gradient(x, g);
    }

    #[inline(always)]
    fn add_noise<F, R, X, D, G>(&self, weight: S, x: &X, stream: &mut Stream<F, R>, _: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let count = self.landscape.examples();
        let weight = self.scale * weight / S::from_u32(count);
        match self.examples {
            LabelExamples::One => {
                // With a single example there is nothing to choose, and no word is spent on it.
                let mut example = F::Array::from_fn(|_| 0);
                if count > 1 {
                    stream.indices(count, 1, |_, j| example = j);
                }
                stream.draw(self.law, 1, |_, xi| {
                    self.landscape.add_target_shift(weight, xi, &example, x, g);
                });
            }
            LabelExamples::All => stream.draw(self.law, count as usize, |j, xi| {
                let example = F::Array::from_fn(|_| j as u32);
                self.landscape.add_target_shift(weight, xi, &example, x, g);
            }),
        }
    }
}
