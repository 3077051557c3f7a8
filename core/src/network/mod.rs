//! The edge trainer: networks of dense layers as a loss over a data set, with nothing allocated.
//!
//! Weights, momentum and gradient are the caller's, plain arrays of [`Shape::parameters`] numbers; what a pass works on is
//! on the stack, [`Shape::units`] numbers two times (four for a Hessian–vector product). A [`Network`] is a
//! [`FiniteSum`] as any other, so that every optimiser, schedule and oracle trains it, in lanes
//! too, and a training on a board has the bits of the same training on a desk.
//!
//! ```
//! use polyak_core::landscape::Landscape;
//! use polyak_core::network::{Bytes, CrossEntropy, Initial, Network, Relu, Shape, initialize};
//! use polyak_core::optimizer::{Method, Update};
//! use polyak_core::oracle::{MiniBatch, NoDeck, Sampling};
//! use polyak_core::random::{Pcg32, Stream};
//! use polyak_core::trajectory::{State, advance};
//!
//! // Exclusive or.
//! const SHAPE: Shape = match Shape::new(&[2, 8, 2]) {
//!     Ok(shape) => shape,
//!     Err(_) => panic!("the build ends here"),
//! };
//! let examples = Bytes { inputs: &[0, 0, 0, 1, 1, 0, 1, 1], targets: &[0, 1, 1, 0], columns: 2, scale: 1.0f32 };
//! let network = Network::<_, _, _, { SHAPE.units() }>::new(SHAPE, Relu, CrossEntropy, examples)?;
//! let oracle = MiniBatch { landscape: &network, batch: 2, sampling: Sampling::WithReplacement };
//!
//! let mut weights = [0.0f32; SHAPE.parameters()];
//! initialize(&SHAPE, Initial::He, 1, &mut weights);
//! let m = [0.0; SHAPE.parameters()];
//! let mut state = State { x: weights, m, stream: Stream::<f32, _>::new(Pcg32::new(1, 0)), deck: NoDeck };
//! let method = Method::HeavyBall { dampening: 0.0, nesterov: false, first_step: true };
//! let update = Update { form: method.form(), maximize: false, weight_decay: None };
//! let steps = (0..200).map(|k| method.coefficients(k, 0.1, 0.9).round());
//! advance(&oracle, &update, steps, &mut state, &mut [0.0; SHAPE.parameters()], &mut ());
//! assert!(network.loss::<f32, _>(&state.x) < 0.02);
//! assert_eq!(network.hits::<f32, _>(&state.x), 4.0);
//! # Ok::<(), polyak_core::network::TooManyUnits>(())
//! ```

mod activation;
mod examples;
mod four;
mod initial;
mod loss;
mod outputs;
mod pass;
mod room;
mod several;
mod shape;
mod units;

pub use activation::{Activation, AnyActivation, Identity, Relu, Sigmoid, Tanh};
pub use examples::{Bytes, Examples, Table};
pub use initial::{Initial, initialize};
pub use loss::{AnyLoss, CrossEntropy, Loss, Reconstruction, SquaredError, Target};
pub use shape::{LAYERS, Layer, Layers, Shape, ShapeError};
pub use units::{Place, Units, UnitsMut, Value};

use core::fmt;

use outputs::{EachOutput, Hits, Losses, See};
use pass::Along;
use room::{Pass, with_room};
use several::{AccumulateSeveral, All, Chosen};

use crate::landscape::{FiniteSum, Landscape};
use crate::real::{LaneArray, Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// L(x) = (1/N) Σⱼ ℓ(f(aⱼ; x), yⱼ) with f dense layers: a_l = φ(W_l a_{l−1} + b_l), the last one linear; x are the weights and
/// biases in the order of [`Shape`].
///
/// `E` are the [`Examples`], `A` the [`Activation`], `L` the [`Loss`], and `UNITS` is room for the units,
/// [`Shape::units`] or more.
///
/// A pass is one function for each kind of lanes and not inlined as the rest of the core is: it is large, it would be copied into every
/// oracle, and its time goes into reading the weights.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Network<E, A, L, const UNITS: usize> {
    shape: Shape,
    activation: A,
    loss: L,
    examples: E,
}

/// Passes through a [`Network`], with the room for its units that the caller has, [`Shape::units`] numbers for each that is asked for: what a
/// processor without room on its stack calls. What is there before does not matter.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Passes<'a, E, A, L> {
    /// The layers' widths.
    pub shape: &'a Shape,
    /// φ.
    pub activation: &'a A,
    /// ℓ.
    pub loss: &'a L,
    /// The data set.
    pub examples: &'a E,
}

