//! Rosenbrock's curved valley.

use super::Landscape;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// L = Σᵢ (a − xᵢ)² + b(xᵢ₊₁ − xᵢ²)², i = 0 … d−2; d ≥ 2 (Rosenbrock 1960: a = 1, b = 100).
///
/// ```
/// use polyak_core::landscape::{Landscape, Rosenbrock};
/// let loss: f64 = Rosenbrock { a: 1.0, b: 100.0, dimension: 2 }.loss(&[0.0, 1.0]);
/// assert_eq!(loss, 101.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rosenbrock<S> {
    /// a.
    pub a: S,
    /// b.
    pub b: S,
    /// d.
    pub dimension: usize,
}

impl<S: Scalar> Landscape<S> for Rosenbrock<S> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.dimension
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        let mut sum = F::ZERO;
        for i in 1..self.dimension {
            let here = x.get(i - 1);
            let (off, rise) = (F::splat(self.a) - here, x.get(i) - here * here);
            sum = sum + (off * off + rise * rise * F::splat(self.b));
        }
        sum
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let (two_b, two) = (F::splat(self.b * S::TWO), F::splat(S::TWO));
        let mut carried = F::ZERO;
        for i in 1..self.dimension {
            let here = x.get(i - 1);
            let pull = (x.get(i) - here * here) * two_b;
            g.set(i - 1, carried - (F::splat(self.a) - here) * two - pull * here * two);
            carried = pull;
        }
        if let Some(last) = self.dimension.checked_sub(1) {
            g.set(last, carried);
        }
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        // Derivative of the gradient's formula along v, term by term.
        let (two_b, two) = (F::splat(self.b * S::TWO), F::splat(S::TWO));
        let mut carried = F::ZERO;
        for i in 1..self.dimension {
            let (here, along) = (x.get(i - 1), v.get(i - 1));
            let pull = (x.get(i) - here * here) * two_b;
            let change = (v.get(i) - here * along * two) * two_b;
            p.set(i - 1, carried + along * two - (change * here + pull * along) * two);
            carried = change;
        }
        if let Some(last) = self.dimension.checked_sub(1) {
            p.set(last, carried);
        }
    }
}
