//! What a thread does: load, call the core, store.
#![allow(unsafe_code, reason = "what a kernel works on lies at addresses that the host gave it")]

mod observe;
mod state;
mod way;

use core::iter;

use polyak_core::landscape::Landscape;
use polyak_core::optimizer::{Coefficients, Update};
use polyak_core::oracle::{Covariance, Ngos, NoDeck, Oracle};
use polyak_core::random::{Law, Stream};
use polyak_core::real::Scalar;
use polyak_core::trajectory::{State, advance};

use self::observe::observe;
pub use self::observe::sum;
use self::state::{
    begin, load_deck, load_point, load_stream, load_watches, save_point, save_stream, save_watches,
};
use self::way::Legs;
pub use self::way::Thread;
use crate::encoded::{EncodedOracle, Tested};
use crate::generator::Resume;
use crate::launch::{Launch, Run};
use crate::memory::{Column, write};
use crate::registers::Registers;

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
        for (&coefficients, steps) in Legs::new(run, &way) {
            let steps = iter::repeat_n(coefficients.into(), steps as usize);
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

/// One trajectory of any oracle over the problem's landscape, of dimension D, its point in registers.
///
/// # Safety
/// As for [`advance_in_memory`]; the landscape has dimension D.
#[inline(always)]
pub unsafe fn advance_in_registers<S: Scalar, R: Resume<S>, L: Tested<S>, const D: usize>(
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
    // SAFETY: the caller's, for all that follows.
    unsafe {
        let way = thread.way(run);
        let oracle = EncodedOracle::new(&launch.problem, run, landscape);
        let (x, m) = load_point::<S, D>(launch, run, t, &way);
        let deck = load_deck(launch, run, t, &way);
        let mut watches = load_watches(launch, run, t, &way, landscape, Registers::<S, D>::zero());
        let stream = load_stream::<S, R>(launch, run, t, way.begins);
        let (mut state, update) = (State { x, m, stream, deck }, run.update());
        for (&coefficients, steps) in Legs::new(run, &way) {
            let steps = iter::repeat_n(coefficients.into(), steps as usize);
            advance(&oracle, &update, steps, &mut state, &mut Registers::<S, D>::zero(), &mut watches);
        }
        save_point(launch, run, t, &state.x, &state.m);
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
        for (&coefficients, steps) in Legs::new(run, &way) {
            whole_blocks(&oracle, update, coefficients.into(), steps, &mut state);
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
