//! Where the trajectories of a run lie on a device, and what is read from there.

use std::ops::Range;

use polyak_core::observe::CHUNK;
use polyak_kernels::launch::{Address, Trajectories};
use polyak_kernels::quantity::Sums;

use super::{Device, KernelScalar};
use crate::backend::ChunkResult;
use crate::engine::trajectories;
use crate::job::Job;

/// The kernels' layout of a job's sums.
pub fn sums<S>(job: &Job<S>) -> Sums {
    let layout = job.layout();
    Sums {
        dimension: layout.dimension as u32,
        powers: layout.per_coordinate() as u32,
        path_length: layout.path_length,
        loss_variation: layout.loss_variation,
        test: layout.test,
        pairs: layout.covariance,
    }
}

/// Sums of a chunk over all points of a run.
fn row_length<S>(job: &Job<S>, run: usize) -> usize {
    let sums = sums(job);
    let points = job.runs[run].plan.observed.len() as u64;
    (points * sums.per_point() + sums.of_pairs()) as usize
}

/// Arrays of a run: the fields of [`Trajectories`].
pub const ARRAYS: usize = 14;

/// Bytes of each array of a run in a batch of `chunks` chunks, in the order of [`Trajectories`].
pub fn sizes<S: KernelScalar>(job: &Job<S>, run: usize, chunks: u64) -> [usize; ARRAYS] {
    let layout = job.layout();
    let threads = chunks as usize * CHUNK;
    let (number, point) = (threads * S::BYTES, threads * S::BYTES * job.dimension);
    let only = |wanted: bool, bytes: usize| if wanted { bytes } else { 0 };
    let (watches_loss, points) = (job.watches_loss(), job.runs[run].plan.observed.len());
    [
        point,
        point,
        point,
        2 * number * job.units(),
        only(layout.path_length, point),
        threads * 16,
        number * 4,
        threads * 8,
        threads * 4 * job.deck as usize,
        only(layout.path_length || watches_loss, number * 3),
        only(watches_loss, threads * 4),
        number * if layout.test { 4 } else { 2 },
        chunks as usize * row_length(job, run) * S::BYTES,
        points * layout.paths * job.dimension * S::BYTES,
    ]
}

/// The arrays at their places, in the order of [`sizes`].
pub fn at(places: [Address; ARRAYS]) -> Trajectories {
    let [x, m, g, units, previous, generator, block, left, cards, watched, passage, seen, sums, paths] =
        places;
    Trajectories {
        x,
        m,
        g,
        units,
        previous,
        generator,
        block,
        left,
        cards,
        watched,
        passage,
        seen,
        sums,
        paths,
    }
}

/// Reads what came of a run, chunk by chunk.
pub fn results<S: KernelScalar, D: Device>(
    job: &Job<S>,
    run: usize,
    (arrays, chunks): (&Trajectories, &Range<u64>),
    device: &mut D,
) -> Result<Vec<ChunkResult<S>>, D::Error> {
    let (layout, sums, d) = (job.layout(), sums(job), job.dimension);
    let points = job.runs[run].plan.observed.len();
    let count = (chunks.end - chunks.start) as usize;
    let (threads, row_length) = (count * CHUNK, row_length(job, run));
    let mut numbers = |address, count: usize| -> Result<Vec<S>, D::Error> {
        Ok(device.read(address, count * S::BYTES)?.chunks_exact(S::BYTES).map(S::from_bytes).collect())
    };
    let (x, losses) = match job.final_states {
        true => {
            (numbers(arrays.x, threads * d)?, numbers(arrays.seen + (threads * S::BYTES) as u64, threads)?)
        }
        false => (Vec::new(), Vec::new()),
    };
    let rows = numbers(arrays.sums, count * row_length)?;
    let recorded =
        if chunks.start == 0 { numbers(arrays.paths, points * layout.paths * d)? } else { Vec::new() };
    let passages: Vec<u32> = match job.watches_loss() {
        true => {
            let bytes = device.read(arrays.passage, threads * 4)?;
            bytes
                .chunks_exact(4)
                .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
                .collect()
        }
        false => Vec::new(),
    };
    let per_point = sums.per_point() as usize;
    let mut results = Vec::with_capacity(count);
    for (place, (chunk, row)) in chunks.clone().zip(rows.chunks_exact(row_length)).enumerate() {
        let (_, alive) = trajectories(job, chunk);
        let mut result = ChunkResult::new(&layout, points, alive);
        let mine = place * CHUNK..place * CHUNK + alive;
        let (at_points, pairs) = row.split_at(points * per_point);
        for (finite, sums) in result.alive.iter_mut().zip(at_points.chunks_exact(per_point)) {
            *finite = sums[0].to_f64() as u32;
            result.sums.extend_from_slice(&sums[1..]);
        }
        result.sums.extend_from_slice(pairs);
        if job.final_states {
            for t in mine.clone() {
                result.final_states.extend((0..d).map(|i| x[i * threads + t]));
            }
            result.final_losses.extend_from_slice(&losses[mine.clone()]);
        }
        if !passages.is_empty() {
            result.passages.extend_from_slice(&passages[mine]);
        }
        if chunk == 0 {
            // The device records as many as are asked for, the chunk may have fewer.
            for point in recorded.chunks_exact((layout.paths * d).max(1)) {
                result.paths.extend_from_slice(&point[..layout.paths.min(alive) * d]);
            }
        }
        results.push(result);
    }
    Ok(results)
}
