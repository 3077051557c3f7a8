//! Covariances of additive noise, as factors B(x) with Σ(x) = B Bᵀ.

use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// Σ(x) = B(x)B(x)ᵀ; the noise is v = B(x)z with independent zᵢ of mean 0 and variance 1.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Covariance<A> {
    /// Σ = 1.
    Identity,
    /// Σ = diag(b²), given as b.
    Diagonal(A),
    /// Σ = BBᵀ, given as the d × d lower triangle B *column by column*: d entries of column 0, d of column 1 …; what is above
    /// the diagonal is not read.
    Dense(A),
    /// Σ(x) = diag(cᵢ + qᵢxᵢ²).
    StateDependent {
        /// c.
        constant: A,
        /// q.
        quadratic: A,
    },
}

impl<A> Covariance<A> {
    /// g ← g + (row or column `i` of B(x))·z: what the `i`-th number z of a draw, already scaled, contributes.
    #[inline(always)]
    pub fn add<S, F, X, G>(&self, i: usize, z: F, dimension: usize, x: &X, g: &mut G)
    where
        S: Scalar,
        A: AsRef<[S]>,
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        match self {
            Self::Identity => g.add(i, z),
            Self::Diagonal(factor) => g.add(i, z * F::splat(at(factor.as_ref(), i))),
            Self::Dense(columns) => {
                let below = columns.as_ref().get(i * dimension + i..).unwrap_or_default();
                let below = below.get(..dimension.saturating_sub(i)).unwrap_or(below);
                g.add_column(i, below, z);
            }
            Self::StateDependent { constant, quadratic } => {
                let (c, q) = (F::splat(at(constant.as_ref(), i)), F::splat(at(quadratic.as_ref(), i)));
                let position = x.get(i);
                g.add(i, z * (c + q * position * position).sqrt());
            }
        }
    }
}

#[inline(always)]
fn at<S: Scalar>(values: &[S], i: usize) -> S {
    values.get(i).copied().unwrap_or(S::ZERO)
}
