//! Everything that a batch reads, in one piece: copied to the device at once.

use std::ops::Range;

use polyak_core::observe::CHUNK;
use polyak_kernels::kernel;
use polyak_kernels::launch::{Address, Launch, Problem, Run, Segment, Step, Trajectories, flag, watch};
use polyak_kernels::memory::{Plain, bytes};

use super::{KernelScalar, MOST_ROWS};
use crate::engine::trajectories;
use crate::experiment::model::Rng;
use crate::job::{Job, RunJob};

/// The bytes, and the launches that they hold.
pub struct Inputs {
    /// What is copied to the device.
    pub contents: Vec<u8>,
    /// The launches.
    pub groups: Vec<Group>,
}

/// Runs that one launch moves.
pub struct Group {
    /// The kernel that they take.
    pub kernel: String,
    /// The launch structure, which points to the first of the runs.
    pub launch: Address,
    /// Their indices in the job.
    pub members: Vec<usize>,
}

/// The bytes so far, to lie at `base`.
struct Contents {
    base: Address,
    bytes: Vec<u8>,
}

impl Contents {
    /// Appends values, and says where they will lie.
    fn place<T: Plain>(&mut self, values: &[T]) -> Address {
        self.bytes.resize(self.bytes.len().next_multiple_of(16), 0);
        let address = self.base + self.bytes.len() as u64;
        self.bytes.extend_from_slice(bytes(values));
        address
    }
}

impl Inputs {
    /// The inputs of a batch, to lie at `base`, for runs whose trajectories lie at `arrays`. Their length depends on the job alone.
    pub fn new<S: KernelScalar>(
        job: &Job<S>,
        base: Address,
        chunks: &Range<u64>,
        arrays: &[Trajectories],
    ) -> Self {
        let mut contents = Contents { base, bytes: Vec::new() };
        let launch = launch(job, chunks, &mut contents);
        let runs: Vec<Run<S>> =
            job.runs.iter().zip(arrays).map(|(run, &state)| place_run(run, state, &mut contents)).collect();
        let groups = by_kernel(job, &launch, &runs)
            .into_iter()
            .map(|(kernel, members)| {
                let runs: Vec<Run<S>> = members.iter().map(|&member| runs[member]).collect();
                let runs = contents.place(&runs);
                Group { kernel, launch: contents.place(&[Launch { runs, ..launch }]), members }
            })
            .collect();
        Self { contents: contents.bytes, groups }
    }
}

/// What all runs share; the address of the runs is still to come.
fn launch<S: KernelScalar>(job: &Job<S>, chunks: &Range<u64>, contents: &mut Contents) -> Launch<S> {
    let layout = job.layout();
    let mut problem = Problem::encode(&job.runs[0].oracle, |numbers| contents.place(numbers));
    if let Some(test) = &job.test {
        problem.set_test(test, |numbers| contents.place(numbers));
    }
    let (first, _) = trajectories(job, chunks.start);
    let end = job.trajectories.min(chunks.end * CHUNK as u64);
    let bit = |wanted, bit| if wanted { bit } else { 0 };
    Launch {
        problem,
        seed: job.seed,
        first,
        count: end.saturating_sub(first),
        stride: (chunks.end - chunks.start) * CHUNK as u64,
        start: contents.place(&job.start),
        runs: 0,
        watch: bit(layout.path_length, watch::PATH_LENGTH)
            | bit(job.watches_loss(), watch::LOSS)
            | bit(layout.loss_variation, watch::LOSS_VARIATION)
            | bit(layout.covariance, watch::PAIRS)
            | bit(layout.test, watch::TEST),
        paths: layout.paths as u32,
        powers: layout.per_coordinate() as u32,
        unused_word: 0,
        below: S::from_f64(job.observe.loss_below.unwrap_or(f64::NEG_INFINITY)),
        unused: S::ZERO,
    }
}

fn place_run<S: KernelScalar>(run: &RunJob<S>, state: Trajectories, contents: &mut Contents) -> Run<S> {
    let segments: Vec<Segment<S>> = run
        .steps
        .segments()
        .into_iter()
        .map(|(end, step)| Segment { end, step: step.into(), unused: S::ZERO })
        .collect();
    let (centre, centre_loss) = run.centre.all();
    let mut placed = Run {
        segments: contents.place(&segments),
        segment_count: segments.len() as u64,
        observed: contents.place(&run.plan.observed),
        points: run.plan.observed.len() as u32,
        form: 0,
        flags: if run.draw_momentum.is_some() { flag::DRAW_MOMENTUM } else { 0 },
        unused: 0,
        momentum: contents.place(&run.initial_momentum),
        centre: contents.place(centre),
        centre_loss: contents.place(centre_loss),
        state,
        scale: S::ZERO,
        weight_decay: S::ZERO,
        svag: [S::ZERO; 2],
        draw_momentum: run.draw_momentum.map_or(Step::default(), Step::from),
        unused_scalar: S::ZERO,
    };
    placed.set_oracle(&run.oracle);
    placed.set_update(&run.update);
    placed
}

/// The runs by the kernels that they take.
fn by_kernel<S: KernelScalar>(
    job: &Job<S>,
    launch: &Launch<S>,
    runs: &[Run<S>],
) -> Vec<(String, Vec<usize>)> {
    let generator = match job.rng {
        Rng::Pcg32 => "pcg32",
        Rng::Philox => "philox",
    };
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (i, run) in runs.iter().enumerate() {
        let kernel = kernel(&launch.problem, run, generator, launch.watch);
        match groups.iter_mut().find(|(name, members)| *name == kernel && members.len() < MOST_ROWS) {
            Some((_, members)) => members.push(i),
            None => groups.push((kernel, vec![i])),
        }
    }
    groups
}
