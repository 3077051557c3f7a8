//! Gaussian numbers that must know nothing of each other: in a quad, in consecutive quads, in neighbouring trajectories, in
//! neighbouring seeds, and with seed and trajectory swapped.

use polyak_tests::sample::{Kind, SOURCES};

/// z of the correlation of x and y, of x² and y, of x and y², and of x² and y², for standard normal numbers.
fn correlations(pairs: impl Iterator<Item = (f64, f64)>) -> [f64; 4] {
    let (mut sums, mut n) = ([0.0; 4], 0u64);
    for (x, y) in pairs {
        let (u, v) = (x * x - 1.0, y * y - 1.0);
        sums.iter_mut().zip([x * y, u * y, x * v, u * v]).for_each(|(sum, product)| *sum += product);
        n += 1;
    }
    let variances = [1.0, 2.0, 2.0, 4.0];
    std::array::from_fn(|i| sums[i] / (variances[i] * n as f64).sqrt())
}

/// All z-scores below 4.8 (the largest of 1000 is, with probability 0.998), and Σz² within 5 of its standard deviations.
fn assert_small(name: &str, z: &[f64]) {
    let largest = z.iter().fold(0f64, |m, z| m.max(z.abs()));
    assert!(largest < 4.8, "{name}: z = {largest}");
    let (sum, n) = (z.iter().map(|z| z * z).sum::<f64>(), z.len() as f64);
    assert!((sum - n).abs() < 5.0 * (2.0 * n).sqrt(), "{name}: the squares of {n} z-scores sum to {sum}");
}

/// 2¹⁶ pairs a z-score.
#[test]
fn within_a_stream() {
    for source in SOURCES {
        for (trajectories, each) in [(1 << 16, 8), (16, 1 << 15)] {
            let numbers = source.numbers(Kind::Gaussian, 5, 0, trajectories, each);
            let mut z = vec![];
            // Members of one quad, and of one quad and the next.
            for i in 0..4 {
                for j in i + 1..8 {
                    z.extend(correlations(numbers.chunks_exact(8).map(|eight| (eight[i], eight[j]))));
                }
            }
            assert_small(&format!("{source:?}, {trajectories} trajectories"), &z);
        }
    }
}

/// 2¹⁵ trajectories, and 16 trajectories of 2¹³ numbers each.
#[test]
fn between_trajectories() {
    for source in SOURCES {
        let (few, long) = (4, 1 << 13);
        let short = source.numbers(Kind::Gaussian, 6, 0, 1 << 15, few);
        let mut z = vec![];
        for distance in (0..14).map(|log| few << log) {
            for k in 0..few {
                let at = |offset: usize| short[offset + k..].iter().step_by(few);
                z.extend(correlations(at(0).zip(at(distance)).map(|(x, y)| (*x, *y))));
            }
        }
        let long_ones = source.numbers(Kind::Gaussian, 6, 0, 16, long);
        for pair in long_ones.chunks_exact(long).collect::<Vec<_>>().windows(2) {
            z.extend(correlations(pair[0].iter().zip(pair[1]).map(|(x, y)| (*x, *y))));
        }
        assert_small(&format!("{source:?}"), &z);
    }
}

/// 2048 numbers of 16 trajectories for each of 32 seeds.
#[test]
fn between_seeds_and_with_seed_and_trajectory_swapped() {
    for source in SOURCES {
        let seeds: Vec<Vec<f64>> =
            (0..32).map(|seed| source.numbers(Kind::Gaussian, seed, 0, 16, 2048)).collect();
        let mut z = vec![];
        for pair in seeds.windows(2) {
            z.extend(correlations(pair[0].iter().zip(&pair[1]).map(|(x, y)| (*x, *y))));
        }
        // Seed a's trajectory b against seed b's trajectory a, a < b < 16; also against the trajectories of equal sum.
        for a in 0..16 {
            for b in a + 1..16 {
                let stream = |seed: usize, trajectory: usize| seeds[seed][trajectory * 2048..][..2048].iter();
                z.extend(correlations(stream(a, b).zip(stream(b, a)).map(|(x, y)| (*x, *y))));
                z.extend(
                    correlations(stream(a, b).zip(stream(a + 1, b - 1)).map(|(x, y)| (*x, *y)))
                        .iter()
                        .filter(|_| b > a + 1),
                );
            }
        }
        assert_small(&format!("{source:?}"), &z);
    }
}
