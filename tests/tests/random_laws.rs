//! Every law from every generator in both precisions: goodness of fit, moments to the eighth, tails.

#![allow(clippy::disallowed_methods, reason = "what a sample is held against may round as it likes")]

use polyak_core::real::single;
use polyak_tests::sample::{CONTINUOUS, Kind, SOURCES, Source};
use polyak_tests::statistics::{chi_square_of_counts, fit};

/// 6 laws × 4 sources × 2 shapes × 2 statistics, 2¹⁶ numbers each: p within [10⁻⁴, 1 − 10⁻⁴], which 192 p-values of right
/// code all keep with probability 0.96 over the seeds; this seed is fixed.
#[test]
fn kolmogorov_smirnov_and_anderson_darling() {
    for kind in CONTINUOUS {
        let tail = kind.tail();
        for source in SOURCES {
            // Many trajectories with few numbers, few with many.
            for (trajectories, each) in [(1 << 14, 4), (16, 1 << 12)] {
                let mut numbers = source.numbers(kind, 1, 0, trajectories, each);
                let (ks, ad) = fit(&mut numbers, &tail);
                for p in [ks, ad] {
                    assert!((1e-4..0.9999).contains(&p), "{kind:?} {source:?} {trajectories}: {ks} {ad}");
                }
            }
        }
    }
}

/// 2¹⁸ signs.
#[test]
fn rademacher_is_plus_or_minus_one_as_often() {
    for source in SOURCES {
        let numbers = source.numbers(Kind::Rademacher, 1, 0, 1 << 14, 16);
        assert!(numbers.iter().all(|x| x.abs() == 1.0));
        // Four signs of a quad: 16 patterns, which also sees signs that depend on each other.
        let mut counts = [0; 16];
        for quad in numbers.chunks_exact(4) {
            counts[quad.iter().fold(0, |code, x| 2 * code + usize::from(*x > 0.0))] += 1;
        }
        let p = chi_square_of_counts(&counts, (numbers.len() / 64) as f64);
        assert!((1e-4..0.9999).contains(&p), "{source:?}: {p} {counts:?}");
    }
}

/// 2²⁰ numbers; z of E Xᵖ with the exact variance (E X²ᵖ − (E Xᵖ)²)/n, wherever that is finite. 124 z-scores.
#[test]
fn moments_to_the_eighth() {
    for kind in [
        Kind::Gaussian,
        Kind::Rademacher,
        Kind::Uniform,
        Kind::Laplace,
        Kind::StudentT(4.5),
        Kind::StudentT(30.0),
    ] {
        for source in SOURCES {
            let (mut sums, n) = ([0.0; 9], 1u64 << 20);
            source.each(kind, 2, 0, n / 64, 64, |_, _, x| {
                let mut power = 1.0;
                for sum in &mut sums {
                    *sum += power;
                    power *= x;
                }
            });
            for (p, sum) in (0..9).zip(sums).skip(1) {
                let variance = kind.moment(2 * p) - kind.moment(p).powi(2);
                let error = sum / n as f64 - kind.moment(p);
                if variance == 0.0 {
                    assert_eq!(error, 0.0);
                } else if variance.is_finite() {
                    let z = error / (variance / n as f64).sqrt();
                    assert!(z.abs() < 4.5, "{kind:?} {source:?}: moment {p} has z = {z}");
                }
            }
        }
    }
}

/// 2²⁵ numbers: some 2125 beyond 4 standard deviations, 19 beyond 5, 1.3 beyond 5.5; Poisson, so √ of that is the error.
#[test]
fn gaussian_tails_have_their_exact_probability() {
    let tail = Kind::Gaussian.tail();
    for source in [Source::PcgSingle, Source::PcgDouble] {
        let (mut beyond, n) = ([0u32; 3], 1u64 << 25);
        let limits = [4.0, 5.0, 5.5];
        source.each(Kind::Gaussian, 3, 0, n / 4096, 4096, |_, _, x| {
            if x.abs() > 4.0 {
                limits
                    .iter()
                    .zip(&mut beyond)
                    .for_each(|(limit, count)| *count += u32::from(x.abs() > *limit));
            }
        });
        for (limit, count) in limits.into_iter().zip(beyond) {
            let expected = 2.0 * tail(limit) * n as f64;
            let z = (f64::from(count) - expected) / expected.sqrt();
            assert!(z.abs() < 4.5, "{source:?}: {count} beyond {limit}, expected {expected}");
        }
    }
}

/// No sample: every radius word that can lead beyond t, each with the exact share of angles that does. The f32 sampler has
/// the tail of the normal law to a part in 10⁵ at 5 standard deviations, in 500 at 6; it ends at √(64 ln 2) = 6.66.
#[test]
fn gaussian_tail_in_single_precision_word_by_word() {
    let tail = Kind::Gaussian.tail();
    for (t, allowed) in [(4.0, 4e-6), (5.0, 2e-5), (5.5, 2e-4), (6.0, 3e-3)] {
        let words = (1..).step_by(2).take_while(|&word| {
            let [x, y] = single::box_muller(word, 0);
            f64::from(x).hypot(f64::from(y)) > t
        });
        let share: f64 = words
            .map(|word| {
                let [x, y] = single::box_muller(word, 0);
                2.0 / std::f64::consts::PI * libm::acos(t / f64::from(x).hypot(f64::from(y)))
            })
            .sum();
        let (measured, exact) = (share / f64::from(1u32 << 31), 2.0 * tail(t));
        println!("beyond {t}: {measured:e}, exactly {exact:e}, off by {:.2e}", measured / exact - 1.0);
        assert!((measured / exact - 1.0).abs() < allowed, "{t}: {measured:e}, {exact:e}");
    }
    let [longest, _] = single::box_muller(0, 0);
    assert!((f64::from(longest) - (64.0 * std::f64::consts::LN_2).sqrt()).abs() < 1e-5);
}
