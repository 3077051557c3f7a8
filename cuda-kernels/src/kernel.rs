//! What a thread does: load, call the core, store.
#![allow(unsafe_code, reason = "what a kernel works on lies at addresses that the host gave it")]

use core::iter;

use polyak_core::landscape::Landscape;
use polyak_core::observe::{CHUNK, alive, chunk_sum_by_leaf, masked};
use polyak_core::optimizer::{Coefficients, Update};
use polyak_core::oracle::{Covariance, Ngos, NoDeck, Oracle};
use polyak_core::random::{Law, Stream};
use polyak_core::real::{LaneArray, Scalar};
use polyak_core::trajectory::{LossWatch, PathLength, State, WatchAll, advance};
use polyak_core::vector::{Vector, VectorMut};

use crate::encoded::{EncodedOracle, Tested};
use crate::generator::Resume;
use crate::launch::{Launch, Run, Segment, flag, watch};
use crate::memory::{Cards, Column, numbers, read, write};
use crate::quantity::Quantity;
use crate::registers::Registers;

/// One thread of a launch that moves trajectories.
#[derive(Debug, Clone, Copy)]
pub struct Thread {
    /// Place of the trajectory in the batch.
    pub t: u64,
    /// The observation point to go to.
    pub point: u32,
    /// Which part of the way there, of `parts`.
    pub part: u32,
    /// Parts that the way is divided into, so that no launch takes too long.
    pub parts: u32,
}

/// The way of a thread in one launch.
struct Way {
    /// Whether it begins with x₀.
    begins: bool,
    /// Whether it ends at the observation point.
    ends: bool,
    from: u64,
    to: u64,
}

impl Thread {
    /// # Safety
    /// The run is as [`launch`](crate::launch) says, and has the point.
    #[inline(always)]
    unsafe fn way<S: Scalar>(self, run: &Run<S>) -> Way {
        let Self { point, part, parts, .. } = self;
        // SAFETY: the run has the point, and the one before.
        let from = if point == 0 { 0 } else { unsafe { read(run.observed, u64::from(point) - 1) } };
        let to: u64 = unsafe { read(run.observed, u64::from(point)) };
        let share = |part: u32| from + (to - from) / u64::from(parts) * u64::from(part);
        let ends = part + 1 == parts;
        Way {
            begins: point == 0 && part == 0,
            ends,
            from: share(part),
            to: if ends { to } else { share(part + 1) },
        }
    }
}

/// The way in legs of equal coefficients: these and the number of steps. The first leg draws m₀, if it is drawn.
struct Legs<'a, S> {
    draw: Option<Coefficients<S>>,
    rest: &'a [Segment<S>],
    k: u64,
    to: u64,
}

impl<S: Scalar> Legs<'_, S> {
    /// # Safety
    /// The run's segments are there.
    #[inline(always)]
    unsafe fn new(run: &Run<S>, way: &Way) -> Self {
        // SAFETY: the caller's.
        let segments: &[Segment<S>] = unsafe { numbers(run.segments, run.segment_count as usize) };
        let done = segments.partition_point(|segment| segment.end <= way.from);
        Self {
            draw: (way.begins && run.flags & flag::DRAW_MOMENTUM != 0).then(|| run.draw_momentum.into()),
            rest: segments.get(done..).unwrap_or(&[]),
            k: way.from,
            to: way.to,
        }
    }
}

impl<S: Scalar> Iterator for Legs<'_, S> {
    type Item = (Coefficients<S>, u64);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(draw) = self.draw.take() {
            return Some((draw, 1));
        }
        if self.k >= self.to {
            return None;
        }
        let (segment, rest) = self.rest.split_first()?;
        self.rest = rest;
        let end = if segment.end < self.to { segment.end } else { self.to };
        let steps = end - self.k;
        self.k = end;
        Some((segment.step.into(), steps))
    }
}

