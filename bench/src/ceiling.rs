//! The ceiling of the speed goals: Q8, Q1 and SVAG4 as fast as one knows how to write them for one kind of processor, to hold polyak
//! against in the same run.
//!
//! AVX-512 intrinsics, fused multiply-add, sixteen trajectories a vector, everything that belongs to them in registers or on the stack. The
//! fusion, a radius cut at 0 and short constants break the bit contract on purpose: no code to use, but it says what the silicon
//! can do. Normal numbers by Box–Muller, or by a table of the inverse distribution function (32 octaves, degree 4).
#![allow(unsafe_code, reason = "calls of functions compiled for an instruction set that was looked for")]

/// A job and how its random numbers are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceiling {
    /// d = 8, PCG32, Box–Muller.
    Q8,
    /// d = 1, PCG32, Box–Muller.
    Q1,
    /// Q8 under SVAG(4).
    Svag4,
    /// Q8 with Philox 4x32-10 and the inverse distribution function.
    Q8Philox,
    /// Q1 with these.
    Q1Philox,
    /// SVAG(4) with these.
    Svag4Philox,
}

/// Runs n trajectories (rounded down to sixteens) for K steps; the mean and the variance over trajectories of each coordinate at the end. `None` on a
/// processor without AVX-512.
pub fn run(which: Ceiling, trajectories: usize, steps: usize) -> Option<Vec<[f64; 2]>> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
        // SAFETY: the instruction sets were looked for.
        return Some(unsafe { x86::run(which, trajectories, steps) });
    }
    let _ = (which, trajectories, steps);
    None
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use polyak::statistics::normal_quantile;

    use super::Ceiling;

    const SIGN: i32 = i32::MIN;

    #[target_feature(enable = "avx512f,avx512dq")]
    pub fn run(which: Ceiling, trajectories: usize, steps: usize) -> Vec<[f64; 2]> {
        match which {
            Ceiling::Q8 => ensemble::<8, false, Pcg>(trajectories, steps),
            Ceiling::Q1 => ensemble::<1, false, Pcg>(trajectories, steps),
            Ceiling::Svag4 => ensemble::<8, true, Pcg>(trajectories, steps),
            Ceiling::Q8Philox => ensemble::<8, false, Philox>(trajectories, steps),
            Ceiling::Q1Philox => ensemble::<1, false, Philox>(trajectories, steps),
            Ceiling::Svag4Philox => ensemble::<8, true, Philox>(trajectories, steps),
        }
    }

    /// Four normal numbers a call for each of sixteen trajectories.
    trait Normals {
        fn new(first: u64) -> Self;
        /// Asks for the instruction sets of this module.
        unsafe fn four(&mut self) -> [__m512; 4];
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn ensemble<const D: usize, const SVAG: bool, N: Normals>(
        trajectories: usize,
        steps: usize,
    ) -> Vec<[f64; 2]> {
        let ps = |x: f32| _mm512_set1_ps(x);
        let curvature: [f32; D] =
            std::array::from_fn(|i| if D == 1 { 1.0 } else { libm::pow(10.0, i as f64 / 7.0 - 1.0) as f32 });
        // SVAG(4): noise of weights (1 ± √7)/2, a quarter of the rate, four times the steps.
        let (rate, steps) = if SVAG { (0.0025, 4 * steps) } else { (0.01, steps) };
        let (first, second) = if SVAG { (ps(-8.228_757), ps(18.228_757)) } else { (ps(10.0), ps(0.0)) };
        let (decay, gain, rate) = (ps(0.9), ps(0.1), ps(-rate));
        let mut sums = vec![[0.0f64; 2]; D];
        for group in 0..trajectories / 16 {
            let mut normals = N::new(16 * group as u64);
            let (mut x, mut m) = ([ps(1.0); D], [ps(0.0); D]);
            let step = |x: &mut __m512, m: &mut __m512, gradient: __m512| {
                *m = _mm512_fmadd_ps(decay, *m, _mm512_mul_ps(gain, gradient));
                *x = _mm512_fmadd_ps(rate, *m, *x);
            };
            if D == 1 {
                for _ in 0..steps / 4 {
                    // SAFETY: this function has the instruction sets.
                    for z in unsafe { normals.four() } {
                        let gradient = _mm512_fmadd_ps(first, z, x[0]);
                        step(&mut x[0], &mut m[0], gradient);
                    }
                }
            } else {
                for _ in 0..steps {
                    let mut g = [ps(0.0); D];
                    for i in (0..D).step_by(4) {
                        // SAFETY: this function has the instruction sets.
                        let z = unsafe { normals.four() };
                        for j in 0..4 {
                            g[i + j] =
                                _mm512_fmadd_ps(first, z[j], _mm512_mul_ps(ps(curvature[i + j]), x[i + j]));
                        }
                    }
                    if SVAG {
                        for i in (0..D).step_by(4) {
                            // SAFETY: this function has the instruction sets.
                            let z = unsafe { normals.four() };
                            for j in 0..4 {
                                g[i + j] = _mm512_fmadd_ps(second, z[j], g[i + j]);
                            }
                        }
                    }
                    for i in 0..D {
                        step(&mut x[i], &mut m[i], g[i]);
                    }
                }
            }
            for (sums, x) in sums.iter_mut().zip(x) {
                let mut lanes = [0.0f32; 16];
                // SAFETY: sixteen numbers have their place.
                unsafe { _mm512_storeu_ps(lanes.as_mut_ptr(), x) };
                for lane in lanes.map(f64::from) {
                    *sums = [sums[0] + lane, sums[1] + lane * lane];
                }
            }
        }
        let n = (trajectories / 16 * 16) as f64;
        sums.into_iter().map(|[sum, square]| [sum / n, square / n - (sum / n) * (sum / n)]).collect()
    }

    /// SplitMix64's mixing: streams for the prototype.
    fn mix(seed: u64) -> u64 {
        let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn eight(f: impl Fn(u64) -> u64) -> __m512i {
        let words: [u64; 8] = std::array::from_fn(|i| f(i as u64));
        // SAFETY: eight numbers are there.
        unsafe { _mm512_loadu_epi64(words.as_ptr().cast()) }
    }

    const MULTIPLIER: u64 = 6_364_136_223_846_793_005;

    /// PCG32 and Box–Muller.
    struct Pcg {
        state: [__m512i; 2],
        /// What the next state has more. It is multiplied as states are, and as a product that lives on it does not wait for another in the same register.
        difference: [__m512i; 2],
    }

    impl Normals for Pcg {
        #[inline(always)]
        fn new(first: u64) -> Self {
            let hash = |i: u64, offset: u64| mix(0x9e37_79b9_7f4a_7c15 * (first + i + 1) + offset);
            let state = |i: u64| hash(i, 0);
            let difference =
                |i: u64| state(i).wrapping_mul(MULTIPLIER - 1).wrapping_add(hash(i, 1 << 40) | 1);
            // SAFETY: `run` looked for the instruction sets.
            let of = |f: &dyn Fn(u64) -> u64| [0, 8].map(|half| unsafe { eight(|i| f(half + i)) });
            Self { state: of(&state), difference: of(&difference) }
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512dq")]
        unsafe fn four(&mut self) -> [__m512; 4] {
            let [a, b, c, d] = [(); 4].map(|()| self.word());
            let ([p, q], [r, s]) = (box_muller(a, b), box_muller(c, d));
            [p, q, r, s]
        }
    }

    impl Pcg {
        #[inline]
        #[target_feature(enable = "avx512f,avx512dq")]
        fn word(&mut self) -> __m512i {
            let multiplier = _mm512_set1_epi64(MULTIPLIER as i64);
            let [a, b] = self.state;
            for (state, difference) in self.state.iter_mut().zip(&mut self.difference) {
                *state = _mm512_add_epi64(*state, *difference);
                *difference = _mm512_mullo_epi64(*difference, multiplier);
            }
            let shifted = |s| _mm512_srli_epi64::<27>(_mm512_xor_si512(_mm512_srli_epi64::<18>(s), s));
            // The word is in the lower half, its rotation in the upper one.
            let (a, b) = (shifted(a), shifted(b));
            let lower = _mm512_permutex2var_epi32(a, halves(0), b);
            let upper = _mm512_permutex2var_epi32(a, halves(1), b);
            _mm512_rorv_epi32(lower, upper)
        }
    }

    /// Which 32-bit halves of two vectors of 64-bit numbers make one vector: the lower ones or the upper ones.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn halves(upper: i32) -> __m512i {
        let even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
        _mm512_add_epi32(even, _mm512_set1_epi32(upper))
    }

    /// c₀ + x(c₁ + x(…)), the last coefficient first in `from`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn horner<const N: usize>(x: __m512, from: [f32; N]) -> __m512 {
        let mut y = _mm512_set1_ps(from[0]);
        for &c in &from[1..] {
            y = _mm512_fmadd_ps(y, x, _mm512_set1_ps(c));
        }
        y
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn box_muller(radius: __m512i, angle: __m512i) -> [__m512; 2] {
        let ps = |x: f32| _mm512_set1_ps(x);
        let v = _mm512_add_ps(_mm512_cvtepi32_ps(_mm512_srli_epi32::<1>(radius)), ps(0.5));
        let exponent = _mm512_getexp_ps(v);
        // A mantissa in [¾, 1½): its exponent is one more where it is below 1.
        let f = _mm512_sub_ps(_mm512_getmant_ps::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_ZERO>(v), ps(1.0));
        let minus_two_ln = horner(
            f,
            [-0.027_748_97, 0.131_180_6, -0.296_588_3, 0.469_090_4, -0.661_950_5, 0.999_718, -1.999_997, 0.0],
        );
        let r = _mm512_fmadd_ps(
            _mm512_sub_ps(ps(31.0), exponent),
            ps(std::f32::consts::LN_2 * 2.0),
            minus_two_ln,
        );
        let r = _mm512_sqrt_ps(_mm512_max_ps(r, ps(0.0)));
        let y = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_slli_epi32::<1>(angle)), ps(1.0 / 2_147_483_648.0));
        let z = _mm512_mul_ps(y, y);
        let sine = _mm512_mul_ps(y, horner(z, [-4.333_015_5e-3, 7.943_422e-2, -6.458_928e-1, 1.570_791]));
        let cosine = horner(z, [8.548_358_5e-4, -2.080_457_3e-2, 2.536_474_2e-1, -1.233_697_7, 0.999_999_94]);
        let sign = _mm512_and_si512(angle, _mm512_set1_epi32(SIGN));
        let r = _mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(r), sign));
        [_mm512_mul_ps(r, cosine), _mm512_mul_ps(r, sine)]
    }

    /// Philox 4x32-10 and the inverse distribution function.
    struct Philox {
        block: u64,
        trajectory: [__m512i; 2],
        table: [[__m512; 2]; 5],
    }

    impl Normals for Philox {
        #[inline(always)]
        fn new(first: u64) -> Self {
            // SAFETY: `run` looked for the instruction sets.
            let trajectory = [0, 8].map(|half| unsafe { eight(|i| first + half + i) });
            // SAFETY: as above.
            Self { block: 0, trajectory, table: unsafe { table() } }
        }

        #[inline]
        #[target_feature(enable = "avx512f,avx512dq")]
        unsafe fn four(&mut self) -> [__m512; 4] {
            let set = |x: u64| _mm512_set1_epi64(x as i64);
            let (low, high) = (set(self.block & 0xffff_ffff), set(self.block >> 32));
            self.block += 1;
            let mut counters = self.trajectory.map(|t| [low, high, t, _mm512_srli_epi64::<32>(t)]);
            let mut key = [0x1234_5678u32, 0x9abc_def0];
            for _ in 0..10 {
                let [k, l] = key.map(|key| set(key.into()));
                for counter in &mut counters {
                    // Only the lower halves count; what is above them is never read.
                    let [a, b, c, d] = *counter;
                    let p = _mm512_mul_epu32(a, set(0xd251_1f53));
                    let q = _mm512_mul_epu32(c, set(0xcd9e_8d57));
                    let xor = |p, b, k| _mm512_ternarylogic_epi64::<0x96>(_mm512_srli_epi64::<32>(p), b, k);
                    *counter = [xor(q, b, k), q, xor(p, d, l), p];
                }
                key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
            }
            let [first, second] = counters;
            std::array::from_fn(|i| {
                inverse_cdf(_mm512_permutex2var_epi32(first[i], halves(0), second[i]), &self.table)
            })
        }
    }

    /// Φ⁻¹ of the lower 31 bits of a word as a number in (0, ½), with the sign of the top bit: in each octave a polynomial of the mantissa.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn inverse_cdf(word: __m512i, table: &[[__m512; 2]; 5]) -> __m512 {
        let below = _mm512_and_si512(word, _mm512_set1_epi32(i32::MAX));
        let v = _mm512_add_ps(_mm512_cvtepi32_ps(below), _mm512_set1_ps(0.5));
        // A permutation looks at the five lowest bits only.
        let octave = _mm512_srli_epi32::<23>(_mm512_castps_si512(v));
        let t = _mm512_getmant_ps::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_ZERO>(v);
        let mut z = _mm512_permutex2var_ps(table[0][0], octave, table[0][1]);
        for [low, high] in &table[1..] {
            z = _mm512_fmadd_ps(z, t, _mm512_permutex2var_ps(*low, octave, *high));
        }
        let signed = _mm512_ternarylogic_epi32::<0x78>(_mm512_castps_si512(z), word, _mm512_set1_epi32(SIGN));
        _mm512_castsi512_ps(signed)
    }

    /// Coefficients for each octave of (0, ½), the highest power first: through five Chebyshev points of its mantissa.
    #[target_feature(enable = "avx512f,avx512dq")]
    fn table() -> [[__m512; 2]; 5] {
        static TABLE: std::sync::OnceLock<[[f32; 32]; 5]> = std::sync::OnceLock::new();
        let table = TABLE.get_or_init(|| {
            let mut table = [[0.0; 32]; 5];
            for exponent in -1i32..=30 {
                let scale = libm::ldexp(1.0, exponent - 32);
                let points = [0.951_056_516_3, 0.587_785_252_3, 0.0, -0.587_785_252_3, -0.951_056_516_3]
                    .map(|c: f64| 1.5 + 0.5 * c);
                let coefficients = interpolate(points, points.map(|t| normal_quantile(t * scale)));
                for (row, c) in table.iter_mut().zip(coefficients.iter().rev()) {
                    row[(exponent + 127) as usize & 31] = *c as f32;
                }
            }
            table
        });
        // SAFETY: sixteen numbers are in each half.
        table.map(|row| [0, 16].map(|half| unsafe { _mm512_loadu_ps(row[half..].as_ptr()) }))
    }

    /// The coefficients, constant first, of the polynomial of degree 4 through five points (Newton's divided differences).
    fn interpolate(t: [f64; 5], mut y: [f64; 5]) -> [f64; 5] {
        for order in 1..5 {
            for i in (order..5).rev() {
                y[i] = (y[i] - y[i - 1]) / (t[i] - t[i - order]);
            }
        }
        let mut coefficients = [0.0; 5];
        for i in (0..5).rev() {
            for power in (1..5).rev() {
                coefficients[power] = coefficients[power - 1] - t[i] * coefficients[power];
            }
            coefficients[0] = y[i] - t[i] * coefficients[0];
        }
        coefficients
    }
}
