//! A [`Problem`] as landscape and oracle: what a kernel calls the core with.
//!
//! The structure is looked at anew at each call. An enumeration of the core made of it would be copied about in the thread's own
//! memory, far from the registers; nothing of this is.
#![allow(unsafe_code, reason = "the numbers of a landscape lie at addresses that the host gave")]

use polyak_core::landscape::{
    AnyNetwork, Dense, Diagonal, DiagonalNetwork, DoubleWell, FiniteSum, Hyperbola, Landscape, LeastSquares,
    Linear, Rosenbrock, Valley,
};
use polyak_core::network::{Network, Shape, Table};
use polyak_core::oracle::{Covariance, Deck, LabelExamples, LabelNoise, MiniBatch, Ngos, Oracle, Sampling};
use polyak_core::random::{Generator, Stream};
use polyak_core::real::{Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};

use crate::launch::{Address, Layers, Problem, Run};
use crate::memory::numbers;
use crate::problem::{Choice, CovarianceKind, LandscapeKind, NoiseKind};

/// The landscape of a problem, whichever it is but a network.
#[derive(Debug, Clone, Copy)]
pub struct Encoded<'a, S> {
    problem: &'a Problem<S>,
}

/// The network of a problem.
#[derive(Debug, Clone, Copy)]
pub struct EncodedNetwork<'a, S> {
    problem: &'a Problem<S>,
    shape: Shape,
}

/// The oracle of a run over a landscape.
#[derive(Debug, Clone, Copy)]
pub struct EncodedOracle<'a, L, S> {
    problem: &'a Problem<S>,
    landscape: L,
    scale: S,
    svag: Option<[S; 2]>,
}

impl<'a, S: Scalar> Encoded<'a, S> {
    /// The landscape; `None` if it is a network.
    ///
    /// # Safety
    /// The problem's numbers are at its addresses while this lives, and nobody writes them.
    #[inline(always)]
    pub unsafe fn new(problem: &'a Problem<S>) -> Option<Self> {
        (problem.landscape != LandscapeKind::Network).then_some(Self { problem })
    }

    /// The first or second numbers of the landscape.
    #[inline(always)]
    fn numbers(&self, which: usize, length: usize) -> &'a [S] {
        let address =
            if which == 0 { self.problem.landscape_numbers[0] } else { self.problem.landscape_numbers[1] };
        // SAFETY: `new`'s caller; a landscape has as many.
        unsafe { numbers(address, length) }
    }

    /// N rows of d inputs, N targets, and d.
    #[inline(always)]
    fn regression(&self) -> (&'a [S], &'a [S], usize) {
        let (n, d) = (self.problem.examples as usize, self.dimension());
        (self.numbers(0, n * d), self.numbers(1, n), d)
    }
}

/// `$body` for the landscape that there is, if it is a finite sum, else `$other`.
macro_rules! each_finite_sum {
    ($self:expr, $landscape:ident => $body:expr, else $other:expr) => {
        match $self.problem.landscape {
            LandscapeKind::Hyperbola => {
                let $landscape = Hyperbola;
                $body
            }
            LandscapeKind::LeastSquares => {
                let (inputs, targets, d) = $self.regression();
                let $landscape = LeastSquares::new(inputs, targets, d);
                $body
            }
            LandscapeKind::DiagonalNetwork => {
                let (inputs, targets, d) = $self.regression();
                let $landscape = DiagonalNetwork::new(inputs, targets, d);
                $body
            }
            _ => $other,
        }
    };
}

/// `$body` for the landscape that there is.
macro_rules! each_landscape {
    ($self:expr, $landscape:ident => $body:expr) => {{
        let dimension = $self.problem.dimension as usize;
        match $self.problem.landscape {
            LandscapeKind::Linear => {
                let $landscape = Linear($self.numbers(0, dimension));
                $body
            }
            LandscapeKind::Diagonal => {
                let $landscape = Diagonal($self.numbers(0, dimension));
                $body
            }
            LandscapeKind::Dense => {
                let $landscape = Dense::new($self.numbers(0, dimension * dimension), dimension);
                $body
            }
            LandscapeKind::Rosenbrock => {
                let [a, b] = $self.problem.landscape_scalars;
                let $landscape = Rosenbrock { a, b, dimension };
                $body
            }
            LandscapeKind::DoubleWell => {
                let [width, _] = $self.problem.landscape_scalars;
                let $landscape = DoubleWell { width, dimension };
                $body
            }
            _ => each_finite_sum!($self, $landscape => $body, else {
                let $landscape = Valley;
                $body
            }),
        }
    }};
}

impl<S: Scalar> Landscape<S> for Encoded<'_, S> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.problem.dimension as usize
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        each_landscape!(self, landscape => landscape.loss(x))
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_landscape!(self, landscape => landscape.gradient(x, g));
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        each_landscape!(self, landscape => landscape.hessian_vector(x, v, p));
    }
}

