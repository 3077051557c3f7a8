//! How the mathematics reads and writes the coordinates of a point, wherever they lie: an array on a board, a
//! slice of lanes on a desk, words of neighbouring threads on a GPU.

use crate::real::Real;

/// A point that can be read coordinate by coordinate.
pub trait Vector<F> {
    /// Dimension d.
    fn len(&self) -> usize;

    /// Coordinate `i`; zero beyond the dimension.
    fn get(&self, i: usize) -> F;

    /// The coordinates as a slice, if they lie in one.
    #[inline(always)]
    fn slice(&self) -> Option<&[F]> {
        None
    }

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

    /// [`dot`](Self::dot) of four rows of one length, side by side.
    #[inline(always)]
    fn dots(&self, [a, b, c, d]: [&[F::Scalar]; 4]) -> [F; 4]
    where
        F: Real,
    {
        // Four names and not an array, so that the sums stay in registers.
        let (mut first, mut second, mut third, mut fourth) = (F::ZERO, F::ZERO, F::ZERO, F::ZERO);
        for (j, (((&a, &b), &c), &d)) in a.iter().zip(b).zip(c).zip(d).enumerate() {
            let x = self.get(j);
            first = first + x * F::splat(a);
            second = second + x * F::splat(b);
            third = third + x * F::splat(c);
            fourth = fourth + x * F::splat(d);
        }
        [first, second, third, fourth]
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

    /// [`slice`](Vector::slice), to be changed.
    #[inline(always)]
    fn slice_mut(&mut self) -> Option<&mut [F]> {
        None
    }

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

    /// [`add_column`](Self::add_column) of four columns of one length, each coordinate's terms in their order.
    #[inline(always)]
    fn add_columns(&mut self, first: usize, columns: [&[F::Scalar]; 4], [a, b, c, d]: [F; 4])
    where
        F: Real,
    {
        for (column, z) in columns.into_iter().zip([a, b, c, d]) {
            self.add_column(first, column, z);
        }
    }
}

/// The first four rows of `n` numbers; what lacks is empty.
#[inline(always)]
pub(crate) fn four_rows<F>(rows: &[F], n: usize) -> [&[F]; 4] {
    let mut rows = rows.chunks_exact(n);
    let mut next = || rows.next().unwrap_or_default();
    [next(), next(), next(), next()]
}

impl<F: Real> Vector<F> for [F] {
    #[inline(always)]
    fn slice(&self) -> Option<&[F]> {
        Some(self)
    }

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

    #[inline(always)]
    fn dots(&self, [a, b, c, d]: [&[F::Scalar]; 4]) -> [F; 4] {
        let (mut first, mut second, mut third, mut fourth) = (F::ZERO, F::ZERO, F::ZERO, F::ZERO);
        for ((((&x, &a), &b), &c), &d) in self.iter().zip(a).zip(b).zip(c).zip(d) {
            first = first + x * F::splat(a);
            second = second + x * F::splat(b);
            third = third + x * F::splat(c);
            fourth = fourth + x * F::splat(d);
        }
        [first, second, third, fourth]
    }
}

impl<F: Real> VectorMut<F> for [F] {
    #[inline(always)]
    fn slice_mut(&mut self) -> Option<&mut [F]> {
        Some(self)
    }

    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        if let Some(place) = self.get_mut(i) {
            *place = value;
        }
    }

    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F) {
        // So few lanes are unrolled, and then the compiler joins coordinates to vectors, by gathers; a look at the end keeps it from that.
        if (2..64).contains(&F::LANES) {
            for (j, &factor) in column.iter().enumerate() {
                self.add(first + j, z * F::splat(factor));
            }
            return;
        }
        for (place, &factor) in self.iter_mut().skip(first).zip(column) {
            *place = *place + z * F::splat(factor);
        }
    }

    #[inline(always)]
    fn add_columns(&mut self, first: usize, [a, b, c, d]: [&[F::Scalar]; 4], [p, q, r, s]: [F; 4]) {
        if (2..64).contains(&F::LANES) {
            for (j, (((&a, &b), &c), &d)) in a.iter().zip(b).zip(c).zip(d).enumerate() {
                let sum = Vector::get(self, first + j) + p * F::splat(a);
                let sum = sum + q * F::splat(b);
                let sum = sum + r * F::splat(c);
                self.set(first + j, sum + s * F::splat(d));
            }
            return;
        }
        for ((((place, &a), &b), &c), &d) in self.iter_mut().skip(first).zip(a).zip(b).zip(c).zip(d) {
            let sum = *place + p * F::splat(a);
            let sum = sum + q * F::splat(b);
            let sum = sum + r * F::splat(c);
            *place = sum + s * F::splat(d);
        }
    }
}

impl<F: Real, const D: usize> Vector<F> for [F; D] {
    #[inline(always)]
    fn slice(&self) -> Option<&[F]> {
        Some(self)
    }

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

    #[inline(always)]
    fn dots(&self, rows: [&[F::Scalar]; 4]) -> [F; 4] {
        self.as_slice().dots(rows)
    }
}

impl<F: Real, const D: usize> VectorMut<F> for [F; D] {
    #[inline(always)]
    fn slice_mut(&mut self) -> Option<&mut [F]> {
        Some(self)
    }

    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        self.as_mut_slice().set(i, value);
    }

    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F) {
        self.as_mut_slice().add_column(first, column, z);
    }

    #[inline(always)]
    fn add_columns(&mut self, first: usize, columns: [&[F::Scalar]; 4], four: [F; 4]) {
        self.as_mut_slice().add_columns(first, columns, four);
    }
}

macro_rules! by_reference {
    ($reference:ty) => {
        impl<F, V: Vector<F> + ?Sized> Vector<F> for $reference {
            #[inline(always)]
            fn slice(&self) -> Option<&[F]> {
                (**self).slice()
            }

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

            #[inline(always)]
            fn dots(&self, rows: [&[F::Scalar]; 4]) -> [F; 4]
            where
                F: Real,
            {
                (**self).dots(rows)
            }
        }
    };
}

by_reference!(&V);
by_reference!(&mut V);

impl<F, V: VectorMut<F> + ?Sized> VectorMut<F> for &mut V {
    #[inline(always)]
    fn slice_mut(&mut self) -> Option<&mut [F]> {
        (**self).slice_mut()
    }

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

    #[inline(always)]
    fn add_columns(&mut self, first: usize, columns: [&[F::Scalar]; 4], four: [F; 4])
    where
        F: Real,
    {
        (**self).add_columns(first, columns, four);
    }
}

#[cfg(feature = "std")]
impl<F: Real> Vector<F> for std::vec::Vec<F> {
    #[inline(always)]
    fn slice(&self) -> Option<&[F]> {
        Some(self)
    }

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

    #[inline(always)]
    fn dots(&self, rows: [&[F::Scalar]; 4]) -> [F; 4] {
        self.as_slice().dots(rows)
    }
}

#[cfg(feature = "std")]
impl<F: Real> VectorMut<F> for std::vec::Vec<F> {
    #[inline(always)]
    fn slice_mut(&mut self) -> Option<&mut [F]> {
        Some(self)
    }

    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        self.as_mut_slice().set(i, value);
    }

    #[inline(always)]
    fn add_column(&mut self, first: usize, column: &[F::Scalar], z: F) {
        self.as_mut_slice().add_column(first, column, z);
    }

    #[inline(always)]
    fn add_columns(&mut self, first: usize, columns: [&[F::Scalar]; 4], four: [F; 4]) {
        self.as_mut_slice().add_columns(first, columns, four);
    }
}
