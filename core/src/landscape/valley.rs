//! L = ½(1 + y²)x²: the x = 0 line is a manifold of minimisers whose sharpness 1 + y² grows along it.

use super::Landscape;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// L(x, y) = ½(1 + y²)x², d = 2 (a worked manifold of MV theorem 4.5).
///
/// ```
/// use polyak_core::landscape::{Landscape, Valley};
/// let mut g = [0.0f64; 2];
/// Valley.gradient(&[2.0, 3.0], &mut g);
/// assert_eq!(g, [20.0, 12.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Valley;

impl<S: Scalar> Landscape<S> for Valley {
    #[inline(always)]
    fn dimension(&self) -> usize {
        2
    }

    #[inline(always)]
    fn loss<F, X>(&self, point: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        let (x, y) = (point.get(0), point.get(1));
        (F::splat(S::ONE) + y * y) * x * x * F::splat(S::HALF)
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, point: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let (x, y) = (point.get(0), point.get(1));
        g.set(0, (F::splat(S::ONE) + y * y) * x);
        g.set(1, x * x * y);
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, point: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        let (x, y) = (point.get(0), point.get(1));
        let (a, b) = (v.get(0), v.get(1));
        let mixed = F::splat(S::TWO) * x * y;
        p.set(0, (F::splat(S::ONE) + y * y) * a + mixed * b);
        p.set(1, mixed * a + x * x * b);
    }
}
