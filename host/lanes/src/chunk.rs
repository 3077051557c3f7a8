//! One run of one chunk of trajectories on the CPU, in lanes.

use polyak_core::landscape::{FiniteSum, Landscape as _};
use polyak_core::observe::{CHUNK, alive, chunk_sum, masked};
use polyak_core::oracle::Cards;
use polyak_core::random::{Generator, Stream};
use polyak_core::real::{LaneArray, Real, Scalar};
use polyak_core::trajectory::{LossWatch, PathLength, State, WatchAll, advance};

use crate::coordinates::Coordinates;
use crate::{Chunk, ChunkResult, JobLandscape};

/// The trajectories in the lanes of one `F`.
struct Pack<'a, F: Real, R> {
    x: Vec<F>,
    m: Vec<F>,
    stream: Stream<F, R>,
    deck: Cards<Vec<F::Array<u32>>>,
    watch: WatchAll<F, Vec<F>, &'a JobLandscape<F::Scalar>>,
}

/// Runs a chunk in lanes of `F`, with the generator of `F::LANES` trajectories that `generator` makes of (seed, first one).
#[inline(always)]
pub fn simulate<S, F, R>(chunk: &Chunk<'_, S>, generator: impl Fn(u64, u64) -> R) -> ChunkResult<S>
where
    S: Scalar,
    F: Real<Scalar = S>,
    R: Generator<F> + Copy,
{
    let &Chunk { layout, count, observed, steps, .. } = chunk;
    // A chunk that is not full has no packs without a trajectory; its sums take them as zeros.
    let mut packs: Vec<Pack<F, R>> = (0..count.div_ceil(F::LANES))
        .map(|pack| begin(chunk, generator(chunk.seed, chunk.first + (pack * F::LANES) as u64)))
        .collect();
    let mut g = vec![F::ZERO; layout.dimension];
    let mut scratch = Scratch::new();
    let mut result = ChunkResult::new(layout, observed.len(), count);
    let mut done = 0;
    for (point, &step) in observed.iter().enumerate() {
        for Pack { x, m, stream, deck, watch } in &mut packs {
            let mut state =
                State { x: x.as_mut_slice(), m: m.as_mut_slice(), stream: *stream, deck: &mut *deck };
            let draw = chunk.draw_momentum.copied().filter(|_| point == 0);
            let steps = draw.into_iter().chain(steps.range(done, step));
            match Coordinates::of(chunk.oracle)
                .filter(|_| watch.path_length.is_none() && watch.loss.is_none())
            {
                Some(coordinates) => coordinates.advance(chunk.update, steps, &mut state, &mut g),
                None => advance(chunk.oracle, chunk.update, steps, &mut state, g.as_mut_slice(), watch),
            }
            *stream = state.stream;
        }
        done = step;
        observe(chunk, point, &packs, &mut scratch, &mut result);
    }
    finish(count, &packs, &mut result);
    result
}

/// The packs at step 0.
#[inline(always)]
fn begin<'a, S, F, R>(chunk: &Chunk<'a, S>, generator: R) -> Pack<'a, F, R>
where
    S: Scalar,
    F: Real<Scalar = S>,
    R: Generator<F>,
{
    let cards = (0..chunk.deck).map(|card| F::Array::from_fn(|_| card)).collect();
    let layout = chunk.layout;
    let watch = WatchAll {
        path_length: layout.path_length.then(|| PathLength::new(vec![F::ZERO; layout.dimension])),
        loss: (layout.loss_variation || chunk.loss_below.is_some()).then(|| {
            let uncounted = u32::from(chunk.draw_momentum.is_some());
            let below = chunk.loss_below.unwrap_or(f64::NEG_INFINITY);
            LossWatch::new(
                chunk.landscape,
                chunk.centre_loss.first().copied().unwrap_or(S::ZERO),
                S::from_f64(below),
                uncounted,
            )
        }),
    };
    Pack {
        x: chunk.start.iter().map(|&x| F::splat(x)).collect(),
        m: chunk.initial_momentum.iter().map(|&m| F::splat(m)).collect(),
        stream: Stream::new(generator),
        deck: Cards { cards, dealt: 0 },
        watch,
    }
}

/// One number for each trajectory of a chunk, three times; allocated once, as a chunk may be looked at every few steps.
struct Scratch<F> {
    masks: Vec<F>,
    deviations: Vec<F>,
    values: Vec<F>,
}

