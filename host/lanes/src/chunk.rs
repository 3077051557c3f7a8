//! One run of one chunk of trajectories on the CPU, in lanes.

use std::iter::repeat_n;

use polyak_core::landscape::{AnyLandscape, FiniteSum, Landscape};
use polyak_core::observe::{CHUNK, alive, chunk_powers, chunk_sum, masked};
use polyak_core::optimizer::Coefficients;
use polyak_core::oracle::Cards;
use polyak_core::random::{AnyGenerator, Stream};
use polyak_core::real::{LaneArray, Real, Scalar, Work};
use polyak_core::trajectory::{LossWatch, PathLength, State, WatchAll, advance};

use crate::centre::look_up;
use crate::coordinates::{self, Coordinates};
use crate::{Chunk, ChunkResult, JobLandscape};

/// The cards of each lane.
type Deck<F> = Cards<Vec<<F as Real>::Array<u32>>>;

/// Lots of steps that a pack takes before the next pack does.
const LOTS: usize = 1024;

/// The trajectories in the lanes of one `F`. x and m lie side by side in an array of the chunk's.
pub struct Pack<'a, F: Real> {
    pub state: State<&'a mut [F], &'a mut [F], F, AnyGenerator<F>, Deck<F>>,
    watch: WatchAll<F, Vec<F>, &'a JobLandscape<F::Scalar>>,
}

/// Runs a chunk in lanes of `F`; compiled anew inside each caller, with the caller's instruction set.
#[inline(always)]
pub fn simulate<S: Scalar, F: Real<Scalar = S>>(chunk: &Chunk<'_, S>) -> ChunkResult<S> {
    let &Chunk { layout, count, observed, steps, .. } = chunk;
    let d = layout.dimension;
    // A chunk that is not full has no packs without a trajectory; its sums take them as zeros.
    let filled = count.div_ceil(F::LANES);
    let mut points = vec![F::ZERO; 2 * d * filled];
    let mut packs: Vec<Pack<F>> = Vec::with_capacity(filled);
    let mut centre = vec![S::ZERO; d];
    let start_loss = chunk.centre.at(0, &mut centre);
    // Not an iterator that is collected: that is not inlined, and then not compiled for the instruction set.
    for (pack, point) in points.chunks_exact_mut(2 * d).enumerate() {
        packs.push(begin(chunk, point, chunk.first + (pack * F::LANES) as u64, start_loss));
    }
    let mut g = vec![F::ZERO; d];
    let mut numbers = vec![F::ZERO; CHUNK / F::LANES];
    let mut masks = if count == CHUNK { Vec::new() } else { numbers.clone() };
    let mut result = ChunkResult::new(layout, observed.len(), count);
    let watched = layout.path_length || layout.loss_variation || chunk.loss_below.is_some();
    let plain = Coordinates::of(chunk.oracle).filter(|_| !watched);
    // Looked for once: an observation of few dimensions takes little longer than asking for the centre.
    let followed = chunk.centre.whole();
    let mut lots = Vec::new();
    let mut coming = steps.lots(0, u64::MAX);
    for (point, &step) in observed.iter().enumerate() {
        let mut draw = chunk.draw_momentum.filter(|_| point == 0);
        loop {
            lots.clear();
            if let Some(&coefficients) = draw.take() {
                lots.push((coefficients, 1));
            }
            coming.append(step, LOTS, &mut lots);
            if let Some(coordinates) = plain {
                let update = chunk.update;
                F::run(coordinates::Advance {
                    coordinates,
                    update,
                    lots: &lots,
                    packs: &mut packs,
                    g: &mut g,
                });
            } else {
                F::run(Advance { chunk, lots: &lots, packs: &mut packs, g: &mut g });
            }
            if coming.is_at(step) {
                break;
            }
        }
        let about = match followed {
            Some(path) => look_up(path, point, d),
            None => {
                let loss = chunk.centre.at(point, &mut centre);
                (&*centre, loss)
            }
        };
        observe(chunk, point, about, &packs, &mut masks, &mut numbers, &mut result);
    }
    finish(count, &packs, &mut result);
    result
}

