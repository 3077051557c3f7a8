//! The numbers that the mathematics is written in: `f32`, `f64` and lanes of them.
//!
//! The bit contract: a result is made of IEEE 754 additions, subtractions, multiplications, divisions, square roots,
//! comparisons and conversions, each rounded to nearest even, in source order; nothing is fused or reassociated. The
//! elementary functions are made of these in [`single`] and [`double`], so they too have the same bits on every target.
//!
//! [`Real`] is one number or several side by side. A function generic over it is compiled once for a board (one lane), once
//! for a GPU thread (one lane) and once for each SIMD width of a desk, and each lane computes what a scalar would.

pub mod double;
mod lanes;
#[cfg(any(test, all(not(feature = "std"), any(target_arch = "arm", target_arch = "riscv32"))))]
mod root;
mod scalar;
pub mod single;

pub use lanes::Lanes;
pub use scalar::Scalar;

use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Neg, Sub};

/// Something to do, as a type whose method is inlined, which a closure need not be; for [`Real::run`].
pub trait Work {
    /// What comes of it.
    type Output;

    /// Does it. To be inlined always.
    fn run(self) -> Self::Output;
}

/// One number, or one number in each of several lanes.
pub trait Real:
    Copy
    + Debug
    + PartialEq
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The number of one lane.
    type Scalar: Scalar;

    /// Something else per lane: words of a generator, indices, flags.
    type Array<T: LaneValue>: LaneArray<T>;

    /// A quarter of the lanes, where a network is to take four examples at a time, a quarter of the trajectories with each: a weight is
    /// read once for the four. Elsewhere `Self`. The bits do not depend on it.
    type Quarter: Real<Scalar = Self::Scalar>;

    /// How many lanes there are.
    const LANES: usize;

    /// How many rows of a matrix a point is multiplied with at a time: 1 or 4. More where there are registers for so many sums; the bits
    /// do not depend on it.
    const ROWS: usize = 1;

    /// Zero in every lane.
    const ZERO: Self;

    /// Does the work, compiled for the instruction set that these lanes are for, if they are for one: for code too long to be compiled into
    /// every caller.
    #[inline(always)]
    fn run<W: Work>(work: W) -> W::Output {
        work.run()
    }

    /// The same number in every lane.
    fn splat(value: Self::Scalar) -> Self;

    /// The number in `lane`; zero beyond the lanes.
    fn lane(&self, lane: usize) -> Self::Scalar;

    /// One number for each lane.
    fn from_fn(f: impl FnMut(usize) -> Self::Scalar) -> Self;

    /// `f` of each lane.
    fn map(self, f: impl Fn(Self::Scalar) -> Self::Scalar) -> Self;

    /// `f` of each pair of lanes.
    fn zip(self, other: Self, f: impl Fn(Self::Scalar, Self::Scalar) -> Self::Scalar) -> Self;

    /// The numbers.
    fn lanes(&self) -> &[Self::Scalar];

    /// The numbers, to be changed.
    fn lanes_mut(&mut self) -> &mut [Self::Scalar];

    /// The numbers as an array of lanes.
    fn to_array(self) -> Self::Array<Self::Scalar>;

    /// An array of lanes as numbers.
    fn from_array(array: Self::Array<Self::Scalar>) -> Self;

    /// `f` of each lane, for an `f` of so many operations that all lanes of it would swell every caller: many lanes are done by [`Real::run`].
    #[inline(always)]
    fn map_apart(self, f: impl Fn(Self::Scalar) -> Self::Scalar) -> Self {
        if Self::LANES == 1 { self.map(f) } else { Self::run(Map(self, f)) }
    }

    /// √x, correctly rounded.
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(Scalar::root)
    }

    /// |x|.
    #[inline(always)]
    fn abs(self) -> Self {
        self.map(Scalar::magnitude)
    }
}

/// A function of each lane, as work.
struct Map<F, G>(F, G);

impl<F: Real, G: Fn(F::Scalar) -> F::Scalar> Work for Map<F, G> {
    type Output = F;

    #[inline(always)]
    fn run(self) -> F {
        self.0.map(self.1)
    }
}

/// What a lane can hold.
pub trait LaneValue: Copy + Default + Send + Sync + Debug + PartialEq + 'static {}

impl<T: Copy + Default + Send + Sync + Debug + PartialEq + 'static> LaneValue for T {}

/// One value for each lane.
pub trait LaneArray<T>: Copy + Send + Sync + Debug + PartialEq + 'static {
    /// The values from a function of the lane.
    fn from_fn(f: impl FnMut(usize) -> T) -> Self;

    /// The first values of a slice; where it has too few, values by default.
    fn from_slice(values: &[T]) -> Self;

    /// The values.
    fn as_slice(&self) -> &[T];

    /// The values, to be changed.
    fn as_mut_slice(&mut self) -> &mut [T];
}

impl<T: LaneValue, const N: usize> LaneArray<T> for [T; N] {
    #[inline(always)]
    fn from_fn(f: impl FnMut(usize) -> T) -> Self {
        core::array::from_fn(f)
    }

    #[inline(always)]
    fn from_slice(values: &[T]) -> Self {
        values.first_chunk().copied().unwrap_or([T::default(); N])
    }

    #[inline(always)]
    fn as_slice(&self) -> &[T] {
        self
    }

    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [T] {
        self
    }
}
