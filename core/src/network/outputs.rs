//! Sums over the outputs of all examples.

use super::room::Pass;
use super::several::{All, four_examples};
use super::units::{Units, UnitsMut};
use super::{Activation, Examples, Loss, Passes, Target, four, loss, pass};
use crate::real::{LaneArray, Real};
use crate::vector::Vector;

/// [`Passes::each_output`] in slices.
pub(super) struct EachOutput<'a, E, A, L, X: ?Sized, V> {
    pub passes: Passes<'a, E, A, L>,
    pub x: &'a X,
    pub see: V,
}

impl<E, A, L, F, X, V> Pass<F> for EachOutput<'_, E, A, L, X, V>
where
    E: Examples<F::Scalar>,
    A: Activation,
    L: Loss,
    F: Real,
    X: Vector<F> + ?Sized,
    V: See<F>,
{
    type Output = F;

    #[inline(always)]
    fn run(self, room: [&mut [F]; 2]) -> F {
        self.passes.each_output(self.x, self.see, room)
    }
}

impl<E, A: Activation, L: Loss> Passes<'_, E, A, L> {
    /// Σ of what `see` makes of the outputs and the target of each example in turn, with scratch for a number each output.
    #[inline(always)]
    pub(super) fn each_output<F, X, U>(&self, x: &X, see: impl See<F>, [units, scratch]: [&mut U; 2]) -> F
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        let mut sum = F::ZERO;
        let last = self.shape.last();
        let mut done = 0;
        if const { four::quartered::<F>() }
            && let (Some(x), Some(units), Some(scratch)) = (x.slice(), units.slice_mut(), scratch.slice_mut())
        {
            let all = All(self.examples.count());
            let fours = self.examples.count() / 4;
            for q in 0..4 {
                for four in 0..fours {
                    let number = self.load::<F, _>(&four_examples::<F, _>(&all, four as usize, q), units);
                    F::run(four::Forward {
                        shape: self.shape,
                        activation: self.activation,
                        x,
                        q,
                        units: &mut *units,
                    });
                    let target = Target { number, inputs: self.shape.inputs_of(units) };
                    let seen = see.see(&last.outputs_of(units), target, &mut last.outputs_mut(scratch));
                    four::add(&mut sum, q, &seen);
                }
            }
            done = 4 * fours;
        }
        for j in done..self.examples.count() {
            let number = self.load::<F, _>(&F::Array::from_fn(|_| j), units);
            pass::forward(self.shape, self.activation, x, units);
            let target = Target { number, inputs: self.shape.inputs_of(units) };
            sum = sum + see.see(&last.outputs_of(units), target, &mut last.outputs_mut(scratch));
        }
        sum
    }
}

/// What is made of the outputs of an example; a trait and not a closure, which would not be compiled for the caller's instruction set.
pub(super) trait See<F> {
    /// A number of it.
    fn see(&self, z: &impl Units<F>, target: Target<F, impl Units<F>>, scratch: &mut impl UnitsMut<F>) -> F;
}

/// Its loss.
pub(super) struct Losses<'a, L>(pub &'a L);

impl<F: Real, L: Loss> See<F> for Losses<'_, L> {
    #[inline(always)]
    fn see(&self, z: &impl Units<F>, target: Target<F, impl Units<F>>, scratch: &mut impl UnitsMut<F>) -> F {
        self.0.loss(z, target, scratch)
    }
}

/// Whether it is put into its class.
pub(super) struct Hits;

impl<F: Real> See<F> for Hits {
    #[inline(always)]
    fn see(&self, z: &impl Units<F>, target: Target<F, impl Units<F>>, _: &mut impl UnitsMut<F>) -> F {
        loss::hit(z, target.number)
    }
}
