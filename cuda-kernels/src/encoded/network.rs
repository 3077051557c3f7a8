//! Networks.
#![allow(unsafe_code, reason = "the numbers of a landscape lie at addresses that the host gave")]

use polyak_core::landscape::{FiniteSum, Landscape};
use polyak_core::network::{AnyActivation, AnyLoss, Passes, Shape, Table};
use polyak_core::real::{Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};

use super::Tested;
use crate::launch::{Address, Launch, Layers, Problem, Run};
use crate::memory::{Column, numbers};
use crate::problem::LandscapeKind;

/// The network of a problem, of any number of units: registers have no index, so what a pass works on lies in the device's memory,
/// interleaved as points are.
#[derive(Debug, Clone, Copy)]
pub struct EncodedNetwork<'a, S> {
    problem: &'a Problem<S>,
    /// Two numbers for each unit.
    units: Column<S>,
}

impl<'a, S: Scalar> EncodedNetwork<'a, S> {
    /// The network of a thread; `None` if the problem is another.
    ///
    /// # Safety
    /// As for [`Encoded::new`](super::Encoded::new); no other thread of the run has this t.
    #[inline(always)]
    pub unsafe fn new(launch: &'a Launch<S>, run: &Run<S>, t: u64) -> Option<Self> {
        let problem = &launch.problem;
        // SAFETY: the caller's; the array has two rows for each unit.
        let units =
            unsafe { Column::new(run.state.units, launch.stride, t, 2 * problem.network.shape.units()) };
        (problem.landscape == LandscapeKind::Network).then_some(Self { problem, units })
    }

    /// Room for the units and for their errors.
    #[inline(always)]
    fn room<F: Real<Scalar = S>>(&self) -> [Column<F>; 2] {
        let units = self.units.len() / 2;
        [self.units.rows(0, units), self.units.rows(units, units)].map(Column::as_lane)
    }

    /// The network over some examples.
    #[inline(always)]
    fn over(&self, ([inputs, targets], examples): ([Address; 2], u32)) -> Over<'a, S> {
        let layers = &self.problem.network;
        let (shape, columns, examples) = (&layers.shape, layers.shape.inputs(), examples as usize);
        // SAFETY: `new`'s caller; there are as many.
        let (inputs, targets) = unsafe { (numbers(inputs, examples * columns), numbers(targets, examples)) };
        let examples = Table { inputs, targets, columns };
        Over { shape, activation: layers.activation(), loss: layers.loss(), examples }
    }

    /// The same over those that it is trained on.
    #[inline(always)]
    fn trained(&self) -> Over<'a, S> {
        self.over((self.problem.landscape_numbers, self.problem.examples))
    }
}

/// A network over some examples. What is made of its passes is not given as a closure: kernels of several generators would share that as a
/// function, and a point that a function is given has an address, so it would lie in local memory.
struct Over<'a, S> {
    shape: &'a Shape,
    activation: AnyActivation,
    loss: AnyLoss,
    examples: Table<&'a [S]>,
}

impl<'a, S> Over<'a, S> {
    #[inline(always)]
    fn passes(&self) -> Passes<'_, Table<&'a [S]>, AnyActivation, AnyLoss> {
        let Self { shape, activation, loss, examples } = self;
        Passes { shape, activation, loss, examples }
    }
}

impl<S: Scalar> Tested<S> for EncodedNetwork<'_, S> {
    #[inline(always)]
    fn test<X: Vector<S>>(&self, x: &X) -> Option<[S; 2]> {
        let &Layers { test_examples, test_numbers, .. } = &self.problem.network;
        if test_examples == 0 {
            return None;
        }
        let [mut units, mut scratch] = self.room::<S>();
        let share = S::ONE / S::from_u32(test_examples);
        let over = self.over((test_numbers, test_examples));
        let loss = over.passes().loss::<S, _, _>(x, [&mut units, &mut scratch]);
        Some([loss, over.passes().hits::<S, _, _>(x, [&mut units, &mut scratch]) * share])
    }
}

impl<S: Scalar> Landscape<S> for EncodedNetwork<'_, S> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.problem.dimension as usize
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        let [units, scratch] = &mut self.room();
        self.trained().passes().loss(x, [units, scratch])
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let [units, errors] = &mut self.room();
        self.trained().passes().gradient(x, g, [units, errors]);
    }

    /// No kernel needs it, and there is no room for its two more numbers a unit: one that calls it does not compile.
    fn hessian_vector<F, X, V, P>(&self, _: &X, _: &V, _: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        const { assert!(F::LANES == 0, "no kernel has room for the Hessian of a network") };
    }
}

impl<S: Scalar> FiniteSum<S> for EncodedNetwork<'_, S> {
    #[inline(always)]
    fn examples(&self) -> u32 {
        self.problem.examples
    }

    #[inline(always)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let [units, errors] = &mut self.room();
        self.trained().passes().add_term(weight, j, x, g, [units, errors]);
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        let [units, errors] = &mut self.room();
        self.trained().passes().add_target_shift((weight, shift), j, x, g, [units, errors]);
    }
}
