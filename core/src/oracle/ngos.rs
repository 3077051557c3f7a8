//! The noisy gradient oracle with scale parameter, MV definition 2.1.

use super::{Covariance, Deck, Oracle};
use crate::landscape::Landscape;
use crate::random::{Generator, Law, Sink, Stream};
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// g = ∇L(x) + σv, E v = 0, Cov v = Σ(x).
///
/// ```
/// use polyak_core::landscape::Diagonal;
/// use polyak_core::oracle::{Covariance, NoDeck, Ngos, Oracle};
/// use polyak_core::random::{Law, Pcg32, Stream};
/// let landscape = Diagonal([1.0f32, 2.0]);
/// let oracle = Ngos { landscape, covariance: Covariance::<[f32; 2]>::Identity, law: Law::Rademacher, scale: 0.5 };
/// let mut stream = Stream::<f32, _>::new(Pcg32::new(1, 0));
/// let mut g = [0.0; 2];
/// oracle.sample(&[1.0, 1.0], &mut stream, &mut NoDeck, &mut g);
/// assert!((g[0] - 1.0).abs() == 0.5 && (g[1] - 2.0).abs() == 0.5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ngos<L, A, S> {
    /// L.
    pub landscape: L,
    /// Σ.
    pub covariance: Covariance<A>,
    /// Law of the components of z, v = Σ^{1/2}z.
    pub law: Law<S>,
    /// σ.
    pub scale: S,
}

impl<S: Scalar, L: Landscape<S>, A: AsRef<[S]>> Oracle<S> for Ngos<L, A, S> {
    #[inline(always)]
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        self.landscape.gradient(x, g);
    }

    #[inline(always)]
    fn add_noise<F, R, X, D, G>(&self, weight: S, x: &X, stream: &mut Stream<F, R>, _: &mut D, g: &mut G)
    where
        F: Real<Scalar = S>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let dimension = self.landscape.dimension();
        let scale = F::splat(self.scale * weight);
        let mut sink = AddNoise { covariance: &self.covariance, scale, dimension, x, g };
        stream.draw(self.law, dimension, &mut sink);
    }
}

/// Adds B(x)z·scale to g, number by number.
pub(super) struct AddNoise<'a, A, F, X: ?Sized, G: ?Sized> {
    pub covariance: &'a Covariance<A>,
    pub scale: F,
    pub dimension: usize,
    pub x: &'a X,
    pub g: &'a mut G,
}

impl<S, F, A, X, G> Sink<F> for AddNoise<'_, A, F, X, G>
where
    S: Scalar,
    F: Real<Scalar = S>,
    A: AsRef<[S]>,
    X: Vector<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    #[inline(always)]
    fn put(&mut self, i: usize, z: F) {
        self.covariance.add(i, z * self.scale, self.dimension, self.x, self.g);
    }

    #[inline(always)]
    fn put_four(&mut self, i: usize, [a, b, c, d]: [F; 4]) {
        let scale = self.scale;
        let four = [a * scale, b * scale, c * scale, d * scale];
        self.covariance.add_four(i, four, self.dimension, self.x, self.g);
    }
}
