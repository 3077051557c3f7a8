//! Everything that is kept of the chunks merged so far.

use polyak_core::observe;
use polyak_core::real::Scalar;
use serde::{Deserialize, Serialize};

use super::estimate::{coordinate, not_below_zero, unbiased};
use super::{Digest, Estimate, PointEstimates};
use crate::backend::{ChunkResult, Layout};
use crate::experiment::model::Histogram;
use crate::job::RunJob;

/// The sums of one run over all chunks merged so far, in `f64`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accumulator {
    /// Trajectories merged.
    pub trajectories: u64,
    /// Trajectories that were not finite at the end.
    pub diverged: u64,
    /// Digest of the final states so far.
    pub digest: Digest,
    /// Finite trajectories at each observation point.
    pub alive: Vec<u64>,
    /// Chunk sums added up, in the layout's order.
    sums: Bits,
    /// Squares of the chunk means of the powers beyond the fourth, added up: their scatter gives the error.
    scatter: Bits,
    /// Chunks merged that had a finite trajectory at each observation point.
    chunks: Vec<u64>,
    /// The histograms.
    pub histograms: Vec<Counts>,
    /// Trajectories that passed below the loss asked for.
    pub passed: u64,
    /// Σ and Σ² of their first passage steps.
    passage_sums: Bits,
    /// Worker seconds spent.
    pub seconds: f64,
}

/// Floating-point numbers written as their bits: a checkpoint must not round, and JSON has no infinity.
#[derive(Debug, Clone, PartialEq)]
pub struct Bits(
    /// The numbers.
    pub Vec<f64>,
);

impl Serialize for Bits {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|x| x.to_bits()))
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bits = Vec::<u64>::deserialize(deserializer)?;
        Ok(Self(bits.into_iter().map(f64::from_bits).collect()))
    }
}

/// A histogram's counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Lower edge of the first bin.
    pub from: f64,
    /// Upper edge of the last bin.
    pub to: f64,
    /// Numbers below.
    pub below: u64,
    /// Numbers in each bin.
    pub counts: Vec<u64>,
    /// Numbers from the upper edge on.
    pub above: u64,
}

impl Counts {
    fn new(histogram: &Histogram) -> Self {
        let &Histogram { from, to, bins, .. } = histogram;
        Self { from, to, below: 0, counts: vec![0; bins], above: 0 }
    }

    fn count(&mut self, x: f64) {
        let &mut Self { from, to, below, above, .. } = self;
        let mut histogram = observe::Histogram { from, to, below, bins: &mut self.counts, above };
        histogram.count(x);
        (self.below, self.above) = (histogram.below, histogram.above);
    }
}

impl Accumulator {
    /// Nothing merged yet.
    pub fn new(layout: &Layout, points: usize, histograms: &[Histogram]) -> Self {
        Self {
            trajectories: 0,
            diverged: 0,
            digest: Digest::default(),
            alive: vec![0; points],
            sums: Bits(vec![0.0; points * layout.per_point() + layout.pairs()]),
            scatter: Bits(vec![0.0; points * layout.dimension * layout.powers.len()]),
            chunks: vec![0; points],
            histograms: histograms.iter().map(Counts::new).collect(),
            passed: 0,
            passage_sums: Bits(vec![0.0; 2]),
            seconds: 0.0,
        }
    }

    /// Whether it has the shape that `new` gives: a checkpoint is read from a file.
    pub fn fits(&self, layout: &Layout, points: usize, histograms: &[Histogram]) -> bool {
        let like = Self::new(layout, points, histograms);
        self.alive.len() == like.alive.len()
            && self.chunks.len() == like.chunks.len()
            && self.sums.0.len() == like.sums.0.len()
            && self.scatter.0.len() == like.scatter.0.len()
            && self.passage_sums.0.len() == 2
            && self.histograms.len() == like.histograms.len()
            && self.histograms.iter().zip(&like.histograms).all(|(a, b)| a.counts.len() == b.counts.len())
    }

    /// Merges the next chunk, of `count` trajectories; chunks must come in index order.
    pub fn merge<S: Scalar>(
        &mut self,
        layout: &Layout,
        histograms: &[Histogram],
        count: usize,
        chunk: &ChunkResult<S>,
    ) {
        let d = layout.dimension.max(1);
        for (total, &alive) in self.alive.iter_mut().zip(&chunk.alive) {
            *total += u64::from(alive);
        }
        for (total, &sum) in self.sums.0.iter_mut().zip(&chunk.sums) {
            *total += sum.to_f64();
        }
        let (stride, powers) = (layout.per_coordinate(), layout.powers.len());
        for (point, &alive) in chunk.alive.iter().enumerate() {
            if alive == 0 {
                continue;
            }
            self.chunks[point] += 1;
            for i in 0..layout.dimension {
                for p in 0..powers {
                    let sum = chunk.sums[point * layout.per_point() + i * stride + 4 + p].to_f64();
                    let mean = sum / f64::from(alive);
                    self.scatter.0[(point * layout.dimension + i) * powers + p] += mean * mean;
                }
            }
        }
        if chunk.final_states.is_empty() {
            // They were not asked for; the last point counts those that are finite.
            self.diverged += (count as u64).saturating_sub(chunk.alive.last().copied().unwrap_or(0).into());
        }
        for state in chunk.final_states.chunks_exact(d) {
            if !state.iter().all(|x| x.is_number()) {
                self.diverged += 1;
                continue;
            }
            for (counts, histogram) in self.histograms.iter_mut().zip(histograms) {
                counts.count(state[histogram.coordinate].to_f64());
            }
        }
        self.trajectories += count as u64;
        self.digest.update(&chunk.final_states);
        for &step in chunk.passages.iter().filter(|&&step| step != u32::MAX) {
            self.passed += 1;
            self.passage_sums.0[0] += f64::from(step);
            self.passage_sums.0[1] += f64::from(step) * f64::from(step);
        }
    }

