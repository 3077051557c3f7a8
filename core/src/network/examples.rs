//! The data set: wherever its numbers lie.

use crate::real::Scalar;

/// N examples of n₀ inputs and a target each.
pub trait Examples<S: Scalar> {
    /// N.
    fn count(&self) -> u32;

    /// n₀.
    fn inputs(&self) -> usize;

    /// Input `i` of example `j`; zero beyond the last.
    fn input(&self, j: u32, i: usize) -> S;

    /// The inputs of example `j`, if they lie side by side; else nothing.
    #[inline(always)]
    fn row(&self, _j: u32) -> &[S] {
        &[]
    }

    /// The target of example `j`: a number, or a class from 0 on.
    fn target(&self, j: u32) -> S;
}

impl<S: Scalar, E: Examples<S>> Examples<S> for &E {
    #[inline(always)]
    fn count(&self) -> u32 {
        (**self).count()
    }

    #[inline(always)]
    fn inputs(&self) -> usize {
        (**self).inputs()
    }

    #[inline(always)]
    fn input(&self, j: u32, i: usize) -> S {
        (**self).input(j, i)
    }

    #[inline(always)]
    fn row(&self, j: u32) -> &[S] {
        (**self).row(j)
    }

    #[inline(always)]
    fn target(&self, j: u32) -> S {
        (**self).target(j)
    }
}

/// Place of input `i` of example `j`; one beyond any data if i is none of the example's.
#[inline(always)]
fn place(columns: usize, j: u32, i: usize) -> usize {
    if i < columns { (j as usize).saturating_mul(columns).saturating_add(i) } else { usize::MAX }
}

/// How many examples have all their inputs and a target.
#[inline(always)]
fn complete(inputs: usize, columns: usize, targets: usize) -> u32 {
    u32::try_from((inputs / columns.max(1)).min(targets)).unwrap_or(u32::MAX)
}

/// Numbers in rows, and a target for each row. Rows without a target and targets without a row do not count.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Table<A> {
    /// N rows of n₀ numbers.
    pub inputs: A,
    /// N numbers or classes.
    pub targets: A,
    /// n₀.
    pub columns: usize,
}

impl<S: Scalar, A: AsRef<[S]>> Examples<S> for Table<A> {
    #[inline(always)]
    fn count(&self) -> u32 {
        complete(self.inputs.as_ref().len(), self.columns, self.targets.as_ref().len())
    }

    #[inline(always)]
    fn inputs(&self) -> usize {
        self.columns
    }

    #[inline(always)]
    fn input(&self, j: u32, i: usize) -> S {
        self.inputs.as_ref().get(place(self.columns, j, i)).copied().unwrap_or(S::ZERO)
    }

    #[inline(always)]
    fn row(&self, j: u32) -> &[S] {
        let rows = self.inputs.as_ref().get(place(self.columns, j, 0)..).unwrap_or_default();
        rows.get(..self.columns).unwrap_or_default()
    }

    #[inline(always)]
    fn target(&self, j: u32) -> S {
        self.targets.as_ref().get(j as usize).copied().unwrap_or(S::ZERO)
    }
}

/// Inputs and classes of a byte each, in flash: an input is its byte times `scale`.
///
/// ```
/// use polyak_core::network::{Bytes, Examples};
/// let digits = Bytes { inputs: &[0, 8, 16, 4], targets: &[7, 2], columns: 2, scale: 1.0f32 / 16.0 };
/// assert_eq!((digits.count(), digits.input(1, 0), digits.target(1)), (2, 1.0, 2.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bytes<'a, S> {
    /// N rows of n₀ bytes.
    pub inputs: &'a [u8],
    /// N classes.
    pub targets: &'a [u8],
    /// n₀.
    pub columns: usize,
    /// What a byte is multiplied by.
    pub scale: S,
}

impl<S: Scalar> Examples<S> for Bytes<'_, S> {
    #[inline(always)]
    fn count(&self) -> u32 {
        complete(self.inputs.len(), self.columns, self.targets.len())
    }

    #[inline(always)]
    fn inputs(&self) -> usize {
        self.columns
    }

    #[inline(always)]
    fn input(&self, j: u32, i: usize) -> S {
        let byte = self.inputs.get(place(self.columns, j, i)).copied().unwrap_or(0);
        S::from_u32(u32::from(byte)) * self.scale
    }

    #[inline(always)]
    fn target(&self, j: u32) -> S {
        S::from_u32(u32::from(self.targets.get(j as usize).copied().unwrap_or(0)))
    }
}
