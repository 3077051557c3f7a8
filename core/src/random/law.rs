//! Laws of mean 0 and variance 1, four numbers at a time.

use rand_core::Rng;

use super::Generator;
use crate::real::{Real, Scalar};

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
    pub fn draw<F: Real<Scalar = S>, G: Generator<F>>(self, generator: &mut G) -> [F; 4] {
        match self {
            Self::Gaussian => generator.each(|words| Self::Gaussian.quad(words)),
            Self::Rademacher => generator.each(|words| Self::Rademacher.quad(words)),
            Self::Uniform => generator.each(|words| Self::Uniform.quad(words)),
            Self::Laplace => generator.each(|words| Self::Laplace.quad(words)),
            Self::StudentT(law) => generator.each(move |words| Self::StudentT(law).quad(words)),
        }
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