    /// The estimates at each observation point.
    pub fn estimates<S: Scalar>(
        &self,
        layout: &Layout,
        run: &RunJob<S>,
        orders: &[u32],
    ) -> Vec<PointEstimates> {
        (0..self.alive.len()).map(|point| self.point(layout, run, orders, point)).collect()
    }

    fn point<S: Scalar>(
        &self,
        layout: &Layout,
        run: &RunJob<S>,
        orders: &[u32],
        point: usize,
    ) -> PointEstimates {
        let n = self.alive[point];
        let sums = &self.sums.0[point * layout.per_point()..][..layout.per_point()];
        let (coordinates, rest) = sums.split_at(layout.dimension * layout.per_coordinate());
        let mut centre = vec![S::ZERO; layout.dimension];
        let centre_loss = run.centre.at(point, &mut centre);
        let (mut mean, mut variance, mut skewness, mut kurtosis) = (vec![], vec![], vec![], vec![]);
        let mut moments: Vec<(u32, Vec<Estimate>)> = orders.iter().map(|&order| (order, vec![])).collect();
        for (i, powers) in coordinates.chunks_exact(layout.per_coordinate()).enumerate() {
            let raw: Vec<f64> =
                std::iter::once(1.0).chain(powers.iter().map(|power| power / n as f64)).collect();
            let [m, v, s, k] = coordinate(n, centre[i].to_f64(), &raw);
            mean.push(m);
            variance.push(v);
            skewness.push(s);
            kurtosis.push(k);
            let central = super::central_moments(&raw);
            for (order, values) in &mut moments {
                let value = central.get(*order as usize).copied().unwrap_or(f64::NAN);
                values
                    .push(Estimate { value, std_error: self.scatter_error(layout, point, i, *order, &raw) });
            }
        }
        let mut rest = rest.chunks_exact(2);
        let mut next = |centre: f64| rest.next().map(|pair| Estimate::of_mean(n, centre, pair[0], pair[1]));
        let loss = next(centre_loss.to_f64());
        PointEstimates {
            count: n,
            mean,
            variance,
            skewness,
            kurtosis,
            moments,
            loss: loss.unwrap_or(Estimate { value: f64::NAN, std_error: f64::NAN }),
            path_length: if layout.path_length { next(0.0) } else { None },
            loss_variation: if layout.loss_variation { next(0.0) } else { None },
            test_loss: if layout.test { next(0.0) } else { None },
            test_accuracy: if layout.test { next(0.0) } else { None },
        }
    }

    /// Standard error of a moment beyond the fourth, from the scatter of the chunks' means; of a lower one, NaN-free from the
    /// next higher powers that are there.
    fn scatter_error(&self, layout: &Layout, point: usize, i: usize, order: u32, raw: &[f64]) -> f64 {
        let order_index = order as usize;
        if let Some(p) = layout.powers.iter().position(|&power| power == order) {
            let chunks = self.chunks[point] as f64;
            let squares = self.scatter.0[(point * layout.dimension + i) * layout.powers.len() + p] / chunks;
            let variance = not_below_zero(squares - raw[order_index] * raw[order_index]);
            return (variance / (chunks - 1.0)).sqrt();
        }
        let n = self.alive[point] as f64;
        match (raw.get(order_index), raw.get(2 * order_index)) {
            (Some(mean), Some(square)) => (not_below_zero(square - mean * mean) / n).sqrt(),
            _ => f64::NAN,
        }
    }

    /// Covariance of the final points with standard errors, d × d, if it was summed.
    pub fn covariance<S: Scalar>(&self, layout: &Layout, run: &RunJob<S>) -> Option<Vec<Vec<Estimate>>> {
        if !layout.covariance {
            return None;
        }
        let d = layout.dimension;
        let last = self.alive.len() - 1;
        let n = self.alive[last] as f64;
        let estimates = self.point(layout, run, &[], last);
        let mut centre = vec![S::ZERO; d];
        run.centre.at(last, &mut centre);
        let off: Vec<f64> = (0..d).map(|i| estimates.mean[i].value - centre[i].to_f64()).collect();
        let mut matrix = vec![vec![Estimate { value: 0.0, std_error: 0.0 }; d]; d];
        let mut pairs = self.sums.0[self.alive.len() * layout.per_point()..].chunks_exact(2);
        for i in 0..d {
            matrix[i][i] = estimates.variance[i];
            for j in 0..i {
                let Some(&[product, square]) = pairs.next() else { return None };
                let value = (product / n - off[i] * off[j]) * unbiased(n);
                let mean = product / n;
                let std_error = (not_below_zero(square / n - mean * mean) / n).sqrt();
                matrix[i][j] = Estimate { value, std_error };
                matrix[j][i] = matrix[i][j];
            }
        }
        Some(matrix)
    }

    /// Mean first passage step of those that passed.
    pub fn passage(&self) -> Estimate {
        Estimate::of_mean(self.passed, 0.0, self.passage_sums.0[0], self.passage_sums.0[1])
    }
}
