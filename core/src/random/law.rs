//! Laws of mean 0 and variance 1, four numbers at a time.

use core::convert::Infallible;
use core::iter::zip;

use rand_core::{Rng, TryRng};

use super::{Generator, TOGETHER};
use crate::real::{LaneArray, Real, Scalar};

/// A law with mean 0 and variance 1.
///
/// Four numbers are the unit because every law then takes a multiple of four words: Philox never splits a block.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Law<S> {
    /// Standard normal, by Box–Muller on short polynomials.
    ///
    /// One sampler for every target, and of those measured the only one that is good on all: no rejection, hence no loop whose
    /// length depends on the data (lanes and GPU threads would wait for the slowest; the polar method and the ziggurat have
    /// one); no table, hence no gather, which portable code has no vectors for, and no kilobytes of flash (ziggurat); short
    /// polynomials, where an inverse distribution function needs a full logarithm and two of degree 8. Speed in vectors and
    /// flash on a Cortex-M4 of each candidate: `bench/NOTES.md`. The tail is right to 2·10⁻⁵ at 5 standard deviations in `f32` and
    /// ends at 6.66 (at 8.57 in `f64`).
    Gaussian,
    /// ±1 with equal probability.
    Rademacher,
    /// Uniform on (−√3, √3).
    Uniform,
    /// Density e^{−√2|x|}/√2.
    Laplace,
    /// Student t with ν degrees of freedom over its standard deviation √(ν/(ν−2)).
    ///
    /// Its tail ends where u does, at 2⁻³² in `f32` and 2⁻⁵³ in `f64`, and with it some of the variance is lost: near
    /// ν = 2 much of it, at ν = 2.5 in `f32` 1.1 %, at ν = 3 0.05 %, from ν = 4 on below 2·10⁻⁵.
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
        // From 10³⁰ on it is the Gaussian whatever ν is; ν itself must not overflow an f32.
        let nu = degrees_of_freedom.min(1e30);
        (nu > 2.0 && degrees_of_freedom < f64::INFINITY)
            .then(|| Self { inverse_nu: S::from_f64(1.0 / nu), nu_minus_two: S::from_f64(nu - 2.0) })
    }

    /// 1/ν and ν − 2 in this precision: with [`from_parts`](Self::from_parts), how the law travels to where there is no f64.
    pub fn parts(self) -> [S; 2] {
        [self.inverse_nu, self.nu_minus_two]
    }

    /// The law of [`parts`](Self::parts).
    #[inline(always)]
    pub fn from_parts([inverse_nu, nu_minus_two]: [S; 2]) -> Self {
        Self { inverse_nu, nu_minus_two }
    }

    #[inline(always)]
    fn one<R: Rng>(self, words: &mut R) -> S {
        let (exponential, _) = S::signed_exponential(words);
        let turn = S::centred_uniform(words);
        let growth = (exponential * self.inverse_nu).exponential_minus_one();
        let (_, cosine) = turn.sin_cos_turn();
        (self.nu_minus_two * growth).root() * cosine
    }
}

impl<S: Scalar> Law<S> {
    /// The next four numbers of one lane's generator.
    #[inline(always)]
    pub fn quad<R: Rng>(self, words: &mut R) -> [S; 4] {
        let ([a, b], [c, d]) = (self.pair(words), self.pair(words));
        [a, b, c, d]
    }

    #[inline(always)]
    fn pair<R: Rng>(self, words: &mut R) -> [S; 2] {
        match self {
            Self::Gaussian => S::gaussian_pair(words),
            law => [law.one(words), law.one(words)],
        }
    }

    /// One number of a law whose numbers do not come in pairs; of a Gaussian pair, the first.
    #[inline(always)]
    fn one<R: Rng>(self, words: &mut R) -> S {
        match self {
            Self::Gaussian => {
                let [z, _] = S::gaussian_pair(words);
                z
            }
            Self::Rademacher => {
                if words.next_u32() >> 31 == 0 {
                    S::ONE
                } else {
                    -S::ONE
                }
            }
            Self::Uniform => S::centred_uniform(words) * S::from_f64(3.464_101_615_137_754_6),
            Self::Laplace => {
                let (exponential, sign) = S::signed_exponential(words);
                sign * exponential * S::from_f64(0.353_553_390_593_273_8)
            }
            Self::StudentT(law) => law.one(words),
        }
    }

