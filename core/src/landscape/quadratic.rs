//! L = ½xᵀHx, with a diagonal or a dense Hessian.

use super::Landscape;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// L = ½ Σ hᵢxᵢ², ∇L = h⊙x, ∇²L = diag h.
///
/// ```
/// use polyak_core::landscape::{Diagonal, Landscape};
/// let mut g = [0.0f32; 2];
/// Diagonal([1.0, 10.0]).gradient(&[3.0, 4.0], &mut g);
/// assert_eq!(g, [3.0, 40.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Diagonal<A>(
    /// h.
    pub A,
);

impl<S: Scalar, A: AsRef<[S]>> Landscape<S> for Diagonal<A> {
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
        for (i, &h) in self.0.as_ref().iter().enumerate() {
            let x = x.get(i);
            sum = sum + x * x * F::splat(h);
        }
        sum * F::splat(S::HALF)
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for (i, &h) in self.0.as_ref().iter().enumerate() {
            g.set(i, x.get(i) * F::splat(h));
        }
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, _: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        self.gradient(v, p);
    }
}

/// L = ½xᵀHx, ∇L = Hx, for a symmetric H of d² entries, row by row.
///
/// ```
/// use polyak_core::landscape::{Dense, Landscape};
/// let mut g = [0.0f64; 2];
/// Dense::new([2.0, 1.0, 1.0, 3.0], 2).gradient(&[1.0, 10.0], &mut g);
/// assert_eq!(g, [12.0, 31.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dense<A> {
    hessian: A,
    dimension: usize,
}

impl<A> Dense<A> {
    /// H, d × d; entries that `hessian` lacks are zero.
    pub fn new(hessian: A, dimension: usize) -> Self {
        Self { hessian, dimension }
    }

    /// H, row by row.
    pub fn hessian(&self) -> &A {
        &self.hessian
    }
}

impl<S: Scalar, A: AsRef<[S]>> Landscape<S> for Dense<A> {
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
        for (i, row) in self.hessian.as_ref().chunks_exact(self.dimension.max(1)).enumerate() {
            sum = sum + x.get(i) * x.dot(row);
        }
        sum * F::splat(S::HALF)
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let (rows, d) = (self.hessian.as_ref(), self.dimension.max(1));
        let mut done = 0;
        if F::ROWS == 4 {
            for four in rows.chunks_exact(d.saturating_mul(4)) {
                let mut rows = four.chunks_exact(d);
                let mut next = || rows.next().unwrap_or_default();
                for product in x.dots([next(), next(), next(), next()]) {
                    g.set(done, product);
                    done += 1;
                }
            }
        }
        for row in rows.chunks_exact(d).skip(done) {
            g.set(done, x.dot(row));
            done += 1;
        }
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, _: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        self.gradient(v, p);
    }
}
