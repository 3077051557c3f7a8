//! Squared error of a model that adds up features of single coordinates, f(x) = Σᵢ φ(xᵢ)aᵢ, over a data set:
//! least squares (φ(x) = x) and the diagonal network (φ(v) = v²).

use core::marker::PhantomData;

use super::{FiniteSum, Landscape, gather};
use crate::real::{LaneArray, Real, Scalar};
use crate::vector::{Vector, VectorMut, four_rows};

/// L = (κ/2N) Σⱼ (fⱼ(x) − yⱼ)², fⱼ = Σᵢ φ(xᵢ)aⱼᵢ, over N examples of d inputs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Regression<A, K> {
    inputs: A,
    targets: A,
    dimension: usize,
    feature: PhantomData<K>,
}

/// Linear regression: L = (1/2N) Σⱼ (⟨aⱼ, x⟩ − yⱼ)².
///
/// ```
/// use polyak_core::landscape::{Landscape, LeastSquares};
/// let line = LeastSquares::new(&[1.0f64, 2.0][..], &[1.0, 0.0][..], 1);
/// let mut g = [0.0];
/// line.gradient(&[1.0], &mut g);
/// assert_eq!((line.loss(&[1.0]), g), (1.0, [2.0]));
/// ```
pub type LeastSquares<A> = Regression<A, Straight>;

/// The diagonal network f(v) = ⟨v⊙v, a⟩ with L = (1/4N) Σⱼ (fⱼ − yⱼ)² (HaoChen et al. 2020).
///
/// ```
/// use polyak_core::landscape::{DiagonalNetwork, Landscape};
/// let network = DiagonalNetwork::new(&[1.0f64][..], &[1.0][..], 1);
/// let mut g = [0.0];
/// network.gradient(&[2.0], &mut g);
/// assert_eq!((network.loss(&[2.0]), g), (2.25, [6.0]));
/// ```
pub type DiagonalNetwork<A> = Regression<A, Squared>;

/// φ(x) = x, κ = 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Straight;

/// φ(v) = v², κ = ½.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Squared;

/// φ and its derivatives times κ.
pub trait Feature {
    /// κ/2.
    fn half_kappa<S: Scalar>() -> S;
    /// φ(x).
    fn feature<F: Real>(x: F) -> F;
    /// κφ'(x).
    fn slope<F: Real>(x: F) -> F;
    /// φ'(x).
    fn derivative<F: Real>(x: F) -> F;
    /// κφ''.
    fn bend<S: Scalar>() -> S;
}

impl Feature for Straight {
    #[inline(always)]
    fn half_kappa<S: Scalar>() -> S {
        S::HALF
    }

    #[inline(always)]
    fn feature<F: Real>(x: F) -> F {
        x
    }

    #[inline(always)]
    fn slope<F: Real>(_: F) -> F {
        F::splat(F::Scalar::ONE)
    }

    #[inline(always)]
    fn derivative<F: Real>(_: F) -> F {
        F::splat(F::Scalar::ONE)
    }

    #[inline(always)]
    fn bend<S: Scalar>() -> S {
        S::ZERO
    }
}

impl Feature for Squared {
    #[inline(always)]
    fn half_kappa<S: Scalar>() -> S {
        S::HALF * S::HALF
    }

    #[inline(always)]
    fn feature<F: Real>(v: F) -> F {
        v * v
    }

    #[inline(always)]
    fn slope<F: Real>(v: F) -> F {
        v
    }

    #[inline(always)]
    fn derivative<F: Real>(v: F) -> F {
        v + v
    }

    #[inline(always)]
    fn bend<S: Scalar>() -> S {
        S::ONE
    }
}

impl<A, K> Regression<A, K> {
    /// `inputs`: N rows of d numbers; `targets`: N numbers. Rows without a target and targets without a row do not count.
    pub fn new(inputs: A, targets: A, dimension: usize) -> Self {
        Self { inputs, targets, dimension, feature: PhantomData }
    }

    /// The same regression, its numbers borrowed.
    #[inline(always)]
    pub fn borrowed<S>(&self) -> Regression<&[S], K>
    where
        A: AsRef<[S]>,
    {
        Regression::new(self.inputs.as_ref(), self.targets.as_ref(), self.dimension)
    }

    /// The inputs, example by example.
    pub fn inputs(&self) -> &A {
        &self.inputs
    }

    /// The targets.
    pub fn targets(&self) -> &A {
        &self.targets
    }

    /// The rows and targets, in order.
    #[inline(always)]
    fn pairs<S: Scalar>(&self) -> impl Iterator<Item = (&[S], S)>
    where
        A: AsRef<[S]>,
    {
        let rows = self.inputs.as_ref().chunks_exact(self.dimension.max(1));
        rows.zip(self.targets.as_ref().iter().copied())
    }