    /// Sets `out` to the next four numbers of every lane; `words` is scratch. The law is looked at once, not once a lane.
    #[inline(always)]
    pub fn draw<F: Real<Scalar = S>, G: Generator<F>>(
        self,
        generator: &mut G,
        words: &mut [F::Array<u32>; 4],
        out: &mut [F::Array<S>; 4],
    ) {
        let single = S::BYTES == 4;
        match self {
            Self::Gaussian if single && F::LANES >= TOGETHER => gaussian_quads::<F, G>(generator, words, out),
            Self::Gaussian if single => quads::<F, G>(Self::Gaussian, generator, words, out),
            Self::Gaussian => pairs::<F, G>(Self::Gaussian, generator, words, out),
            Self::Rademacher => quads::<F, G>(Self::Rademacher, generator, words, out),
            Self::Uniform if single => quads::<F, G>(Self::Uniform, generator, words, out),
            Self::Uniform => pairs::<F, G>(Self::Uniform, generator, words, out),
            Self::Laplace if single => quads::<F, G>(Self::Laplace, generator, words, out),
            Self::Laplace => pairs::<F, G>(Self::Laplace, generator, words, out),
            Self::StudentT(law) if single => pairs::<F, G>(Self::StudentT(law), generator, words, out),
            Self::StudentT(law) => ones::<F, G>(Self::StudentT(law), generator, words, out),
        }
    }
}

/// A law that takes one block of words for four numbers.
#[inline(always)]
fn quads<F: Real, G: Generator<F>>(
    law: Law<F::Scalar>,
    generator: &mut G,
    words: &mut [F::Array<u32>; 4],
    [a, b, c, d]: &mut [F::Array<F::Scalar>; 4],
) {
    generator.words(words);
    let (ab, cd) = (zip(a.as_mut_slice(), b.as_mut_slice()), zip(c.as_mut_slice(), d.as_mut_slice()));
    for (words, ((a, b), (c, d))) in readers::<F>(words).zip(ab.zip(cd)) {
        [*a, *b, *c, *d] = law.quad(&mut { words });
    }
}

/// Gaussian numbers of a block of words, of many lanes: all radii first. Work on a vector waits for what it was before, and in a loop with half of it
/// more vectors are under way at a time.
#[inline(always)]
fn gaussian_quads<F: Real, G: Generator<F>>(
    generator: &mut G,
    words: &mut [F::Array<u32>; 4],
    [a, b, c, d]: &mut [F::Array<F::Scalar>; 4],
) {
    generator.words(words);
    let [radii, angles, more_radii, more_angles] = words.each_ref().map(LaneArray::as_slice);
    let two = |[first, second]: [&u32; 2]| Reader { words: [*first, *second, 0, 0], next: 0 };
    let [a, b, c, d] = [a, b, c, d].map(LaneArray::as_mut_slice);
    for ((a, c), (first, second)) in zip(zip(&mut *a, &mut *c), zip(radii, more_radii)) {
        let mut words = two([first, second]);
        (*a, *c) = (F::Scalar::squared_radius(&mut words), F::Scalar::squared_radius(&mut words));
    }
    for (((a, b), (c, d)), (first, second)) in zip(zip(a, b), zip(c, d)).zip(zip(angles, more_angles)) {
        let mut words = two([first, second]);
        [*a, *b] = a.gaussian_pair_at(&mut words);
        [*c, *d] = c.gaussian_pair_at(&mut words);
    }
}

/// A law that takes one block of words for two numbers.
#[inline(always)]
fn pairs<F: Real, G: Generator<F>>(
    law: Law<F::Scalar>,
    generator: &mut G,
    words: &mut [F::Array<u32>; 4],
    [a, b, c, d]: &mut [F::Array<F::Scalar>; 4],
) {
    for (a, b) in [(a, b), (c, d)] {
        generator.words(words);
        for (words, (a, b)) in readers::<F>(words).zip(zip(a.as_mut_slice(), b.as_mut_slice())) {
            [*a, *b] = law.pair(&mut { words });
        }
    }
}

/// A law that takes one block of words for a number.
#[inline(always)]
fn ones<F: Real, G: Generator<F>>(
    law: Law<F::Scalar>,
    generator: &mut G,
    words: &mut [F::Array<u32>; 4],
    [a, b, c, d]: &mut [F::Array<F::Scalar>; 4],
) {
    for _ in 0..4 {
        // Passed on from place to place: a place with a number that is counted would be memory on a GPU, not a register.
        (*a, *b, *c) = (*b, *c, *d);
        generator.words(words);
        for (words, d) in readers::<F>(words).zip(d.as_mut_slice()) {
            *d = law.one(&mut { words });
        }
    }
}

/// Each lane's four words as a generator of its own.
#[inline(always)]
fn readers<F: Real>([a, b, c, d]: &[F::Array<u32>; 4]) -> impl Iterator<Item = Reader> {
    let (ab, cd) = (zip(a.as_slice(), b.as_slice()), zip(c.as_slice(), d.as_slice()));
    ab.zip(cd).map(|((a, b), (c, d))| Reader { words: [*a, *b, *c, *d], next: 0 })
}

/// Four words already drawn, as a generator.
struct Reader {
    words: [u32; 4],
    next: usize,
}

impl TryRng for Reader {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let word = self.words.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        Ok(word)
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
