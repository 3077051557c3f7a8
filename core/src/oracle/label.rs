//! Label noise: the full gradient with targets yⱼ replaced by yⱼ + δξ.

use super::{Deck, Oracle};
use crate::landscape::FiniteSum;
use crate::random::{Generator, Law, Sink, Stream};
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

impl LabelExamples {
    /// How many numbers ξ a draw takes.
    #[inline(always)]
    pub fn count(self, examples: u32) -> usize {
        match self {
            Self::One => 1,
            Self::All => examples as usize,
        }
    }

    /// The example of a draw that disturbs one. With a single example there is nothing to choose, and no word is spent.
    #[inline(always)]
    pub fn choose<F: Real, R: Generator<F>>(self, examples: u32, stream: &mut Stream<F, R>) -> F::Array<u32> {
        let mut chosen = F::Array::from_fn(|_| 0);
        if self == Self::One && examples > 1 {
            stream.indices(examples, 1, |_, j| chosen = j);
        }
        chosen
    }

    /// The example of the `i`-th number.
    #[inline(always)]
    pub fn example<F: Real>(self, i: usize, chosen: F::Array<u32>) -> F::Array<u32> {
        match self {
            Self::One => chosen,
            Self::All => F::Array::from_fn(|_| i as u32),
        }
    }
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
        let Self { landscape, law, scale, examples } = self;
        let count = landscape.examples();
        let weight = *scale * weight / S::from_u32(count);
        let chosen = examples.choose(count, stream);
        let mut sink = ShiftTargets { landscape, weight, examples: *examples, chosen, x, g };
        stream.draw(*law, examples.count(count), &mut sink);
    }
}

/// Adds what shifted targets contribute, number by number.
pub(super) struct ShiftTargets<'a, L, F: Real, X: ?Sized, G: ?Sized> {
    pub landscape: &'a L,
    pub weight: F::Scalar,
    pub examples: LabelExamples,
    pub chosen: F::Array<u32>,
    pub x: &'a X,
    pub g: &'a mut G,
}

impl<L, F, X, G> Sink<F> for ShiftTargets<'_, L, F, X, G>
where
    L: FiniteSum<F::Scalar>,
    F: Real,
    X: Vector<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    #[inline(always)]
    fn put(&mut self, i: usize, z: F) {
        let example = self.examples.example::<F>(i, self.chosen);
        self.landscape.add_target_shift(self.weight, z, &example, self.x, self.g);
    }

    // A loop and by name: the code of a landscape is long, and a GPU's registers have no address.
    #[inline(always)]
    fn put_four(&mut self, i: usize, [a, b, c, d]: [F; 4]) {
        for quarter in 0..4 {
            let z = match quarter {
                0 => a,
                1 => b,
                2 => c,
                _ => d,
            };
            self.put(i + quarter, z);
        }
    }
}
