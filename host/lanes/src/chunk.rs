//! One run of one chunk of trajectories on the CPU, in lanes.

use std::iter::repeat_n;

use polyak_core::landscape::{FiniteSum, Landscape as _};
use polyak_core::observe::{CHUNK, alive, chunk_sum, chunk_sums, masked};
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
    let mut packs: Vec<Pack<F, R>> = Vec::with_capacity(CHUNK / F::LANES);
    // Not an iterator that is collected: that is not inlined, and then not compiled for the instruction set.
    for pack in 0..count.div_ceil(F::LANES) {
        packs.push(begin(chunk, generator(chunk.seed, chunk.first + (pack * F::LANES) as u64)));
    }
    let mut g = vec![F::ZERO; layout.dimension];
    let mut masks = vec![F::ZERO; CHUNK / F::LANES];
    let mut result = ChunkResult::new(layout, observed.len(), count);
    let mut done = 0;
    for (point, &step) in observed.iter().enumerate() {
        for Pack { x, m, stream, deck, watch } in &mut packs {
            let mut state =
                State { x: x.as_mut_slice(), m: m.as_mut_slice(), stream: *stream, deck: &mut *deck };
            let draw = chunk.draw_momentum.copied().filter(|_| point == 0).map(|draw| (draw, 1));
            let plain =
                Coordinates::of(chunk.oracle).filter(|_| watch.path_length.is_none() && watch.loss.is_none());
            for (coefficients, count) in draw.into_iter().chain(steps.lots(done, step)) {
                if let Some(coordinates) = &plain {
                    coordinates.advance(chunk.update, &coefficients, count, &mut state, &mut g);
                } else {
                    let steps = repeat_n(coefficients, count);
                    advance(chunk.oracle, chunk.update, steps, &mut state, g.as_mut_slice(), watch);
                }
            }
            *stream = state.stream;
        }
        done = step;
        observe(chunk, point, &packs, &mut masks, &mut result);
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

/// A number of each trajectory in the lanes of pack `p`; 0 of those that do not count, and of a pack that is not there.
#[inline(always)]
fn counted<F: Real, R>(
    (packs, masks): (&[Pack<F, R>], &[F]),
    p: usize,
    number: impl FnOnce(&Pack<F, R>) -> F,
) -> F {
    match (packs.get(p), masks.get(p)) {
        (Some(pack), Some(&mask)) => masked(number(pack), mask),
        _ => F::ZERO,
    }
}

/// Appends the chunk's sums of a number per trajectory and of its square.
#[inline(always)]
fn push_two<F: Real, R>(
    sums: &mut Vec<F::Scalar>,
    ensemble: (&[Pack<F, R>], &[F]),
    mut number: impl FnMut(&Pack<F, R>) -> F,
) {
    sums.extend(chunk_sums(|p| {
        let value = counted(ensemble, p, |pack| number(pack));
        [value, value * value]
    }));
}

/// Adds one observation point to the result; `masks` is scratch, one a pack.
#[inline(always)]
fn observe<S, F, R>(
    chunk: &Chunk<'_, S>,
    point: usize,
    packs: &[Pack<F, R>],
    masks: &mut [F],
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
    for (p, (mask, pack)) in masks.iter_mut().zip(packs).enumerate() {
        *mask = alive(pack.x.as_slice(), |lane| p * F::LANES + lane < count);
    }
    let ensemble = (packs, &*masks);
    result.alive[point] = chunk_sum(|p| masks[p]).to_f64() as u32;
    let sums = &mut result.sums;
    for (i, &centre) in centre.iter().enumerate() {
        let centre = F::splat(centre);
        // Masked once: of a trajectory that does not count every power is 0.
        sums.extend(chunk_sums(|p| {
            let y = counted(ensemble, p, |pack| pack.x[i] - centre);
            let square = y * y;
            let cube = square * y;
            [y, square, cube, cube * y]
        }));
        for power in 5..=layout.per_coordinate() {
            sums.push(chunk_sum(|p| {
                let y = counted(ensemble, p, |pack| pack.x[i] - centre);
                (1..power).fold(y, |product, _| product * y)
            }));
        }
    }
    let centre_loss = F::splat(chunk.centre_loss[point]);
    push_two(sums, ensemble, |pack| {
        let loss = chunk.landscape.loss::<F, _>(pack.x.as_slice());
        if last {
            let missing = count.saturating_sub(result.final_losses.len()).min(F::LANES);
            result.final_losses.extend((0..missing).map(|lane| loss.lane(lane)));
        }
        loss - centre_loss
    });
    if layout.path_length {
        push_two(sums, ensemble, |pack| {
            pack.watch.path_length.as_ref().map_or(F::ZERO, |watch| watch.length)
        });
    }
    if layout.loss_variation {
        push_two(sums, ensemble, |pack| pack.watch.loss.as_ref().map_or(F::ZERO, |watch| watch.variation));
    }
    if let Some(test) = chunk.test {
        push_two(sums, ensemble, |pack| test.loss(pack.x.as_slice()));
        let share = F::splat(S::ONE / S::from_u32(FiniteSum::<S>::examples(test)));
        push_two(sums, ensemble, |pack| test.hits::<F, _>(pack.x.as_slice()) * share);
    }
    if last && layout.covariance {
        for i in 0..d {
            for j in 0..i {
                let (a, b) = (F::splat(centre[i]), F::splat(centre[j]));
                push_two(sums, ensemble, |pack| (pack.x[i] - a) * (pack.x[j] - b));
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
    let d = packs.first().map_or(0, |pack| pack.x.len());
    result.final_states.resize(count * d, S::ZERO);
    for (p, pack) in packs.iter().enumerate() {
        let lanes = F::LANES.min(count - p * F::LANES);
        let states = &mut result.final_states[p * F::LANES * d..][..lanes * d];
        for (i, x) in pack.x.iter().enumerate() {
            for (lane, state) in states.iter_mut().skip(i).step_by(d).enumerate() {
                *state = x.lane(lane);
            }
        }
        if let Some(watch) = &pack.watch.loss {
            result.passages.extend_from_slice(&watch.passage.as_slice()[..lanes]);
        }
    }
}
