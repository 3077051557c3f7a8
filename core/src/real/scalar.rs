//! What the mathematics needs to know of `f32` and `f64`.

use rand_core::Rng;

use super::{LaneValue, Real, double, single};

/// `f32` or `f64`: one lane, with the bit-exact elementary functions of its precision.
///
/// The method names differ from those of the standard library on purpose: where `std` is linked, `x.ln()` on a concrete
/// float would silently be the platform's logarithm, whose bits depend on the platform.
pub trait Scalar: Real<Scalar = Self> + PartialOrd + Default {
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// ½.
    const HALF: Self;
    /// Bytes of one number.
    const BYTES: usize;

    /// Rounds to nearest even.
    fn from_f64(value: f64) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// Rounds to nearest even.
    fn from_u32(value: u32) -> Self;
    /// IEEE bits, in the low end; every NaN is the one quiet NaN.
    fn to_canonical_bits(self) -> u64;
    /// The number of IEEE bits in the low end.
    fn from_low_bits(bits: u64) -> Self;
    /// Neither infinite nor NaN.
    fn is_number(self) -> bool;

    /// √x, correctly rounded.
    fn root(self) -> Self;
    /// |x|.
    fn magnitude(self) -> Self;
    /// Natural logarithm.
    fn logarithm(self) -> Self;
    /// eˣ.
    fn exponential(self) -> Self;
    /// eˣ − 1, accurate near 0.
    fn exponential_minus_one(self) -> Self;
    /// tanh x.
    fn hyperbolic_tangent(self) -> Self;
    /// 1/(1 + e⁻ˣ).
    fn logistic(self) -> Self;
    /// (sin 2πt, cos 2πt).
    fn sin_cos_turn(self) -> (Self, Self);

    /// −2 ln u of a uniform u in (0, 1), from one word (`f32`) or two (`f64`): the squared radius of a pair of normal numbers.
    fn squared_radius<R: Rng>(words: &mut R) -> Self;
    /// The pair at a uniform angle on the circle of this squared radius, from as many words.
    fn gaussian_pair_at<R: Rng>(self, words: &mut R) -> [Self; 2];

    /// Two independent standard normal numbers: Box–Muller on a [squared radius](Self::squared_radius), and then an angle.
    fn gaussian_pair<R: Rng>(words: &mut R) -> [Self; 2];
    /// A number of mean 0, uniform on (−½, ½): (k + ½)2⁻²⁴ − ½ of the upper 24 bits of a word, in `f64`
    /// (k + ½)2⁻⁵² − ½ of the upper 52 of two. −x is exactly as likely as x.
    fn centred_uniform<R: Rng>(words: &mut R) -> Self;
    /// −2 ln u of a uniform u in (0, 1\], and an independent sign ±1, from one word or two.
    fn signed_exponential<R: Rng>(words: &mut R) -> (Self, Self);
}

