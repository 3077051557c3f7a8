//! The device's memory as the core's vectors: this is the module of the kernels that reads and writes at addresses.
//!
//! An address is a number that the host fills in; that it points to what the structures of [`launch`](crate::launch) say is the one
//! condition of everything here, and the caller of a kernel's entry point vouches for it.
#![allow(unsafe_code, reason = "a kernel gets addresses, and there is no other way to read and write there")]

use polyak_core::network::{Place, Units, UnitsMut, Value};
use polyak_core::oracle::Deck;
use polyak_core::real::{Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};

use crate::launch::{Address, Ensemble, Launch, Run, Segment};

/// The value at index `i` from an address on.
///
/// # Safety
/// There is such a value, and nobody writes it meanwhile.
#[inline(always)]
pub unsafe fn read<T: Copy>(address: Address, i: u64) -> T {
    // SAFETY: the caller's.
    unsafe { (address as *const T).add(i as usize).read() }
}

/// Sets the value at index `i` from an address on.
///
/// # Safety
/// There is room for such a value, and nobody else uses it meanwhile.
#[inline(always)]
pub unsafe fn write<T: Copy>(address: Address, i: u64, value: T) {
    // SAFETY: the caller's.
    unsafe { (address as *mut T).add(i as usize).write(value) }
}

/// The numbers from an address on; none from address 0.
///
/// # Safety
/// There are `length` of them, and nobody writes them while they are borrowed.
#[inline(always)]
pub unsafe fn numbers<'a, T>(address: Address, length: usize) -> &'a [T] {
    if address == 0 {
        return &[];
    }
    // SAFETY: the caller's.
    unsafe { core::slice::from_raw_parts(address as *const T, length) }
}

/// A structure without padding, every byte of which is a number's.
///
/// # Safety
/// That is so.
pub unsafe trait Plain: Copy {}

// SAFETY: a number.
unsafe impl Plain for u32 {}
// SAFETY: a number.
unsafe impl Plain for u64 {}
// SAFETY: a number.
unsafe impl Plain for f32 {}
// SAFETY: a number.
unsafe impl Plain for f64 {}
// SAFETY: four words.
unsafe impl Plain for Ensemble {}
// SAFETY: of C's layout, and `launch` asserts that its size is the sum of its fields'.
unsafe impl<S: Plain> Plain for Launch<S> {}
// SAFETY: as for `Launch`.
unsafe impl<S: Plain> Plain for Run<S> {}
// SAFETY: as for `Launch`.
unsafe impl<S: Plain> Plain for Segment<S> {}

/// The bytes of values, as they are copied to the device.
///
/// ```
/// assert_eq!(polyak_kernels::memory::bytes(&[1u32, 2]), [1, 0, 0, 0, 2, 0, 0, 0]);
/// ```
pub fn bytes<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: no byte of a plain value is padding.
    unsafe { core::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// A point in the device's memory, interleaved with those of other threads.
#[derive(Debug, Clone, Copy)]
pub struct Column<F> {
    first: *mut F,
    stride: usize,
    dimension: usize,
}

impl<F: Real> Column<F> {
    /// The point of thread `t` in an array of `dimension` rows of `stride` numbers.
    ///
    /// # Safety
    /// The array is there, t < `stride`, and only this thread uses the point while the column lives.
    #[inline(always)]
    pub unsafe fn new(array: Address, stride: u64, t: u64, dimension: usize) -> Self {
        Self { first: (array as *mut F).wrapping_add(t as usize), stride: stride as usize, dimension }
    }
}

impl<F: Real> Vector<F> for Column<F> {
    #[inline(always)]
    fn len(&self) -> usize {
        self.dimension
    }

    #[inline(always)]
    fn get(&self, i: usize) -> F {
        if i < self.dimension {
            // SAFETY: `new`'s caller; i is a row.
            unsafe { self.first.add(i * self.stride).read() }
        } else {
            F::ZERO
        }
    }
}

impl<F: Real> VectorMut<F> for Column<F> {
    #[inline(always)]
    fn set(&mut self, i: usize, value: F) {
        if i < self.dimension {
            // SAFETY: `new`'s caller; i is a row.
            unsafe { self.first.add(i * self.stride).write(value) }
        }
    }
}

impl<F: Real> Column<F> {
    /// The same numbers as ones of one lane of another name: generic code has one for lanes, and a thread is one lane.
    #[inline(always)]
    pub(crate) fn as_lane<L: Real<Scalar = F::Scalar>>(self) -> Column<L> {
        const { assert!(F::LANES == 1 && L::LANES == 1, "a thread is one lane") };
        Column { first: self.first.cast(), stride: self.stride, dimension: self.dimension }
    }

    /// `count` rows from `first` on; none if there are fewer.
    #[inline(always)]
    pub(crate) fn rows(&self, first: usize, count: usize) -> Self {
        let dimension = if first + count <= self.dimension { count } else { 0 };
        Self { first: self.first.wrapping_add(first * self.stride), dimension, ..*self }
    }

    #[inline(always)]
    fn words(&self) -> Words<F> {
        Words { next: self.first, stride: self.stride, left: self.dimension }
    }
}

impl<F: Real> Units<F> for Column<F> {
    type Part<'a> = Self;

    #[inline(always)]
    fn part(&self, first: usize, count: usize) -> Self {
        self.rows(first, count)
    }

    #[inline(always)]
    fn values(&self) -> impl Iterator<Item: Value<F>> {
        self.words()
    }
}

impl<F: Real> UnitsMut<F> for Column<F> {
    type PartMut<'a> = Self;

    #[inline(always)]
    fn parts(&mut self, first: usize, [some, more]: [usize; 2]) -> (Self, Self) {
        (self.rows(first, some), self.rows(first + some, more))
    }

    #[inline(always)]
    fn places(&mut self) -> impl Iterator<Item: Place<F>> {
        self.words()
    }

    #[inline(always)]
    fn places_beside<U: Units<F>>(
        &mut self,
        others: &U,
    ) -> impl Iterator<Item = (impl Place<F>, impl Value<F>)> {
        Beside { words: self.words(), at: At(others, 0) }
    }
}

/// The places of the numbers of a [`Column`] with those of other units; one end, as [`Words`] has.
struct Beside<'a, F, U> {
    words: Words<F>,
    at: At<'a, U>,
}

