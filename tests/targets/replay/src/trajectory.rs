//! Runs the settings and takes in how their trajectories end.

use polyak_core::landscape::{AnyFiniteSum, AnyLandscape, Landscape};
use polyak_core::optimizer::Coefficients;
use polyak_core::oracle::Cards;
use polyak_core::random::{AnyGenerator, Stream};
use polyak_core::real::{LaneArray, Real, Scalar};
use polyak_core::schedule::{Schedule, Stretched};
use polyak_core::trajectory::{LossWatch, PathLength, State, WatchAll, advance};
use polyak_core::vector::Vector;

use crate::data::{DIMENSION, Data, EXAMPLES};
use crate::digest::Digest;
use crate::setting::{SETTINGS, Setting, setting};

/// Steps of every trajectory, besides the one that draws m₀.
const STEPS: u64 = 200;

/// SVAG's ℓ: not a power of two, so that its weights and rates are rounded.
pub const ELL: f64 = 3.0;

/// Every setting, plain and under SVAG, for the trajectories asked for, in lanes of `F`.
#[inline(always)]
pub fn run_all<F: Real>(
    trajectories: &[u64],
    generator: fn(u64, u64) -> AnyGenerator<F>,
    digest: &mut Digest,
) {
    let data = Data::new();
    for run in 0..2 * SETTINGS {
        let setting = setting(run / 2, &data, run % 2 == 1);
        let mut reached: Option<(u64, End<F>)> = None;
        for &trajectory in trajectories {
            let lane = trajectory % F::LANES as u64;
            let first = trajectory - lane;
            let end = match reached {
                Some((at, end)) if at == first => end,
                _ => end(&setting, generator(run as u64 / 2 + 1, first)),
            };
            reached = Some((first, end));
            for numbers in end {
                digest.update(numbers.lane(lane as usize));
            }
        }
    }
}

/// x, m and Hx of a trajectory's end, then path length, variation of the loss, its first passage below a half, and how many classes a
/// network hits.
type End<F> = [F; 3 * DIMENSION + 4];

/// Where the trajectories in the lanes of a generator end.
#[inline(always)]
fn end<F: Real>(setting: &Setting<'_, F::Scalar>, generator: AnyGenerator<F>) -> End<F> {
    let landscape = &setting.oracle.landscape;
    let dimension = landscape.dimension();
    let ([mut x, mut m, mut g, mut p], mut previous) = ([[F::ZERO; DIMENSION]; 4], [F::ZERO; DIMENSION]);
    for (x, &start) in x.iter_mut().zip(&setting.start) {
        *x = F::splat(start);
    }
    let loss = landscape.loss::<F::Scalar, _>(&setting.start);
    let mut watch = WatchAll {
        path_length: Some(PathLength::new(head(&mut previous, dimension))),
        loss: Some(LossWatch::new(landscape, loss, F::Scalar::HALF, 1)),
    };
    let mut state = State {
        x: head(&mut x, dimension),
        m: head(&mut m, dimension),
        stream: Stream::new(generator),
        deck: Cards { cards: [F::Array::<u32>::from_fn(|_| 0); EXAMPLES], dealt: 0 },
    };
    for (card, cards) in state.deck.cards.iter_mut().enumerate() {
        *cards = F::Array::from_fn(|_| card as u32);
    }
    let scratch = head(&mut g, dimension);
    advance(&setting.oracle, &setting.update, coefficients(setting), &mut state, scratch, &mut watch);
    landscape.hessian_vector(&state.x, &state.m, head(&mut p, dimension));

    let path_length = watch.path_length.map_or(F::ZERO, |path| path.length);
    let (variation, passage) = watch.loss.map_or((F::ZERO, F::ZERO), |loss| {
        let lane = |lane: usize| loss.passage.as_slice().get(lane).copied().unwrap_or(0);
        (loss.variation, F::from_fn(|i| F::Scalar::from_u32(lane(i))))
    });
    let hits = match landscape {
        AnyLandscape::FiniteSum(AnyFiniteSum::Network(network)) => network.hits(&x),
        _ => F::ZERO,
    };
    let tail = [path_length, variation, passage, hits];
    core::array::from_fn(|i| match (i / DIMENSION, i % DIMENSION) {
        (0, i) => x.get(i),
        (1, i) => m.get(i),
        (2, i) => p.get(i),
        (_, i) => tail.get(i),
    })
}

/// The first coordinates of a place.
#[inline(always)]
fn head<F>(place: &mut [F; DIMENSION], dimension: usize) -> &mut [F] {
    place.get_mut(..dimension).unwrap_or_default()
}

/// The coefficients of a setting's trajectory: a step that draws m₀, then the schedule's.
#[inline(always)]
pub fn coefficients<S: Scalar>(setting: &Setting<'_, S>) -> impl Iterator<Item = Coefficients<S>> {
    let ell = if setting.oracle.svag.is_some() { ELL } else { 1.0 };
    let rate = Stretched { inner: setting.rate, ell, divisor: ell };
    let momentum = Stretched { inner: setting.momentum, ell, divisor: 1.0 };
    let method = setting.method;
    let first = Coefficients::draw_momentum(momentum.at(0), 1.0);
    let steps = (0..STEPS).map(move |k| method.coefficients(k, rate.at(k), momentum.at(k)));
    core::iter::once(first).chain(steps).map(Coefficients::round)
}
