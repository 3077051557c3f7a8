//! Mini-batches that were drawn elsewhere.

use std::cell::Cell;

use polyak_core::landscape::FiniteSum;
use polyak_core::oracle::{Deck, Oracle};
use polyak_core::random::{Generator, Stream};
use polyak_core::real::{LaneArray, Real};
use polyak_core::vector::{Vector, VectorMut};

/// Mean gradient of the next of the given batches at each draw.
pub struct GivenBatches<L> {
    /// The finite sum.
    pub landscape: L,
    /// Examples of each batch.
    pub batches: Vec<Vec<u32>>,
    /// Batches drawn.
    pub drawn: Cell<usize>,
}

impl<L: FiniteSum<f64>> Oracle<f64> for GivenBatches<L> {
    fn mean<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = f64>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        (0..x.len()).for_each(|i| g.set(i, F::ZERO));
    }

    fn add_noise<F, R, X, D, G>(&self, weight: f64, x: &X, _: &mut Stream<F, R>, _: &mut D, g: &mut G)
    where
        F: Real<Scalar = f64>,
        R: Generator<F>,
        X: Vector<F> + ?Sized,
        D: Deck<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let batch = &self.batches[self.drawn.replace(self.drawn.get() + 1)];
        for &j in batch {
            self.landscape.add_term(weight / batch.len() as f64, &F::Array::from_fn(|_| j), x, g);
        }
    }
}
