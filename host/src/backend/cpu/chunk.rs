//! One run of one chunk of trajectories on the CPU, in lanes.

use polyak_core::landscape::Landscape as _;
use polyak_core::observe::{CHUNK, chunk_sum};
use polyak_core::oracle::Cards;
use polyak_core::random::{Generator, Stream};
use polyak_core::real::{LaneArray, Real, Scalar};
use polyak_core::trajectory::{LossWatch, PathLength, State, WatchAll, advance};

use crate::backend::{ChunkResult, Layout};
use crate::job::{Job, JobLandscape, RunJob};

/// The trajectories in the lanes of one `F`.
struct Pack<'a, F: Real, R> {
    x: Vec<F>,
    m: Vec<F>,
    stream: Stream<F, R>,
    deck: Cards<Vec<F::Array<u32>>>,
    watch: WatchAll<F, Vec<F>, &'a JobLandscape<F::Scalar>>,
}

/// Runs `run` for the trajectories `first`, `first` + 1, … of chunk, `count` of them.
#[inline(always)]
pub fn simulate<S, F, R>(
    job: &Job<S>,
    run: &RunJob<S>,
    first: u64,
    count: usize,
    generator: impl Fn(u64, u64) -> R,
) -> ChunkResult<S>
where
    S: Scalar,
    F: Real<Scalar = S>,
    R: Generator<F> + Copy,
{
    let layout = Layout::new(job);
    let mut packs: Vec<Pack<F, R>> = (0..CHUNK / F::LANES)
        .map(|pack| begin(job, run, generator(job.seed, first + (pack * F::LANES) as u64)))
        .collect();
    let mut g = vec![F::ZERO; job.dimension];
    let mut result = ChunkResult::new(&layout, run.plan.observed.len(), count);
    let mut done = 0;
    for (point, &step) in run.plan.observed.iter().enumerate() {
        for Pack { x, m, stream, deck, watch } in &mut packs {
            let mut state =
                State { x: x.as_mut_slice(), m: m.as_mut_slice(), stream: *stream, deck: &mut *deck };
            let draw = run.draw_momentum.filter(|_| point == 0);
            let steps = draw.into_iter().chain(run.steps.range(done, step));
            advance(&run.oracle, &run.update, steps, &mut state, g.as_mut_slice(), watch);
            *stream = state.stream;
        }
        done = step;
        observe(job, run, &layout, point, count, &packs, &mut result);
    }
    finish(count, &packs, &mut result);
    result
}

/// The packs at step 0.
#[inline(always)]
fn begin<'a, S, F, R>(job: &'a Job<S>, run: &RunJob<S>, generator: R) -> Pack<'a, F, R>
where
    S: Scalar,
    F: Real<Scalar = S>,
    R: Generator<F>,
{
    let cards = (0..job.deck).map(|card| F::Array::from_fn(|_| card)).collect();
    let watch = WatchAll {
        path_length: job.observe.path_length.then(|| PathLength::new(vec![F::ZERO; job.dimension])),
        loss: job.watches_loss().then(|| {
            let uncounted = u32::from(run.draw_momentum.is_some());
            let below = job.observe.loss_below.unwrap_or(f64::NEG_INFINITY);
            LossWatch::new(
                &job.landscape,
                run.centre_loss.first().copied().unwrap_or(S::ZERO),
                S::from_f64(below),
                uncounted,
            )
        }),
    };
    Pack {
        x: job.start.iter().map(|&x| F::splat(x)).collect(),
        m: run.initial_momentum.iter().map(|&m| F::splat(m)).collect(),
        stream: Stream::new(generator),
        deck: Cards { cards, dealt: 0 },
        watch,
    }
}

/// 1 for lanes whose trajectory exists and is finite, 0 for the others.
#[inline(always)]
fn alive<F: Real>(x: &[F], exists: impl Fn(usize) -> bool) -> F {
    let mut zero = F::ZERO;
    for &x in x {
        zero = zero + (x - x);
    }
    let mut lanes = zero.to_array();
    for (lane, value) in lanes.as_mut_slice().iter_mut().enumerate() {
        let counts = exists(lane) && *value == F::Scalar::ZERO;
        *value = if counts { F::Scalar::ONE } else { F::Scalar::ZERO };
    }
    F::from_array(lanes)
}