/// Lots of steps of several packs, as work.
struct Advance<'a, 'p, F: Real> {
    chunk: &'a Chunk<'p, F::Scalar>,
    lots: &'a [(Coefficients<F::Scalar>, usize)],
    packs: &'a mut [Pack<'p, F>],
    /// Scratch.
    g: &'a mut [F],
}

impl<F: Real> Work for Advance<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Chunk { oracle, update, .. } = self.chunk;
        for Pack { state, watch } in self.packs {
            for &(coefficients, count) in self.lots {
                advance(*oracle, update, repeat_n(coefficients, count), state, &mut *self.g, watch);
            }
        }
    }
}

/// A pack at step 0, its x and m in `point`, its trajectories `first` and those after it; `loss` is that of x₀.
#[inline(always)]
fn begin<'a, S, F>(chunk: &Chunk<'a, S>, point: &'a mut [F], first: u64, loss: S) -> Pack<'a, F>
where
    S: Scalar,
    F: Real<Scalar = S>,
{
    let cards = (0..chunk.deck).map(|card| F::Array::from_fn(|_| card)).collect();
    let layout = chunk.layout;
    let watch = WatchAll {
        path_length: layout.path_length.then(|| PathLength::new(vec![F::ZERO; layout.dimension])),
        loss: (layout.loss_variation || chunk.loss_below.is_some()).then(|| {
            let uncounted = u32::from(chunk.draw_momentum.is_some());
            let below = chunk.loss_below.unwrap_or(f64::NEG_INFINITY);
            LossWatch::new(chunk.landscape, loss, S::from_f64(below), uncounted)
        }),
    };
    let (x, m) = point.split_at_mut(layout.dimension);
    for (numbers, from) in [(&mut *x, chunk.start), (&mut *m, chunk.initial_momentum)] {
        for (number, &from) in numbers.iter_mut().zip(from) {
            *number = F::splat(from);
        }
    }
    let stream = Stream::new(chunk.rng.streams(chunk.seed, first));
    Pack { state: State { x, m, stream, deck: Cards { cards, dealt: 0 } }, watch }
}

/// The packs of a chunk, and which of their trajectories count: 1, or 0; no masks if all do.
type Ensemble<'a, 'p, F> = (&'a [Pack<'p, F>], &'a [F]);

/// A number of each trajectory in the lanes of pack `p`; 0 of those that do not count, and of a pack that is not there.
#[inline(always)]
fn counted<F: Real>((packs, masks): Ensemble<F>, p: usize, number: impl FnOnce(&Pack<F>) -> F) -> F {
    match packs.get(p) {
        Some(pack) if masks.is_empty() => number(pack),
        Some(pack) => masked(number(pack), masks[p]),
        None => F::ZERO,
    }
}

/// Appends the chunk's sums of a number per trajectory and of its square.
#[inline(always)]
fn push_two<F: Real>(
    sums: &mut Vec<F::Scalar>,
    ensemble: Ensemble<F>,
    number: impl Fn(usize, &Pack<F>) -> F,
) {
    let both: [_; 2] = chunk_powers(|p| counted(ensemble, p, |pack| number(p, pack)));
    sums.extend(both);
}

/// The loss of the trajectories of each pack. A plain loop: what is called from a closure would not be compiled for the instruction set.
#[inline(always)]
fn losses<F: Real>(landscape: &impl Landscape<F::Scalar>, packs: &[Pack<F>], numbers: &mut [F]) {
    for (number, pack) in numbers.iter_mut().zip(packs) {
        *number = landscape.loss(&*pack.state.x);
    }
}

