//! The choice of an instruction set at run time.
//!
//! This is the one place of the crate with `unsafe`: a function compiled for an instruction set may only be called on a
//! machine that has it. A [`Width`] can only be made by [`Width::available`], which asks the machine; a piece of work is done with
//! an instruction set only after asking again.
#![allow(unsafe_code, reason = "calls of functions compiled for an instruction set that was looked for")]

#[cfg(target_arch = "x86_64")]
use std::hint::black_box;

use polyak_core::real::Work;

use super::{Chunk, ChunkResult, LaneScalar};

/// An instruction set that this machine has. The bits are the same in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(Set);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Scalar,
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Width {
    /// All of this machine, the slowest first.
    pub fn available() -> Vec<Self> {
        let mut widths = vec![Self(Set::Scalar), Self(Set::Baseline)];
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx2() {
                widths.push(Self(Set::Avx2));
            }
            if has_avx512() {
                widths.push(Self(Set::Avx512));
            }
        }
        widths
    }

    /// The widest of this machine.
    pub fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Self(Set::Scalar))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Scalar => "scalar",
            Set::Baseline if cfg!(target_arch = "x86_64") => "sse2",
            Set::Baseline if cfg!(target_arch = "aarch64") => "neon",
            Set::Baseline => "baseline",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => "avx512",
        }
    }

    /// Runs a chunk with this instruction set.
    pub(crate) fn dispatch<S: LaneScalar>(self, chunk: Chunk<'_, S>) -> ChunkResult<S> {
        match self.0 {
            Set::Scalar => scalar::run(chunk),
            Set::Baseline => baseline::run(chunk),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` saw the instruction set on this machine.
            Set::Avx2 => unsafe { avx2::run(chunk) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` saw the instruction set on this machine.
            Set::Avx512 => unsafe { avx512::run(chunk) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512cd")
        && has_avx2()
}

/// Does the work with what every machine has. A function of its own, as those for the other instruction sets are.
#[inline(never)]
pub(crate) fn with_baseline<W: Work>(work: W) -> W::Output {
    work.run()
}

/// Does the work with AVX2.
///
/// # Panics
/// The machine does not have it.
#[inline(always)]
pub(crate) fn with_avx2<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the machine has the instruction set.
        return unsafe { avx2::work(work) };
    }
    absent::<W>("AVX2")
}

/// Does the work with AVX-512.
///
/// # Panics
/// The machine does not have it.
#[inline(always)]
pub(crate) fn with_avx512<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if has_avx512() {
        // SAFETY: the machine has the instruction set.
        return unsafe { avx512::work(work) };
    }
    absent::<W>("AVX-512")
}

/// To do the work with another instruction set would be to compile all of it twice.
#[cold]
#[inline(never)]
fn absent<W: Work>(set: &str) -> W::Output {
    panic!("lanes of {set} on a machine without it; Width::available says what it has")
}

/// Something on the stack that must be aligned aligns the frame of the function that this is inlined into. A frame that is not has what registers are
/// spilled to lie across cache lines. At the end of the function: what comes after this cannot take its arguments from where the caller left them.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn align_frame() {
    #[repr(align(64))]
    struct Line(u8);
    black_box(&mut Line(0).0);
}

// A module each: what lies in one module the compiler turns into machine code on one core.

mod scalar {
    use crate::{Chunk, ChunkResult, LaneScalar, chunk::simulate};

    pub fn run<S: LaneScalar>(chunk: Chunk<'_, S>) -> ChunkResult<S> {
        simulate::<S, S>(&chunk)
    }
}

mod baseline {
    use crate::{Baseline, Chunk, ChunkResult, LaneScalar, chunk::simulate};

    /// Four registers of SSE2. All lanes of AVX-512 would be sixteen, of which the compiler makes so many loops that an optimised build of this
    /// crate would take twice as long, for processors that are hardly found any more.
    #[cfg(target_arch = "x86_64")]
    type Few<S> = <S as LaneScalar>::Quarter;
    #[cfg(not(target_arch = "x86_64"))]
    type Few<S> = <S as LaneScalar>::Wide;

    pub fn run<S: LaneScalar>(chunk: Chunk<'_, S>) -> ChunkResult<S> {
        simulate::<S, Baseline<Few<S>>>(&chunk)
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use polyak_core::real::Work;

    use super::align_frame;
    use crate::{Avx2, Chunk, ChunkResult, LaneScalar, chunk::simulate};

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn run<S: LaneScalar>(chunk: Chunk<'_, S>) -> ChunkResult<S> {
        simulate::<S, Avx2<S::Wide>>(&chunk)
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    #[inline(never)]
    pub fn work<W: Work>(work: W) -> W::Output {
        let output = work.run();
        align_frame();
        output
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use polyak_core::real::Work;

    use super::align_frame;
    use crate::{Avx512, Chunk, ChunkResult, LaneScalar, chunk::simulate};

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512cd,avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn run<S: LaneScalar>(chunk: Chunk<'_, S>) -> ChunkResult<S> {
        simulate::<S, Avx512<S::Wide>>(&chunk)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx512cd,avx2,bmi1,bmi2,lzcnt,popcnt")]
    #[inline(never)]
    pub fn work<W: Work>(work: W) -> W::Output {
        let output = work.run();
        align_frame();
        output
    }
}
