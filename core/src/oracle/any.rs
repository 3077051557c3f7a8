//! One of the oracles over one of the landscapes, plain or under SVAG, chosen at run time.

use super::label::ShiftTargets;
use super::ngos::AddNoise;
use super::{Covariance, Deck, LabelExamples, MiniBatch, Oracle, Sampling};
use crate::landscape::{AnyFiniteSum, AnyLandscape, FiniteSum, Landscape};
use crate::random::{Generator, Law, Sink, Stream};
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// Any oracle of this module over any landscape, with its numbers in `A`: the same draws and the same arithmetic as
/// [`Exact`](super::Exact), [`Ngos`](super::Ngos), [`LabelNoise`](super::LabelNoise) and [`MiniBatch`], under
/// [`Svag`](super::Svag) if there are two weights.
///
/// It has room for networks of at most `UNITS` units.
///
/// Everything is reached from one place, so that the sampler and each landscape are compiled once and not once for each pair.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AnyOracle<A, S, const UNITS: usize = 0> {
    /// L.
    pub landscape: AnyLandscape<A, S, UNITS>,
    /// The noise.
    pub noise: AnyNoise<A, S>,
    /// SVAG's (r₁, r₂), if it is used.
    pub svag: Option<[S; 2]>,
}

/// What a draw adds.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyNoise<A, S> {
    /// Nothing.
    None,
    /// σv, Cov v = Σ(x).
    Additive {
        /// Σ.
        covariance: Covariance<A>,
        /// Law of the components.
        law: Law<S>,
        /// σ.
        scale: S,
    },
    /// Label noise; the landscape must be a finite sum, else there is none.
    Label {
        /// Law of ξ.
        law: Law<S>,
        /// δ.
        scale: S,
        /// On which examples.
        examples: LabelExamples,
    },
    /// A batch; the landscape must be a finite sum, else the gradient is exact.
    MiniBatch {
        /// B.
        batch: u32,
        /// How it is drawn.
        sampling: Sampling,
    },
}

impl<A: AsRef<[S]>, S: Scalar, const UNITS: usize> AnyOracle<A, S, UNITS> {
    #[inline(always)]
    fn finite_sum(&self) -> Option<AnyFiniteSum<&[S], UNITS>> {
        match &self.landscape {
            AnyLandscape::FiniteSum(sum) => Some(sum.borrowed()),
            _ => None,
        }
    }

    /// The batch, if the noise is one and the landscape a finite sum.
    #[inline(always)]
    fn mini_batch(&self) -> Option<MiniBatch<AnyFiniteSum<&[S], UNITS>>> {
        match (&self.noise, self.finite_sum()) {
            (&AnyNoise::MiniBatch { batch, sampling }, Some(landscape)) => {
                Some(MiniBatch { landscape, batch, sampling })
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn add_one_draw<F, R, X, D, G>(
        &self,
        weight: S,
        x: &X,
        stream: &mut Stream<F, R>,
        deck: &mut D,
        g: &mut G,
    ) where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        if let Some(batch) = self.mini_batch() {
            batch.add_noise(weight, x, stream, deck, g);
            return;
        }
        let dimension = self.landscape.dimension();
        let finite_sum = self.finite_sum();
        let examples = finite_sum.map_or(1, |sum| FiniteSum::<S>::examples(&sum));
        let (law, n, scale) = match (&self.noise, finite_sum) {
            (AnyNoise::Additive { law, scale, .. }, _) => (*law, dimension, *scale * weight),
            (AnyNoise::Label { law, scale, examples: which }, Some(_)) => {
                (*law, which.count(examples), *scale * weight / S::from_u32(examples))
            }
            _ => return,
        };
        let mut sink = match (&self.noise, &finite_sum) {
            (AnyNoise::Additive { covariance, .. }, _) => {
                AnySink::Additive(AddNoise { covariance, scale: F::splat(scale), dimension, x, g })
            }
            (&AnyNoise::Label { examples: which, .. }, Some(landscape)) => {
                let chosen = which.choose(examples, stream);
                AnySink::Label(ShiftTargets { landscape, weight: scale, examples: which, chosen, x, g })
            }
            _ => return,
        };
        stream.draw(law, n, &mut sink);
    }
}

/// One of the sinks.
enum AnySink<'a, A, F: Real, X: ?Sized, G: ?Sized, const UNITS: usize> {
    Additive(AddNoise<'a, A, F, X, G>),
    Label(ShiftTargets<'a, AnyFiniteSum<&'a [F::Scalar], UNITS>, F, X, G>),
}

impl<S, F, A, X, G, const UNITS: usize> Sink<F> for AnySink<'_, A, F, X, G, UNITS>
where
    S: Scalar,
    F: Real<Scalar = S>,
    A: AsRef<[S]>,
    X: Vector<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    #[inline(always)]
    fn put(&mut self, i: usize, z: F) {
        match self {
            Self::Additive(sink) => sink.put(i, z),
            Self::Label(sink) => sink.put(i, z),
        }
    }

    #[inline(always)]
    fn put_four(&mut self, i: usize, four: [F; 4]) {
        match self {
            Self::Additive(sink) => sink.put_four(i, four),
            Self::Label(sink) => sink.put_four(i, four),
        }
    }
}

impl<S: Scalar, A: AsRef<[S]>, const UNITS: usize> Oracle<S> for AnyOracle<A, S, UNITS> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        match self.mini_batch() {
            Some(batch) => batch.mean(x, g),
            None => self.landscape.gradient(x, g),
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
        let ([first, second], draws) = match self.svag {
            None => ([weight, S::ZERO], 1),
            Some([first, second]) => ([first * weight, second * weight], 2),
        };
        for draw in 0..draws {
            let weight = if draw == 0 { first } else { second };
            self.add_one_draw(weight, x, stream, deck, g);
        }
    }
}
