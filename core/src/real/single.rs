//! Elementary functions in `f32`.
//!
//! Branch-free, without tables, without fused operations: additions, multiplications, divisions, square roots and integer
//! work on the bits, so that a loop over lanes becomes vector instructions and the bits are the same on every target. The
//! polynomials are minimax, made by `core/coefficients.py` (`pip install mpmath`, then run it).
//!
//! The errors are bounds, in units in the last place, that hold against f64 functions at all 2³² bit patterns
//! (`tests/goldens/elementary_single_exhaustive.txt`). `tests/tests/elementary_single.rs` asserts them, at every 251st pattern unless
//! `POLYAK_EXHAUSTIVE=1` makes it look at every one.

// The shortest decimals that read back as the fitted numbers; some lie near a famous constant without being it.
#![allow(clippy::approx_constant, clippy::excessive_precision)]

/// 1.5·2²³: adding and subtracting it rounds to an integer, and leaves that integer in the low bits.
const ROUND: f32 = 12_582_912.0;
const SIGN: u32 = 0x8000_0000;
/// ln 2 in two parts; a product of the first with an integer below 2¹⁴ is exact.
const LN2_HIGH: f32 = 0.693_359_375;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// Horner's rule: `horner!(x; c0, c1, …)` is c0 + x(c1 + x(…)).
macro_rules! horner {
    ($x:expr; $c:expr) => { $c };
    ($x:expr; $c:expr, $($rest:expr),+) => { horner!($x; $($rest),+) * $x + $c };
}
pub(super) use horner;

/// √x, correctly rounded.
///
/// ```
/// assert_eq!(polyak_core::real::single::sqrt(2.25), 1.5);
/// ```
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    #[cfg(target_arch = "nvptx64")]
    return core::intrinsics::sqrtf32(x);
    #[cfg(all(feature = "std", not(target_arch = "nvptx64")))]
    return x.sqrt();
    // libm has a table there, no instruction.
    #[cfg(all(not(feature = "std"), any(target_arch = "arm", target_arch = "riscv32")))]
    return super::root::sqrt(x);
    #[cfg(not(any(feature = "std", target_arch = "nvptx64", target_arch = "arm", target_arch = "riscv32")))]
    libm::sqrtf(x)
}

/// Natural logarithm: x = 2ᵉ(1 + f) with |f| ≤ ⅓, ln x = e ln 2 + f − f²/2 + f³P(f).
///
/// ln 0 = −∞ for both zeros, ln of a negative number is NaN, ln ∞ = ∞; subnormal numbers are exact.
///
/// Error below 0.9 ulp.
///
/// ```
/// use polyak_core::real::single::ln;
/// assert_eq!((ln(1.0), ln(2.0)), (0.0, 0.693_147_2));
/// ```
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    const TWO_THIRDS: u32 = 0x3f2a_aaab;
    let subnormal = x < f32::MIN_POSITIVE;
    let normal = if subnormal { x * 8_388_608.0 } else { x };
    let bits = normal.to_bits().wrapping_sub(TWO_THIRDS);
    let e = ((bits as i32 >> 23) - if subnormal { 23 } else { 0 }) as f32;
    let f = f32::from_bits((bits & 0x007f_ffff).wrapping_add(TWO_THIRDS)) - 1.0;
    let square = f * f;
    let small = square
        * f
        * horner!(f; 3.3333215e-1, -2.4999812e-1, 2.0010448e-1, -1.6681357e-1, 1.4003512e-1, -1.21546745e-1, 1.4005834e-1, -1.3085994e-1)
        + e * LN2_LOW
        - 0.5 * square;
    let y = (f + small) + e * LN2_HIGH;
    let y = if x < f32::INFINITY { y } else { x };
    let y = if x < 0.0 { f32::NAN } else { y };
    if x == 0.0 { f32::NEG_INFINITY } else { y }
}

/// eˣ = 2ⁿ(1 + r + r²P(r)) with n the integer nearest to x/ln 2.
///
/// Above 88.72 it is ∞; below −87.33 it goes through the subnormal numbers, rounded, to 0 at −103.97.
///
/// Error below 1 ulp.
///
/// ```
/// use polyak_core::real::single::exp;
/// assert_eq!((exp(0.0), exp(1.0)), (1.0, 2.718_281_7));
/// ```
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (rest, (a, b)) = exponential_parts(x);
    (1.0 + rest) * a * b
}

