//! A trajectory's random numbers in order, with what one step leaves for the next.

use super::{Generator, Law};
use crate::real::{LaneArray, Real};

/// Takes numbers as they are drawn. A trait and not only a closure, because a closure that is called from several places is not
/// inlined, and then it is compiled without the caller's instruction set.
pub trait Sink<F> {
    /// Takes number `i`.
    fn put(&mut self, i: usize, z: F);

    /// Takes the numbers `i` to `i` + 3.
    #[inline(always)]
    fn put_four(&mut self, i: usize, [a, b, c, d]: [F; 4]) {
        self.put(i, a);
        self.put(i + 1, b);
        self.put(i + 2, c);
        self.put(i + 3, d);
    }
}

impl<F, P: FnMut(usize, F)> Sink<F> for P {
    #[inline(always)]
    fn put(&mut self, i: usize, z: F) {
        self(i, z);
    }
}

/// Takes indices as they are drawn; a trait for the same reason as [`Sink`].
pub trait Indices<F: Real> {
    /// What the `i`-th is less than.
    fn count(&self, i: usize) -> u32;

    /// Takes the `i`-th of each lane.
    fn put(&mut self, i: usize, indices: F::Array<u32>);
}

/// Indices of one range for a closure.
struct Below<P> {
    count: u32,
    put: P,
}

impl<F: Real, P: FnMut(usize, F::Array<u32>)> Indices<F> for Below<P> {
    #[inline(always)]
    fn count(&self, _: usize) -> u32 {
        self.count
    }

    #[inline(always)]
    fn put(&mut self, i: usize, indices: F::Array<u32>) {
        (self.put)(i, indices);
    }
}

/// The random state of the trajectories in the lanes of `F`: generators, and the last four numbers drawn.
///
/// How many numbers are left over is the same in every lane, since every lane draws the same count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stream<F: Real, G> {
    /// The generators.
    pub generator: G,
    block: [F::Array<F::Scalar>; 4],
    left: u8,
    // Scratch of a draw; here so that it is not cleared every time.
    words: [F::Array<u32>; 4],
}

#[cfg(feature = "defmt")]
impl<F: Real + defmt::Format, G: defmt::Format> defmt::Format for Stream<F, G> {
    fn format(&self, out: defmt::Formatter) {
        let (generator, left, block) = (&self.generator, self.left, self.block.map(F::from_array));
        defmt::write!(out, "Stream {{ generator: {}, left: {}, block: {} }}", generator, left, block);
    }
}

impl<F: Real, G: Generator<F>> Stream<F, G> {
    /// A stream at its beginning.
    #[inline(always)]
    pub fn new(generator: G) -> Self {
        Self::resume(generator, 0, [F::ZERO; 4])
    }

    /// Gives `sink` the next `n` numbers of the law, in order. A stream serves one law only.
    ///
    /// There is one place that draws and it fills a block of four, whatever n is: the sampler is the bulk of the code, on a
    /// board as on a GPU, and must not be copied for every remainder.
    #[inline(always)]
    pub fn draw(&mut self, law: Law<F::Scalar>, n: usize, sink: &mut impl Sink<F>) {
        // Where a GPU's compiler knows n, it knows every index here, and what is indexed by constants stays in registers.
        #[cfg(target_arch = "nvptx64")]
        if core::intrinsics::is_val_statically_known(n) && self.left == 0 && n.is_multiple_of(4) {
            for quarter in 0..n / 4 {
                law.draw(&mut self.generator, &mut self.words, &mut self.block);
                let [a, b, c, d] = self.block;
                let four = [F::from_array(a), F::from_array(b), F::from_array(c), F::from_array(d)];
                sink.put_four(4 * quarter, four);
            }
            return;
        }
        let mut i = 0;
        while i < n {
            if self.left == 0 {
                law.draw(&mut self.generator, &mut self.words, &mut self.block);
                self.left = 4;
            }
            let [a, b, c, d] = &self.block;
            if self.left == 4 && n - i >= 4 {
                let four = [F::from_array(*a), F::from_array(*b), F::from_array(*c), F::from_array(*d)];
                sink.put_four(i, four);
                self.left = 0;
                i += 4;
            } else {
                let z = match self.left {
                    4 => a,
                    3 => b,
                    2 => c,
                    _ => d,
                };
                sink.put(i, F::from_array(*z));
                self.left -= 1;
                i += 1;
            }
        }
    }

    /// `n` indices, each uniform on 0..`count` in each lane, by multiplication of a 32-bit word: the probability of an index
    /// is off by less than 2⁻³² of the whole. Words come in fours; the rest of the last four is dropped.
    #[inline(always)]
    pub fn indices(&mut self, count: u32, n: usize, put: impl FnMut(usize, F::Array<u32>)) {
        self.choose(n, &mut Below { count, put });
    }

    /// As [`indices`](Self::indices), the `i`-th uniform on what the sink says.
    #[inline(always)]
    pub fn choose(&mut self, n: usize, sink: &mut impl Indices<F>) {
        let mut i = 0;
        while i < n {
            self.generator.words(&mut self.words);
            // By name and not by address: a GPU's registers have none.
            let [a, b, c, d] = &self.words;
            for quarter in 0..4 {
                if i < n {
                    let count = u64::from(sink.count(i));
                    let words = match quarter {
                        0 => a,
                        1 => b,
                        2 => c,
                        _ => d,
                    };
                    let words = words.as_slice();
                    let index = F::Array::from_fn(|lane| {
                        let word = words.get(lane).copied().unwrap_or(0);
                        ((u64::from(word) * count) >> 32) as u32
                    });
                    sink.put(i, index);
                }
                i += 1;
            }
        }
    }

    /// How many of the last four numbers are still to come, and the four: with the generator, all that a checkpoint needs.
    pub fn block(&self) -> (u8, [F; 4]) {
        (self.left, self.block.map(F::from_array))
    }

    /// A stream continued from [`block`](Self::block); more than four left counts as four.
    pub fn resume(generator: G, left: u8, block: [F; 4]) -> Self {
        Self {
            generator,
            block: block.map(F::to_array),
            left: left.min(4),
            words: [F::Array::from_fn(|_| 0); 4],
        }
    }
}
