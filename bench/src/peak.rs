//! How fast one core multiplies and adds without fusing: what bounds every update from above.
#![allow(unsafe_code, reason = "calls of functions compiled for an instruction set that was looked for")]

/// Multiply-adds a second on one core, x·a + b rounded twice, in (f32, f64): independent chains in most of the registers of the widest
/// instruction set that the machine has, the best of ten. Nothing where that is not one of x86-64's.
pub fn multiply_add() -> Option<(f64, f64)> {
    chains().map(|[single, double]| (best(single), best(double)))
}

/// What does some millions of multiply-adds and says how many, in f32 and f64; nothing where [`multiply_add`] has nothing.
pub fn chains() -> Option<[fn() -> u64; 2]> {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the instruction set was looked for.
            return Some([|| unsafe { x86::avx512_single() }, || unsafe { x86::avx512_double() }]);
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the instruction set was looked for.
            return Some([|| unsafe { x86::avx2_single() }, || unsafe { x86::avx2_double() }]);
        }
    }
    None
}

/// The most of ten: `run` does some multiply-adds and says how many.
fn best(run: fn() -> u64) -> f64 {
    let speed = |_| {
        let begun = std::time::Instant::now();
        let count = run();
        count as f64 / begun.elapsed().as_secs_f64()
    };
    (0..10).map(speed).fold(0.0, f64::max)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::hint::black_box;

    const ROUNDS: u64 = 1_000_000;

    macro_rules! chains {
        ($name:ident, $features:literal, $chains:literal, $lanes:literal, $set:ident, $multiply:ident, $add:ident) => {
            #[target_feature(enable = $features)]
            pub fn $name() -> u64 {
                let (a, b) = ($set(black_box(0.999)), $set(black_box(0.001)));
                let mut chains = [$set(black_box(1.0)); $chains];
                for _ in 0..ROUNDS {
                    for x in &mut chains {
                        *x = $add($multiply(*x, a), b);
                    }
                }
                black_box(chains);
                $lanes * $chains * ROUNDS
            }
        };
    }

    chains!(avx512_single, "avx512f", 24, 16, _mm512_set1_ps, _mm512_mul_ps, _mm512_add_ps);
    chains!(avx512_double, "avx512f", 24, 8, _mm512_set1_pd, _mm512_mul_pd, _mm512_add_pd);
    chains!(avx2_single, "avx2", 12, 8, _mm256_set1_ps, _mm256_mul_ps, _mm256_add_ps);
    chains!(avx2_double, "avx2", 12, 4, _mm256_set1_pd, _mm256_mul_pd, _mm256_add_pd);
}