/// eˣ − 1 without loss near 0: 2ⁿ((eʳ − 1) + (1 − 2⁻ⁿ)). Above 88.72 it is ∞.
///
/// Error below 2 ulp.
///
/// ```
/// use polyak_core::real::single::exp_m1;
/// assert_eq!((exp_m1(1e-10), exp_m1(-200.0)), (1e-10, -1.0));
/// ```
#[inline(always)]
pub fn exp_m1(x: f32) -> f32 {
    let (rest, (a, b)) = exponential_parts(x);
    // 1/b, exact.
    let inverse = f32::from_bits((2 * 1f32.to_bits()).wrapping_sub(b.to_bits()));
    (rest * a + (a - inverse)) * b
}

/// eʳ − 1 and 2ⁿ in two factors, as one alone overflows or is flushed where the result is not; x = n ln 2 + r.
#[inline(always)]
fn exponential_parts(x: f32) -> (f32, (f32, f32)) {
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -104.0 { -104.0 } else { x };
    let shifted = x * core::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let n = shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32;
    let r = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    let rest = r + r * r * horner!(r; 4.9999994e-1, 1.6666521e-1, 4.1668147e-2, 8.368738e-3, 1.3834299e-3);
    let half = n >> 1;
    (rest, (power_of_two(half), power_of_two(n.wrapping_sub(half))))
}

/// 2ⁿ for −126 ≤ n ≤ 127.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// (sin 2πt, cos 2πt): the reduction to an eighth of a turn is exact, as a turn is a power of two.
///
/// sin is odd to the last bit; a cosine that is zero is +0, a sine that is zero has the sign of t. NaN for ±∞.
///
/// Error of either below 1.75 ulp.
///
/// ```
/// use polyak_core::real::single::sin_cos_turn;
/// assert_eq!(sin_cos_turn(0.25), (1.0, 0.0));
/// assert_eq!(sin_cos_turn(-1e9), (0.0, 1.0));
/// ```
#[inline(always)]
pub fn sin_cos_turn(t: f32) -> (f32, f32) {
    const TWO_PI: f32 = core::f32::consts::TAU;
    const INTEGERS: f32 = 8_388_608.0;
    const QUARTERS: f32 = ROUND * 0.25;
    let sign = t.to_bits() & SIGN;
    let t = f32::from_bits(t.to_bits() ^ sign);
    // From 2²³ on every number is whole; ∞ · 0 is NaN.
    let t = if t < INTEGERS { t } else { t * 0.0 };
    let t = t - ((t + INTEGERS) - INTEGERS);
    let shifted = t + QUARTERS;
    let quarter = shifted.to_bits();
    let t = t - (shifted - QUARTERS);
    let z = t * t;
    let s = t * TWO_PI + t * horner!(z; -1.748_455_6e-7, -4.134167e1, 8.159343e1, -7.5427536e1);
    let c = 1.0 + z * horner!(z; -1.9739208e1, 6.493915e1, -8.542452e1, 5.8621056e1);
    let odd = quarter & 1 != 0;
    let (p, q) = if odd { (c, s) } else { (s, c) };
    let sine = f32::from_bits(p.to_bits() ^ ((quarter << 30) & SIGN)) + 0.0;
    let cosine = f32::from_bits(q.to_bits() ^ ((quarter.wrapping_add(1) << 30) & SIGN)) + 0.0;
    (f32::from_bits(sine.to_bits() ^ sign), cosine)
}

/// tanh x: x + x³P(x²) up to 0.55, from there on 1 − 2/(e²ˣ + 1); odd.
///
/// Error below 1.5 ulp.
///
/// ```
/// use polyak_core::real::single::tanh;
/// assert_eq!((tanh(-20.0), tanh(1e-20)), (-1.0, 1e-20));
/// ```
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let sign = x.to_bits() & SIGN;
    let a = f32::from_bits(x.to_bits() ^ sign);
    let z = a * a;
    let near =
        a + a * (z * horner!(z; -3.3333316e-1, 1.3332544e-1, -5.3847548e-2, 2.1050714e-2, -6.242849e-3));
    let far = 1.0 - 2.0 / (exp(a + a) + 1.0);
    let y = if a < 0.55 { near } else { far };
    f32::from_bits(y.to_bits() ^ sign)
}

