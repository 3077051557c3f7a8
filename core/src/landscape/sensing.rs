//! Matrix sensing: a symmetric matrix seen through linear measurements, learned as UUᵀ.

use core::marker::PhantomData;

use super::{FiniteSum, Landscape, gather};
use crate::real::{LaneArray, Real, Scalar, Work};
use crate::vector::{Vector, VectorMut};

/// L = (1/4N) Σⱼ (⟨Aⱼ, UUᵀ⟩ − yⱼ)² over N symmetric p × p matrices Aⱼ; the point is U, p × r, column after column: d = p·r
/// (Blanc et al. 2020; FF). With r = 1 and diagonal Aⱼ it is the [`DiagonalNetwork`](super::DiagonalNetwork).
///
/// ∇L = (1/N) Σⱼ (⟨Aⱼ, UUᵀ⟩ − yⱼ) AⱼU. With more entries than measurements the minimisers are a manifold; along it
/// tr ∇²L = (2/N) Σⱼ |AⱼU|², which for many Gaussian Aⱼ goes with |U|², the nuclear norm of UUᵀ.
///
/// ```
/// use polyak_core::landscape::{Landscape, MatrixSensing};
/// let sensing = MatrixSensing::new(&[0.0f64, 1.0, 1.0, 0.0][..], &[1.0][..], 2, 1);
/// let mut g = [0.0; 2];
/// sensing.gradient(&[2.0, 1.0], &mut g); // ⟨A, UUᵀ⟩ = 4
/// assert_eq!((sensing.loss(&[2.0, 1.0]), g), (2.25, [3.0, 6.0]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MatrixSensing<A> {
    matrices: A,
    targets: A,
    side: usize,
    rank: usize,
}

impl<A> MatrixSensing<A> {
    /// `matrices`: N symmetric matrices of p = `side` rows, each row by row; `targets`: N numbers; r = `rank`. What has no
    /// target, and targets of nothing, do not count. Of a matrix that is not symmetric the gradient is not that of the loss.
    pub fn new(matrices: A, targets: A, side: usize, rank: usize) -> Self {
        Self { matrices, targets, side, rank }
    }

    /// The same landscape, its numbers borrowed.
    #[inline(always)]
    pub fn borrowed<S>(&self) -> MatrixSensing<&[S]>
    where
        A: AsRef<[S]>,
    {
        MatrixSensing::new(self.matrices.as_ref(), self.targets.as_ref(), self.side, self.rank)
    }

    /// The matrices, one after another.
    pub fn matrices(&self) -> &A {
        &self.matrices
    }

    /// The targets.
    pub fn targets(&self) -> &A {
        &self.targets
    }

    /// r.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// p², not 0.
    #[inline(always)]
    fn entries(&self) -> usize {
        self.side.saturating_mul(self.side).max(1)
    }

    /// The matrices and targets, in order.
    #[inline(always)]
    fn pairs<S: Scalar>(&self) -> impl Iterator<Item = (&[S], S)>
    where
        A: AsRef<[S]>,
    {
        let matrices = self.matrices.as_ref().chunks_exact(self.entries());
        matrices.zip(self.targets.as_ref().iter().copied())
    }

    #[inline(always)]
    fn count<S: Scalar>(&self) -> u32
    where
        A: AsRef<[S]>,
    {
        let matrices = self.matrices.as_ref().len() / self.entries();
        u32::try_from(matrices.min(self.targets.as_ref().len())).unwrap_or(u32::MAX)
    }

