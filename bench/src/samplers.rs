//! Candidates for the one normal sampler of every target, in `f32`, for comparison with the core's: see `bench/NOTES.md`.

use polyak_core::real::single;
use rand_core::Rng;

/// Inverse of the normal distribution function at a 32-bit word, by Giles's single-precision erf⁻¹ (2010): a logarithm, and one of
/// two polynomials of degree 8 in w = −ln(1 − x²).
#[inline(always)]
pub fn inverse_cdf(word: u32) -> f32 {
    const UNIT: f32 = 1.0 / 2_147_483_648.0;
    const CENTRE: [f32; 9] = [
        2.810_226_4e-8,
        3.432_739_4e-7,
        -3.523_387_7e-6,
        -4.391_506_5e-6,
        2.185_808_7e-4,
        -1.253_725e-3,
        -4.177_681_6e-3,
        0.246_640_73,
        1.501_409_4,
    ];
    const TAIL: [f32; 9] = [
        -2.002_142_6e-4,
        1.009_505_6e-4,
        1.349_343_2e-3,
        -3.673_428_4e-3,
        5.739_507_7e-3,
        -7.622_461_3e-3,
        9.438_870_5e-3,
        1.001_674,
        2.832_976_8,
    ];
    let x = (word as i32 as f32 + 0.5) * UNIT;
    // The last step below 1, so that a word that rounds to ±1 stays finite.
    let x = x.clamp(-0.999_999_94, 0.999_999_94);
    let w = -single::ln((1.0 - x) * (1.0 + x));
    // Both polynomials and a choice: a choice of coefficients keeps compilers from vectors.
    let centre = horner(&CENTRE, w - 2.5);
    let tail = horner(&TAIL, single::sqrt(w) - 3.0);
    let p = if w < 5.0 { centre } else { tail };
    p * x * core::f32::consts::SQRT_2
}

/// The polynomial in t, highest power first.
#[inline(always)]
fn horner(coefficients: &[f32; 9], t: f32) -> f32 {
    let mut p = 0.0;
    for c in coefficients {
        p = p * t + c;
    }
    p
}

/// Marsaglia's polar method: two numbers from a point of the unit disc, found by rejection (4/π tries on average).
#[inline(always)]
pub fn polar<R: Rng>(words: &mut R) -> [f32; 2] {
    const UNIT: f32 = 1.0 / 2_147_483_648.0;
    loop {
        let u = words.next_u32() as i32 as f32 * UNIT;
        let v = words.next_u32() as i32 as f32 * UNIT;
        let square = u * u + v * v;
        if square < 1.0 && square > 0.0 {
            let factor = single::sqrt(-2.0 * single::ln(square) / square);
            return [u * factor, v * factor];
        }
    }
}

#[cfg(test)]
mod tests {
    use polyak_core::random::PcgLane;

    use super::*;

    /// Means of z², z⁴ and of |z| > 3 over 2²⁰ numbers, against 1, 3 and 0.0027, in standard errors.
    fn z_scores(mut next: impl FnMut() -> f32) -> [f64; 3] {
        let n = f64::from(1 << 20);
        let (mut second, mut fourth, mut far) = (0.0, 0.0, 0.0);
        for _ in 0..1 << 20 {
            let z = f64::from(next());
            second += z * z;
            fourth += z * z * z * z;
            far += if z.abs() > 3.0 { 1.0 } else { 0.0 };
        }
        let tail = 0.002_699_796;
        [
            (second / n - 1.0) / (2.0 / n).sqrt(),
            (fourth / n - 3.0) / (96.0 / n).sqrt(),
            (far / n - tail) / (tail / n).sqrt(),
        ]
    }

    #[test]
    fn every_candidate_is_normal() {
        let mut words = PcgLane::new(1, 0);
        let inverse = z_scores(|| inverse_cdf(words.next_u32()));
        let mut words = PcgLane::new(1, 1);
        let polar = z_scores(|| polar(&mut words)[0]);
        for z in inverse.into_iter().chain(polar) {
            assert!(z.abs() < 4.0, "{z}");
        }
    }
}