/// 1/(1 + e⁻ˣ), for negative x as eˣ/(1 + eˣ).
///
/// Error below 2.5 ulp.
///
/// ```
/// use polyak_core::real::single::sigmoid;
/// assert_eq!((sigmoid(0.0), sigmoid(-1e3), sigmoid(1e3)), (0.5, 0.0, 1.0));
/// ```
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(f32::from_bits(x.to_bits() | SIGN));
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// −2 ln((k + ½)2⁻³¹) with k the upper 31 bits of `word`: minus two logarithms of a uniform number in (0, 1).
///
/// Never negative, never −0: from 0 to 64 ln 2 = 44.4.
///
/// Its root, the radius of a normal pair, is off by less than 6·10⁻⁷ of itself (k rounds to 24 bits first), its mean square by 1.4·10⁻⁸.
///
/// ```
/// use polyak_core::real::single::minus_two_ln_uniform;
/// assert_eq!((minus_two_ln_uniform(u32::MAX), minus_two_ln_uniform(0)), (0.0, 44.361_42));
/// ```
#[inline(always)]
pub fn minus_two_ln_uniform(word: u32) -> f32 {
    const FOUR_THIRDS: u32 = 0x3faa_aaab;
    let v = (word >> 1) as i32 as f32 + 0.5;
    // v = 2³¹⁻ⁿ(1 + f), −⅓ < f ≤ ⅓, by one subtraction of bits; f ≤ 0 where n = 0.
    let below = (FOUR_THIRDS + (31 << 23)).wrapping_sub(v.to_bits());
    let n = (below >> 23) as i32 as f32;
    let f = f32::from_bits(FOUR_THIRDS.wrapping_sub(below & 0x007f_ffff)) - 1.0;
    // Pairs of powers: Horner's rule is as many operations, but twice as long a chain of them, which lanes wait for.
    let z = f * f;
    let low = -1.9999988 + 1.0000348 * f;
    let high =
        (-6.669512e-1 + 4.9695313e-1 * f) + z * ((-3.9161566e-1 + 3.8813746e-1 * f) - 3.6658862e-1 * z);
    n * 1.386_294_4 + f * (low + z * high)
}

/// Sine and cosine of yπ/2, |y| ≤ 1 the lower 31 bits of `word` as a signed fraction.
#[inline(always)]
fn half_turn(word: u32) -> (f32, f32) {
    let y = (word << 1) as i32 as f32 * (1.0 / 2_147_483_648.0);
    let z = y * y;
    (
        y * horner!(z; 1.570791, -6.458928e-1, 7.943422e-2, -4.3330155e-3),
        horner!(z; 9.9999994e-1, -1.2336977, 2.5364742e-1, -2.0804573e-2, 8.5483585e-4),
    )
}

/// (sin θ, cos θ) of a uniform angle: the lower 31 bits of `word` are a signed fraction of a quarter turn, its top bit adds
/// half a turn. Absolute error below 9·10⁻⁷ for the sine, 2.5·10⁻⁷ for the
/// cosine: what a random angle needs, no more.
///
/// ```
/// use polyak_core::real::single::sin_cos_word;
/// let (s, c) = sin_cos_word(0x8000_0000);
/// assert!(s == 0.0 && (c + 1.0).abs() < 1e-6);
/// ```
#[inline(always)]
pub fn sin_cos_word(word: u32) -> (f32, f32) {
    let (s, c) = half_turn(word);
    (f32::from_bits(s.to_bits() ^ (word & SIGN)), f32::from_bits(c.to_bits() ^ (word & SIGN)))
}

/// Two independent standard normal numbers of two words, √(−2 ln u)(cos θ, sin θ) (Box and Muller 1958).
///
/// ```
/// let [x, y] = polyak_core::real::single::box_muller(1 << 31, 1 << 29);
/// assert!((x - 0.832_554_6).abs() < 2e-6 && (y - 0.832_554_6).abs() < 2e-6);
/// ```
#[inline(always)]
pub fn box_muller(radius: u32, angle: u32) -> [f32; 2] {
    box_muller_at(minus_two_ln_uniform(radius), angle)
}

/// As [`box_muller`], of the squared radius −2 ln u.
#[inline(always)]
pub fn box_muller_at(squared_radius: f32, angle: u32) -> [f32; 2] {
    let r = sqrt(squared_radius);
    let (s, c) = half_turn(angle);
    let r = f32::from_bits(r.to_bits() ^ (angle & SIGN));
    [r * c, r * s]
}
