//! Lanes where there are registers for four sums at a time.

use core::ops::{Add, Div, Mul, Neg, Sub};

use polyak_core::real::{LaneValue, Real};

/// Lanes of `F` that multiply with four rows of a matrix at a time: 32 registers hold the sums, and the machine adds to one while another
/// is on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(transparent)]
pub struct FourRows<F>(F);

impl<F: Real> Real for FourRows<F> {
    type Scalar = F::Scalar;
    type Array<T: LaneValue> = F::Array<T>;
    const LANES: usize = F::LANES;
    const ROWS: usize = 4;
    const ZERO: Self = Self(F::ZERO);

    #[inline(always)]
    fn splat(value: F::Scalar) -> Self {
        Self(F::splat(value))
    }

    #[inline(always)]
    fn lane(&self, lane: usize) -> F::Scalar {
        self.0.lane(lane)
    }

    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> F::Scalar) -> Self {
        Self(F::from_fn(f))
    }

    #[inline(always)]
    fn map(self, f: impl Fn(F::Scalar) -> F::Scalar) -> Self {
        Self(self.0.map(f))
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(F::Scalar, F::Scalar) -> F::Scalar) -> Self {
        Self(self.0.zip(other.0, f))
    }

    #[inline(always)]
    fn to_array(self) -> F::Array<F::Scalar> {
        self.0.to_array()
    }

    #[inline(always)]
    fn from_array(array: F::Array<F::Scalar>) -> Self {
        Self(F::from_array(array))
    }
}

macro_rules! as_of_the_lanes {
    ($($trait:ident $method:ident),*) => {$(
        impl<F: Real> $trait for FourRows<F> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0.$method(other.0))
            }
        }
    )*};
}

as_of_the_lanes!(Add add, Sub sub, Mul mul, Div div);

impl<F: Real> Neg for FourRows<F> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