/// The random stream of a trajectory, as it was left.
///
/// # Safety
/// The run's arrays are there, and hold the stream unless it begins.
#[inline(always)]
unsafe fn load_stream<S: Scalar, R: Resume<S>>(
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
unsafe fn save_stream<S: Scalar, R: Resume<S>>(
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

/// What is known of a trajectory at an observation point.
///
/// # Safety
/// The run's arrays are there.
#[inline(always)]
unsafe fn observe<S, X>(
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

/// The watches of a trajectory as they were left.
///
/// # Safety
/// The run's arrays are there, and hold the watches unless they begin.
#[inline(always)]
unsafe fn load_watches<S: Scalar, L, P>(
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
unsafe fn save_watches<S: Scalar, L, P>(launch: &Launch<S>, run: &Run<S>, t: u64, watch: &WatchAll<S, P, L>) {
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

/// x₀ and m₀ into x and m.
///
/// # Safety
/// The numbers are there.
#[inline(always)]
unsafe fn begin<S, X, M>(launch: &Launch<S>, run: &Run<S>, x: &mut X, m: &mut M)
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

/// Whether a thread has a trajectory to move. One beyond the end of the ensemble, in the last chunk, is said not to count.
///
/// # Safety
/// The run's arrays are there.
#[inline(always)]
unsafe fn moves<S: Scalar>(launch: &Launch<S>, run: &Run<S>, thread: Thread) -> bool {
    if thread.t >= launch.stride || thread.point >= run.points {
        return false;
    }
    let exists = thread.t < launch.count;
    if !exists {
        // SAFETY: the caller's.
        unsafe { write(run.state.seen, thread.t, S::ZERO) };
    }
    exists
}

/// One trajectory of any oracle over the problem's landscape, its point in the device's memory.
///
/// # Safety
/// The structures and what they point to are as [`launch`](crate::launch) says; no two threads have the same t in the same run.
#[inline(always)]
pub unsafe fn advance_in_memory<S: Scalar, R: Resume<S>, L: Tested<S>>(
    launch: &Launch<S>,
    run: &Run<S>,
    thread: Thread,
    landscape: L,
) {
    let (t, stride) = (thread.t, launch.stride);
    // SAFETY: the caller's.
    if !unsafe { moves(launch, run, thread) } {
        return;
    }
    let d = landscape.dimension();
    // SAFETY: the caller's, for all that follows.
    unsafe {
        let way = thread.way(run);
        let oracle = EncodedOracle::new(&launch.problem, run, landscape);
        let [mut x, mut m, mut g, previous] =
            [run.state.x, run.state.m, run.state.g, run.state.previous].map(|a| Column::new(a, stride, t, d));
        if way.begins {
            begin(launch, run, &mut x, &mut m);
        }
        let deck = load_deck(launch, run, t, &way);
        let mut watches = load_watches(launch, run, t, &way, landscape, previous);
        let stream = load_stream::<S, R>(launch, run, t, way.begins);
        let (mut state, update) = (State { x, m, stream, deck }, run.update());
        for (coefficients, steps) in Legs::new(run, &way) {
            let steps = iter::repeat_n(coefficients, steps as usize);
            advance(&oracle, &update, steps, &mut state, &mut g, &mut watches);
        }
        save_stream(launch, run, t, &state.stream);
        write(run.state.left, stride + t, state.deck.dealt);
        save_watches(launch, run, t, &watches);
        if way.ends {
            let seen = (landscape.loss::<S, _>(&state.x), landscape.test(&state.x));
            observe(launch, run, thread, &state.x, seen);
        }
    }
}

/// One trajectory of a landscape of dimension D that is known when the kernel is compiled, with additive Gaussian noise of
/// covariance σ², no watches and one update rule: what most experiments are, as fast as it goes.
///
/// # Safety
/// As for [`advance_in_memory`]; the problem has dimension D, and the run this landscape, noise and update rule.
#[inline(always)]
pub unsafe fn advance_gaussian<S: Scalar, R: Resume<S>, L: Landscape<S>, const D: usize>(
    launch: &Launch<S>,
    run: &Run<S>,
    thread: Thread,
    (landscape, update): (&L, &Update<S>),
) {
    let t = thread.t;
    // SAFETY: the caller's.
    if !unsafe { moves(launch, run, thread) } {
        return;
    }
    let covariance = Covariance::<&[S]>::Identity;
    let oracle = Ngos { landscape, covariance, law: Law::Gaussian, scale: run.scale };
    // SAFETY: the caller's, for all that follows.
    unsafe {
        let way = thread.way(run);
        let (x, m) = load_point::<S, D>(launch, run, t, &way);
        let stream = load_stream::<S, R>(launch, run, t, way.begins);
        let mut state = State { x, m, stream, deck: NoDeck };
        for (coefficients, steps) in Legs::new(run, &way) {
            whole_blocks(&oracle, update, coefficients, steps, &mut state);
        }
        save_point(launch, run, t, &state.x, &state.m);
        save_stream(launch, run, t, &state.stream);
        if way.ends {
            observe(launch, run, thread, &state.x, (landscape.loss::<S, _>(&state.x), None));
        }
    }
}

/// `steps` steps of equal coefficients, as many together as use up whole blocks of four numbers: then the compiler knows at each what
/// is left of a block, and nothing of that is done when the kernel runs.
#[inline(always)]
fn whole_blocks<S, O, R, const D: usize>(
    oracle: &O,
    update: &Update<S>,
    coefficients: Coefficients<S>,
    mut steps: u64,
    state: &mut State<Registers<S, D>, Registers<S, D>, S, R, NoDeck>,
) where
    S: Scalar,
    O: Oracle<S>,
    R: Resume<S>,
{
    let together: u64 = const {
        if D.is_multiple_of(4) {
            1
        } else if D.is_multiple_of(2) {
            2
        } else {
            4
        }
    };
    macro_rules! step {
        ($state:expr) => {
            advance(oracle, update, iter::once(coefficients), $state, &mut Registers::<S, D>::zero(), &mut ())
        };
    }
    while steps > 0 {
        let (left, _) = state.stream.block();
        if D.is_multiple_of(4) || (left == 0 && steps >= together) {
            let State { x, m, stream, deck } = *state;
            let mut whole = State { x, m, stream: Stream::new(stream.generator), deck };
            for _ in 0..steps / together {
                // Written out: a loop would be unrolled after the point where its arrays could become registers.
                step!(&mut whole);
                if together > 1 {
                    step!(&mut whole);
                }
                if together > 2 {
                    step!(&mut whole);
                    step!(&mut whole);
                }
            }
            *state = whole;
            steps %= together;
        } else {
            step!(state);
            steps -= 1;
        }
    }
}

/// x and m as they were left, or x₀ and m₀.
///
/// # Safety
/// The run's arrays are there.
#[inline(always)]
unsafe fn load_point<S: Scalar, const D: usize>(
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
unsafe fn save_point<S: Scalar, const D: usize>(
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

/// The deck as it was left, or in order.
///
/// # Safety
/// The run's arrays are there.
#[inline(always)]
unsafe fn load_deck<S: Scalar>(launch: &Launch<S>, run: &Run<S>, t: u64, way: &Way) -> Cards {
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
        let total = chunk_sum_by_leaf(value);
        let row_length = u64::from(run.points) * sums.per_point() + sums.of_pairs();
        write(run.state.sums, chunk * row_length + row * sums.per_point() + s, total);
    }
}
