//! Landscapes but networks and matrix sensing.
#![allow(unsafe_code, reason = "the numbers of a landscape lie at addresses that the host gave")]

use polyak_core::landscape::{
    Dense, Diagonal, DiagonalNetwork, DoubleWell, FiniteSum, Hyperbola, Landscape, LeastSquares, Linear,
    Rosenbrock, Valley,
};
use polyak_core::real::{Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};

use super::Tested;
use crate::launch::{Launch, Problem, Run};
use crate::memory::numbers;
use crate::problem::LandscapeKind;

/// The landscape of a problem, whichever it is but a network or matrix sensing, of dimension `D` if that is not 0: where the compiler knows it, a point
/// stays in registers.
#[derive(Debug, Clone, Copy)]
pub struct Encoded<'a, S, const D: usize> {
    problem: &'a Problem<S>,
}

impl<'a, S: Scalar, const D: usize> Encoded<'a, S, D> {
    /// Whether there are landscapes of two coordinates only; these are small.
    const PLANE: bool = D == 2;

    /// The landscape, the same for all threads; `None` if it is a network, or of another dimension.
    ///
    /// # Safety
    /// The problem's numbers are at its addresses while this lives, and nobody writes them.
    #[inline(always)]
    pub unsafe fn new(launch: &'a Launch<S>, _: &Run<S>, _: u64) -> Option<Self> {
        let problem = &launch.problem;
        let fits = D == 0 || problem.dimension as usize == D;
        (fits && problem.landscape != LandscapeKind::Network).then_some(Self { problem })
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
        let (n, d) = (self.problem.examples as usize, Landscape::<S>::dimension(self));
        (self.numbers(0, n * d), self.numbers(1, n), d)
    }
}

/// `$body` for the landscape that there is, if it is a finite sum, else `$other`.
macro_rules! each_finite_sum {
    ($self:expr, $landscape:ident => $body:expr, else $other:expr) => {
        match $self.problem.landscape {
            LandscapeKind::Hyperbola if Self::PLANE => {
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

/// `$body` for the landscape that there is; `$other` if the dimension has none of that kind.
macro_rules! each_landscape {
    ($self:expr, $landscape:ident => $body:expr, else $other:expr) => {{
        let dimension = Landscape::<S>::dimension($self);
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
            LandscapeKind::Valley if Self::PLANE => {
                let $landscape = Valley;
                $body
            }
            _ => each_finite_sum!($self, $landscape => $body, else $other),
        }
    }};
}

impl<S: Scalar, const D: usize> Landscape<S> for Encoded<'_, S, D> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        if D == 0 { self.problem.dimension as usize } else { D }
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        each_landscape!(self, landscape => landscape.loss(x), else F::ZERO)
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        each_landscape!(self, landscape => landscape.gradient(x, g), else {});
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        each_landscape!(self, landscape => landscape.hessian_vector(x, v, p), else {});
    }
}

/// Of what is no finite sum there are no terms.
impl<S: Scalar, const D: usize> FiniteSum<S> for Encoded<'_, S, D> {
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

impl<S: Scalar, const D: usize> Tested<S> for Encoded<'_, S, D> {
    #[inline(always)]
    fn test<X: Vector<S>>(&self, _: &X) -> Option<[S; 2]> {
        None
    }
}
