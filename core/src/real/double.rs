//! Elementary functions in `f64`, made like those of [`single`](super::single).
//!
//! Integers become floats by a magic number and never by a conversion, as 64-bit ones have no vector instruction before
//! AVX-512. The errors are asserted by `tests/tests/elementary_double.rs` on thousands of values at 60 digits, which
//! `core/coefficients.py goldens` makes.

// The shortest decimals that read back as the fitted numbers; some lie near a famous constant without being it.
#![allow(clippy::approx_constant, clippy::excessive_precision)]

use super::single::horner;

/// 1.5·2⁵²: adding and subtracting it rounds to an integer, and leaves that integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// 2⁵²: an integer below it, or-ed into its bits, is that integer more.
const INTEGERS: f64 = 4_503_599_627_370_496.0;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
const SIGN: u64 = 0x8000_0000_0000_0000;
/// ln 2 in two parts; a product of the first with an integer below 2²⁰ is exact.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// √x, correctly rounded.
///
/// ```
/// assert_eq!(polyak_core::real::double::sqrt(2.25), 1.5);
/// ```
#[inline(always)]
pub fn sqrt(x: f64) -> f64 {
    #[cfg(target_arch = "nvptx64")]
    return core::intrinsics::sqrtf64(x);
    #[cfg(all(feature = "std", not(target_arch = "nvptx64")))]
    return x.sqrt();
    #[cfg(not(any(feature = "std", target_arch = "nvptx64")))]
    libm::sqrt(x)
}

/// Natural logarithm: x = 2ᵉ(1 + f) with |f| ≤ ⅓, s = f/(2 + f), ln(1 + f) = 2 artanh s = 2s + s³P(s²).
///
/// ln 0 = −∞ for both zeros, ln of a negative number is NaN, ln ∞ = ∞; subnormal numbers are exact.
///
/// Error below 0.8 ulp.
///
/// ```
/// use polyak_core::real::double::ln;
/// assert_eq!((ln(1.0), ln(2.0)), (0.0, core::f64::consts::LN_2));
/// ```
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    const TWO_THIRDS: u64 = 0x3fe5_5555_5555_5555;
    let subnormal = x < f64::MIN_POSITIVE;
    let normal = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
    // 1024 more in the exponent keeps it positive.
    let bits = normal.to_bits().wrapping_sub(TWO_THIRDS).wrapping_add(1 << 62);
    let e = f64::from_bits(INTEGERS.to_bits() | bits >> 52)
        - if subnormal { INTEGERS + (1024.0 + 54.0) } else { INTEGERS + 1024.0 };
    let f = f64::from_bits((bits & MANTISSA).wrapping_add(TWO_THIRDS)) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let rest = z * horner!(z; 0.6666666666667268, 0.39999999996176333, 0.2857142939293612,
        0.22222138675507877, 0.18186349566577925, 0.15250308200533363, 0.15367330449097602);
    // 2s = f − f²/2 + s f²/2 loses less than 2s itself: f is exact.
    let y = e * LN2_HIGH - ((half_square - (s * (half_square + rest) + e * LN2_LOW)) - f);
    let y = if x < f64::INFINITY { y } else { x };
    let y = if x < 0.0 { f64::NAN } else { y };
    if x == 0.0 { f64::NEG_INFINITY } else { y }
}

/// eˣ = 2ⁿ(1 + r + r²P(r)) with n the integer nearest to x/ln 2.
///
/// Above 709.78 it is ∞; below −708.40 it goes through the subnormal numbers, rounded, to 0 at −745.13.
///
/// Error below 0.9 ulp.
///
/// ```
/// use polyak_core::real::double::exp;
/// assert_eq!((exp(0.0), exp(1.0)), (1.0, 2.718_281_828_459_045_5));
/// ```
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let (rest, (a, b)) = exponential_parts(x);
    (1.0 + rest) * a * b
}

/// eˣ − 1 without loss near 0: 2ⁿ((eʳ − 1) + (1 − 2⁻ⁿ)). Above 709.78 it is ∞.
///
/// Error below 1.5 ulp.
///
/// ```
/// use polyak_core::real::double::exp_m1;
/// assert_eq!((exp_m1(1e-20), exp_m1(-800.0)), (1e-20, -1.0));
/// ```
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    let (rest, (a, b)) = exponential_parts(x);
    // 1/b, exact.
    let inverse = f64::from_bits((2 * 1f64.to_bits()).wrapping_sub(b.to_bits()));
    (rest * a + (a - inverse)) * b
}

