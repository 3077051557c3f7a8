//! Lanes: a small array of numbers that behaves as one number.

use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::{LaneArray, LaneValue, Real, Scalar};

/// `N` numbers side by side, one trajectory in each lane. Every operation is a loop over the lanes, which the compiler turns
/// into vector instructions of whatever width the calling function was compiled for; the bits do not depend on it. What else belongs to
/// the lanes (words of a generator, indices) lies in the same way; aligned, as a vector across two cache lines takes twice as long.
///
/// ```
/// use polyak_core::real::{Lanes, Real};
/// let x = Lanes([1.0f32, 4.0]) + Lanes::splat(5.0);
/// assert_eq!(x.sqrt().lane(1), 3.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lanes<S, const N: usize>(
    /// The numbers.
    pub [S; N],
);

impl<S: Scalar, const N: usize> Real for Lanes<S, N> {
    type Scalar = S;
    type Array<T: LaneValue> = Lanes<T, N>;
    type Quarter = Self;
    const LANES: usize = N;
    const ZERO: Self = Self([S::ZERO; N]);

    #[inline(always)]
    fn splat(value: S) -> Self {
        Self([value; N])
    }

    #[inline(always)]
    fn lane(&self, lane: usize) -> S {
        self.0.get(lane).copied().unwrap_or(S::ZERO)
    }

    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> S) -> Self {
        Self(core::array::from_fn(f))
    }

    #[inline(always)]
    fn map(mut self, f: impl Fn(S) -> S) -> Self {
        for x in &mut self.0 {
            *x = f(*x);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: Self, f: impl Fn(S, S) -> S) -> Self {
        for (x, y) in self.0.iter_mut().zip(&other.0) {
            *x = f(*x, *y);
        }
        self
    }

    #[inline(always)]
    fn lanes(&self) -> &[S] {
        &self.0
    }

    #[inline(always)]
    fn lanes_mut(&mut self) -> &mut [S] {
        &mut self.0
    }

    #[inline(always)]
    fn to_array(self) -> Self {
        self
    }

    #[inline(always)]
    fn from_array(array: Self) -> Self {
        array
    }
}

impl<T: LaneValue, const N: usize> LaneArray<T> for Lanes<T, N> {
    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> T) -> Self {
        Self(core::array::from_fn(f))
    }

    #[inline(always)]
    fn from_slice(values: &[T]) -> Self {
        Self(<[T; N]>::from_slice(values))
    }

    #[inline(always)]
    fn as_slice(&self) -> &[T] {
        &self.0
    }

    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.0
    }
}

macro_rules! lane_by_lane {
    ($($trait:ident $method:ident),*) => {$(
        impl<S: Scalar, const N: usize> $trait for Lanes<S, N> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.zip(other, S::$method)
            }
        }
    )*};
}

lane_by_lane!(Add add, Sub sub, Mul mul, Div div);

impl<S: Scalar, const N: usize> Neg for Lanes<S, N> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.map(S::neg)
    }
}
