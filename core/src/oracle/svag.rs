//! SVAG(ℓ), MV 5.1: two draws of an oracle mixed so that the mean stays and the covariance is ℓ times as large.

use super::{Deck, Oracle};
use crate::random::{Generator, Stream};
use crate::real::double;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// ĝ = r₁g₁ + r₂g₂ with g₁, g₂ two independent draws at the same x and rᵢ = ½(1 + (−1)ⁱ√(2ℓ−1)).
///
/// r₁ + r₂ = 1 and r₁² + r₂² = ℓ. Skewness is multiplied by (3ℓ−1)/(2ℓ^{3/2}), excess kurtosis by (ℓ²+2ℓ−1)/(2ℓ²). At
/// ℓ = 1 the first draw has weight 0, but it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Svag<O, S> {
    /// The oracle.
    pub oracle: O,
    /// (r₁, r₂), from [`svag_weights`].
    pub weights: [S; 2],
}

/// (r₁, r₂) of ℓ; `None` unless ½ ≤ ℓ < ∞.
///
/// ```
/// use polyak_core::oracle::svag_weights;
/// assert_eq!(svag_weights(5.0), Some([-1.0, 2.0]));
/// assert_eq!(svag_weights(0.4), None);
/// ```
pub fn svag_weights(ell: f64) -> Option<[f64; 2]> {
    (0.5..f64::INFINITY).contains(&ell).then(|| {
        let root = double::sqrt(2.0 * ell - 1.0);
        [0.5 * (1.0 - root), 0.5 * (1.0 + root)]
    })
}

impl<S: Scalar, O: Oracle<S>> Oracle<S> for Svag<O, S> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        self.oracle.mean(x, g);
    }

    #[inline(always)]
    fn add_noise<F, R, X, D, G>(&self, weight: S, x: &X, stream: &mut Stream<F, R>, deck: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for r in self.weights {
            self.oracle.add_noise(r * weight, x, stream, deck, g);
        }
    }
}