    /// Rows of a matrix.
    #[inline(always)]
    fn rows<'a, S>(&self, matrix: &'a [S]) -> impl Iterator<Item = &'a [S]> {
        matrix.chunks_exact(self.side.max(1))
    }

    /// Σ_b A_ab X_bk of one row of A.
    #[inline(always)]
    fn product<F, X>(&self, row: &[F::Scalar], x: &X, k: usize) -> F
    where
        F: Real,
        X: Vector<F> + ?Sized,
    {
        let mut sum = F::ZERO;
        for (b, &entry) in row.iter().enumerate() {
            sum = sum + F::splat(entry) * x.get(k * self.side + b);
        }
        sum
    }

    /// ⟨A, UVᵀ⟩.
    #[inline(always)]
    fn form<F, U, V>(&self, matrix: &[F::Scalar], u: &U, v: &V) -> F
    where
        F: Real,
        U: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
    {
        let mut sum = F::ZERO;
        for (a, row) in self.rows(matrix).enumerate() {
            for k in 0..self.rank {
                sum = sum + v.get(k * self.side + a) * self.product(row, u, k);
            }
        }
        sum
    }

    /// g ← g + s·AX.
    #[inline(always)]
    fn add_product<F, X, G>(&self, matrix: &[F::Scalar], s: F, x: &X, g: &mut G)
    where
        F: Real,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for (a, row) in self.rows(matrix).enumerate() {
            for k in 0..self.rank {
                g.add(k * self.side + a, s * self.product(row, x, k));
            }
        }
    }

    /// Matrix and target of the one example of all lanes, if they share one. Of a single lane its own are as near.
    #[inline(always)]
    fn shared<S: Scalar, F: Real<Scalar = S>>(&self, j: &F::Array<u32>) -> Option<(&[S], S)>
    where
        A: AsRef<[S]>,
    {
        if F::LANES == 1 {
            return None;
        }
        let (first, others) = j.as_slice().split_first()?;
        if others.iter().any(|other| other != first) {
            return None;
        }
        let begin = (*first as usize).checked_mul(self.entries())?;
        let matrix = self.matrices.as_ref().get(begin..begin.checked_add(self.entries())?)?;
        Some((matrix, *self.targets.as_ref().get(*first as usize)?))
    }

    /// y − ⟨A, UUᵀ⟩ of the example that all lanes share, in the order of [`excess`](Self::excess).
    #[inline(always)]
    fn shared_excess<F, X>(&self, (matrix, target): (&[F::Scalar], F::Scalar), x: &X) -> F
    where
        F: Real,
        X: Vector<F> + ?Sized,
    {
        let mut excess = F::splat(target);
        for (a, row) in self.rows(matrix).enumerate() {
            for (b, &entry) in row.iter().enumerate() {
                let mut product = F::ZERO;
                for column in (0..self.rank).map(|k| k * self.side) {
                    product = product + x.get(column + a) * x.get(column + b);
                }
                excess = excess - F::splat(entry) * product;
            }
        }
        excess
    }

    /// g ← g − w·s·AU of the example that all lanes share, in the order of [`Term`].
    #[inline(always)]
    fn add_shared<F, X, G>(
        &self,
        weight: F::Scalar,
        shift: Option<F>,
        shared: (&[F::Scalar], F::Scalar),
        x: &X,
        g: &mut G,
    ) where
        F: Real,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let shift = match shift {
            Some(shift) => shift,
            None => self.shared_excess::<F, X>(shared, x),
        };
        let shift = -shift * F::splat(weight);
        for (a, row) in self.rows(shared.0).enumerate() {
            for column in (0..self.rank).map(|k| k * self.side) {
                let mut sum: F = g.get(column + a);
                for (b, &entry) in row.iter().enumerate() {
                    sum = sum + shift * F::splat(entry) * x.get(column + b);
                }
                g.set(column + a, sum);
            }
        }
    }

    /// yⱼ − ⟨Aⱼ, UUᵀ⟩ of each lane's own j.
    #[inline(always)]
    fn excess<F, X>(&self, j: &F::Array<u32>, x: &X) -> F
    where
        F: Real,
        A: AsRef<[F::Scalar]>,
        X: Vector<F> + ?Sized,
    {
        let indices = j.as_slice();
        let mut excess =
            gather::<F>(self.targets.as_ref(), |lane| indices.get(lane).map_or(usize::MAX, |&j| j as usize));
        for a in 0..self.side {
            for b in 0..self.side {
                let mut product = F::ZERO;
                for column in (0..self.rank).map(|k| k * self.side) {
                    product = product + x.get(column + a) * x.get(column + b);
                }
                excess = excess - self.entry::<F::Scalar, F>(j, a * self.side + b) * product;
            }
        }
        excess
    }

    /// Entry `i` of each lane's own matrix.
    #[inline(always)]
    fn entry<S: Scalar, F: Real<Scalar = S>>(&self, j: &F::Array<u32>, i: usize) -> F
    where
        A: AsRef<[S]>,
    {
        let j = j.as_slice();
        gather(self.matrices.as_ref(), |lane| {
            let matrix = j.get(lane).map_or(usize::MAX, |&j| j as usize);
            matrix.saturating_mul(self.entries()).saturating_add(i)
        })
    }
}