impl<'a, F, U> Iterator for Beside<'a, F, U> {
    type Item = (Word<F>, At<'a, U>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let At(others, i) = self.at;
        let word = Word(self.words.next);
        self.words.next()?;
        self.at = At(others, i + 1);
        Some((word, At(others, i)))
    }
}

/// The number of some units at a place.
struct At<'a, U>(&'a U, usize);

impl<F, U: Vector<F>> Value<F> for At<'_, U> {
    #[inline(always)]
    fn get(&self) -> F {
        self.0.get(self.1)
    }
}

/// The places of the numbers of a [`Column`] from one on.
///
/// The place is there before it is known whether there is one more: made after that, it would have no value at the end, and the
/// compiler would keep registers for it from one walk to the next.
struct Words<F> {
    next: *mut F,
    stride: usize,
    left: usize,
}

impl<F> Iterator for Words<F> {
    type Item = Word<F>;

    #[inline(always)]
    fn next(&mut self) -> Option<Word<F>> {
        let word = Word(self.next);
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        self.next = self.next.wrapping_add(self.stride);
        Some(word)
    }
}

/// The place of a number of a [`Column`].
struct Word<F>(*mut F);

impl<F: Real> Value<F> for Word<F> {
    #[inline(always)]
    fn get(&self) -> F {
        // SAFETY: `Column::new`'s caller; the word is in a row.
        unsafe { self.0.read() }
    }
}

impl<F: Real> Place<F> for Word<F> {
    #[inline(always)]
    fn set(&mut self, value: F) {
        // SAFETY: `Column::new`'s caller; the word is in a row.
        unsafe { self.0.write(value) }
    }
}

/// A trajectory's deck in the device's memory.
#[derive(Debug, Clone, Copy)]
pub struct Cards {
    first: *mut u32,
    stride: usize,
    count: u32,
    /// How many cards of the deck are dealt.
    pub dealt: u32,
}

impl Cards {
    /// The deck of thread `t` in an array of `count` rows of `stride` cards.
    ///
    /// # Safety
    /// As for [`Column::new`].
    #[inline(always)]
    pub unsafe fn new(array: Address, stride: u64, t: u64, count: u32, dealt: u32) -> Self {
        Self { first: (array as *mut u32).wrapping_add(t as usize), stride: stride as usize, count, dealt }
    }

    /// Every card in its place.
    #[inline(always)]
    pub fn sort(&mut self) {
        for card in 0..self.count {
            self.set(card, card);
        }
    }

    #[inline(always)]
    fn get(&self, i: u32) -> u32 {
        // SAFETY: `new`'s caller; i is a row.
        if i < self.count { unsafe { self.first.add(i as usize * self.stride).read() } } else { 0 }
    }

    #[inline(always)]
    fn set(&mut self, i: u32, card: u32) {
        if i < self.count {
            // SAFETY: `new`'s caller; i is a row.
            unsafe { self.first.add(i as usize * self.stride).write(card) }
        }
    }
}

impl<S: Scalar> Deck<S> for Cards {
    #[inline(always)]
    fn card(&self, _: usize, i: u32) -> u32 {
        self.get(i)
    }

    #[inline(always)]
    fn swap(&mut self, _: usize, i: u32, j: u32) {
        let (a, b) = (self.get(i), self.get(j));
        self.set(i, b);
        self.set(j, a);
    }

    #[inline(always)]
    fn dealt(&self) -> u32 {
        self.dealt
    }

    #[inline(always)]
    fn set_dealt(&mut self, dealt: u32) {
        self.dealt = dealt;
    }
}
