//! How the mathematics reads and writes the coordinates of a point, wherever they lie: an array on a board, a
//! slice of lanes on a desk, words of neighbouring threads on a GPU.

use crate::real::Real;

/// A point that can be read coordinate by coordinate.
pub trait Vector<F> {
    /// Dimension d.
    fn len(&self) -> usize;

    /// Coordinate `i`; zero beyond the dimension.
    fn get(&self, i: usize) -> F;

    /// Σ rowⱼ xⱼ, summed in the order of j. A method, because what lies in a slice can be walked without looking at its end each time.
    #[inline(always)]
    fn dot(&self, row: &[F::Scalar]) -> F
    where
        F: Real,
    {
        let mut sum = F::ZERO;
        for (j, &factor) in row.iter().enumerate() {
            sum = sum + self.get(j) * F::splat(factor);
        }
        sum
    }

    /// Whether the dimension is 0.
    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A point that can be written coordinate by coordinate.
pub trait VectorMut<F>: Vector<F> {
    /// Sets coordinate `i`; does nothing beyond the dimension.
    fn set(&mut self, i: usize, value: F);

    /// Adds to coordinate `i`.
    #[inline(always)]
    fn add(&mut self, i: usize, value: F)
    where
        F: Real,
    {
        self.set(i, self.get(i) + value);
    }

    /// Adds columnⱼ·z to the coordinates from `first` on.
    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F)
    where
        F: Real,
    {
        for (j, &factor) in column.iter().enumerate() {
            self.add(first + j, z * F::splat(factor));
        }
    }
}

impl<F: Real> Vector<F> for [F] {
    #[inline(always)]
    fn len(&self) -> usize {
        <[F]>::len(self)
    }

    #[inline(always)]
    fn get(&self, i: usize) -> F {
        match <[F]>::get(self, i) {
            Some(value) => *value,
            None => F::ZERO,
        }
    }

    #[inline(always)]
    fn dot(&self, row: &[F::Scalar]) -> F {
        let mut sum = F::ZERO;
        for (&x, &factor) in self.iter().zip(row) {
            sum = sum + x * F::splat(factor);
        }
        sum
    }
}

impl<F: Real> VectorMut<F> for [F] {
    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        if let Some(place) = self.get_mut(i) {
            *place = value;
        }
    }

    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F) {
        for (place, &factor) in self.iter_mut().skip(first).zip(column) {
            *place = *place + z * F::splat(factor);
        }
    }
}

impl<F: Real, const D: usize> Vector<F> for [F; D] {
    #[inline(always)]
    fn len(&self) -> usize {
        D
    }

    #[inline(always)]
    fn get(&self, i: usize) -> F {
        self.as_slice().get(i).copied().unwrap_or(F::ZERO)
    }

    #[inline(always)]
    fn dot(&self, row: &[F::Scalar]) -> F {
        self.as_slice().dot(row)
    }
}

impl<F: Real, const D: usize> VectorMut<F> for [F; D] {
    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        self.as_mut_slice().set(i, value);
    }

    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F) {
        self.as_mut_slice().add_column(first, column, z);
    }
}

impl<F, V: Vector<F> + ?Sized> Vector<F> for &mut V {
    #[inline(always)]
    fn len(&self) -> usize {
        (**self).len()
    }

    #[inline(always)]
    fn get(&self, i: usize) -> F {
        (**self).get(i)
    }

    #[inline(always)]
    fn dot(&self, row: &[F::Scalar]) -> F
    where
        F: Real,
    {
        (**self).dot(row)
    }
}

impl<F, V: VectorMut<F> + ?Sized> VectorMut<F> for &mut V {
    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        (**self).set(i, value);
    }

    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F)
    where
        F: Real,
    {
        (**self).add_column(first, column, z);
    }
}

#[cfg(feature = "std")]
impl<F: Real> Vector<F> for std::vec::Vec<F> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    #[inline(always)]
    fn get(&self, i: usize) -> F {
        Vector::get(self.as_slice(), i)
    }

    #[inline(always)]
    fn dot(&self, row: &[F::Scalar]) -> F {
        self.as_slice().dot(row)
    }
}

#[cfg(feature = "std")]
impl<F: Real> VectorMut<F> for std::vec::Vec<F> {
    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        self.as_mut_slice().set(i, value);
    }

    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F) {
        self.as_mut_slice().add_column(first, column, z);
    }
}
