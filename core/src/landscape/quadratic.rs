//! L = ½xᵀHx, with a diagonal or a dense Hessian.

use core::ops::Range;

use super::Landscape;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut, four_rows};

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
/// The loss is summed over the lower triangle, Σᵢ xᵢ(Σ_{j<i} hᵢⱼxⱼ + ½hᵢᵢxᵢ), in half the time of a gradient.
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

/// Σ_{j<i} hᵢⱼxⱼ + ½hᵢᵢxᵢ of row i, the terms before `rest` = …i already in `product`.
#[inline(always)]
fn half_row<S, F, X>(x: &X, row: &[S], rest: Range<usize>, mut product: F) -> F
where
    S: Scalar,
    F: Real<Scalar = S>,
    X: Vector<F> + ?Sized,
{
    let i = rest.end;
    for j in rest {
        product = product + x.get(j) * F::splat(entry(row, j));
    }
    product + x.get(i) * F::splat(entry(row, i) * S::HALF)
}

/// hᵢⱼ; 0 beyond the row.
#[inline(always)]
fn entry<S: Scalar>(row: &[S], j: usize) -> S {
    row.get(j).copied().unwrap_or(S::ZERO)
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
        let (rows, d) = (self.hessian.as_ref(), self.dimension.max(1));
        let mut sum = F::ZERO;
        let mut done = 0;
        if F::ROWS == 4 {
            for four in rows.chunks_exact(d.saturating_mul(4)) {
                let rows = four_rows(four, d);
                let first = done;
                let products = x.dots(rows.map(|row| row.get(..first).unwrap_or_default()));
                for (row, product) in rows.into_iter().zip(products) {
                    sum = sum + x.get(done) * half_row(x, row, first..done, product);
                    done += 1;
                }
            }
        }
        for row in rows.chunks_exact(d).skip(done) {
            let product = x.dot(row.get(..done).unwrap_or_default());
            sum = sum + x.get(done) * half_row(x, row, done..done, product);
            done += 1;
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
        let (rows, d) = (self.hessian.as_ref(), self.dimension.max(1));
        let mut done = 0;
        if F::ROWS == 4 {
            for four in rows.chunks_exact(d.saturating_mul(4)) {
                for product in x.dots(four_rows(four, d)) {
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
