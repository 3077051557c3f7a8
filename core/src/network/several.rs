//! The examples: their inputs among the units, and the terms of several of them at a time.

use core::sync::atomic::{Ordering, compiler_fence};

use super::room::Pass;
use super::units::{Place, UnitsMut};
use super::{Activation, Examples, Loss, Network, Passes, Target, Term, four};
use crate::real::{LaneArray, Real};

/// Examples from `4 * four` on, one in each quarter, for the trajectories of quarter `q`.
#[inline(always)]
pub fn four_examples<F: Real, J: Chosen<F>>(chosen: &J, four: usize, q: usize) -> F::Array<u32> {
    let width = F::LANES / 4;
    F::Array::from_fn(|lane| chosen.example(4 * four + lane / width, q * width + lane % width))
}

/// Which examples, one after another; a trait and not a closure, which would not be compiled for the caller's instruction set.
pub(super) trait Chosen<F: Real> {
    /// How many.
    fn count(&self) -> usize;

    /// The `i`-th of a lane.
    fn example(&self, i: usize, lane: usize) -> u32;
}

/// Each lane's own.
impl<F: Real> Chosen<F> for &[F::Array<u32>] {
    #[inline(always)]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn example(&self, i: usize, lane: usize) -> u32 {
        self.get(i).and_then(|j| j.as_slice().get(lane)).copied().unwrap_or(u32::MAX)
    }
}

/// All of so many.
pub(super) struct All(pub u32);

impl<F: Real> Chosen<F> for All {
    #[inline(always)]
    fn count(&self) -> usize {
        self.0 as usize
    }

    #[inline(always)]
    fn example(&self, i: usize, _: usize) -> u32 {
        i as u32
    }
}

/// [`Network::accumulate_several`] in slices.
pub(super) struct AccumulateSeveral<'a, E, A, L, F: Real, J, const UNITS: usize> {
    pub network: &'a Network<E, A, L, UNITS>,
    pub weight: F::Scalar,
    pub chosen: J,
    pub x: &'a [F],
    pub g: &'a mut [F],
}

impl<E, A, L, F, J, const UNITS: usize> Pass<F> for AccumulateSeveral<'_, E, A, L, F, J, UNITS>
where
    E: Examples<F::Scalar>,
    A: Activation,
    L: Loss,
    F: Real,
    J: Chosen<F>,
{
    type Output = ();

    #[inline(always)]
    fn run(self, room: [&mut [F]; 2]) {
        let Self { network, weight, chosen, x, g } = self;
        network.passes().accumulate_by_four(weight, &chosen, x, g, room);
        for i in chosen.count() / 4 * 4..chosen.count() {
            let j = F::Array::from_fn(|lane| chosen.example(i, lane));
            network.accumulate(Term::Gradient(F::splat(weight)), &j, x, g);
        }
    }
}

impl<E, A: Activation, L: Loss> Passes<'_, E, A, L> {
    /// The inputs and the target of each lane's own example, the inputs set among the units.
    #[inline(always)]
    pub(super) fn load<F, U>(&self, j: &F::Array<u32>, units: &mut U) -> F
    where
        F: Real,
        E: Examples<F::Scalar>,
        U: UnitsMut<F> + ?Sized,
    {
        let j = |lane: usize| j.as_slice().get(lane).copied().unwrap_or(u32::MAX);
        if F::LANES.is_multiple_of(4)
            && let Some(units) = units.slice_mut()
        {
            let inputs = units.get_mut(..self.shape.inputs()).unwrap_or_default();
            for lane in (0..F::LANES).step_by(4) {
                self.load_lanes(lane, [j(lane), j(lane + 1), j(lane + 2), j(lane + 3)], inputs);
            }
        } else {
            for (i, mut unit) in units.places().enumerate().take(self.shape.inputs()) {
                unit.set(F::from_fn(|lane| self.examples.input(j(lane), i)));
            }
        }
        F::from_fn(|lane| self.examples.target(j(lane)))
    }

    /// The inputs of four lanes from `lane` on.
    #[inline(always)]
    fn load_lanes<F>(&self, lane: usize, j: [u32; 4], inputs: &mut [F])
    where
        F: Real,
        E: Examples<F::Scalar>,
    {
        let [a, b, c, d] = j;
        let (p, q) = (self.examples.row(a), self.examples.row(b));
        let (r, s) = (self.examples.row(c), self.examples.row(d));
        if p.len().min(q.len()).min(r.len()).min(s.len()) < inputs.len() {
            for (i, input) in inputs.iter_mut().enumerate() {
                for (place, &j) in input.lanes_mut().iter_mut().skip(lane).zip(&j) {
                    *place = self.examples.input(j, i);
                }
            }
            return;
        }
        for ((((input, &p), &q), &r), &s) in inputs.iter_mut().zip(p).zip(q).zip(r).zip(s) {
            let lanes = input.lanes_mut().get_mut(lane..).unwrap_or_default();
            if let Some(lanes) = lanes.first_chunk_mut() {
                *lanes = [p, q, r, s];
            }
            // Else what is read is joined to vectors, and these scattered, which takes longer.
            compiler_fence(Ordering::SeqCst);
        }
    }

    /// g ← g + w ∇ℓ of several examples, four at a time, those beyond the last four left out. Quarter by quarter, so that what it needs of the weights and the gradient stays in a
    /// cache.
    #[inline(always)]
    fn accumulate_by_four<F, J>(
        &self,
        weight: F::Scalar,
        chosen: &J,
        x: &[F],
        g: &mut [F],
        [units, errors]: [&mut [F]; 2],
    ) where
        F: Real,
        E: Examples<F::Scalar>,
        J: Chosen<F>,
    {
        let weight = F::splat(weight);
        let last = self.shape.last();
        let fours = chosen.count() / 4;
        for q in 0..4 {
            for four in 0..fours {
                let number = self.load::<F, _>(&four_examples::<F, _>(chosen, four, q), units);
                F::run(four::Forward {
                    shape: self.shape,
                    activation: self.activation,
                    x,
                    q,
                    units: &mut *units,
                });
                let target = Target { number, inputs: self.shape.inputs_of(units) };
                let errors_of_outputs = &mut last.outputs_mut(errors);
                self.loss.errors(&last.outputs_of(units), target, weight, errors_of_outputs);
                F::run(four::Backward {
                    shape: self.shape,
                    activation: self.activation,
                    x,
                    q,
                    units: &*units,
                    errors: &mut *errors,
                    g: &mut *g,
                });
            }
        }
    }
}
