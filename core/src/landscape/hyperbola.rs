//! L = ½(uv − 1)²: the smallest network with a manifold of minimisers, uv = 1.

use super::{FiniteSum, Landscape};
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// L(u, v) = ½(uv − 1)², d = 2: one example with model uv and target 1, so it takes label noise (MV section 4, FF).
///
/// ```
/// use polyak_core::landscape::{Hyperbola, Landscape};
/// let mut g = [0.0f64; 2];
/// Hyperbola.gradient(&[2.0, 1.0], &mut g);
/// assert_eq!(g, [1.0, 2.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Hyperbola;

impl<S: Scalar> Landscape<S> for Hyperbola {
    #[inline(always)]
    fn dimension(&self) -> usize {
        2
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        let residual = x.get(0) * x.get(1) - F::splat(S::ONE);
        residual * residual * F::splat(S::HALF)
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let (u, v) = (x.get(0), x.get(1));
        let residual = u * v - F::splat(S::ONE);
        g.set(0, residual * v);
        g.set(1, residual * u);
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, direction: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        let (u, v) = (x.get(0), x.get(1));
        let (a, b) = (direction.get(0), direction.get(1));
        let mixed = F::splat(S::TWO) * u * v - F::splat(S::ONE);
        p.set(0, v * v * a + mixed * b);
        p.set(1, mixed * a + u * u * b);
    }
}

impl<S: Scalar> FiniteSum<S> for Hyperbola {
    #[inline(always)]
    fn examples(&self) -> u32 {
        1
    }

    #[inline(always)]
    fn add_term<F, X, G>(&self, weight: S, _: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let (u, v) = (x.get(0), x.get(1));
        let residual = (u * v - F::splat(S::ONE)) * F::splat(weight);
        g.add(0, residual * v);
        g.add(1, residual * u);
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, _: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let (u, v) = (x.get(0), x.get(1));
        let shift = -shift * F::splat(weight);
        g.add(0, shift * v);
        g.add(1, shift * u);
    }
}