/// Adds one observation point to the result. `masks` is empty as long as all trajectories count, and `numbers` scratch, one a pack.
#[inline(always)]
fn observe<S, F>(
    chunk: &Chunk<'_, S>,
    point: usize,
    (centre, centre_loss): (&[S], S),
    packs: &[Pack<F>],
    masks: &mut Vec<F>,
    numbers: &mut [F],
    result: &mut ChunkResult<S>,
) where
    S: Scalar,
    F: Real<Scalar = S>,
{
    let &Chunk { layout, count, .. } = chunk;
    let d = layout.dimension;
    let last = point + 1 == chunk.observed.len();
    let sums = &mut result.sums;
    let begun = sums.len();
    result.alive[point] = CHUNK as u32;
    loop {
        if !masks.is_empty() {
            for (p, (mask, pack)) in masks.iter_mut().zip(packs).enumerate() {
                *mask = alive(&*pack.state.x, |lane| p * F::LANES + lane < count);
            }
            result.alive[point] = chunk_sum(|p| masks[p]).to_f64() as u32;
        }
        let mut zero = S::ZERO;
        for (i, &centre) in centre.iter().enumerate() {
            let (ensemble, centre) = ((packs, &**masks), F::splat(centre));
            // Masked once: of a trajectory that does not count every power is 0.
            let powers: [_; 4] = chunk_powers(|p| counted(ensemble, p, |pack| pack.state.x[i] - centre));
            zero = zero + powers[0] * S::ZERO;
            sums.extend(powers);
            for power in 5..=layout.per_coordinate() {
                sums.push(chunk_sum(|p| {
                    let y = counted(ensemble, p, |pack| pack.state.x[i] - centre);
                    (1..power).fold(y, |product, _| product * y)
                }));
            }
        }
        if zero == S::ZERO || !masks.is_empty() {
            break;
        }
        // A number that is not finite makes its sum so. From here on trajectories are looked at one by one: such a one never is finite again.
        masks.resize(CHUNK / F::LANES, F::ZERO);
        sums.truncate(begun);
    }
    let ensemble = (packs, &**masks);
    match chunk.landscape {
        // The landscape that is run most, told from the others once and not for every pack.
        AnyLandscape::Diagonal(diagonal) => losses(diagonal, packs, numbers),
        any => losses(any, packs, numbers),
    }
    if last {
        for loss in &*numbers {
            let missing = count.saturating_sub(result.final_losses.len()).min(F::LANES);
            result.final_losses.extend((0..missing).map(|lane| loss.lane(lane)));
        }
    }
    let centre_loss = F::splat(centre_loss);
    push_two(sums, ensemble, |p, _| numbers[p] - centre_loss);
    if layout.path_length {
        push_two(sums, ensemble, |_, pack| {
            pack.watch.path_length.as_ref().map_or(F::ZERO, |watch| watch.length)
        });
    }
    if layout.loss_variation {
        push_two(sums, ensemble, |_, pack| pack.watch.loss.as_ref().map_or(F::ZERO, |watch| watch.variation));
    }
    if let Some(test) = chunk.test {
        losses(test, packs, numbers);
        push_two(sums, ensemble, |p, _| numbers[p]);
        let share = F::splat(S::ONE / S::from_u32(FiniteSum::<S>::examples(test)));
        for (number, pack) in numbers.iter_mut().zip(packs) {
            *number = test.hits::<F, _>(&*pack.state.x) * share;
        }
        push_two(sums, ensemble, |p, _| numbers[p]);
    }
    if last && layout.covariance {
        for i in 0..d {
            for j in 0..i {
                let (a, b) = (F::splat(centre[i]), F::splat(centre[j]));
                push_two(sums, ensemble, |_, pack| (pack.state.x[i] - a) * (pack.state.x[j] - b));
            }
        }
    }
    for trajectory in 0..layout.paths.min(count) {
        let (pack, lane) = (trajectory / F::LANES, trajectory % F::LANES);
        result.paths.extend((0..d).map(|i| packs[pack].state.x[i].lane(lane)));
    }
}

/// Adds what is known of each trajectory at the end.
#[inline(always)]
fn finish<S, F>(count: usize, packs: &[Pack<F>], result: &mut ChunkResult<S>)
where
    S: Scalar,
    F: Real<Scalar = S>,
{
    let d = packs.first().map_or(0, |pack| pack.state.x.len());
    result.final_states.resize(count * d, S::ZERO);
    for (p, pack) in packs.iter().enumerate() {
        let lanes = F::LANES.min(count - p * F::LANES);
        let states = &mut result.final_states[p * F::LANES * d..][..lanes * d];
        for (i, x) in pack.state.x.iter().enumerate() {
            for (lane, state) in states.iter_mut().skip(i).step_by(d).enumerate() {
                *state = x.lane(lane);
            }
        }
        if let Some(watch) = &pack.watch.loss {
            result.passages.extend_from_slice(&watch.passage.as_slice()[..lanes]);
        }
    }
}