impl<E, A: Activation, L: Loss> Passes<'_, E, A, L> {
    /// 1/N.
    #[inline(always)]
    fn share<S: Scalar>(&self) -> S
    where
        E: Examples<S>,
    {
        S::ONE / S::from_u32(self.examples.count())
    }

    /// L(x).
    #[inline(always)]
    pub fn loss<F, X, U>(&self, x: &X, room: [&mut U; 2]) -> F
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        self.each_output(x, Losses(self.loss), room) * F::splat(self.share())
    }

    /// For how many examples the class with the largest output (the first of equals) is the target.
    #[inline(always)]
    pub fn hits<F, X, U>(&self, x: &X, room: [&mut U; 2]) -> F
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        self.each_output(x, Hits, room)
    }

    /// g = ∇L(x).
    #[inline(always)]
    pub fn gradient<F, X, G, U>(&self, x: &X, g: &mut G, [units, errors]: [&mut U; 2])
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        for i in 0..self.shape.parameters() {
            g.set(i, F::ZERO);
        }
        let term = Term::Gradient(F::splat(self.share()));
        for j in 0..self.examples.count() {
            self.accumulate(term, &F::Array::from_fn(|_| j), x, g, [&mut *units, &mut *errors]);
        }
    }

    /// g ← g + w ∇ℓⱼ(x).
    #[inline(always)]
    pub fn add_term<F, X, G, U>(
        &self,
        weight: F::Scalar,
        j: &F::Array<u32>,
        x: &X,
        g: &mut G,
        room: [&mut U; 2],
    ) where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        self.accumulate(Term::Gradient(F::splat(weight)), j, x, g, room);
    }

    /// g ← g + what `shift` added to the target of example j adds to w ∇ℓⱼ(x).
    #[inline(always)]
    pub fn add_target_shift<F, X, G, U>(
        &self,
        (weight, shift): (F::Scalar, F),
        j: &F::Array<u32>,
        x: &X,
        g: &mut G,
        room: [&mut U; 2],
    ) where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        self.accumulate(Term::Shift(shift * F::splat(weight)), j, x, g, room);
    }

    /// g ← g + the term of each lane's own example.
    #[inline(always)]
    fn accumulate<F, X, G, U>(
        &self,
        term: Term<F>,
        j: &F::Array<u32>,
        x: &X,
        g: &mut G,
        [units, errors]: [&mut U; 2],
    ) where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        let number = self.load(j, units);
        pass::forward(self.shape, self.activation, x, units);
        let target = Target { number, inputs: self.shape.inputs_of(units) };
        let last = self.shape.last();
        let z = &last.outputs_of(units);
        match term {
            Term::Gradient(weight) => self.loss.errors(z, target, weight, &mut last.outputs_mut(errors)),
            Term::Shift(shift) => self.loss.shift(z, target, shift, &mut last.outputs_mut(errors)),
        }
        pass::backward(self.shape, self.activation, x, units, errors, g);
    }

    /// p = ∇²L(x)v.
    #[inline(always)]
    pub fn hessian_vector<F, X, V, P, U>(&self, x: &X, v: &V, p: &mut P, room: [&mut U; 4])
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        V: Vector<F> + ?Sized,
        P: VectorMut<F> + ?Sized,
        U: UnitsMut<F> + ?Sized,
    {
        for i in 0..self.shape.parameters() {
            p.set(i, F::ZERO);
        }
        let Self { shape, activation, loss, examples } = *self;
        let (weight, last) = (F::splat(self.share()), shape.last());
        let [values, along, errors, errors_along] = room;
        for j in 0..examples.count() {
            let number = self.load(&F::Array::from_fn(|_| j), values);
            pass::forward(shape, activation, x, values);
            pass::forward_along(shape, activation, x, v, values, along);
            let target = Target { number, inputs: shape.inputs_of(values) };
            let z = last.outputs_of(values);
            loss.errors(&z, target, weight, &mut last.outputs_mut(errors));
            let moved = last.outputs_of(along);
            loss.curvature(&z, &moved, weight, &mut last.outputs_mut(errors_along));
            let units = Along { values, along, errors: &mut *errors, errors_along: &mut *errors_along };
            pass::backward_along(shape, activation, x, v, units, p);
        }
    }
}

/// A network with more units than there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TooManyUnits;

