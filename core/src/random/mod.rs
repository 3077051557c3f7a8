//! Random numbers: integers first, a function of (seed, trajectory) alone.
//!
//! A [`Generator`] holds one stream in each lane. A [`Law`] turns words into four numbers of mean 0 and variance 1 at a
//! time. A [`Stream`] keeps what a step leaves over for the next one, so that no draw is wasted whatever the dimension.

mod any;
mod hash;
mod law;
mod pcg;
mod philox;
mod stream;

pub use any::AnyGenerator;
pub use hash::stream_hash;
pub use law::{Law, StudentT};
pub use pcg::{Pcg32, PcgLane, rand_pcg};
pub use philox::{Philox, PhiloxLane};
pub use stream::{Indices, Sink, Stream};

use rand_core::Rng;

use crate::real::{LaneArray, Real};

/// Lanes that take each step of a chain of operations together: several vectors, as the steps of one wait for each other.
const TOGETHER: usize = 32;

/// Whether generators take so many lanes together. Loops over fewer are unrolled before they could become vectors, and then bytes are moved one by one.
const fn together(lanes: usize) -> bool {
    lanes > TOGETHER && lanes.is_multiple_of(TOGETHER)
}

/// A generator in every lane of `F`.
///
/// Words and what laws make of them are two loops over the lanes, not one: the first works on 64-bit states, the second on numbers
/// of the run's precision, and each is vectorised at the width that suits it.
pub trait Generator<F: Real> {
    /// Sets `out` to the next four words of each lane.
    fn words(&mut self, out: &mut [F::Array<u32>; 4]);
}

/// A generator whose lane can be written down and continued.
pub trait Resumable: Sized {
    /// Tells it from the others.
    const TAG: u8;

    /// All that it is.
    fn to_words(&self) -> [u64; 3];

    /// The generator that [`to_words`](Self::to_words) wrote down.
    fn from_words(words: [u64; 3]) -> Self;
}

/// Any generator of `rand_core` as the one lane of a scalar.
///
/// ```
/// use polyak_core::random::{FromRng, Law, Stream, rand_pcg};
/// let mut stream = Stream::<f32, _>::new(FromRng(rand_pcg(1, 0)));
/// stream.draw(Law::Gaussian, 9, &mut |_, z: f32| assert!(z.abs() < 7.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FromRng<R>(
    /// The generator.
    pub R,
);

impl<R: Rng, F: Real<Scalar = F>> Generator<F> for FromRng<R> {
    #[inline(always)]
    fn words(&mut self, out: &mut [F::Array<u32>; 4]) {
        for lanes in out {
            let word = self.0.next_u32();
            *lanes = F::Array::from_fn(|_| word);
        }
    }
}
