//! What lies in the device's memory between launches: point, stream, deck and watches of a trajectory.
#![allow(unsafe_code, reason = "what a kernel works on lies at addresses that the host gave it")]

use polyak_core::random::Stream;
use polyak_core::real::{LaneArray, Scalar};
use polyak_core::trajectory::{LossWatch, PathLength, WatchAll};
use polyak_core::vector::{Vector, VectorMut};

use super::way::Way;
use crate::generator::Resume;
use crate::launch::{Launch, Run, flag, watch};
use crate::memory::{Cards, read, write};
use crate::registers::Registers;

/// x₀ and m₀ into x and m.
///
/// # Safety
/// The numbers are there.
#[inline(always)]
pub(super) unsafe fn begin<S, X, M>(launch: &Launch<S>, run: &Run<S>, x: &mut X, m: &mut M)
where
    S: Scalar,
    X: VectorMut<S>,
    M: VectorMut<S>,
{
    for i in 0..x.len() {
        // SAFETY: the caller's.
        x.set(i, unsafe { read(launch.start, i as u64) });
        m.set(i, unsafe { read(run.momentum, i as u64) });
    }
}

/// x and m as they were left, or x₀ and m₀.
///
/// # Safety
/// The run's arrays are there.
#[inline(always)]
pub(super) unsafe fn load_point<S: Scalar, const D: usize>(
    launch: &Launch<S>,
    run: &Run<S>,
    t: u64,
    way: &Way,
) -> (Registers<S, D>, Registers<S, D>) {
    let (mut x, mut m) = (Registers::zero(), Registers::zero());
    // SAFETY: the caller's.
    unsafe {
        if way.begins {
            begin(launch, run, &mut x, &mut m);
        } else {
            for i in 0..D {
                x.set(i, read(run.state.x, i as u64 * launch.stride + t));
                m.set(i, read(run.state.m, i as u64 * launch.stride + t));
            }
        }
    }
    (x, m)
}

/// # Safety
/// The run's arrays are there.
#[inline(always)]
pub(super) unsafe fn save_point<S: Scalar, const D: usize>(
    launch: &Launch<S>,
    run: &Run<S>,
    t: u64,
    x: &Registers<S, D>,
    m: &Registers<S, D>,
) {
    for i in 0..D {
        let place = i as u64 * launch.stride + t;
        // SAFETY: the caller's.
        unsafe {
            write(run.state.x, place, x.get(i));
            write(run.state.m, place, m.get(i));
        }
    }
}

/// The random stream of a trajectory, as it was left.
///
/// # Safety
/// The run's arrays are there, and hold the stream unless it begins.
#[inline(always)]
pub(super) unsafe fn load_stream<S: Scalar, R: Resume<S>>(
    launch: &Launch<S>,
    run: &Run<S>,
    t: u64,
    begins: bool,
) -> Stream<S, R> {
    let trajectory = launch.first + t;
    if begins {
        return Stream::new(R::begin(launch.seed, trajectory));
    }
    let row = |row: u64| row * launch.stride + t;
    // SAFETY: the caller's.
    unsafe {
        let saved = [read(run.state.generator, row(0)), read(run.state.generator, row(1))];
        let block = [0, 1, 2, 3].map(|i| read(run.state.block, row(i)));
        let left: u32 = read(run.state.left, row(0));
        Stream::resume(R::resume(launch.seed, trajectory, saved), left as u8, block)
    }
}

/// # Safety
/// The run's arrays are there.
#[inline(always)]
pub(super) unsafe fn save_stream<S: Scalar, R: Resume<S>>(
    launch: &Launch<S>,
    run: &Run<S>,
    t: u64,
    stream: &Stream<S, R>,
) {
    let row = |row: u64| row * launch.stride + t;
    let (left, [a, b, c, d]) = stream.block();
    let [first, second] = stream.generator.save();
    // SAFETY: the caller's.
    unsafe {
        write(run.state.generator, row(0), first);
        write(run.state.generator, row(1), second);
        write(run.state.block, row(0), a);
        write(run.state.block, row(1), b);
        write(run.state.block, row(2), c);
        write(run.state.block, row(3), d);
        write(run.state.left, row(0), u32::from(left));
    }
}

/// The deck as it was left, or in order.
///
/// # Safety
/// The run's arrays are there.
#[inline(always)]
pub(super) unsafe fn load_deck<S: Scalar>(launch: &Launch<S>, run: &Run<S>, t: u64, way: &Way) -> Cards {
    let (stride, cards) = (launch.stride, launch.problem.cards);
    // SAFETY: the caller's.
    unsafe {
        let dealt = if way.begins { 0 } else { read(run.state.left, stride + t) };
        let mut deck = Cards::new(run.state.cards, stride, t, cards, dealt);
        if way.begins {
            deck.sort();
        }
        deck
    }
}

/// The watches of a trajectory as they were left.
///
/// # Safety
/// The run's arrays are there, and hold the watches unless they begin.
#[inline(always)]
pub(super) unsafe fn load_watches<S: Scalar, L, P>(
    launch: &Launch<S>,
    run: &Run<S>,
    t: u64,
    way: &Way,
    landscape: L,
    scratch: P,
) -> WatchAll<S, P, L> {
    let row = |row: u64| row * launch.stride + t;
    // SAFETY: the caller's.
    unsafe {
        let path_length = (launch.watch & watch::PATH_LENGTH != 0).then(|| {
            let mut watch = PathLength::new(scratch);
            if !way.begins {
                watch.length = read(run.state.watched, row(0));
            }
            watch
        });
        let loss = (launch.watch & watch::LOSS != 0).then(|| {
            let uncounted = u32::from(run.flags & flag::DRAW_MOMENTUM != 0);
            let mut watch = LossWatch::new(landscape, read(run.centre_loss, 0), launch.below, uncounted);
            if !way.begins {
                watch.variation = read(run.state.watched, row(1));
                watch.previous = read(run.state.watched, row(2));
                let passage = read(run.state.passage, row(0));
                watch.passage = S::Array::from_fn(|_| passage);
                watch.step = way.from as u32;
            }
            watch
        });
        WatchAll { path_length, loss }
    }
}

/// # Safety
/// The run's arrays are there.
#[inline(always)]
pub(super) unsafe fn save_watches<S: Scalar, L, P>(
    launch: &Launch<S>,
    run: &Run<S>,
    t: u64,
    watch: &WatchAll<S, P, L>,
) {
    let row = |row: u64| row * launch.stride + t;
    // SAFETY: the caller's.
    unsafe {
        if let Some(watch) = &watch.path_length {
            write(run.state.watched, row(0), watch.length);
        }
        if let Some(watch) = &watch.loss {
            write(run.state.watched, row(1), watch.variation);
            write(run.state.watched, row(2), watch.previous);
            for &passage in watch.passage.as_slice() {
                write(run.state.passage, row(0), passage);
            }
        }
    }
}