/// eʳ − 1 and 2ⁿ in two factors, as one alone overflows or is flushed where the result is not; x = n ln 2 + r.
#[inline(always)]
fn exponential_parts(x: f64) -> (f64, (f64, f64)) {
    let x = if x > 710.0 { 710.0 } else { x };
    let x = if x < -746.0 { -746.0 } else { x };
    let shifted = x * core::f64::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    let p = horner!(r; 0.5, 0.1666666666666668, 0.041666666666666366, 0.008333333333319409,
        0.001388888888907264, 0.0001984126989195533, 2.4801586971642022e-05, 2.7557237386146898e-06,
        2.7557512546091164e-07, 2.5111823647783104e-08, 2.0866819569151235e-09);
    // Half of n by rounding, as there is no arithmetic shift of 64-bit lanes before AVX-512.
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let half = (whole * 0.5 + ROUND).to_bits().wrapping_sub(ROUND.to_bits());
    (r + r * r * p, (power_of_two(half), power_of_two(n.wrapping_sub(half))))
}

/// 2ⁿ for −1022 ≤ n ≤ 1023, n in two's complement.
#[inline(always)]
fn power_of_two(n: u64) -> f64 {
    f64::from_bits(n.wrapping_add(1023) << 52)
}

/// (sin 2πt, cos 2πt) for |t| ≤ ⅛.
#[inline(always)]
fn eighth_turn(t: f64) -> (f64, f64) {
    let z = t * t;
    // The first coefficient is what 2π has beyond an f64.
    let p = horner!(z; 2.449_293_598_294_706_4e-16, -41.34170224039967, 81.60524927596379, -76.7058597074323,
        42.05868532725588, -15.093818521815436, 3.7811249707252106);
    let c = horner!(z; -19.739208802178716, 64.93939402266668, -85.45681720598925, 60.24464122723562,
        -26.426241132197845, 7.90262925787362, -1.6882977405309787);
    (t * core::f64::consts::TAU + t * p, 1.0 + z * c)
}

/// (sine, cosine) turned on by as many quarters as the two low bits of `quarter` say.
#[inline(always)]
fn rotate(quarter: u64, (s, c): (f64, f64)) -> (f64, f64) {
    let (p, q) = if quarter & 1 != 0 { (c, s) } else { (s, c) };
    let sine = p.to_bits() ^ (quarter << 62 & SIGN);
    let cosine = q.to_bits() ^ (quarter.wrapping_add(1) << 62 & SIGN);
    (f64::from_bits(sine), f64::from_bits(cosine))
}

/// (sin 2πt, cos 2πt): the reduction to an eighth of a turn is exact, as a turn is a power of two.
///
/// sin is odd to the last bit; a cosine that is zero is +0, a sine that is zero has the sign of t. NaN for ±∞.
///
/// Error of either below 1.7 ulp.
///
/// ```
/// use polyak_core::real::double::sin_cos_turn;
/// assert_eq!(sin_cos_turn(0.25), (1.0, 0.0));
/// assert_eq!(sin_cos_turn(-1e300), (0.0, 1.0));
/// ```
#[inline(always)]
pub fn sin_cos_turn(t: f64) -> (f64, f64) {
    const QUARTERS: f64 = ROUND * 0.25;
    let sign = t.to_bits() & SIGN;
    let t = f64::from_bits(t.to_bits() ^ sign);
    // From 2⁵² on every number is whole; ∞ · 0 is NaN.
    let t = if t < INTEGERS { t } else { t * 0.0 };
    let t = t - ((t + INTEGERS) - INTEGERS);
    let shifted = t + QUARTERS;
    let (sine, cosine) = rotate(shifted.to_bits(), eighth_turn(t - (shifted - QUARTERS)));
    // + 0 makes −0 into 0.
    (f64::from_bits((sine + 0.0).to_bits() ^ sign), cosine + 0.0)
}

