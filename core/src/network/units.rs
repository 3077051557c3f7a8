//! Where the numbers of a pass lie, one for each unit: in an array on a board and in lanes, in words of neighbouring threads on a GPU.

use crate::real::Real;
use crate::vector::{Vector, VectorMut};

/// A number for each of some units.
///
/// Beside [`Vector`], since a pass walks layers: what lies in a slice is walked without looking at its end at each number.
pub trait Units<F>: Vector<F> {
    /// Some of them.
    type Part<'a>: Units<F>
    where
        Self: 'a,
        F: 'a;

    /// The `count` numbers from `first` on; none if there are fewer.
    fn part(&self, first: usize, count: usize) -> Self::Part<'_>;

    /// The numbers in their order.
    fn values(&self) -> impl Iterator<Item: Value<F>>;
}

/// A number for each of some units, to be set.
pub trait UnitsMut<F>: Units<F> + VectorMut<F> {
    /// Some of them.
    type PartMut<'a>: UnitsMut<F>
    where
        Self: 'a,
        F: 'a;

    /// The `counts[0]` numbers from `first` on, and the `counts[1]` after these; none if there are fewer.
    fn parts(&mut self, first: usize, counts: [usize; 2]) -> (Self::PartMut<'_>, Self::PartMut<'_>);

    /// The places of the numbers in their order.
    fn places(&mut self) -> impl Iterator<Item: Place<F>>;
}

/// A number that is still to be read.
///
/// An iterator gives the number's place: one that read it would have nothing to give at the end, and a compiler for a GPU, which keeps
/// branches as they are, would keep registers for that nothing.
pub trait Value<F> {
    /// The number.
    fn get(&self) -> F;
}

/// The place of a number.
pub trait Place<F>: Value<F> {
    /// Sets it.
    fn set(&mut self, value: F);
}

impl<F: Real> Value<F> for &F {
    #[inline(always)]
    fn get(&self) -> F {
        **self
    }
}

impl<F: Real> Value<F> for &mut F {
    #[inline(always)]
    fn get(&self) -> F {
        **self
    }
}

impl<F: Real> Place<F> for &mut F {
    #[inline(always)]
    fn set(&mut self, value: F) {
        **self = value;
    }
}

impl<F: Real> Units<F> for [F] {
    type Part<'a>
        = &'a [F]
    where
        F: 'a;

    #[inline(always)]
    fn part(&self, first: usize, count: usize) -> &[F] {
        <[F]>::get(self, first..first + count).unwrap_or_default()
    }

    #[inline(always)]
    fn values(&self) -> impl Iterator<Item: Value<F>> {
        self.iter()
    }
}

impl<F: Real> UnitsMut<F> for [F] {
    type PartMut<'a>
        = &'a mut [F]
    where
        F: 'a;

    #[inline(always)]
    fn parts(&mut self, first: usize, [some, more]: [usize; 2]) -> (&mut [F], &mut [F]) {
        let (_, units) = self.split_at_mut_checked(first).unwrap_or_default();
        let (some, units) = units.split_at_mut_checked(some).unwrap_or_default();
        (some, units.get_mut(..more).unwrap_or_default())
    }

    #[inline(always)]
    fn places(&mut self) -> impl Iterator<Item: Place<F>> {
        self.iter_mut()
    }
}

macro_rules! by_reference {
    ($reference:ty) => {
        impl<F, U: Units<F> + ?Sized> Units<F> for $reference {
            type Part<'a>
                = U::Part<'a>
            where
                Self: 'a,
                F: 'a;

            #[inline(always)]
            fn part(&self, first: usize, count: usize) -> Self::Part<'_> {
                (**self).part(first, count)
            }

            #[inline(always)]
            fn values(&self) -> impl Iterator<Item: Value<F>> {
                (**self).values()
            }
        }
    };
}

by_reference!(&U);
by_reference!(&mut U);

impl<F, U: UnitsMut<F> + ?Sized> UnitsMut<F> for &mut U {
    type PartMut<'a>
        = U::PartMut<'a>
    where
        Self: 'a,
        F: 'a;

    #[inline(always)]
    fn parts(&mut self, first: usize, counts: [usize; 2]) -> (Self::PartMut<'_>, Self::PartMut<'_>) {
        (**self).parts(first, counts)
    }

    #[inline(always)]
    fn places(&mut self) -> impl Iterator<Item: Place<F>> {
        (**self).places()
    }
}
