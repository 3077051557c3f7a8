//! The CPU: chunks in SIMD lanes, the widest instruction set that the machine has.

use std::ops::{Range, RangeInclusive};
use std::time::Instant;

pub use polyak_lanes::{LaneScalar, Width};

use crate::engine::{Executor, Fault, Finished, chunks, trajectories};
use crate::job::Job;

/// The CPU as an executor of chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    /// Instruction set.
    pub width: Width,
    /// Threads.
    pub threads: usize,
}

impl Cpu {
    /// All runs of the chunks of a range; `paths` trajectories of the chunk that begins with trajectory `first` are recorded.
    pub fn run_recording<S: LaneScalar>(
        self,
        job: &Job<S>,
        range: Range<u64>,
        paths: impl Fn(u64) -> usize,
    ) -> Vec<Finished<S>> {
        let mut layout = job.layout();
        let all_runs = |chunk| {
            let (first, count) = trajectories(job, chunk);
            layout.paths = paths(first);
            let mut finished = Finished { results: Vec::new(), seconds: Vec::new() };
            for run in 0..job.runs.len() {
                let start = Instant::now();
                finished.results.push(S::run_chunk(self.width, job.chunk(run, &layout, first, count)));
                finished.seconds.push(start.elapsed().as_secs_f64());
            }
            finished
        };
        range.map(all_runs).collect()
    }
}

impl<S: LaneScalar> Executor<S> for Cpu {
    fn run_chunks(&self, job: &Job<S>, range: Range<u64>) -> Result<Vec<Finished<S>>, Fault> {
        // Recorded trajectories are the first ones of the ensemble.
        let paths = job.layout().paths;
        Ok(self.run_recording(job, range, |first| if first == 0 { paths } else { 0 }))
    }

    fn workers(&self) -> usize {
        self.threads
    }

    fn batch(&self, job: &Job<S>) -> RangeInclusive<u64> {
        // Few enough that no thread waits long for the last ones of an ensemble.
        let share = chunks(job.trajectories) / (16 * self.threads.max(1) as u64);
        1..=share.clamp(1, 64)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::experiment::model::Experiment;

    /// Packs take turns after a thousand rates, and where they are looked at: that must not change where they end.
    #[test]
    fn ends_do_not_depend_on_when_packs_take_turns() {
        let ends = |every: u64, width: Width| {
            let text = format!(
                "trajectories = 300\nsteps = 5000\n[landscape]\nkind = \"quadratic\"\ncurvature = [0.5, 1.0, 2.0]\nstart = 1.0\n\
                 [noise]\nkind = \"gaussian\"\nscale = 1.0\n\
                 [[run]]\noptimizer = \"sgdm\"\nmomentum = 0.9\nlearning_rate = {{ kind = \"linear\", from = 0.1, to = 0.01, steps = 5000 }}\n\
                 initial_momentum = \"stationary\"\n[observe]\nevery = {every}\n"
            );
            let experiment = Experiment::parse(&text, Path::new("e.toml"), &[]).unwrap();
            let finished = Cpu { width, threads: 1 }.run_chunks(&Job::<f32>::new(&experiment), 0..2).unwrap();
            finished.into_iter().flat_map(|chunk| chunk.results[0].final_states.clone()).collect::<Vec<_>>()
        };
        let [scalar, ..] = Width::available()[..] else { panic!("there is always one") };
        let expected = ends(1, scalar);
        assert_eq!(expected.len(), 900);
        for width in Width::available() {
            for every in [7, 1024, 5000] {
                assert!(ends(every, width) == expected, "{}, every {every}", width.name());
            }
        }
    }
}
