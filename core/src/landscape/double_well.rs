//! L = ¼ Σ (xᵢ² − w²)²: two minima in each coordinate, with a barrier of ¼w⁴ between.

use super::Landscape;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// L = ¼ Σ (xᵢ² − w²)², minima at ±w.
///
/// ```
/// use polyak_core::landscape::{DoubleWell, Landscape};
/// let loss: f64 = DoubleWell { width: 1.0, dimension: 1 }.loss(&[0.0]);
/// assert_eq!(loss, 0.25);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DoubleWell<S> {
    /// w.
    pub width: S,
    /// d.
    pub dimension: usize,
}

impl<S: Scalar> Landscape<S> for DoubleWell<S> {
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
        let square = F::splat(self.width * self.width);
        let mut sum = F::ZERO;
        for i in 0..self.dimension {
            let x = x.get(i);
            let height = x * x - square;
            sum = sum + height * height;
        }
        sum * F::splat(S::HALF * S::HALF)
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let square = F::splat(self.width * self.width);
        for i in 0..self.dimension {
            let x = x.get(i);
            g.set(i, (x * x - square) * x);
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
        let (square, three) = (F::splat(self.width * self.width), F::splat(S::TWO + S::ONE));
        for i in 0..self.dimension {
            let x = x.get(i);
            p.set(i, (x * x * three - square) * v.get(i));
        }
    }
}
