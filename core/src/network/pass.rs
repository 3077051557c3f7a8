//! Forwards and backwards through the layers, for one example of each lane.

use super::units::{Place, Units, UnitsMut, Value};
use super::{Activation, Shape};
use crate::real::Real;
use crate::vector::{Vector, VectorMut};

/// Sets the units from the inputs on: z_l = b_l + W_l a_{l−1}, each sum from the bias on in the order of the inputs, and
/// a_l = φ(z_l) but for the last layer, which is linear.
#[inline(always)]
pub fn forward<F, X, U, A>(shape: &Shape, activation: &A, x: &X, units: &mut U)
where
    F: Real,
    X: Vector<F> + ?Sized,
    U: UnitsMut<F> + ?Sized,
    A: Activation,
{
    for l in 0..shape.depth() {
        let layer = shape.layer(l);
        let (inputs, mut outputs) = layer.split(units);
        for (o, mut output) in outputs.places().enumerate() {
            let row = layer.row(o);
            let mut z = x.get(layer.bias(o));
            for (i, a) in inputs.values().enumerate() {
                z = z + x.get(row + i) * a.get();
            }
            output.set(if layer.last { z } else { activation.value(z) });
        }
    }
}

/// g ← g + ∂/∂x of what has the derivatives `errors` by the outputs; the errors of the units before are worked out in place:
/// e_{l−1} = φ'(z_{l−1}) W_lᵀe_l, each sum in the order of the outputs.
#[inline(always)]
pub fn backward<F, X, U, G, A>(shape: &Shape, activation: &A, x: &X, units: &U, errors: &mut U, g: &mut G)
where
    F: Real,
    X: Vector<F> + ?Sized,
    U: UnitsMut<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
    A: Activation,
{
    for l in (0..shape.depth()).rev() {
        let layer = shape.layer(l);
        let inputs = layer.inputs_of(units);
        let (mut before, after) = layer.split(errors);
        let hidden = layer.units > 0;
        if hidden {
            clear(&mut before);
        }
        for (o, error) in after.values().enumerate() {
            let error = error.get();
            let row = layer.row(o);
            for (i, a) in inputs.values().enumerate() {
                g.add(row + i, error * a.get());
            }
            if hidden {
                for (i, mut before) in before.places().enumerate() {
                    before.set(before.get() + x.get(row + i) * error);
                }
            }
            g.add(layer.bias(o), error);
        }
        if hidden {
            for (mut before, a) in before.places_beside(&inputs) {
                before.set(before.get() * activation.slope(a.get()));
            }
        }
    }
}

/// Sets all to 0.
#[inline(always)]
fn clear<F: Real>(units: &mut impl UnitsMut<F>) {
    for mut unit in units.places() {
        unit.set(F::ZERO);
    }
}

/// The derivatives of the units along x + tv: ż_l = ċ_l + V_l a_{l−1} + W_l ȧ_{l−1}, ȧ_l = φ'(z_l) ż_l (the forward pass of
/// Pearlmutter 1994). The inputs do not move.
#[inline(always)]
pub fn forward_along<F, X, V, U, A>(shape: &Shape, activation: &A, x: &X, v: &V, units: &U, along: &mut U)
where
    F: Real,
    X: Vector<F> + ?Sized,
    V: Vector<F> + ?Sized,
    U: UnitsMut<F> + ?Sized,
    A: Activation,
{
    for l in 0..shape.depth() {
        let layer = shape.layer(l);
        let (inputs, outputs) = (layer.inputs_of(units), layer.outputs_of(units));
        let (moved, mut result) = layer.split(along);
        for ((o, mut result), output) in result.places().enumerate().zip(outputs.values()) {
            let row = layer.row(o);
            let mut z = v.get(layer.bias(o));
            for ((i, a), moved) in inputs.values().enumerate().zip(moved.values()) {
                z = z + v.get(row + i) * a.get();
                if layer.units > 0 {
                    z = z + x.get(row + i) * moved.get();
                }
            }
            result.set(if layer.last { z } else { activation.slope(output.get()) * z });
        }
    }
}

/// What [`backward_along`] works on: a number for each unit.
pub(super) struct Along<'a, U: ?Sized> {
    /// a.
    pub values: &'a U,
    /// ȧ.
    pub along: &'a U,
    /// e, the outputs' set.
    pub errors: &'a mut U,
    /// ė, the outputs' set.
    pub errors_along: &'a mut U,
}

/// p ← p + the derivative of the gradient along x + tv (the backward pass of Pearlmutter 1994).
#[inline(always)]
pub(super) fn backward_along<F, X, V, U, P, A>(
    shape: &Shape,
    activation: &A,
    x: &X,
    v: &V,
    units: Along<U>,
    p: &mut P,
) where
    F: Real,
    X: Vector<F> + ?Sized,
    V: Vector<F> + ?Sized,
    U: UnitsMut<F> + ?Sized,
    P: VectorMut<F> + ?Sized,
    A: Activation,
{
    for l in (0..shape.depth()).rev() {
        let layer = shape.layer(l);
        let (inputs, moved) = (layer.inputs_of(units.values), layer.inputs_of(units.along));
        let (mut before, after) = layer.split(units.errors);
        let (mut before_along, after_along) = layer.split(units.errors_along);
        clear(&mut before);
        clear(&mut before_along);
        for ((o, error), error_along) in after.values().enumerate().zip(after_along.values()) {
            let (error, error_along) = (error.get(), error_along.get());
            let row = layer.row(o);
            for ((i, a), moved) in inputs.values().enumerate().zip(moved.values()) {
                p.add(row + i, error_along * a.get() + error * moved.get());
            }
            for ((i, mut before), mut along) in before.places().enumerate().zip(before_along.places()) {
                let weight = x.get(row + i);
                before.set(before.get() + weight * error);
                along.set(along.get() + (v.get(row + i) * error + weight * error_along));
            }
            p.add(layer.bias(o), error_along);
        }
        let units = inputs.values().zip(moved.values());
        for ((mut before, mut along), (a, moved)) in before.places().zip(before_along.places()).zip(units) {
            let (a, moved) = (a.get(), moved.get());
            let slope = activation.slope(a);
            along.set(along.get() * slope + before.get() * activation.bend(a, moved));
            before.set(before.get() * slope);
        }
    }
}
