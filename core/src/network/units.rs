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

    /// The places, each with the number that `others` has there; both have the same number of units.
    fn places_beside<U: Units<F>>(
        &mut self,
        others: &U,
    ) -> impl Iterator<Item = (impl Place<F>, impl Value<F>)>;
}

/// A number that is still to be read.
///
/// On a GPU an iterator gives the number's place: one that read it would have nothing to give at the end, and a compiler that keeps branches as
/// they are would keep registers for that nothing from one walk to the next. For the same reason a walk has one end there, not those of two
/// iterators ([`UnitsMut::places_beside`]).
pub trait Value<F> {
    /// The number.
    fn get(&self) -> F;
}

/// The place of a number.
pub trait Place<F>: Value<F> {
    /// Sets it.
    fn set(&mut self, value: F);
}

/// A number of a slice: there it is read while its place is at hand.
struct Read<F>(F);

impl<F: Real> Value<F> for Read<F> {
    #[inline(always)]
    fn get(&self) -> F {
        self.0
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
        self.iter().map(|number| Read(*number))
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

    #[inline(always)]
    fn places_beside<U: Units<F>>(
        &mut self,
        others: &U,
    ) -> impl Iterator<Item = (impl Place<F>, impl Value<F>)> {
        self.iter_mut().zip(others.values())
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

    #[inline(always)]
    fn places_beside<V: Units<F>>(
        &mut self,
        others: &V,
    ) -> impl Iterator<Item = (impl Place<F>, impl Value<F>)> {
        (**self).places_beside(others)
    }
}
