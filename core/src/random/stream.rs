//! A trajectory's random numbers in order, with what one step leaves for the next.

use super::{Generator, Law};
use crate::real::{LaneArray, Real};

/// The random state of the trajectories in the lanes of `F`: generators, and up to three numbers already drawn.
///
/// How many numbers are left over is the same in every lane, since every lane draws the same count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stream<F, G> {
    /// The generators.
    pub generator: G,
    spare: [F; 3],
    left: u8,
}

impl<F: Real, G: Generator<F>> Stream<F, G> {
    /// A stream at its beginning.
    #[inline(always)]
    pub fn new(generator: G) -> Self {
        Self { generator, spare: [F::ZERO; 3], left: 0 }
    }

    /// Gives `put(i, zᵢ)` the next `n` numbers of the law, in order. A stream serves one law only.
    #[inline(always)]
    pub fn draw(&mut self, law: Law<F::Scalar>, n: usize, mut put: impl FnMut(usize, F)) {
        let mut i = 0;
        while self.left > 0 && i < n {
            put(i, self.take());
            i += 1;
        }
        while n - i >= 4 {
            let [a, b, c, d] = law.draw(&mut self.generator);
            put(i, a);
            put(i + 1, b);
            put(i + 2, c);
            put(i + 3, d);
            i += 4;
        }
        if i < n {
            let [a, b, c, d] = law.draw(&mut self.generator);
            self.spare = [b, c, d];
            self.left = 3;
            put(i, a);
            i += 1;
            while i < n {
                put(i, self.take());
                i += 1;
            }
        }
    }

    /// The oldest spare number; the others move up, so that no index depends on how many there are.
    #[inline(always)]
    fn take(&mut self) -> F {
        let [a, b, c] = self.spare;
        self.spare = [b, c, c];
        self.left -= 1;
        a
    }

    /// `n` indices, each uniform on 0..`count` in each lane, by multiplication of a 32-bit word: the probability of an index
    /// is off by less than 2⁻³² of the whole. Words come in fours; the rest of the last four is dropped.
    #[inline(always)]
    pub fn indices(&mut self, count: u32, n: usize, mut put: impl FnMut(usize, F::Array<u32>)) {
        self.scaled(n, |_| count, &mut put);
    }

    /// As [`indices`](Self::indices), the i-th uniform on 0..`count(i)`.
    #[inline(always)]
    pub fn scaled(
        &mut self,
        n: usize,
        count: impl Fn(usize) -> u32,
        put: &mut impl FnMut(usize, F::Array<u32>),
    ) {
        let mut i = 0;
        while i < n {
            for words in self.generator.words() {
                if i < n {
                    let count = u64::from(count(i));
                    let words = words.as_slice();
                    let index = |lane: usize| {
                        let word = words.get(lane).copied().unwrap_or(0);
                        (u64::from(word) * count >> 32) as u32
                    };
                    put(i, F::Array::from_fn(index));
                }
                i += 1;
            }
        }
    }

    /// How many numbers are left over, and they: with the generator, all that a checkpoint needs.
    pub fn spare(&self) -> (u8, [F; 3]) {
        (self.left, self.spare)
    }

    /// A stream continued from [`spare`](Self::spare); more than three left counts as three.
    pub fn resume(generator: G, left: u8, spare: [F; 3]) -> Self {
        Self { generator, spare, left: left.min(3) }
    }
}
