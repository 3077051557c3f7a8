//! Networks.
#![allow(unsafe_code, reason = "the numbers of a landscape lie at addresses that the host gave")]

use polyak_core::landscape::{AnyNetwork, FiniteSum, Landscape};
use polyak_core::network::{Network, Table};
use polyak_core::real::{Real, Scalar};
use polyak_core::vector::{Vector, VectorMut};

use super::Tested;
use crate::launch::{Address, Layers, Problem};
use crate::memory::numbers;

/// The network of a problem, with room for `UNITS` units. What a pass works on is set to zero before it, and lies in memory that the
/// driver sets aside for every thread that a device can have: a small network takes a kernel with little room.
#[derive(Debug, Clone, Copy)]
pub struct EncodedNetwork<'a, S, const UNITS: usize> {
    problem: &'a Problem<S>,
}

impl<'a, S: Scalar, const UNITS: usize> EncodedNetwork<'a, S, UNITS> {
    /// The network, if the problem has one that there is room for.
    ///
    /// # Safety
    /// As for [`Encoded::new`](super::Encoded::new).
    #[inline(always)]
    pub unsafe fn new(problem: &'a Problem<S>) -> Option<Self> {
        (problem.network.shape()?.units() <= UNITS).then_some(Self { problem })
    }

    #[inline(always)]
    fn network(&self) -> Option<AnyNetwork<&'a [S], UNITS>> {
        self.over(self.problem.landscape_numbers, self.problem.examples)
    }

    /// The same over other examples.
    #[inline(always)]
    fn over(&self, [inputs, targets]: [Address; 2], examples: u32) -> Option<AnyNetwork<&'a [S], UNITS>> {
        // Read anew at each call: kept, it would take a third of a thread's registers.
        let shape = self.problem.network.shape()?;
        let (layers, columns, examples) = (&self.problem.network, shape.inputs(), examples as usize);
        // SAFETY: `new`'s caller; there are as many.
        let (inputs, targets) = unsafe { (numbers(inputs, examples * columns), numbers(targets, examples)) };
        let examples = Table { inputs, targets, columns };
        Network::new(shape, layers.activation(), layers.loss(), examples).ok()
    }
}

impl<S: Scalar, const UNITS: usize> Tested<S> for EncodedNetwork<'_, S, UNITS> {
    #[inline(never)]
    fn test<X: Vector<S>>(&self, x: &X) -> Option<[S; 2]> {
        let &Layers { test_examples, test_numbers, .. } = &self.problem.network;
        if test_examples == 0 {
            return None;
        }
        let network = self.over(test_numbers, test_examples)?;
        let share = S::ONE / S::from_u32(test_examples);
        Some([network.loss::<S, _>(x), network.hits::<S, _>(x) * share])
    }
}

/// What is large is one function each, not copied to every place that calls it.
impl<S: Scalar, const UNITS: usize> Landscape<S> for EncodedNetwork<'_, S, UNITS> {
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.problem.dimension as usize
    }

    #[inline(never)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        self.network().map_or(F::ZERO, |network| network.loss(x))
    }

    #[inline(never)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        if let Some(network) = self.network() {
            network.gradient(x, g);
        }
    }

    #[inline(never)]
    fn hessian_vector<F, X, V, P>(&self, x: &X, v: &V, p: &mut P)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
    {
        if let Some(network) = self.network() {
            network.hessian_vector(x, v, p);
        }
    }
}

impl<S: Scalar, const UNITS: usize> FiniteSum<S> for EncodedNetwork<'_, S, UNITS> {
    #[inline(always)]
    fn examples(&self) -> u32 {
        self.problem.examples
    }

    #[inline(never)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        if let Some(network) = self.network() {
            network.add_term(weight, j, x, g);
        }
    }

    #[inline(never)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        if let Some(network) = self.network() {
            network.add_target_shift(weight, shift, j, x, g);
        }
    }
}
