//! Random numbers: integers first, a function of (seed, trajectory) alone.
//!
//! A [`Generator`] holds one stream in each lane. A [`Law`] turns words into four numbers of mean 0 and variance 1 at a
//! time. A [`Stream`] keeps what a step leaves over for the next one, so that no draw is wasted whatever the dimension.

mod hash;
mod law;
mod pcg;
mod philox;
mod stream;

pub use hash::stream_hash;
pub use law::{Law, StudentT};
pub use pcg::{Pcg32, PcgLane, rand_pcg};
pub use philox::{Philox, PhiloxLane};
pub use stream::Stream;

use rand_core::Rng;

use crate::real::{LaneArray, Real};

/// A generator in every lane of `F`.
pub trait Generator<F: Real> {
    /// The generator of one lane.
    type Lane: Rng;

    /// `f` of each lane's generator, which moves on; lane by lane, so `f` is plain scalar code and is vectorised as one loop.
    /// `f` must draw the same number of words, a multiple of four, in every lane.
    fn each<const M: usize>(&mut self, f: impl Fn(&mut Self::Lane) -> [F::Scalar; M]) -> [F; M];

    /// The next four words of each lane.
    fn words(&mut self) -> [F::Array<u32>; 4];
}

/// Any generator of `rand_core` as the one lane of a scalar.
///
/// ```
/// use polyak_core::random::{FromRng, Generator, Law, rand_pcg};
/// let mut any = FromRng(rand_pcg(1, 0));
/// let z: [f32; 4] = any.each(|words| Law::Gaussian.quad(words));
/// assert!(z.iter().all(|z| z.abs() < 7.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FromRng<R>(
    /// The generator.
    pub R,
);

impl<R: Rng, F: Real<Scalar = F>> Generator<F> for FromRng<R> {
    type Lane = R;

    #[inline(always)]
    fn each<const M: usize>(&mut self, f: impl Fn(&mut R) -> [F; M]) -> [F; M] {
        f(&mut self.0)
    }

    #[inline(always)]
    fn words(&mut self) -> [F::Array<u32>; 4] {
        core::array::from_fn(|_| {
            let word = self.0.next_u32();
            F::Array::from_fn(|_| word)
        })
    }
}
