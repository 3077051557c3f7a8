//! Covariances of additive noise, as factors B(x) with Σ(x) = B Bᵀ.

use crate::random::{Generator, Law, Stream};
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
    /// g ← g + scale·B(x)z for the next d numbers z of the law.
    #[inline(always)]
    pub fn add_noise<S, F, R, X, G>(
        &self,
        scale: S,
        law: Law<S>,
        dimension: usize,
        x: &X,
        stream: &mut Stream<F, R>,
        g: &mut G,
    ) where
        S: Scalar,
        A: AsRef<[S]>,
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let scale = F::splat(scale);
        match self {
            Self::Identity => stream.draw(law, dimension, |i, z| g.add(i, z * scale)),
            Self::Diagonal(factor) => {
                let factor = factor.as_ref();
                stream.draw(law, dimension, |i, z| {
                    let b = F::splat(at(factor, i));
                    g.add(i, z * b * scale);
                });
            }
            Self::Dense(columns) => {
                let columns = columns.as_ref();
                stream.draw(law, dimension, |j, z| {
                    let z = z * scale;
                    let column = columns.iter().skip(j * dimension).take(dimension);
                    for (i, &b) in column.enumerate().skip(j) {
                        g.add(i, z * F::splat(b));
                    }
                });
            }
            Self::StateDependent { constant, quadratic } => {
                let (constant, quadratic) = (constant.as_ref(), quadratic.as_ref());
                stream.draw(law, dimension, |i, z| {
                    let (c, q) = (F::splat(at(constant, i)), F::splat(at(quadratic, i)));
                    let position = x.get(i);
                    let deviation = (c + q * position * position).sqrt();
                    g.add(i, z * deviation * scale);
                });
            }
        }
    }
}

#[inline(always)]
fn at<S: Scalar>(values: &[S], i: usize) -> S {
    values.get(i).copied().unwrap_or(S::ZERO)
}
