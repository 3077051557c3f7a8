//! Observation points: what is known of each trajectory there, and its sums over chunks.
#![allow(unsafe_code, reason = "what a kernel works on lies at addresses that the host gave it")]

use core::iter;

use polyak_core::observe::{CHUNK, alive, chunk_sum, masked};
use polyak_core::real::Scalar;
use polyak_core::vector::Vector;

use super::way::Thread;
use crate::launch::{Launch, Run};
use crate::memory::{read, write};
use crate::quantity::Quantity;

/// What is known of a trajectory at an observation point.
///
/// # Safety
/// The run's arrays are there.
#[inline(always)]
pub(super) unsafe fn observe<S, X>(
    launch: &Launch<S>,
    run: &Run<S>,
    thread: Thread,
    x: &X,
    (loss, tested): (S, Option<[S; 2]>),
) where
    S: Scalar,
    X: Vector<S>,
{
    let Thread { t, point, .. } = thread;
    let counts: S = alive(x, |_| true);
    // SAFETY: the caller's; paths has room for `paths` trajectories at each point.
    unsafe {
        write(run.state.seen, t, counts);
        write(run.state.seen, launch.stride + t, loss);
        if let Some([loss, share]) = tested {
            write(run.state.seen, 2 * launch.stride + t, loss);
            write(run.state.seen, 3 * launch.stride + t, share);
        }
        if launch.first == 0 && t < u64::from(launch.paths) {
            let (paths, d) = (u64::from(launch.paths), x.len());
            let place = (u64::from(point) * paths + t) * d as u64;
            for i in 0..d {
                write(run.state.paths, place + i as u64, x.get(i));
            }
        }
    }
}

/// Sum `s` at a point of the batch's chunk `chunk`, written to its place.
///
/// # Safety
/// The structures and what they point to are as [`launch`](crate::launch) says; no two threads have the same sum of the same chunk.
#[inline(always)]
pub unsafe fn sum<S: Scalar>(launch: &Launch<S>, run: &Run<S>, point: u32, chunk: u64, s: u64) {
    let sums = launch.sums();
    let pairs = if point + 1 == run.points { sums.of_pairs() } else { 0 };
    if point >= run.points || chunk >= launch.stride / CHUNK as u64 || s >= sums.per_point() + pairs {
        return;
    }
    let (quantity, square) = sums.quantity(s);
    let (d, stride, row) = (u64::from(sums.dimension), launch.stride, u64::from(point));
    // SAFETY: the caller's, for all that follows.
    unsafe {
        let centre = |i: u32| -> S { read(run.centre, row * d + u64::from(i)) };
        let value = |i: usize| -> S {
            let t = chunk * CHUNK as u64 + i as u64;
            let counts: S = read(run.state.seen, t);
            let deviation = |i: u32| read::<S>(run.state.x, u64::from(i) * stride + t) - centre(i);
            let value = match quantity {
                Quantity::Alive => counts,
                Quantity::Power { coordinate, power } => {
                    let deviation = masked(deviation(coordinate), counts);
                    iter::repeat_n(deviation, power as usize - 1).fold(deviation, |value, y| value * y)
                }
                Quantity::Loss => read::<S>(run.state.seen, stride + t) - read(run.centre_loss, row),
                Quantity::Seen(seen) => read(run.state.seen, u64::from(seen) * stride + t),
                Quantity::Watched(watched) => read(run.state.watched, u64::from(watched) * stride + t),
                Quantity::Pair(i, j) => deviation(i) * deviation(j),
            };
            let value = masked(value, counts);
            if square { value * value } else { value }
        };
        let total = chunk_sum(value);
        let row_length = u64::from(run.points) * sums.per_point() + sums.of_pairs();
        write(run.state.sums, chunk * row_length + row * sums.per_point() + s, total);
    }
}