/// tanh x: x + x³P(x²) up to 0.55, from there on 1 − 2/(e²ˣ + 1); odd.
///
/// Error below 1.4 ulp.
///
/// ```
/// use polyak_core::real::double::tanh;
/// assert_eq!((tanh(-20.0), tanh(1e-20)), (-1.0, 1e-20));
/// ```
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let sign = x.to_bits() & SIGN;
    let a = f64::from_bits(x.to_bits() ^ sign);
    let z = a * a;
    let p = horner!(z; -0.333333333333333, 0.1333333333332658, -0.053968253963736605,
        0.02186948838515328, -0.008863232589652237, 0.0035920919084099006, -0.0014555420405665041,
        0.0005884410921975716, -0.0002333727212136541, 8.330347158724359e-05, -1.948649197553582e-05);
    let near = a + a * (z * p);
    let far = 1.0 - 2.0 / (exp(a + a) + 1.0);
    let y = if a < 0.55 { near } else { far };
    f64::from_bits(y.to_bits() ^ sign)
}

/// 1/(1 + e⁻ˣ), for negative x as eˣ/(1 + eˣ).
///
/// Error below 2.4 ulp.
///
/// ```
/// use polyak_core::real::double::sigmoid;
/// assert_eq!((sigmoid(0.0), sigmoid(-1e3), sigmoid(1e3)), (0.5, 0.0, 1.0));
/// ```
#[inline(always)]
pub fn sigmoid(x: f64) -> f64 {
    let e = exp(f64::from_bits(x.to_bits() | SIGN));
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// xʸ for schedules: `libm`'s, plain Rust of IEEE operations on every target. Not for inner loops.
///
/// ```
/// assert_eq!(polyak_core::real::double::pow(8.0, 1.0 / 3.0), 2.0);
/// ```
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// −2 ln((k + ½)2⁻⁵²) with k the upper 52 bits of `word`: minus two logarithms of a uniform number in (0, 1).
///
/// Always positive: from 2.2·10⁻¹⁶ to 106 ln 2 = 73.5.
///
/// Error below 2.5 ulp.
///
/// ```
/// use polyak_core::real::double::minus_two_ln_uniform;
/// assert_eq!(minus_two_ln_uniform(0), 106.0 * core::f64::consts::LN_2);
/// ```
#[inline(always)]
pub fn minus_two_ln_uniform(word: u64) -> f64 {
    const FOUR_THIRDS: u64 = 0x3ff5_5555_5555_5555;
    const TWO_LN2: f64 = 2.0 * core::f64::consts::LN_2;
    let v = f64::from_bits(INTEGERS.to_bits() | word >> 12) - (INTEGERS - 0.5);
    // v = 2⁵²⁻ⁿ(1 + f), −⅓ < f ≤ ⅓, by one subtraction of bits.
    let below = (FOUR_THIRDS + (52 << 52)).wrapping_sub(v.to_bits());
    let n = f64::from_bits(INTEGERS.to_bits() | below >> 52) - INTEGERS;
    let f = f64::from_bits(FOUR_THIRDS.wrapping_sub(below & MANTISSA)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    // Minus two times the polynomial of `ln`.
    let p = horner!(z; -4.0, -1.3333333333334536, -0.79999999992352666, -0.5714285878587224,
        -0.44444277351015754, -0.3637269913315585, -0.30500616401066726, -0.30734660898195204);
    n * TWO_LN2 + s * p
}

/// (sin θ, cos θ) of a uniform angle: the top two bits of `word` are its quadrant, the next 52 its place in there, from −⅛
/// to ⅛ of a turn about the quadrant's axis. Error below 1.7 ulp.
///
/// ```
/// use polyak_core::real::double::sin_cos_word;
/// assert_eq!(sin_cos_word(0x6000_0000_0000_0000), (1.0, -0.0));
/// ```
#[inline(always)]
pub fn sin_cos_word(word: u64) -> (f64, f64) {
    let t = f64::from_bits(0.25f64.to_bits() | word << 2 >> 12) - 0.375;
    rotate(word >> 62, eighth_turn(t))
}

/// Two independent standard normal numbers of two words, √(−2 ln u)(cos θ, sin θ) (Box and Muller 1958).
///
/// ```
/// let [x, y] = polyak_core::real::double::box_muller(1 << 63, 0);
/// assert!((x - 0.832_554_611_157_697_8).abs() < 1e-15 && x == -y);
/// ```
#[inline(always)]
pub fn box_muller(radius: u64, angle: u64) -> [f64; 2] {
    box_muller_at(minus_two_ln_uniform(radius), angle)
}

/// As [`box_muller`], of the squared radius −2 ln u.
#[inline(always)]
pub fn box_muller_at(squared_radius: f64, angle: u64) -> [f64; 2] {
    let r = sqrt(squared_radius);
    let (s, c) = sin_cos_word(angle);
    [r * c, r * s]
}
