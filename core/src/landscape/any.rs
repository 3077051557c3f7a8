//! One of the landscapes, chosen at run time.

use super::{
    Dense, Diagonal, DiagonalNetwork, DoubleWell, FiniteSum, Hyperbola, Landscape, LeastSquares, Linear,
    MatrixSensing, Rosenbrock, Valley,
};
use crate::network::{AnyActivation, AnyLoss, Network, Table};
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// Any network over numbers in `A`, of at most `UNITS` units.
pub type AnyNetwork<A, const UNITS: usize> = Network<Table<A>, AnyActivation, AnyLoss, UNITS>;

/// Any finite sum of this module, with its numbers in `A`, and any network that has room; with `UNITS` = 0 the code of networks is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyFiniteSum<A, const UNITS: usize = 0> {
    /// [`Hyperbola`].
    Hyperbola(Hyperbola),
    /// [`LeastSquares`].
    LeastSquares(LeastSquares<A>),
    /// [`DiagonalNetwork`].
    DiagonalNetwork(DiagonalNetwork<A>),
    /// [`MatrixSensing`].
    MatrixSensing(MatrixSensing<A>),
    /// [`Network`].
    Network(AnyNetwork<A, UNITS>),
}

/// Any landscape of this module, with its numbers in `A`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyLandscape<A, S, const UNITS: usize = 0> {
    /// [`Linear`].
    Linear(Linear<A>),
    /// [`Diagonal`].
    Diagonal(Diagonal<A>),
    /// [`Dense`].
    Dense(Dense<A>),
    /// [`Valley`].
    Valley(Valley),
    /// [`Rosenbrock`].
    Rosenbrock(Rosenbrock<S>),
    /// [`DoubleWell`].
    DoubleWell(DoubleWell<S>),
    /// A finite sum.
    FiniteSum(AnyFiniteSum<A, UNITS>),
}

impl<A, const UNITS: usize> AnyFiniteSum<A, UNITS> {
    /// The same finite sum, its numbers borrowed.
    #[inline(always)]
    pub fn borrowed<S>(&self) -> AnyFiniteSum<&[S], UNITS>
    where
        A: AsRef<[S]>,
    {
        match self {
            Self::Hyperbola(hyperbola) => AnyFiniteSum::Hyperbola(*hyperbola),
            Self::LeastSquares(squares) => AnyFiniteSum::LeastSquares(squares.borrowed()),
            Self::DiagonalNetwork(network) => AnyFiniteSum::DiagonalNetwork(network.borrowed()),
            Self::MatrixSensing(sensing) => AnyFiniteSum::MatrixSensing(sensing.borrowed()),
            Self::Network(network) => AnyFiniteSum::Network(network.borrowed()),
        }
    }
}

macro_rules! each_finite_sum {
    ($self:expr, $landscape:ident => $body:expr) => {
        match $self {
            AnyFiniteSum::Hyperbola($landscape) => $body,
            AnyFiniteSum::LeastSquares($landscape) => $body,
            AnyFiniteSum::DiagonalNetwork($landscape) => $body,
            AnyFiniteSum::MatrixSensing($landscape) => $body,
            // Borrowed, so that a pass is compiled for one type of numbers.
            AnyFiniteSum::Network(network) => {
                let $landscape = &network.borrowed::<S>();
                $body
            }
        }
    };
}

macro_rules! each_landscape {
    ($self:expr, $landscape:ident => $body:expr) => {
        match $self {
            AnyLandscape::Linear($landscape) => $body,
            AnyLandscape::Diagonal($landscape) => $body,
            AnyLandscape::Dense($landscape) => $body,
            AnyLandscape::Valley($landscape) => $body,
            AnyLandscape::Rosenbrock($landscape) => $body,
            AnyLandscape::DoubleWell($landscape) => $body,
            AnyLandscape::FiniteSum($landscape) => $body,
        }
    };
}

macro_rules! delegate {
    ($any:ty, $each:ident) => {
        impl<S: Scalar, A: AsRef<[S]>, const UNITS: usize> Landscape<S> for $any {
            #[inline(always)]
            fn dimension(&self) -> usize {
                $each!(self, landscape => Landscape::<S>::dimension(landscape))
            }

            #[inline(always)]
            fn loss<F, X>(&self, x: &X) -> F
            where
                F: Real<Scalar = S>,
                X: Vector<F> + ?Sized,
            {
                $each!(self, landscape => landscape.loss(x))
            }

            #[inline(always)]
            fn gradient<F, X, G>(&self, x: &X, g: &mut G)
            where
                F: Real<Scalar = S>,
                X: Vector<F> + ?Sized,
                G: VectorMut<F> + ?Sized,
            {
                $each!(self, landscape => landscape.gradient(x, g))
            }

            #[inline(always)]
            fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
            where
                F: Real<Scalar = S>,
                X: Vector<F> + ?Sized,
                V: Vector<F> + ?Sized,
                P: VectorMut<F> + ?Sized,
            {
                $each!(self, landscape => landscape.hessian_vector(x, v, p))
            }
        }
    };
}

delegate!(AnyFiniteSum<A, UNITS>, each_finite_sum);
delegate!(AnyLandscape<A, S, UNITS>, each_landscape);

impl<S: Scalar, A: AsRef<[S]>, const UNITS: usize> FiniteSum<S> for AnyFiniteSum<A, UNITS> {
    #[inline(always)]
    fn examples(&self) -> u32 {
        each_finite_sum!(self, landscape => FiniteSum::<S>::examples(landscape))
    }

    #[inline(always)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_finite_sum!(self, landscape => landscape.add_term(weight, j, x, g))
    }

    #[inline(always)]
    fn together<F: Real<Scalar = S>>(&self) -> u32 {
        each_finite_sum!(self, landscape => landscape.together::<F>())
    }

    #[inline(always)]
    fn add_terms<F, X, G>(&self, weight: S, j: &[F::Array<u32>], x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_finite_sum!(self, landscape => landscape.add_terms(weight, j, x, g))
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_finite_sum!(self, landscape => landscape.add_target_shift(weight, shift, j, x, g))
    }
}