/// `value` where `alive` is not 0, else 0: a number that is not finite must not touch the sum.
#[inline(always)]
fn masked<F: Real>(value: F, alive: F) -> F {
    value.zip(alive, |value, alive| if alive == F::Scalar::ZERO { F::Scalar::ZERO } else { value })
}

/// Appends the chunk's sum of a number per trajectory.
#[inline(always)]
fn push<F: Real>(sums: &mut Vec<F::Scalar>, masks: &[F], value: impl Fn(usize) -> F) {
    sums.push(chunk_sum(|p| masked(value(p), masks[p])));
}

/// Adds one observation point to the result.
#[inline(always)]
fn observe<S, F, R>(
    job: &Job<S>,
    run: &RunJob<S>,
    layout: &Layout,
    point: usize,
    count: usize,
    packs: &[Pack<F, R>],
    result: &mut ChunkResult<S>,
) where
    S: Scalar,
    F: Real<Scalar = S>,
    R: Generator<F>,
{
    let d = job.dimension;
    let centre = &run.centre[point * d..][..d];
    let last = point + 1 == run.plan.observed.len();
    let masks: Vec<F> = packs
        .iter()
        .enumerate()
        .map(|(p, pack)| alive(&pack.x, |lane| p * F::LANES + lane < count))
        .collect();
    result.alive[point] = chunk_sum(|p| masks[p]).to_f64() as u32;
    let sums = &mut result.sums;
    for (i, &centre) in centre.iter().enumerate() {
        let centre = F::splat(centre);
        let deviation = |p: usize| packs[p].x[i] - centre;
        push(sums, &masks, |p| deviation(p));
        push(sums, &masks, |p| {
            let y = deviation(p);
            y * y
        });
        push(sums, &masks, |p| {
            let y = deviation(p);
            y * y * y
        });
        push(sums, &masks, |p| {
            let y = deviation(p);
            let square = y * y;
            square * square
        });
        for &power in &layout.powers {
            push(sums, &masks, |p| {
                let y = deviation(p);
                (1..power).fold(y, |product, _| product * y)
            });
        }
    }
    let centre = F::splat(run.centre_loss[point]);
    let losses: Vec<F> = packs.iter().map(|pack| job.landscape.loss::<F, _>(pack.x.as_slice())).collect();
    push(sums, &masks, |p| losses[p] - centre);
    push(sums, &masks, |p| (losses[p] - centre) * (losses[p] - centre));
    if last {
        let of = |i: usize| losses[i / F::LANES].lane(i % F::LANES);
        result.final_losses.extend((0..count).map(of));
    }
    if layout.path_length {
        let length = |p: usize| packs[p].watch.path_length.as_ref().map_or(F::ZERO, |watch| watch.length);
        push(sums, &masks, |p| length(p));
        push(sums, &masks, |p| length(p) * length(p));
    }
    if layout.loss_variation {
        let variation = |p: usize| packs[p].watch.loss.as_ref().map_or(F::ZERO, |watch| watch.variation);
        push(sums, &masks, |p| variation(p));
        push(sums, &masks, |p| variation(p) * variation(p));
    }
    if last && layout.covariance {
        let offset = &run.centre[point * d..][..d];
        for i in 0..d {
            for j in 0..i {
                let (a, b) = (F::splat(offset[i]), F::splat(offset[j]));
                let product = |p: usize| (packs[p].x[i] - a) * (packs[p].x[j] - b);
                push(sums, &masks, |p| product(p));
                push(sums, &masks, |p| product(p) * product(p));
            }
        }
    }
    for trajectory in 0..layout.paths.min(count) {
        let (pack, lane) = (trajectory / F::LANES, trajectory % F::LANES);
        result.paths.extend((0..d).map(|i| packs[pack].x[i].lane(lane)));
    }
}

/// Adds what is known of each trajectory at the end.
#[inline(always)]
fn finish<S, F, R>(count: usize, packs: &[Pack<F, R>], result: &mut ChunkResult<S>)
where
    S: Scalar,
    F: Real<Scalar = S>,
{
    for trajectory in 0..count {
        let (pack, lane) = (&packs[trajectory / F::LANES], trajectory % F::LANES);
        result.final_states.extend(pack.x.iter().map(|x| x.lane(lane)));
        if let Some(watch) = &pack.watch.loss {
            result.passages.push(watch.passage.as_slice()[lane]);
        }
    }
}