macro_rules! scalar {
    ($float:ident, $functions:ident, $bits:ident, $quiet_nan:expr) => {
        impl Real for $float {
            type Scalar = Self;
            type Array<T: LaneValue> = [T; 1];
            type Quarter = Self;
            const LANES: usize = 1;
            const ZERO: Self = 0.0;

            #[inline(always)]
            fn splat(value: Self) -> Self {
                value
            }

            #[inline(always)]
            fn lane(&self, lane: usize) -> Self {
                if lane == 0 { *self } else { 0.0 }
            }

            #[inline(always)]
            fn from_fn(mut f: impl FnMut(usize) -> Self) -> Self {
                f(0)
            }

            #[inline(always)]
            fn map(self, f: impl Fn(Self) -> Self) -> Self {
                f(self)
            }

            #[inline(always)]
            fn zip(self, other: Self, f: impl Fn(Self, Self) -> Self) -> Self {
                f(self, other)
            }

            #[inline(always)]
            fn lanes(&self) -> &[Self] {
                core::slice::from_ref(self)
            }

            #[inline(always)]
            fn lanes_mut(&mut self) -> &mut [Self] {
                core::slice::from_mut(self)
            }

            #[inline(always)]
            fn to_array(self) -> [Self; 1] {
                [self]
            }

            #[inline(always)]
            fn from_array([value]: [Self; 1]) -> Self {
                value
            }
        }

        impl Scalar for $float {
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const HALF: Self = 0.5;
            const BYTES: usize = size_of::<Self>();

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as Self
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline(always)]
            fn from_u32(value: u32) -> Self {
                value as Self
            }

            #[inline(always)]
            fn to_canonical_bits(self) -> u64 {
                if self.is_nan() { $quiet_nan } else { self.to_bits() as u64 }
            }

            #[inline(always)]
            fn from_low_bits(bits: u64) -> Self {
                Self::from_bits(bits as $bits)
            }

            #[inline(always)]
            fn is_number(self) -> bool {
                self - self == 0.0
            }

            #[inline(always)]
            fn root(self) -> Self {
                $functions::sqrt(self)
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                Self::from_bits(self.to_bits() & ($bits::MAX >> 1))
            }

            #[inline(always)]
            fn logarithm(self) -> Self {
                $functions::ln(self)
            }

            #[inline(always)]
            fn exponential(self) -> Self {
                $functions::exp(self)
            }

            #[inline(always)]
            fn exponential_minus_one(self) -> Self {
                $functions::exp_m1(self)
            }

            #[inline(always)]
            fn hyperbolic_tangent(self) -> Self {
                $functions::tanh(self)
            }

            #[inline(always)]
            fn logistic(self) -> Self {
                $functions::sigmoid(self)
            }

            #[inline(always)]
            fn sin_cos_turn(self) -> (Self, Self) {
                $functions::sin_cos_turn(self)
            }

            scalar!(draws $float);
        }
    };
    (draws f32) => {
        #[inline(always)]
        fn gaussian_pair<R: Rng>(words: &mut R) -> [Self; 2] {
            let (radius, angle) = (words.next_u32(), words.next_u32());
            single::box_muller(radius, angle)
        }

        #[inline(always)]
        fn squared_radius<R: Rng>(words: &mut R) -> Self {
            single::minus_two_ln_uniform(words.next_u32())
        }

        #[inline(always)]
        fn gaussian_pair_at<R: Rng>(self, words: &mut R) -> [Self; 2] {
            single::box_muller_at(self, words.next_u32())
        }

        #[inline(always)]
        fn centred_uniform<R: Rng>(words: &mut R) -> Self {
            const UNIT: f32 = 1.0 / 16_777_216.0;
            // 24 bits: all that keeps the half exact, so that −x is as likely as x.
            ((words.next_u32() as i32 >> 8) as f32 + 0.5) * UNIT
        }

        #[inline(always)]
        fn signed_exponential<R: Rng>(words: &mut R) -> (Self, Self) {
            let word = words.next_u32();
            let sign = Self::from_bits(1f32.to_bits() | word << 31);
            (single::minus_two_ln_uniform(word), sign)
        }
    };
    (draws f64) => {
        #[inline(always)]
        fn gaussian_pair<R: Rng>(words: &mut R) -> [Self; 2] {
            let (radius, angle) = (long(words), long(words));
            double::box_muller(radius, angle)
        }

        #[inline(always)]
        fn squared_radius<R: Rng>(words: &mut R) -> Self {
            double::minus_two_ln_uniform(long(words))
        }

        #[inline(always)]
        fn gaussian_pair_at<R: Rng>(self, words: &mut R) -> [Self; 2] {
            double::box_muller_at(self, long(words))
        }

        #[inline(always)]
        fn centred_uniform<R: Rng>(words: &mut R) -> Self {
            const HALF_UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;
            // 52 bits as the mantissa of a number in [1, 2): both operations are exact.
            (f64::from_bits(1f64.to_bits() | long(words) >> 12) - 1.5) + HALF_UNIT
        }

        #[inline(always)]
        fn signed_exponential<R: Rng>(words: &mut R) -> (Self, Self) {
            let word = long(words);
            let sign = Self::from_bits(1f64.to_bits() | word << 63);
            (double::minus_two_ln_uniform(word), sign)
        }
    };
}

/// Two words as one, the first the low half: fixed here because generators differ in what their `next_u64` does.
#[inline(always)]
fn long<R: Rng>(words: &mut R) -> u64 {
    let low = words.next_u32();
    let high = words.next_u32();
    u64::from(high) << 32 | u64::from(low)
}

scalar!(f32, single, u32, 0x7fc0_0000);
scalar!(f64, double, u64, 0x7ff8_0000_0000_0000);