/// Of what is no finite sum there are no terms.
impl<S: Scalar> FiniteSum<S> for Encoded<'_, S> {
    #[inline(always)]
    fn examples(&self) -> u32 {
        self.problem.examples
    }

    #[inline(always)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_finite_sum!(self, landscape => landscape.add_term(weight, j, x, g), else {});
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_finite_sum!(self, landscape => landscape.add_target_shift(weight, shift, j, x, g), else {});
    }
}

impl<'a, S: Scalar> EncodedNetwork<'a, S> {
    /// The network, if the problem has one.
    ///
    /// # Safety
    /// As for [`Encoded::new`].
    #[inline(always)]
    pub unsafe fn new(problem: &'a Problem<S>) -> Option<Self> {
        Some(Self { problem, shape: problem.network.shape()? })
    }

    /// With room for `UNITS` units; `None` if it has more.
    #[inline(always)]
    fn network<const UNITS: usize>(&self) -> Option<AnyNetwork<&'a [S], UNITS>> {
        self.over(self.problem.landscape_numbers, self.problem.examples)
    }

    /// The same over other examples.
    #[inline(always)]
    fn over<const UNITS: usize>(
        &self,
        [inputs, targets]: [Address; 2],
        examples: u32,
    ) -> Option<AnyNetwork<&'a [S], UNITS>> {
        let (layers, columns, examples) = (&self.problem.network, self.shape.inputs(), examples as usize);
        // SAFETY: `new`'s caller; there are as many.
        let (inputs, targets) = unsafe { (numbers(inputs, examples * columns), numbers(targets, examples)) };
        let examples = Table { inputs, targets, columns };
        Network::new(self.shape, layers.activation(), layers.loss(), examples).ok()
    }

    #[inline(always)]
    fn tested<const UNITS: usize, X: Vector<S>>(&self, x: &X) -> Option<[S; 2]> {
        let &Layers { test_examples, test_numbers, .. } = &self.problem.network;
        let network = self.over::<UNITS>(test_numbers, test_examples)?;
        let share = S::ONE / S::from_u32(test_examples);
        Some([network.loss::<S, _>(x), network.hits::<S, _>(x) * share])
    }
}

/// A landscape that may be tested on examples that are none of its own.
pub trait Tested<S: Scalar>: FiniteSum<S> + Copy {
    /// The loss over these, and the part of them that x gets right; `None` if there are none.
    fn test<X: Vector<S>>(&self, x: &X) -> Option<[S; 2]>;
}

impl<S: Scalar> Tested<S> for Encoded<'_, S> {
    #[inline(always)]
    fn test<X: Vector<S>>(&self, _: &X) -> Option<[S; 2]> {
        None
    }
}

impl<S: Scalar> Tested<S> for EncodedNetwork<'_, S> {
    #[inline(never)]
    fn test<X: Vector<S>>(&self, x: &X) -> Option<[S; 2]> {
        if self.problem.network.test_examples == 0 {
            return None;
        }
        self.tested::<32, X>(x).or_else(|| self.tested::<512, X>(x))
    }
}

/// `$body` for the network with little room or much: what a pass works on is set to zero before it, and a small network should not wait.
macro_rules! each_size {
    ($self:expr, $network:ident => $body:expr, else $other:expr) => {
        if let Some($network) = $self.network::<32>() {
            $body
        } else if let Some($network) = $self.network::<512>() {
            $body
        } else {
            $other
        }
    };
}

/// What is large is one function each, not copied to every place that calls it.
impl<S: Scalar> Landscape<S> for EncodedNetwork<'_, S> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.problem.dimension as usize
    }

    #[inline(never)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        each_size!(self, network => network.loss(x), else F::ZERO)
    }

    #[inline(never)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_size!(self, network => network.gradient(x, g), else {});
    }

    #[inline(never)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        each_size!(self, network => network.hessian_vector(x, v, p), else {});
    }
}

impl<S: Scalar> FiniteSum<S> for EncodedNetwork<'_, S> {
    #[inline(always)]
    fn examples(&self) -> u32 {
        self.problem.examples
    }

    #[inline(never)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_size!(self, network => network.add_term(weight, j, x, g), else {});
    }

    #[inline(never)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_size!(self, network => network.add_target_shift(weight, shift, j, x, g), else {});
    }
}

impl<'a, S: Scalar, L: FiniteSum<S> + Copy> EncodedOracle<'a, L, S> {
    /// The oracle.
    ///
    /// # Safety
    /// As for [`Encoded::new`].
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

impl<S: Scalar, L: FiniteSum<S> + Copy> Oracle<S> for EncodedOracle<'_, L, S> {
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