    /// Gives `sink` every row with its residual fⱼ − yⱼ in their order, where registers suffice from four rows at a time.
    #[inline(always)]
    fn residuals<S, F, X>(&self, x: &X, sink: &mut impl Residuals<F>)
    where
        S: Scalar,
        A: AsRef<[S]>,
        K: Feature,
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        let (inputs, targets, d) = (self.inputs.as_ref(), self.targets.as_ref(), self.dimension.max(1));
        let features = Features::<_, K>::of(x);
        let mut done = 0;
        if F::ROWS == 4 {
            let fours = inputs.chunks_exact(d.saturating_mul(4)).zip(targets.chunks_exact(4));
            for (four, targets) in fours {
                let rows = four_rows(four, d);
                let mut residuals = features.dots(rows);
                for (residual, &target) in residuals.iter_mut().zip(targets) {
                    *residual = *residual - F::splat(target);
                }
                sink.put_four(rows, residuals);
                done += 4;
            }
        }
        for (row, target) in self.pairs().skip(done) {
            sink.put(row, features.dot(row) - F::splat(target));
        }
    }

    #[inline(always)]
    fn count<S: Scalar>(&self) -> u32
    where
        A: AsRef<[S]>,
    {
        let rows = self.inputs.as_ref().len() / self.dimension.max(1);
        u32::try_from(rows.min(self.targets.as_ref().len())).unwrap_or(u32::MAX)
    }

    /// Where the row of each lane's own example begins.
    #[inline(always)]
    fn rows<F: Real>(&self, j: &F::Array<u32>) -> F::Array<usize> {
        let j = j.as_slice();
        F::Array::from_fn(|lane| {
            j.get(lane).map_or(usize::MAX, |&j| (j as usize).saturating_mul(self.dimension))
        })
    }

    /// Coordinate `i` of each lane's own example.
    #[inline(always)]
    fn input<S: Scalar, F: Real<Scalar = S>>(&self, rows: &F::Array<usize>, i: usize) -> F
    where
        A: AsRef<[S]>,
    {
        let rows = rows.as_slice();
        gather(self.inputs.as_ref(), |lane| rows.get(lane).map_or(usize::MAX, |row| row.saturating_add(i)))
    }
}

/// φ(x), coordinate by coordinate: its product with a row is what the model predicts.
struct Features<'a, X: ?Sized, K> {
    x: &'a X,
    feature: PhantomData<K>,
}

impl<'a, X: ?Sized, K> Features<'a, X, K> {
    #[inline(always)]
    fn of(x: &'a X) -> Self {
        Self { x, feature: PhantomData }
    }
}

impl<F: Real, X: Vector<F> + ?Sized, K: Feature> Vector<F> for Features<'_, X, K> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.x.len()
    }

    #[inline(always)]
    fn get(&self, i: usize) -> F {
        K::feature(self.x.get(i))
    }
}

/// Takes rows and their residuals.
trait Residuals<F: Real> {
    /// Takes one.
    fn put(&mut self, row: &[F::Scalar], residual: F);

    /// Takes four, one after the other.
    #[inline(always)]
    fn put_four(&mut self, rows: [&[F::Scalar]; 4], residuals: [F; 4]) {
        for (row, residual) in rows.into_iter().zip(residuals) {
            self.put(row, residual);
        }
    }
}

/// Sums the squares of residuals.
struct Squares<F>(F);

impl<F: Real> Residuals<F> for Squares<F> {
    #[inline(always)]
    fn put(&mut self, _: &[F::Scalar], residual: F) {
        self.0 = self.0 + residual * residual;
    }
}

/// Adds up residuals times their rows.
struct Rows<'a, G: ?Sized>(&'a mut G);

impl<F: Real, G: VectorMut<F> + ?Sized> Residuals<F> for Rows<'_, G> {
    #[inline(always)]
    fn put(&mut self, row: &[F::Scalar], residual: F) {
        self.0.add_column(0, row, residual);
    }

    #[inline(always)]
    fn put_four(&mut self, rows: [&[F::Scalar]; 4], residuals: [F; 4]) {
        self.0.add_columns(0, rows, residuals);
    }
}

impl<S: Scalar, A: AsRef<[S]>, K: Feature> Landscape<S> for Regression<A, K> {
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
        let mut squares = Squares(F::ZERO);
        self.residuals(x, &mut squares);
        squares.0 * F::splat(K::half_kappa::<S>() / S::from_u32(self.count()))
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for i in 0..self.dimension {
            g.set(i, F::ZERO);
        }
        self.residuals(x, &mut Rows(&mut *g));
        let mean = F::splat(S::ONE / S::from_u32(self.count()));
        for i in 0..self.dimension {
            g.set(i, g.get(i) * mean * K::slope(x.get(i)));
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
        for i in 0..self.dimension {
            p.set(i, F::ZERO);
        }
        let features = Features::<_, K>::of(x);
        for (row, target) in self.pairs() {
            let residual = features.dot(row) - F::splat(target);
            let mut change = F::ZERO;
            for (i, &a) in row.iter().enumerate() {
                change = change + K::derivative(x.get(i)) * v.get(i) * F::splat(a);
            }
            for (i, &a) in row.iter().enumerate() {
                let bend = residual * v.get(i) * F::splat(K::bend());
                p.add(i, (change * K::slope(x.get(i)) + bend) * F::splat(a));
            }
        }
        let mean = F::splat(S::ONE / S::from_u32(self.count()));
        for i in 0..self.dimension {
            p.set(i, p.get(i) * mean);
        }
    }
}

impl<S: Scalar, A: AsRef<[S]>, K: Feature> FiniteSum<S> for Regression<A, K> {
    #[inline(always)]
    fn examples(&self) -> u32 {
        self.count()
    }

    #[inline(always)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let indices = j.as_slice();
        let mut residual =
            -gather::<F>(self.targets.as_ref(), |lane| indices.get(lane).map_or(usize::MAX, |&j| j as usize));
        let rows = self.rows::<F>(j);
        for i in 0..self.dimension {
            residual = residual + K::feature(x.get(i)) * self.input::<S, F>(&rows, i);
        }
        let residual = residual * F::splat(weight);
        for i in 0..self.dimension {
            g.add(i, residual * self.input::<S, F>(&rows, i) * K::slope(x.get(i)));
        }
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let shift = -shift * F::splat(weight);
        let rows = self.rows::<F>(j);
        for i in 0..self.dimension {
            g.add(i, shift * self.input::<S, F>(&rows, i) * K::slope(x.get(i)));
        }
    }
}
