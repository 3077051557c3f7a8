//! One of the oracles, chosen at run time.

use super::{Deck, Exact, LabelNoise, MiniBatch, Ngos, Oracle, Svag};
use crate::landscape::{AnyFiniteSum, AnyLandscape};
use crate::random::{Generator, Stream};
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// Any oracle of this module over any landscape, with its numbers in `A`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyOracle<A, S> {
    /// [`Exact`].
    Exact(Exact<AnyLandscape<A, S>>),
    /// [`Ngos`].
    Ngos(Ngos<AnyLandscape<A, S>, A, S>),
    /// [`LabelNoise`].
    Label(LabelNoise<AnyFiniteSum<A>, S>),
    /// [`MiniBatch`].
    MiniBatch(MiniBatch<AnyFiniteSum<A>>),
}

impl<S: Scalar, A: AsRef<[S]>> Oracle<S> for AnyOracle<A, S> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        match self {
            Self::Exact(oracle) => oracle.mean(x, g),
            Self::Ngos(oracle) => oracle.mean(x, g),
            Self::Label(oracle) => oracle.mean(x, g),
            Self::MiniBatch(oracle) => oracle.mean(x, g),
        }
    }

    #[inline(always)]
    fn add_noise<F, R, X, D, G>(&self, weight: S, x: &X, stream: &mut Stream<F, R>, deck: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        match self {
            Self::Exact(oracle) => oracle.add_noise(weight, x, stream, deck, g),
            Self::Ngos(oracle) => oracle.add_noise(weight, x, stream, deck, g),
            Self::Label(oracle) => oracle.add_noise(weight, x, stream, deck, g),
            Self::MiniBatch(oracle) => oracle.add_noise(weight, x, stream, deck, g),
        }
    }
}

/// [`AnyOracle`] as it is or under SVAG.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MaybeSvag<O, S> {
    /// The oracle itself.
    Plain(O),
    /// Two draws mixed.
    Svag(Svag<O, S>),
}

impl<S: Scalar, O: Oracle<S>> Oracle<S> for MaybeSvag<O, S> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        match self {
            Self::Plain(oracle) | Self::Svag(Svag { oracle, .. }) => oracle.mean(x, g),
        }
    }

    #[inline(always)]
    fn add_noise<F, R, X, D, G>(&self, weight: S, x: &X, stream: &mut Stream<F, R>, deck: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        match self {
            Self::Plain(oracle) => oracle.add_noise(weight, x, stream, deck, g),
            Self::Svag(svag) => svag.add_noise(weight, x, stream, deck, g),
        }
    }
}
