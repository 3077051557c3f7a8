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
            Self::Dense(columns) => g.add_column(i, below(columns.as_ref(), i, i, dimension), z),
            Self::StateDependent { constant, quadratic } => {
                let (c, q) = (F::splat(at(constant.as_ref(), i)), F::splat(at(quadratic.as_ref(), i)));
                let position = x.get(i);
                g.add(i, z * (c + q * position * position).sqrt());
            }
        }
    }

    /// [`add`](Self::add) of the numbers `i` to `i` + 3, in this order; of a dense Σ four columns at a time where there are registers for it.
    #[inline(always)]
    pub fn add_four<S, F, X, G>(&self, i: usize, four: [F; 4], dimension: usize, x: &X, g: &mut G)
    where
        S: Scalar,
        A: AsRef<[S]>,
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let [a, b, c, d] = four;
        match self {
            Self::Dense(columns) if F::ROWS == 4 => {
                let columns = columns.as_ref();
                // The four rows where the columns begin, then those that all four have.
                for (k, z) in four.iter().enumerate() {
                    let head = below(columns, i + k, i + k, dimension);
                    g.add_column(i + k, head.get(..4 - k).unwrap_or(head), *z);
                }
                let first = i + 4;
                g.add_columns(
                    first,
                    [
                        below(columns, i, first, dimension),
                        below(columns, i + 1, first, dimension),
                        below(columns, i + 2, first, dimension),
                        below(columns, i + 3, first, dimension),
                    ],
                    four,
                );
            }
            _ => {
                self.add(i, a, dimension, x, g);
                self.add(i + 1, b, dimension, x, g);
                self.add(i + 2, c, dimension, x, g);
                self.add(i + 3, d, dimension, x, g);
            }
        }
    }
}

/// Column `column` of a d × d matrix from row `row` on.
#[inline(always)]
fn below<S>(columns: &[S], column: usize, row: usize, dimension: usize) -> &[S] {
    let from = columns.get(column * dimension + row..).unwrap_or_default();
    from.get(..dimension.saturating_sub(row)).unwrap_or(from)
}

#[inline(always)]
fn at<S: Scalar>(values: &[S], i: usize) -> S {
    values.get(i).copied().unwrap_or(S::ZERO)
}
