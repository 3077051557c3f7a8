//! Oracles.
#![allow(unsafe_code, reason = "the numbers of a landscape lie at addresses that the host gave")]

use polyak_core::oracle::{Covariance, Deck, LabelExamples, LabelNoise, MiniBatch, Ngos, Oracle, Sampling};
use polyak_core::random::{Generator, Stream};
use polyak_core::real::{Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};

use super::Tested;
use crate::launch::{Problem, Run};
use crate::memory::numbers;
use crate::problem::{Choice, CovarianceKind, NoiseKind};

/// The oracle of a run over a landscape.
#[derive(Debug, Clone, Copy)]
pub struct EncodedOracle<'a, L, S> {
    problem: &'a Problem<S>,
    landscape: L,
    scale: S,
    svag: Option<[S; 2]>,
}

impl<'a, S: Scalar, L: Tested<S>> EncodedOracle<'a, L, S> {
    /// The oracle.
    ///
    /// # Safety
    /// As for [`Encoded::new`](super::Encoded::new).
    #[inline(always)]
    pub unsafe fn new(problem: &'a Problem<S>, run: &Run<S>, landscape: L) -> Self {
        Self { problem, landscape, scale: run.scale, svag: run.svag_weights() }
    }

    #[inline(always)]
    fn covariance(&self) -> Covariance<&'a [S]> {
        let d = self.landscape.dimension();
        // SAFETY: `new`'s caller; a covariance has as many.
        let at = |address, length| unsafe { numbers(address, length) };
        let [first, second] = self.problem.covariance_numbers;
        match self.problem.covariance {
            CovarianceKind::Identity => Covariance::Identity,
            CovarianceKind::Diagonal => Covariance::Diagonal(at(first, d)),
            CovarianceKind::Dense => Covariance::Dense(at(first, d * d)),
            CovarianceKind::StateDependent => {
                Covariance::StateDependent { constant: at(first, d), quadratic: at(second, d) }
            }
        }
    }

    #[inline(always)]
    fn mini_batch(&self) -> MiniBatch<L> {
        let sampling = match self.problem.choice {
            Choice::WithoutReplacement => Sampling::WithoutReplacement,
            Choice::Epochs => Sampling::Epochs,
            _ => Sampling::WithReplacement,
        };
        MiniBatch { landscape: self.landscape, batch: self.problem.batch, sampling }
    }

    #[inline(always)]
    fn label_noise(&self) -> LabelNoise<L, S> {
        let all = self.problem.choice == Choice::All;
        let examples = if all { LabelExamples::All } else { LabelExamples::One };
        LabelNoise { landscape: self.landscape, law: self.problem.law(), scale: self.scale, examples }
    }

    #[inline(always)]
    fn additive(&self) -> Ngos<L, &'a [S], S> {
        let (law, covariance) = (self.problem.law(), self.covariance());
        Ngos { landscape: self.landscape, covariance, law, scale: self.scale }
    }
}

impl<S: Scalar, L: Tested<S>> Oracle<S> for EncodedOracle<'_, L, S> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        match self.problem.noise {
            NoiseKind::MiniBatch => self.mini_batch().mean(x, g),
            _ => self.landscape.gradient(x, g),
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
        // One loop over SVAG's draws, so that there is one sampler for one draw and for two.
        let (first, draws) = self.svag.map_or((weight, 1), |[first, _]| (first * weight, 2));
        for draw in 0..draws {
            let weight = match self.svag {
                Some([_, second]) if draw == 1 => second * weight,
                _ => first,
            };
            match self.problem.noise {
                NoiseKind::None => {}
                NoiseKind::Additive => self.additive().add_noise(weight, x, stream, deck, g),
                NoiseKind::Label => self.label_noise().add_noise(weight, x, stream, deck, g),
                NoiseKind::MiniBatch => self.mini_batch().add_noise(weight, x, stream, deck, g),
            }
        }
    }
}
