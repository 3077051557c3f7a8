//! The way of a thread in one launch.
#![allow(unsafe_code, reason = "what a kernel works on lies at addresses that the host gave it")]

use polyak_core::real::Scalar;

use crate::launch::{Run, Segment, Step, flag};
use crate::memory::{numbers, read};

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
pub(super) struct Way {
    /// Whether it begins with x₀.
    pub begins: bool,
    /// Whether it ends at the observation point.
    pub ends: bool,
    pub from: u64,
    pub to: u64,
}

impl Thread {
    /// # Safety
    /// The run is as [`launch`](crate::launch) says, and has the point.
    #[inline(always)]
    pub(super) unsafe fn way<S: Scalar>(self, run: &Run<S>) -> Way {
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
///
/// A leg has the place of its coefficients: read before it is known whether there is a leg, they would take registers twice.
pub(super) struct Legs<'a, S> {
    run: &'a Run<S>,
    draw: bool,
    rest: &'a [Segment<S>],
    k: u64,
    to: u64,
}

impl<'a, S: Scalar> Legs<'a, S> {
    /// # Safety
    /// The run's segments are there.
    #[inline(always)]
    pub(super) unsafe fn new(run: &'a Run<S>, way: &Way) -> Self {
        // SAFETY: the caller's.
        let segments: &[Segment<S>] = unsafe { numbers(run.segments, run.segment_count as usize) };
        let done = segments.partition_point(|segment| segment.end <= way.from);
        Self {
            run,
            draw: way.begins && run.flags & flag::DRAW_MOMENTUM != 0,
            rest: segments.get(done..).unwrap_or(&[]),
            k: way.from,
            to: way.to,
        }
    }
}

impl<'a, S: Scalar> Iterator for Legs<'a, S> {
    type Item = (&'a Step<S>, u64);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if core::mem::take(&mut self.draw) {
            return Some((&self.run.draw_momentum, 1));
        }
        if self.k >= self.to {
            return None;
        }
        let (segment, rest) = self.rest.split_first()?;
        self.rest = rest;
        let end = if segment.end < self.to { segment.end } else { self.to };
        let steps = end - self.k;
        self.k = end;
        Some((&segment.step, steps))
    }
}
