//! Differences between two runs over the same streams: what is common to both noises cancels.

use polyak_core::observe::chunk_sum;
use polyak_core::real::Scalar;
use serde::{Deserialize, Serialize};

use super::Estimate;
use super::accumulator::Bits;
use crate::backend::ChunkResult;

/// Sums of (second − first) at the end, over the trajectories that are finite in both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairedAccumulator {
    /// Index of the first run.
    pub first: usize,
    /// Index of the second run.
    pub second: usize,
    count: u64,
    /// Sum and sum of squares of each coordinate's difference, then of the loss's.
    sums: Bits,
}

/// The paired differences of two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairedEstimates {
    /// Trajectories they rest on.
    pub trajectories: u64,
    /// E(x₂ − x₁), coordinate by coordinate.
    pub mean: Vec<Estimate>,
    /// E(x₂ − x₁)², coordinate by coordinate: how far apart the paths end.
    pub mean_square: Vec<f64>,
    /// E(L₂ − L₁).
    pub loss: Estimate,
}

impl PairedAccumulator {
    /// Nothing merged yet, for runs number `first` and `second`.
    pub fn new(first: usize, second: usize, dimension: usize) -> Self {
        Self { first, second, count: 0, sums: Bits(vec![0.0; 2 * (dimension + 1)]) }
    }

    /// Whether it has the shape that `new` gives.
    pub fn fits(&self, dimension: usize) -> bool {
        self.sums.0.len() == 2 * (dimension + 1)
    }

    /// Merges the next chunk of both runs.
    pub fn merge<S: Scalar>(&mut self, dimension: usize, first: &ChunkResult<S>, second: &ChunkResult<S>) {
        let count = first.final_losses.len();
        let state = |chunk: &ChunkResult<S>, i: usize, coordinate: usize| {
            chunk.final_states[i * dimension + coordinate]
        };
        let both: Vec<bool> = (0..count)
            .map(|i| {
                (0..dimension).all(|c| state(first, i, c).is_number() && state(second, i, c).is_number())
            })
            .collect();
        self.count += both.iter().filter(|&&both| both).count() as u64;
        let mut add = |place: usize, difference: &dyn Fn(usize) -> S| {
            let value = |i: usize| if i < count && both[i] { difference(i) } else { S::ZERO };
            self.sums.0[2 * place] += chunk_sum::<S>(value).to_f64();
            self.sums.0[2 * place + 1] += chunk_sum::<S>(|i| value(i) * value(i)).to_f64();
        };
        for c in 0..dimension {
            add(c, &|i| state(second, i, c) - state(first, i, c));
        }
        add(dimension, &|i| second.final_losses[i] - first.final_losses[i]);
    }

    /// The estimates.
    pub fn estimates(&self) -> PairedEstimates {
        let mut all: Vec<Estimate> = self
            .sums
            .0
            .chunks_exact(2)
            .map(|pair| Estimate::of_mean(self.count, 0.0, pair[0], pair[1]))
            .collect();
        let mut mean_square: Vec<f64> =
            self.sums.0.chunks_exact(2).map(|pair| pair[1] / self.count as f64).collect();
        mean_square.pop();
        let loss = all.pop().unwrap_or(Estimate { value: f64::NAN, std_error: f64::NAN });
        PairedEstimates { trajectories: self.count, mean: all, mean_square, loss }
    }
}
