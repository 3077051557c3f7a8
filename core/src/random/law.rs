//! Laws of mean 0 and variance 1, four numbers at a time.

use core::convert::Infallible;
use core::iter::zip;

use rand_core::{Rng, TryRng};

use super::Generator;
use crate::real::{LaneArray, Real, Scalar};

/// A law with mean 0 and variance 1.
///
/// Four numbers are the unit because every law then takes a multiple of four words: Philox never splits a block.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Law<S> {
    /// Standard normal.
    Gaussian,
    /// ±1 with equal probability.
    Rademacher,
    /// Uniform on (−√3, √3).
    Uniform,
    /// Density e^{−√2|x|}/√2.
    Laplace,
    /// Student t with ν degrees of freedom over its standard deviation √(ν/(ν−2)).
    StudentT(StudentT<S>),
}

/// Parameters of Student's t, scaled to variance 1: √((ν−2)(u^{−2/ν} − 1)) cos 2πt (Bailey 1994).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StudentT<S> {
    inverse_nu: S,
    nu_minus_two: S,
}

impl<S: Scalar> StudentT<S> {
    /// The law for ν = `degrees_of_freedom`; `None` unless 2 < ν < ∞, as the variance must be finite.
    ///
    /// ```
    /// use polyak_core::random::StudentT;
    /// assert!(StudentT::<f32>::new(5.0).is_some() && StudentT::<f32>::new(2.0).is_none());
    /// ```
    pub fn new(degrees_of_freedom: f64) -> Option<Self> {
        (degrees_of_freedom > 2.0 && degrees_of_freedom < f64::INFINITY).then(|| Self {
            inverse_nu: S::from_f64(1.0 / degrees_of_freedom),
            nu_minus_two: S::from_f64(degrees_of_freedom - 2.0),
        })
    }

    #[inline(always)]
    fn one<R: Rng>(self, words: &mut R) -> S {
        let (exponential, _) = S::signed_exponential(words);
        let turn = S::centred_uniform(words);
        let growth = (exponential * self.inverse_nu).exponential() - S::ONE;
        let (_, cosine) = turn.sin_cos_turn();
        (self.nu_minus_two * growth).root() * cosine
    }
}

impl<S: Scalar> Law<S> {
    /// The next four numbers of one lane's generator.
    #[inline(always)]
    pub fn quad<R: Rng>(self, words: &mut R) -> [S; 4] {
        match self {
            Self::Gaussian => gaussian(words),
            Self::Rademacher => four(|| if words.next_u32() >> 31 == 0 { S::ONE } else { -S::ONE }),
            Self::Uniform => {
                let width = S::from_f64(3.464_101_615_137_754_6);
                four(|| S::centred_uniform(words) * width)
            }
            Self::Laplace => {
                let scale = S::from_f64(0.353_553_390_593_273_8);
                four(|| {
                    let (exponential, sign) = S::signed_exponential(words);
                    sign * exponential * scale
                })
            }
            Self::StudentT(law) => four(|| law.one(words)),
        }
    }

    /// The next four numbers of every lane. The law is looked at once, not once a lane.
    #[inline(always)]
    pub fn draw<F: Real<Scalar = S>, G: Generator<F>>(self, generator: &mut G, out: &mut [F::Array<S>; 4]) {
        match self {
            Self::Gaussian => each::<F, G, 1, 2>(generator, out, Self::Gaussian),
            Self::Rademacher => each::<F, G, 1, 1>(generator, out, Self::Rademacher),
            Self::Uniform => each::<F, G, 1, 2>(generator, out, Self::Uniform),
            Self::Laplace => each::<F, G, 1, 2>(generator, out, Self::Laplace),
            Self::StudentT(law) => each::<F, G, 2, 4>(generator, out, Self::StudentT(law)),
        }
    }
}

/// Four numbers of every lane of a law that takes `SINGLE` blocks of four words in `f32`, `DOUBLE` in `f64`.
#[inline(always)]
fn each<F: Real, G: Generator<F>, const SINGLE: usize, const DOUBLE: usize>(
    generator: &mut G,
    out: &mut [F::Array<F::Scalar>; 4],
    law: Law<F::Scalar>,
) {
    if F::Scalar::BYTES == 4 {
        let blocks: [_; SINGLE] = core::array::from_fn(|_| generator.words());
        lane_by_lane::<F>(&blocks, out, law);
    } else {
        let blocks: [_; DOUBLE] = core::array::from_fn(|_| generator.words());
        lane_by_lane::<F>(&blocks, out, law);
    }
}

#[inline(always)]
fn lane_by_lane<F: Real>(
    blocks: &[[F::Array<u32>; 4]],
    out: &mut [F::Array<F::Scalar>; 4],
    law: Law<F::Scalar>,
) {
    let [a, b, c, d] = out;
    let (ab, cd) = (zip(a.as_mut_slice(), b.as_mut_slice()), zip(c.as_mut_slice(), d.as_mut_slice()));
    for (lane, ((a, b), (c, d))) in ab.zip(cd).enumerate() {
        [*a, *b, *c, *d] = law.quad(&mut Reader::<F> { blocks, lane, next: 0 });
    }
}

/// Words already drawn, of one lane, as a generator.
struct Reader<'a, F: Real> {
    blocks: &'a [[F::Array<u32>; 4]],
    lane: usize,
    next: usize,
}

impl<F: Real> TryRng for Reader<'_, F> {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let block = self.blocks.get(self.next / 4).and_then(|block| block.get(self.next % 4));
        self.next += 1;
        Ok(block.and_then(|words| words.as_slice().get(self.lane)).copied().unwrap_or(0))
    }

    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_u64_via_u32(self)
    }

    #[inline]
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        rand_core::utils::fill_bytes_via_next_word(bytes, || self.try_next_u32())
    }
}

#[inline(always)]
fn gaussian<S: Scalar, R: Rng>(words: &mut R) -> [S; 4] {
    let [a, b] = S::gaussian_pair(words);
    let [c, d] = S::gaussian_pair(words);
    [a, b, c, d]
}

#[inline(always)]
fn four<S>(mut one: impl FnMut() -> S) -> [S; 4] {
    let (a, b) = (one(), one());
    let (c, d) = (one(), one());
    [a, b, c, d]
}
