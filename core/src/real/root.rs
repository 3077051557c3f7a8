//! √x in `f32` where no instruction has it: the bits of `libm::sqrtf` without its table.

/// √x, correctly rounded, by Newton's iteration for 1/√m in integers.
///
/// x = 4ᵉm with 1 ≤ m < 4. The bits of x from a constant are 1/√m to 3.5 %, and three rounds r ← r(3 − mr²)/2 leave an error below 2⁻²⁸.
/// s = mr in 24 bits is then within one unit of the root, and (s + ½)² against m says which is nearest.
#[inline(never)]
pub fn sqrt(x: f32) -> f32 {
    const INFINITY: u32 = 0x7f80_0000;
    const SMALLEST_NORMAL: u32 = 0x0080_0000;
    let mut bits = x.to_bits();
    if bits.wrapping_sub(SMALLEST_NORMAL) >= INFINITY - SMALLEST_NORMAL {
        if bits << 1 == 0 || bits == INFINITY {
            return x;
        }
        if bits > INFINITY {
            return f32::NAN;
        }
        // Subnormal: 2²⁴x is not. The exponent may wrap around; its half comes right again.
        bits = (x * 16_777_216.0).to_bits().wrapping_sub(24 << 23);
    }
    // Lowest bit of the exponent and mantissa: 2³⁰ from one power of 4 to the next.
    let place = (bits ^ 0x0080_0000) << 8 >> 1;
    let half = place | 1 << 30;
    // m as a number of 2⁻³⁰, r as one of 2⁻³².
    let m = if place >> 30 == 0 { half } else { half << 1 };
    let mut r = 0xf759_df00u32.wrapping_sub(place);
    for _ in 0..3 {
        r = high(r, (3u32 << 30).wrapping_sub(high(m, high(r, r)))) << 1;
    }
    let s = high(m, r) >> 7;
    let rest = (m << 16).wrapping_sub(s.wrapping_mul(s));
    let s = s.wrapping_add(s.wrapping_sub(rest) >> 31);
    // One too small for the bit of s above the mantissa.
    let exponent = (bits >> 1).wrapping_add(0x1f40_0000) & INFINITY;
    f32::from_bits(exponent.wrapping_add(s))
}

/// The upper half of a product.
#[inline(always)]
fn high(a: u32, b: u32) -> u32 {
    ((u64::from(a) * u64::from(b)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::sqrt;

    /// Every mantissa under both parities of the exponent, and every subnormal number: the rest is a shift of the exponent.
    #[test]
    fn every_mantissa_is_rounded_correctly() {
        for bits in (0x3f80_0000..0x4080_0000).chain(0..0x0080_0000) {
            let x = f32::from_bits(bits);
            assert_eq!(sqrt(x).to_bits(), x.sqrt().to_bits(), "{x:e}");
        }
    }

    #[test]
    fn every_exponent_and_the_ends() {
        for bits in (0..0x7f80_0000).step_by(98_207) {
            let x = f32::from_bits(bits);
            assert_eq!(sqrt(x).to_bits(), x.sqrt().to_bits(), "{x:e}");
        }
        assert_eq!(sqrt(f32::INFINITY), f32::INFINITY);
        assert_eq!(sqrt(-0.0).to_bits(), (-0.0f32).to_bits());
        for x in [-f32::MIN_POSITIVE, -1e-45, -1.0, f32::NEG_INFINITY, f32::NAN, -f32::NAN] {
            assert!(sqrt(x).is_nan(), "{x}");
        }
    }
}
