//! Losses L: their value, gradient and Hessian–vector product, in any lanes and any storage.

mod any;
mod double_well;
mod hyperbola;
mod linear;
mod quadratic;
mod regression;
mod rosenbrock;
mod sensing;
mod valley;

pub use any::{AnyFiniteSum, AnyLandscape, AnyNetwork};
pub use double_well::DoubleWell;
pub use hyperbola::Hyperbola;
pub use linear::Linear;
pub use quadratic::{Dense, Diagonal};
pub use regression::{DiagonalNetwork, Feature, LeastSquares, Regression, Squared, Straight};
pub use rosenbrock::Rosenbrock;
pub use sensing::MatrixSensing;
pub use valley::Valley;

use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// A loss L: ℝᵈ → ℝ.
///
/// Points hold one trajectory in each lane of `F`; an implementation is written once in `+ − × ÷ √` and serves all.
pub trait Landscape<S: Scalar> {
    /// d.
    fn dimension(&self) -> usize;

    /// L(x).
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized;

    /// Sets g to ∇L(x).
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized;

    /// Sets p to ∇²L(x)·v.
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized;
}

/// A loss that is a mean over N examples, L = (1/N) Σⱼ ℓⱼ, each with a target yⱼ.
pub trait FiniteSum<S: Scalar>: Landscape<S> {
    /// N.
    fn examples(&self) -> u32;

    /// g ← g + w ∇ℓⱼ(x), with its own j in every lane.
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized;

    /// From how many examples on [`add_terms`](Self::add_terms) is quicker than term by term; 1 if it never is.
    #[inline(always)]
    fn together<F: Real<Scalar = S>>(&self) -> u32 {
        1
    }

    /// [`add_term`](Self::add_term) of several examples: to the same bits as one after another.
    #[inline(always)]
    fn add_terms<F, X, G>(&self, weight: S, j: &[F::Array<u32>], x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for j in j {
            self.add_term(weight, j, x, g);
        }
    }

    /// g ← g + w·(∇ℓⱼ(x) at target yⱼ + s − ∇ℓⱼ(x) at target yⱼ), with its own j and s in every lane: label noise.
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized;
}

/// Lanes of `values[j]`, zero beyond the end.
#[inline(always)]
fn gather<F: Real>(values: &[F::Scalar], index: impl Fn(usize) -> usize) -> F {
    F::from_fn(|lane| values.get(index(lane)).copied().unwrap_or(F::Scalar::ZERO))
}

impl<S: Scalar, L: Landscape<S>> Landscape<S> for &L {
    #[inline(always)]
    fn dimension(&self) -> usize {
        (**self).dimension()
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        (**self).loss(x)
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        (**self).gradient(x, g);
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        (**self).hessian_vector(x, v, p);
    }
}

impl<S: Scalar, L: FiniteSum<S>> FiniteSum<S> for &L {
    #[inline(always)]
    fn examples(&self) -> u32 {
        (**self).examples()
    }

    #[inline(always)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        (**self).add_term::<F, X, G>(weight, j, x, g);
    }

    #[inline(always)]
    fn together<F: Real<Scalar = S>>(&self) -> u32 {
        (**self).together::<F>()
    }

    #[inline(always)]
    fn add_terms<F, X, G>(&self, weight: S, j: &[F::Array<u32>], x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        (**self).add_terms(weight, j, x, g);
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        (**self).add_target_shift(weight, shift, j, x, g);
    }
}