impl<S: Scalar, A: AsRef<[S]>> Landscape<S> for MatrixSensing<A> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.side.saturating_mul(self.rank)
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        once::<F, _>(Loss { sensing: self, x, lanes: PhantomData })
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        once::<F, _>(Gradient { sensing: self, x, g, lanes: PhantomData });
    }

    #[inline(always)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        for i in 0..self.dimension() {
            p.set(i, F::ZERO);
        }
        let mean = F::splat(S::ONE / S::from_u32(self.count()));
        for (matrix, target) in self.pairs() {
            let residual = self.form(matrix, x, x) - F::splat(target);
            let half: F = self.form(matrix, x, v);
            self.add_product(matrix, residual * mean, v, p);
            self.add_product(matrix, (half + half) * mean, x, p);
        }
    }
}

impl<S: Scalar, A: AsRef<[S]>> FiniteSum<S> for MatrixSensing<A> {
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
        once::<F, _>(Term { sensing: self, weight, shift: None, j, x, g });
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        once::<F, _>(Term { sensing: self, weight, shift: Some(shift), j, x, g });
    }
}

/// Does the work where it is called, of one number; of lanes, whose code is long, in one function for all callers.
#[inline(always)]
fn once<F: Real, W: Work>(work: W) -> W::Output {
    if F::LANES == 1 { work.run() } else { apart::<F, W>(work) }
}

#[inline(never)]
fn apart<F: Real, W: Work>(work: W) -> W::Output {
    F::run(work)
}

/// L(x).
struct Loss<'a, A, X: ?Sized, F> {
    sensing: &'a MatrixSensing<A>,
    x: &'a X,
    lanes: PhantomData<F>,
}

impl<F: Real, A: AsRef<[F::Scalar]>, X: Vector<F> + ?Sized> Work for Loss<'_, A, X, F> {
    type Output = F;

    #[inline(always)]
    fn run(self) -> F {
        let Self { sensing, x, .. } = self;
        let mut sum = F::ZERO;
        for (matrix, target) in sensing.pairs::<F::Scalar>() {
            let residual = sensing.form(matrix, x, x) - F::splat(target);
            sum = sum + residual * residual;
        }
        let quarter = F::Scalar::HALF * F::Scalar::HALF;
        sum * F::splat(quarter / F::Scalar::from_u32(sensing.count::<F::Scalar>()))
    }
}

/// g ← ∇L(x).
struct Gradient<'a, A, X: ?Sized, G: ?Sized, F> {
    sensing: &'a MatrixSensing<A>,
    x: &'a X,
    g: &'a mut G,
    lanes: PhantomData<F>,
}

impl<F, A, X, G> Work for Gradient<'_, A, X, G, F>
where
    F: Real,
    A: AsRef<[F::Scalar]>,
    X: Vector<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { sensing, x, g, .. } = self;
        for i in 0..Landscape::<F::Scalar>::dimension(sensing) {
            g.set(i, F::ZERO);
        }
        let mean = F::splat(F::Scalar::ONE / F::Scalar::from_u32(sensing.count::<F::Scalar>()));
        for (matrix, target) in sensing.pairs::<F::Scalar>() {
            let residual = sensing.form(matrix, x, x) - F::splat(target);
            sensing.add_product(matrix, residual * mean, x, g);
        }
    }
}

/// g ← g − w·s·AⱼU, s the shift of the target, or yⱼ − ⟨Aⱼ, UUᵀ⟩ where there is none.
struct Term<'a, F: Real, A, X: ?Sized, G: ?Sized> {
    sensing: &'a MatrixSensing<A>,
    weight: F::Scalar,
    shift: Option<F>,
    j: &'a F::Array<u32>,
    x: &'a X,
    g: &'a mut G,
}

impl<F, A, X, G> Work for Term<'_, F, A, X, G>
where
    F: Real,
    A: AsRef<[F::Scalar]>,
    X: Vector<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { sensing, weight, shift, j, x, g } = self;
        if let Some(shared) = sensing.shared::<F::Scalar, F>(j) {
            return sensing.add_shared(weight, shift, shared, x, g);
        }
        let shift = match shift {
            Some(shift) => shift,
            None => sensing.excess::<F, X>(j, x),
        };
        let shift = -shift * F::splat(weight);
        for a in 0..sensing.side {
            for b in 0..sensing.side {
                let entry = shift * sensing.entry::<F::Scalar, F>(j, a * sensing.side + b);
                for column in (0..sensing.rank).map(|k| k * sensing.side) {
                    g.add(column + a, entry * x.get(column + b));
                }
            }
        }
    }
}