impl fmt::Display for TooManyUnits {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the network has more units, its inputs counted, than UNITS has room for")
    }
}

impl core::error::Error for TooManyUnits {}

/// What an example adds to a gradient.
#[derive(Clone, Copy)]
enum Term<F> {
    /// w ∇ℓ.
    Gradient(F),
    /// What s added to its target changes, times the weight.
    Shift(F),
}

impl<E, A, L, const UNITS: usize> Network<E, A, L, UNITS> {
    /// The network over a data set. Inputs that an example does not have are 0.
    ///
    /// # Errors
    /// `UNITS` is below [`Shape::units`].
    pub fn new(shape: Shape, activation: A, loss: L, examples: E) -> Result<Self, TooManyUnits> {
        if shape.units() > UNITS {
            return Err(TooManyUnits);
        }
        Ok(Self { shape, activation, loss, examples })
    }

    /// The layers' widths.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// φ.
    pub fn activation(&self) -> &A {
        &self.activation
    }

    /// The loss of an example.
    pub fn loss_of_example(&self) -> &L {
        &self.loss
    }

    /// The data set.
    pub fn examples(&self) -> &E {
        &self.examples
    }
}

impl<V, A: Copy, L: Copy, const UNITS: usize> Network<Table<V>, A, L, UNITS> {
    /// The same network, its examples borrowed.
    #[inline(always)]
    pub fn borrowed<S>(&self) -> Network<Table<&[S]>, A, L, UNITS>
    where
        V: AsRef<[S]>,
    {
        let Table { inputs, targets, columns } = &self.examples;
        let examples = Table { inputs: inputs.as_ref(), targets: targets.as_ref(), columns: *columns };
        Network { shape: self.shape, activation: self.activation, loss: self.loss, examples }
    }
}

impl<E, A: Activation, L: Loss, const UNITS: usize> Network<E, A, L, UNITS> {
    /// Sets `outputs` to f(a; x): the prediction for inputs that need not be of the data set.
    ///
    /// ```
    /// use polyak_core::network::{Network, Relu, Shape, SquaredError, Table};
    /// let nothing = Table { inputs: [0.0f32; 0], targets: [0.0; 0], columns: 2 };
    /// let network = Network::<_, _, _, 3>::new(Shape::new(&[2, 1]).unwrap(), Relu, SquaredError, nothing).unwrap();
    /// let mut output = [0.0f32];
    /// network.predict(&[2.0, -1.0, 0.5], &[3.0, 4.0], &mut output);
    /// assert_eq!(output, [2.5]);
    /// ```
    #[inline(never)]
    pub fn predict<F, X>(&self, x: &X, inputs: &[F], outputs: &mut [F])
    where
        F: Real,
        X: Vector<F> + ?Sized,
    {
        let mut units = [F::ZERO; UNITS];
        let units = units.as_mut_slice();
        for (unit, &input) in units.iter_mut().take(self.shape.inputs()).zip(inputs) {
            *unit = input;
        }
        pass::forward(&self.shape, &self.activation, x, units);
        for (output, &unit) in outputs.iter_mut().zip(self.shape.last().outputs_of(units)) {
            *output = unit;
        }
    }

    /// What passes need of it.
    #[inline(always)]
    fn passes(&self) -> Passes<'_, E, A, L> {
        let Self { shape, activation, loss, examples } = self;
        Passes { shape, activation, loss, examples }
    }

    /// L(x).
    #[inline(never)]
    fn mean_loss<F, X>(&self, x: &X) -> F
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
    {
        self.each_output(x, Losses(&self.loss)) * F::splat(self.passes().share())
    }

    /// For how many examples the class with the largest output (the first of equals) is the target.
    #[inline(never)]
    pub fn hits<F, X>(&self, x: &X) -> F
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
    {
        self.each_output(x, Hits)
    }

    /// Σ of what `see` makes of the outputs and the target of each example in turn.
    #[inline(always)]
    fn each_output<F, X>(&self, x: &X, see: impl See<F>) -> F
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
    {
        if UNITS == 0 {
            return F::ZERO;
        }
        with_room::<F, _, UNITS>(self.shape.units(), EachOutput { passes: self.passes(), x, see })
    }

    /// g ← g + the term of each lane's own example.
    #[inline(never)]
    fn accumulate<F, X, G>(&self, term: Term<F>, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real,
        E: Examples<F::Scalar>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        // A type that may hold a network and has no room for one has no code for it.
        if UNITS > 0 {
            with_room::<F, _, UNITS>(self.shape.units(), Accumulate { passes: self.passes(), term, j, x, g });
        }
    }

    /// g ← g + w ∇ℓ of several examples, to the same bits as one after another.
    #[inline(never)]
    fn accumulate_several<F, J>(&self, weight: F::Scalar, chosen: J, x: &[F], g: &mut [F])
    where
        F: Real,
        E: Examples<F::Scalar>,
        J: Chosen<F>,
    {
        if UNITS > 0 {
            with_room::<F, _, UNITS>(
                self.shape.units(),
                AccumulateSeveral { network: self, weight, chosen, x, g },
            );
        }
    }
}

