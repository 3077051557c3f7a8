//! What two runs on a one-dimensional quadratic differ by, exactly.

use crate::experiment::model::Experiment;
use crate::theory::Recursion;

/// E x, E x², E x³, E x⁴ where the recursion is, of a normal law.
pub fn moments(recursion: &Recursion<'_>) -> [f64; 4] {
    let state = recursion.state();
    let (mean, variance) = (state.mean[0][0], state.covariance.of_mode(0)[0]);
    let square = mean * mean;
    [
        mean,
        square + variance,
        mean * (square + 3.0 * variance),
        square * square + 6.0 * square * variance + 3.0 * variance * variance,
    ]
}

/// Shows for k = 1, 2, … the moments of run `first` less those of run `second`, under normal noise. Nothing where the moments are not known.
pub fn each_gap(experiment: &Experiment, [first, second]: [usize; 2], mut see: impl FnMut(u64, [f64; 4])) {
    let recursion = |run: usize| Recursion::new(experiment, &experiment.runs[run]).ok();
    let (Some(mut first), Some(mut second)) = (recursion(first), recursion(second)) else { return };
    for k in 1..=first.run().steps {
        first.advance();
        second.advance();
        let other = moments(&second);
        let mut gaps = moments(&first);
        gaps.iter_mut().zip(other).for_each(|(gap, other)| *gap -= other);
        see(k, gaps);
    }
}

/// The largest gap over all k for each degree, and the k where it is.
pub fn largest_gaps(experiment: &Experiment, runs: [usize; 2]) -> [(f64, u64); 4] {
    let mut largest = [(0.0, 1); 4];
    each_gap(experiment, runs, |k, gaps| {
        for (largest, gap) in largest.iter_mut().zip(gaps) {
            if gap.abs() > largest.0 {
                *largest = (gap.abs(), k);
            }
        }
    });
    largest
}
