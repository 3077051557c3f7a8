//! L = cᵀx: the constant gradient of MV 3.1.

use super::Landscape;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// L = cᵀx, ∇L = c, ∇²L = 0.
///
/// ```
/// use polyak_core::landscape::{Landscape, Linear};
/// let loss: f64 = Linear([1.0, 2.0]).loss(&[3.0, 4.0]);
/// assert_eq!(loss, 11.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Linear<A>(
    /// c.
    pub A,
);

impl<S: Scalar, A: AsRef<[S]>> Landscape<S> for Linear<A> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.0.as_ref().len()
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        let mut sum = F::ZERO;
        for (i, &c) in self.0.as_ref().iter().enumerate() {
            sum = sum + x.get(i) * F::splat(c);
        }
        sum
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, _: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for (i, &c) in self.0.as_ref().iter().enumerate() {
            g.set(i, F::splat(c));
        }
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, _: &X, _: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        for i in 0..p.len() {
            p.set(i, F::ZERO);
        }
    }
}