impl<F: Real> Scratch<F> {
    fn new() -> Self {
        let zeros = || vec![F::ZERO; CHUNK / F::LANES];
        Self { masks: zeros(), deviations: zeros(), values: zeros() }
    }
}

/// Appends the chunk's sum of a number per trajectory.
#[inline(always)]
fn push<F: Real>(sums: &mut Vec<F::Scalar>, values: &[F]) {
    sums.push(chunk_sum(|p| values[p]));
}

/// Appends the chunk's sums of a number per trajectory and of its square.
#[inline(always)]
fn push_two<F: Real>(sums: &mut Vec<F::Scalar>, values: &mut [F]) {
    push(sums, values);
    for value in values.iter_mut() {
        *value = *value * *value;
    }
    push(sums, values);
}

/// Adds one observation point to the result.
#[inline(always)]
fn observe<S, F, R>(
    chunk: &Chunk<'_, S>,
    point: usize,
    packs: &[Pack<F, R>],
    scratch: &mut Scratch<F>,
    result: &mut ChunkResult<S>,
) where
    S: Scalar,
    F: Real<Scalar = S>,
    R: Generator<F>,
{
    let &Chunk { layout, count, .. } = chunk;
    let d = layout.dimension;
    let centre = &chunk.centre[point * d..][..d];
    let last = point + 1 == chunk.observed.len();
    let Scratch { masks, deviations, values } = scratch;
    for (p, (mask, pack)) in masks.iter_mut().zip(packs).enumerate() {
        *mask = alive(pack.x.as_slice(), |lane| p * F::LANES + lane < count);
    }
    result.alive[point] = chunk_sum(|p| masks[p]).to_f64() as u32;
    let sums = &mut result.sums;
    for (i, &centre) in centre.iter().enumerate() {
        let centre = F::splat(centre);
        // Masked once: of a trajectory that does not count every power is 0.
        let numbers = deviations.iter_mut().zip(values.iter_mut());
        for ((deviation, value), (pack, &mask)) in numbers.zip(packs.iter().zip(&*masks)) {
            *deviation = masked(pack.x[i] - centre, mask);
            *value = *deviation;
        }
        push(sums, values);
        for _ in 1..layout.per_coordinate() {
            for (value, &deviation) in values.iter_mut().zip(&*deviations) {
                *value = *value * deviation;
            }
            push(sums, values);
        }
    }
    let centre_loss = F::splat(chunk.centre_loss[point]);
    for (p, (pack, &mask)) in packs.iter().zip(&*masks).enumerate() {
        let loss = chunk.landscape.loss::<F, _>(pack.x.as_slice());
        values[p] = masked(loss - centre_loss, mask);
        if last {
            let missing = count.saturating_sub(result.final_losses.len()).min(F::LANES);
            result.final_losses.extend((0..missing).map(|lane| loss.lane(lane)));
        }
    }
    push_two(sums, values);
    if layout.path_length {
        for ((value, pack), &mask) in values.iter_mut().zip(packs).zip(&*masks) {
            *value = pack.watch.path_length.as_ref().map_or(F::ZERO, |watch| masked(watch.length, mask));
        }
        push_two(sums, values);
    }
    if layout.loss_variation {
        for ((value, pack), &mask) in values.iter_mut().zip(packs).zip(&*masks) {
            *value = pack.watch.loss.as_ref().map_or(F::ZERO, |watch| masked(watch.variation, mask));
        }
        push_two(sums, values);
    }
    if let Some(test) = chunk.test {
        for ((value, pack), &mask) in values.iter_mut().zip(packs).zip(&*masks) {
            *value = masked(test.loss(pack.x.as_slice()), mask);
        }
        push_two(sums, values);
        let share = F::splat(S::ONE / S::from_u32(FiniteSum::<S>::examples(test)));
        for ((value, pack), &mask) in values.iter_mut().zip(packs).zip(&*masks) {
            *value = masked(test.hits::<F, _>(pack.x.as_slice()) * share, mask);
        }
        push_two(sums, values);
    }
    if last && layout.covariance {
        for i in 0..d {
            for j in 0..i {
                let (a, b) = (F::splat(centre[i]), F::splat(centre[j]));
                for ((value, pack), &mask) in values.iter_mut().zip(packs).zip(&*masks) {
                    *value = masked((pack.x[i] - a) * (pack.x[j] - b), mask);
                }
                push_two(sums, values);
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
