//! Forwards and backwards through the layers, for one example of each lane.

use super::{Activation, Shape};
use crate::real::Real;
use crate::vector::{Vector, VectorMut};

/// Sets the units from the inputs on: z_l = b_l + W_l a_{l−1}, each sum from the bias on in the order of the inputs, and
/// a_l = φ(z_l) but for the last layer, which is linear.
#[inline(always)]
pub fn forward<F, X, A>(shape: &Shape, activation: &A, x: &X, units: &mut [F])
where
    F: Real,
    X: Vector<F> + ?Sized,
    A: Activation,
{
    for layer in shape.layers() {
        let (inputs, outputs) = layer.split(units);
        for (o, output) in outputs.iter_mut().enumerate() {
            let row = layer.row(o);
            let mut z = x.get(layer.bias(o));
            for (i, &a) in inputs.iter().enumerate() {
                z = z + x.get(row + i) * a;
            }
            *output = if layer.last { z } else { activation.value(z) };
        }
    }
}

/// g ← g + ∂/∂x of what has the derivatives `errors` by the outputs; the errors of the units before are worked out in place:
/// e_{l−1} = φ'(z_{l−1}) W_lᵀe_l, each sum in the order of the outputs.
#[inline(always)]
pub fn backward<F, X, G, A>(shape: &Shape, activation: &A, x: &X, units: &[F], errors: &mut [F], g: &mut G)
where
    F: Real,
    X: Vector<F> + ?Sized,
    G: VectorMut<F> + ?Sized,
    A: Activation,
{
    for layer in shape.layers_backwards() {
        let inputs = layer.inputs_of(units);
        let (before, after) = layer.split(errors);
        let hidden = layer.units > 0;
        if hidden {
            before.fill(F::ZERO);
        }
        for (o, &error) in after.iter().enumerate() {
            let row = layer.row(o);
            for (i, &a) in inputs.iter().enumerate() {
                g.add(row + i, error * a);
            }
            if hidden {
                for (i, before) in before.iter_mut().enumerate() {
                    *before = *before + x.get(row + i) * error;
                }
            }
            g.add(layer.bias(o), error);
        }
        if hidden {
            for (before, &a) in before.iter_mut().zip(inputs.iter()) {
                *before = *before * activation.slope(a);
            }
        }
    }
}

/// The derivatives of the units along x + tv: ż_l = ċ_l + V_l a_{l−1} + W_l ȧ_{l−1}, ȧ_l = φ'(z_l) ż_l (the forward pass of
/// Pearlmutter 1994). The inputs do not move.
#[inline(always)]
pub fn forward_along<F, X, V, A>(shape: &Shape, activation: &A, x: &X, v: &V, units: &[F], along: &mut [F])
where
    F: Real,
    X: Vector<F> + ?Sized,
    V: Vector<F> + ?Sized,
    A: Activation,
{
    for layer in shape.layers() {
        let (inputs, outputs) = (layer.inputs_of(units), layer.outputs_of(units));
        let (moved, result) = layer.split(along);
        for ((o, result), &output) in result.iter_mut().enumerate().zip(outputs.iter()) {
            let row = layer.row(o);
            let mut z = v.get(layer.bias(o));
            for ((i, &a), &moved) in inputs.iter().enumerate().zip(moved.iter()) {
                z = z + v.get(row + i) * a;
                if layer.units > 0 {
                    z = z + x.get(row + i) * moved;
                }
            }
            *result = if layer.last { z } else { activation.slope(output) * z };
        }
    }
}

/// What [`backward_along`] works on: a number for each unit.
pub(super) struct Units<'a, F> {
    /// a.
    pub values: &'a [F],
    /// ȧ.
    pub along: &'a [F],
    /// e, the outputs' set.
    pub errors: &'a mut [F],
    /// ė, the outputs' set.
    pub errors_along: &'a mut [F],
}

/// p ← p + the derivative of the gradient along x + tv (the backward pass of Pearlmutter 1994).
#[inline(always)]
pub(super) fn backward_along<F, X, V, P, A>(
    shape: &Shape,
    activation: &A,
    x: &X,
    v: &V,
    units: Units<F>,
    p: &mut P,
) where
    F: Real,
    X: Vector<F> + ?Sized,
    V: Vector<F> + ?Sized,
    P: VectorMut<F> + ?Sized,
    A: Activation,
{
    for layer in shape.layers_backwards() {
        let (inputs, moved) = (layer.inputs_of(units.values), layer.inputs_of(units.along));
        let (before, after) = layer.split(units.errors);
        let (before_along, after_along) = layer.split(units.errors_along);
        before.fill(F::ZERO);
        before_along.fill(F::ZERO);
        for ((o, &error), &error_along) in after.iter().enumerate().zip(after_along.iter()) {
            let row = layer.row(o);
            for ((i, &a), &moved) in inputs.iter().enumerate().zip(moved.iter()) {
                p.add(row + i, error_along * a + error * moved);
            }
            for ((i, before), along) in before.iter_mut().enumerate().zip(before_along.iter_mut()) {
                let weight = x.get(row + i);
                *before = *before + weight * error;
                *along = *along + (v.get(row + i) * error + weight * error_along);
            }
            p.add(layer.bias(o), error_along);
        }
        let units = inputs.iter().zip(moved.iter());
        for ((before, along), (&a, &moved)) in before.iter_mut().zip(before_along).zip(units) {
            let slope = activation.slope(a);
            *along = *along * slope + *before * activation.bend(a, moved);
            *before = *before * slope;
        }
    }
}
