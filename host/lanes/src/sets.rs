//! Lanes for an instruction set.

use core::ops::{Add, Div, Mul, Neg, Sub};

use polyak_core::real::{LaneValue, Real, Work};

use crate::{LaneScalar, width};

macro_rules! lanes_for {
    ($(#[$doc:meta])* $name:ident, $rows:literal, $run:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[repr(transparent)]
        pub struct $name<F>(F);

        impl<F: Real<Scalar: LaneScalar>> Real for $name<F> {
            type Scalar = F::Scalar;
            type Array<T: LaneValue> = F::Array<T>;
            type Quarter = <F::Scalar as LaneScalar>::Quarter;
            const LANES: usize = F::LANES;
            const ROWS: usize = $rows;
            const ZERO: Self = Self(F::ZERO);

            #[inline(always)]
            fn run<W: Work>(work: W) -> W::Output {
                $run(work)
            }

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
            fn lanes(&self) -> &[F::Scalar] {
                self.0.lanes()
            }

            #[inline(always)]
            fn lanes_mut(&mut self) -> &mut [F::Scalar] {
                self.0.lanes_mut()
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

        lanes_for!(@operations $name: Add add, Sub sub, Mul mul, Div div);

        impl<F: Real> Neg for $name<F> {
            type Output = Self;

            #[inline(always)]
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
    };
    (@operations $name:ident: $($trait:ident $method:ident),*) => {$(
        impl<F: Real> $trait for $name<F> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0.$method(other.0))
            }
        }
    )*};
}

lanes_for!(
    /// Lanes of `F` in the registers that every machine of the target has.
    Baseline, 1, width::with_baseline
);

lanes_for!(
    /// Lanes of `F` in AVX2's registers.
    ///
    /// # Panics
    /// [`Real::run`] does on a machine that does not have it; [`Width::available`](crate::Width::available) asks.
    Avx2, 1, width::with_avx2
);

lanes_for!(
    /// Lanes of `F` in AVX-512's registers, four rows of a matrix at a time: 32 registers hold the sums, and the machine adds to one while
    /// another is on its way.
    ///
    /// # Panics
    /// [`Real::run`] does on a machine that does not have it; [`Width::available`](crate::Width::available) asks.
    Avx512, 4, width::with_avx512
);
