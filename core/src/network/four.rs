//! Forwards and backwards through the layers for four examples of the same trajectories at a time: each weight is read, and each number of
//! the gradient read and written, once for the four. Each sum has the order of [`pass`](super::pass).
//!
//! Lanes are taken in quarters. A quarter of a weight's are trajectories; a unit has in each of its quarters what one of the examples
//! makes of these trajectories.

use super::{Activation, Layer, Shape};
use crate::real::{LaneArray, Real, Work};
use crate::vector::four_rows;

/// Whether lanes have quarters.
pub const fn quartered<F: Real>() -> bool {
    F::LANES == 4 * F::Quarter::LANES
}

/// A quarter.
#[inline(always)]
fn quarter<F: Real>(x: &F, q: usize) -> F::Quarter {
    // Of a length that is known whatever is known of `q`: else the loop over it is not one of vectors.
    match x.lanes().chunks_exact(F::Quarter::LANES).nth(q) {
        Some(lanes) => F::Quarter::from_array(LaneArray::from_slice(lanes)),
        None => F::Quarter::ZERO,
    }
}

/// Sets it.
#[inline(always)]
fn set_quarter<F: Real>(x: &mut F, q: usize, value: F::Quarter) {
    if let Some(lanes) = x.lanes_mut().chunks_exact_mut(F::Quarter::LANES).nth(q) {
        for (lane, &value) in lanes.iter_mut().zip(value.lanes()) {
            *lane = value;
        }
    }
}

/// A number of each example; names and not an array, so that they stay in registers.
#[derive(Clone, Copy)]
struct Four<Q>(Q, Q, Q, Q);

impl<Q: Real> Four<Q> {
    /// The quarters of a unit.
    #[inline(always)]
    fn of<F: Real<Quarter = Q>>(unit: &F) -> Self {
        Self(quarter(unit, 0), quarter(unit, 1), quarter(unit, 2), quarter(unit, 3))
    }

    /// Sets a unit.
    #[inline(always)]
    fn set<F: Real<Quarter = Q>>(self, unit: &mut F) {
        set_quarter(unit, 0, self.0);
        set_quarter(unit, 1, self.1);
        set_quarter(unit, 2, self.2);
        set_quarter(unit, 3, self.3);
    }

    /// z + wa of each.
    #[inline(always)]
    fn plus(self, w: Q, a: Self) -> Self {
        Self(self.0 + w * a.0, self.1 + w * a.1, self.2 + w * a.2, self.3 + w * a.3)
    }

    /// sum + Σ ea, example after example.
    #[inline(always)]
    fn onto(self, sum: Q, a: Self) -> Q {
        let sum = sum + self.0 * a.0;
        let sum = sum + self.1 * a.1;
        let sum = sum + self.2 * a.2;
        sum + self.3 * a.3
    }
}

/// Adds what each example has, one after another, to quarter `q`.
#[inline(always)]
pub fn add<F: Real>(sum: &mut F, q: usize, examples: &F) {
    let Four(a, b, c, d) = Four::of(examples);
    set_quarter(sum, q, quarter(sum, q) + a + b + c + d);
}

/// The rows of weights and the biases of a layer.
#[inline(always)]
fn weights_of<'a, F>(layer: &Layer, x: &'a [F]) -> (&'a [F], &'a [F]) {
    let x = x.get(layer.parameters..).unwrap_or_default();
    let (weights, biases) = x.split_at_checked(layer.inputs * layer.outputs).unwrap_or_default();
    (weights, biases.get(..layer.outputs).unwrap_or_default())
}

/// [`weights_of`], to be changed.
#[inline(always)]
fn weights_mut<'a, F>(layer: &Layer, x: &'a mut [F]) -> (&'a mut [F], &'a mut [F]) {
    let x = x.get_mut(layer.parameters..).unwrap_or_default();
    let (weights, biases) = x.split_at_mut_checked(layer.inputs * layer.outputs).unwrap_or_default();
    (weights, biases.get_mut(..layer.outputs).unwrap_or_default())
}

/// [`four_rows`], to be changed.
#[inline(always)]
fn rows_mut<F>(rows: &mut [F], n: usize) -> [&mut [F]; 4] {
    let mut rows = rows.chunks_exact_mut(n);
    let mut next = || rows.next().unwrap_or_default();
    [next(), next(), next(), next()]
}

/// [`forward`] as work, a function of its own: in one with all that is done with the examples the compiler gives up joining lanes to vectors.
pub(super) struct Forward<'a, F, A> {
    pub shape: &'a Shape,
    pub activation: &'a A,
    pub x: &'a [F],
    pub q: usize,
    pub units: &'a mut [F],
}

impl<F: Real, A: Activation> Work for Forward<'_, F, A> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { shape, activation, x, q, units } = self;
        forward(shape, activation, x, q, units);
    }
}

/// [`backward`] as work, for the same reason.
pub(super) struct Backward<'a, F, A> {
    pub shape: &'a Shape,
    pub activation: &'a A,
    pub x: &'a [F],
    pub q: usize,
    pub units: &'a [F],
    pub errors: &'a mut [F],
    pub g: &'a mut [F],
}

impl<F: Real, A: Activation> Work for Backward<'_, F, A> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { shape, activation, x, q, units, errors, g } = self;
        backward(shape, activation, x, q, (units, errors), g);
    }
}