/// [`Passes::accumulate`] in slices.
struct Accumulate<'a, E, A, L, F: Real, X: ?Sized, G: ?Sized> {
    passes: Passes<'a, E, A, L>,
    term: Term<F>,
    j: &'a F::Array<u32>,
    x: &'a X,
    g: &'a mut G,
}

impl<E, A, L, F, X, G> Pass<F> for Accumulate<'_, E, A, L, F, X, G>
where
    E: Examples<F::Scalar>,
    A: Activation,
    L: Loss,
    F: Real,
    X: Vector<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
{
    type Output = ();

    #[inline(always)]
    fn run(self, room: [&mut [F]; 2]) {
        self.passes.accumulate(self.term, self.j, self.x, self.g, room);
    }
}

impl<S, E, A, L, const UNITS: usize> Landscape<S> for Network<E, A, L, UNITS>
where
    S: Scalar,
    E: Examples<S>,
    A: Activation,
    L: Loss,
{
    #[inline(always)]
    fn dimension(&self) -> usize {
        self.shape.parameters()
    }

    #[inline(always)]
    fn loss<F, X>(&self, x: &X) -> F
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
    {
        // So that there is no call either where there is no room.
        if UNITS == 0 { F::ZERO } else { self.mean_loss::<F, X>(x) }
    }

    #[inline(always)]
    fn gradient<F, X, G>(&self, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        for i in 0..self.shape.parameters() {
            g.set(i, F::ZERO);
        }
        if const { four::quartered::<F>() }
            && let (Some(x), Some(g)) = (x.slice(), g.slice_mut())
        {
            let chosen = All(self.examples.count());
            self.accumulate_several(self.passes().share(), chosen, x, g);
            return;
        }
        for j in 0..self.examples.count() {
            self.accumulate(Term::Gradient(F::splat(self.passes().share())), &F::Array::from_fn(|_| j), x, g);
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
        if UNITS == 0 {
            return;
        }
        let (mut values, mut along) = ([F::ZERO; UNITS], [F::ZERO; UNITS]);
        let (mut errors, mut errors_along) = ([F::ZERO; UNITS], [F::ZERO; UNITS]);
        let room = [values.as_mut_slice(), &mut along, &mut errors, &mut errors_along];
        self.passes().hessian_vector(x, v, p, room);
    }
}

impl<S, E, A, L, const UNITS: usize> FiniteSum<S> for Network<E, A, L, UNITS>
where
    S: Scalar,
    E: Examples<S>,
    A: Activation,
    L: Loss,
{
    #[inline(always)]
    fn examples(&self) -> u32 {
        self.examples.count()
    }

    #[inline(always)]
    fn add_term<F, X, G>(&self, weight: S, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        self.accumulate(Term::Gradient(F::splat(weight)), j, x, g);
    }

    #[inline(always)]
    fn together<F: Real<Scalar = S>>(&self) -> u32 {
        if const { four::quartered::<F>() } { 4 } else { 1 }
    }

    #[inline(always)]
    fn add_terms<F, X, G>(&self, weight: S, j: &[F::Array<u32>], x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        if const { four::quartered::<F>() }
            && let (Some(x), Some(g)) = (x.slice(), g.slice_mut())
        {
            self.accumulate_several::<F, _>(weight, j, x, g);
            return;
        }
        for j in j {
            self.add_term(weight, j, x, g);
        }
    }

    #[inline(always)]
    fn add_target_shift<F, X, G>(&self, weight: S, shift: F, j: &F::Array<u32>, x: &X, g: &mut G)
    where
        F: Real<Scalar = S>,
        X: Vector<F> + ?Sized,
        G: VectorMut<F> + ?Sized,
    {
        self.accumulate(Term::Shift(shift * F::splat(weight)), j, x, g);
    }
}