/// Sets the units from the inputs on, for the trajectories of quarter `q`.
#[inline(always)]
fn forward<F: Real, A: Activation>(shape: &Shape, activation: &A, x: &[F], q: usize, units: &mut [F]) {
    for l in 0..shape.depth() {
        let layer = shape.layer(l);
        let (inputs, outputs) = layer.split(units);
        let (weights, biases) = weights_of(&layer, x);
        let n = layer.inputs.max(1);
        let mut done = 0;
        if F::ROWS == 4 {
            let four = weights.chunks_exact(4 * n).zip(biases.chunks_exact(4));
            for (outputs, (weights, biases)) in outputs.chunks_exact_mut(4).zip(four) {
                if let (Some(outputs), Some(biases)) = (outputs.first_chunk_mut(), biases.first_chunk()) {
                    forward_rows(inputs, four_rows(weights, n), biases, q, outputs);
                }
                done += 4;
            }
        }
        let rest = weights.chunks_exact(n).zip(biases).skip(done);
        for (output, (row, bias)) in outputs.iter_mut().skip(done).zip(rest) {
            let bias = quarter(bias, q);
            let mut z = Four(bias, bias, bias, bias);
            for (a, w) in inputs.iter().zip(row) {
                z = z.plus(quarter(w, q), Four::of(a));
            }
            z.set(output);
        }
        if !layer.last {
            for output in outputs {
                *output = activation.value(*output);
            }
        }
    }
}

/// Four outputs side by side: an input is read once for them.
#[inline(always)]
fn forward_rows<F: Real>(
    inputs: &[F],
    [k, l, m, n]: [&[F]; 4],
    [b, c, d, e]: &[F; 4],
    q: usize,
    [s, t, u, v]: &mut [F; 4],
) {
    let (b, c, d, e) = (quarter(b, q), quarter(c, q), quarter(d, q), quarter(e, q));
    let (mut b, mut c) = (Four(b, b, b, b), Four(c, c, c, c));
    let (mut d, mut e) = (Four(d, d, d, d), Four(e, e, e, e));
    for ((((a, k), l), m), n) in inputs.iter().zip(k).zip(l).zip(m).zip(n) {
        let a = Four::of(a);
        b = b.plus(quarter(k, q), a);
        c = c.plus(quarter(l, q), a);
        d = d.plus(quarter(m, q), a);
        e = e.plus(quarter(n, q), a);
    }
    b.set(s);
    c.set(t);
    d.set(u);
    e.set(v);
}

/// g ← g + ∂/∂x of what has the derivatives `errors` by the outputs, example after example; the errors of the units before are worked out
/// in place.
#[inline(always)]
fn backward<F: Real, A: Activation>(
    shape: &Shape,
    activation: &A,
    x: &[F],
    q: usize,
    (units, errors): (&[F], &mut [F]),
    g: &mut [F],
) {
    for l in (0..shape.depth()).rev() {
        let layer = shape.layer(l);
        let inputs = layer.inputs_of(units);
        let (before, after) = layer.split(errors);
        let (terms, biases) = weights_mut(&layer, g);
        add_products(inputs, after, q, terms);
        for (bias, error) in biases.iter_mut().zip(after.iter()) {
            add(bias, q, error);
        }
        if layer.units > 0 {
            before.fill(F::ZERO);
            back(weights_of(&layer, x).0, after, q, before);
            for (before, &a) in before.iter_mut().zip(inputs) {
                *before = *before * activation.slope(a);
            }
        }
    }
}

/// Adds eₒaᵢ to the terms.
#[inline(always)]
fn add_products<F: Real>(inputs: &[F], errors: &[F], q: usize, terms: &mut [F]) {
    let n = inputs.len().max(1);
    let mut done = 0;
    if F::ROWS == 4 {
        for (four, errors) in terms.chunks_exact_mut(4 * n).zip(errors.chunks_exact(4)) {
            let Some([e, f, g, h]) = errors.first_chunk() else { continue };
            let (e, f, g, h) = (Four::of(e), Four::of(f), Four::of(g), Four::of(h));
            let [s, t, u, v] = rows_mut(four, n);
            for ((((a, s), t), u), v) in inputs.iter().zip(s).zip(t).zip(u).zip(v) {
                let a = Four::of(a);
                set_quarter(s, q, e.onto(quarter(s, q), a));
                set_quarter(t, q, f.onto(quarter(t, q), a));
                set_quarter(u, q, g.onto(quarter(u, q), a));
                set_quarter(v, q, h.onto(quarter(v, q), a));
            }
            done += 4;
        }
    }
    for (row, error) in terms.chunks_exact_mut(n).zip(errors).skip(done) {
        let error = Four::of(error);
        for (term, a) in row.iter_mut().zip(inputs) {
            set_quarter(term, q, error.onto(quarter(term, q), Four::of(a)));
        }
    }
}

/// Adds Σₒ wₒᵢeₒ to the errors of the units before, in the order of the outputs.
#[inline(always)]
fn back<F: Real>(weights: &[F], errors: &[F], q: usize, before: &mut [F]) {
    let n = before.len().max(1);
    let mut done = 0;
    if F::ROWS == 4 {
        for (four, errors) in weights.chunks_exact(4 * n).zip(errors.chunks_exact(4)) {
            let Some([e, f, g, h]) = errors.first_chunk() else { continue };
            let (e, f, g, h) = (Four::of(e), Four::of(f), Four::of(g), Four::of(h));
            let [k, l, m, n] = four_rows(four, n);
            for ((((before, k), l), m), n) in before.iter_mut().zip(k).zip(l).zip(m).zip(n) {
                let sum = Four::of(before).plus(quarter(k, q), e);
                let sum = sum.plus(quarter(l, q), f);
                let sum = sum.plus(quarter(m, q), g);
                sum.plus(quarter(n, q), h).set(before);
            }
            done += 4;
        }
    }
    for (row, error) in weights.chunks_exact(n).zip(errors).skip(done) {
        let error = Four::of(error);
        for (before, w) in before.iter_mut().zip(row) {
            Four::of(before).plus(quarter(w, q), error).set(before);
        }
    }
}
