//! What an example's outputs cost.

use super::units::{Place, Units, UnitsMut, Value};
use crate::real::{Real, Scalar};

/// What an example asks of the outputs.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Target<F, I> {
    /// A number to be met, or a class from 0 on.
    pub number: F,
    /// The inputs, for a network that has to reproduce them.
    pub inputs: I,
}

/// ℓ(z, y): the loss of an example whose outputs are z.
///
/// The last layer is linear, z are its outputs; a softmax belongs to the loss.
pub trait Loss {
    /// ℓ. `scratch` has room for a number each output.
    fn loss<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        scratch: &mut impl UnitsMut<F>,
    ) -> F;

    /// Sets e to w ∂ℓ/∂z.
    fn errors<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        weight: F,
        e: &mut impl UnitsMut<F>,
    );

    /// Sets e to what s added to the target adds to ∂ℓ/∂z: s ∂²ℓ/∂z∂y.
    fn shift<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        shift: F,
        e: &mut impl UnitsMut<F>,
    );

    /// Sets p to w ∂²ℓ/∂z² · ż.
    fn curvature<F: Real>(
        &self,
        z: &impl Units<F>,
        along: &impl Units<F>,
        weight: F,
        p: &mut impl UnitsMut<F>,
    );
}

/// ℓ = ln Σₖ exp zₖ − z_y for a class y = 0, 1, …: the softmax cross-entropy of `torch.nn.CrossEntropyLoss`.
///
/// Its target is the vector that is 1 at y and 0 elsewhere; one shifted by s is 1 + s at y. A class that there is no output for
/// leaves the vector 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CrossEntropy;

/// ℓ = ½ Σₖ (zₖ − tₖ)². With one output t = y; with more, y is a class, t is 1 there and 0 elsewhere, and a shift is one of t_y.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SquaredError;

/// ℓ = ½ Σₖ (zₖ − aₖ)² with a the inputs: an autoencoder. A shift is one of every target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reconstruction;

/// 1 in the lanes whose class is k.
#[inline(always)]
fn is_class<F: Real>(class: F, k: usize) -> F {
    let k = F::Scalar::from_u32(k as u32);
    class.map(|class| if class == k { F::Scalar::ONE } else { F::Scalar::ZERO })
}

/// 1 in the lanes where the largest output, the first of equals, is the class's.
#[inline(always)]
pub(super) fn hit<F: Real>(z: &impl Units<F>, class: F) -> F {
    let mut largest = z.get(0);
    let mut found = F::ZERO;
    for (k, z) in z.values().enumerate() {
        let z = z.get();
        let larger = z.zip(largest, |z, largest| if z > largest { F::Scalar::ONE } else { F::Scalar::ZERO });
        let k = F::Scalar::from_u32(k as u32);
        found = found.zip(larger, |found, larger| if larger == F::Scalar::ONE { k } else { found });
        largest = largest.zip(z, |a, b| if b > a { b } else { a });
    }
    found.zip(class, |found, class| if found == class { F::Scalar::ONE } else { F::Scalar::ZERO })
}

/// Sets p to exp(zₖ − max z); their sum, and the largest z.
#[inline(always)]
fn exponentials<F: Real>(z: &impl Units<F>, p: &mut impl UnitsMut<F>) -> (F, F) {
    let mut largest = z.get(0);
    for z in z.values() {
        largest = largest.zip(z.get(), |a, b| if b > a { b } else { a });
    }
    let mut sum = F::ZERO;
    for (mut p, z) in p.places_beside(z) {
        let exponential = (z.get() - largest).map_apart(Scalar::exponential);
        p.set(exponential);
        sum = sum + exponential;
    }
    (sum, largest)
}

impl Loss for CrossEntropy {
    #[inline(always)]
    fn loss<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        scratch: &mut impl UnitsMut<F>,
    ) -> F {
        let (sum, largest) = exponentials(z, scratch);
        let mut chosen = F::ZERO;
        for (k, z) in z.values().enumerate() {
            chosen = chosen + is_class(target.number, k) * (z.get() - largest);
        }
        sum.map_apart(Scalar::logarithm) - chosen
    }

    #[inline(always)]
    fn errors<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        weight: F,
        e: &mut impl UnitsMut<F>,
    ) {
        let (sum, _) = exponentials(z, e);
        for (k, mut e) in e.places().enumerate() {
            e.set((e.get() / sum - is_class(target.number, k)) * weight);
        }
    }

    #[inline(always)]
    fn shift<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        shift: F,
        e: &mut impl UnitsMut<F>,
    ) {
        // Σₖ tₖ (ln Σ exp z − zₖ) is linear in t: a target of 1 + s is 1 + s examples.
        self.errors(z, target, shift, e);
    }

    #[inline(always)]
    fn curvature<F: Real>(
        &self,
        z: &impl Units<F>,
        along: &impl Units<F>,
        weight: F,
        p: &mut impl UnitsMut<F>,
    ) {
        let (sum, _) = exponentials(z, p);
        let mut mean = F::ZERO;
        for (mut p, along) in p.places_beside(along) {
            let probability = p.get() / sum;
            p.set(probability);
            mean = mean + probability * along.get();
        }
        for (mut p, along) in p.places_beside(along) {
            p.set(p.get() * (along.get() - mean) * weight);
        }
    }
}

impl SquaredError {
    /// tₖ.
    #[inline(always)]
    fn target<F: Real>(outputs: usize, number: F, k: usize) -> F {
        if outputs == 1 { number } else { is_class(number, k) }
    }
}

/// ½ Σ (zₖ − tₖ)².
#[inline(always)]
fn half_square<F: Real>(z: &impl Units<F>, t: impl Fn(usize) -> F) -> F {
    let mut sum = F::ZERO;
    for (k, z) in z.values().enumerate() {
        let residual = z.get() - t(k);
        sum = sum + residual * residual;
    }
    sum * F::splat(F::Scalar::HALF)
}

/// e = (z − t)w.
#[inline(always)]
fn residuals<F: Real>(z: &impl Units<F>, t: impl Fn(usize) -> F, weight: F, e: &mut impl UnitsMut<F>) {
    for (k, (mut e, z)) in e.places_beside(z).enumerate() {
        e.set((z.get() - t(k)) * weight);
    }
}

/// p = żw.
#[inline(always)]
fn scaled<F: Real>(along: &impl Units<F>, weight: F, p: &mut impl UnitsMut<F>) {
    for (mut p, along) in p.places_beside(along) {
        p.set(along.get() * weight);
    }
}

impl Loss for SquaredError {
    #[inline(always)]
    fn loss<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        _: &mut impl UnitsMut<F>,
    ) -> F {
        half_square(z, |k| Self::target(z.len(), target.number, k))
    }

    #[inline(always)]
    fn errors<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        weight: F,
        e: &mut impl UnitsMut<F>,
    ) {
        residuals(z, |k| Self::target(z.len(), target.number, k), weight, e);
    }

    #[inline(always)]
    fn shift<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        shift: F,
        e: &mut impl UnitsMut<F>,
    ) {
        for (k, mut e) in e.places().enumerate() {
            e.set(if z.len() == 1 { -shift } else { -(is_class(target.number, k) * shift) });
        }
    }

    #[inline(always)]
    fn curvature<F: Real>(
        &self,
        _: &impl Units<F>,
        along: &impl Units<F>,
        weight: F,
        p: &mut impl UnitsMut<F>,
    ) {
        scaled(along, weight, p);
    }
}

impl Loss for Reconstruction {
    #[inline(always)]
    fn loss<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        _: &mut impl UnitsMut<F>,
    ) -> F {
        half_square(z, |k| target.inputs.get(k))
    }

    #[inline(always)]
    fn errors<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        weight: F,
        e: &mut impl UnitsMut<F>,
    ) {
        residuals(z, |k| target.inputs.get(k), weight, e);
    }

    #[inline(always)]
    fn shift<F: Real>(
        &self,
        _: &impl Units<F>,
        _: Target<F, impl Units<F>>,
        shift: F,
        e: &mut impl UnitsMut<F>,
    ) {
        for mut e in e.places() {
            e.set(-shift);
        }
    }

    #[inline(always)]
    fn curvature<F: Real>(
        &self,
        _: &impl Units<F>,
        along: &impl Units<F>,
        weight: F,
        p: &mut impl UnitsMut<F>,
    ) {
        scaled(along, weight, p);
    }
}

/// One of the losses, chosen at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum AnyLoss {
    /// [`CrossEntropy`].
    CrossEntropy,
    /// [`SquaredError`].
    SquaredError,
    /// [`Reconstruction`].
    Reconstruction,
}

macro_rules! each_loss {
    ($self:expr, $loss:ident => $body:expr) => {
        match $self {
            AnyLoss::CrossEntropy => {
                let $loss = CrossEntropy;
                $body
            }
            AnyLoss::SquaredError => {
                let $loss = SquaredError;
                $body
            }
            AnyLoss::Reconstruction => {
                let $loss = Reconstruction;
                $body
            }
        }
    };
}

impl Loss for AnyLoss {
    #[inline(always)]
    fn loss<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        scratch: &mut impl UnitsMut<F>,
    ) -> F {
        each_loss!(self, loss => loss.loss(z, target, scratch))
    }

    #[inline(always)]
    fn errors<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        weight: F,
        e: &mut impl UnitsMut<F>,
    ) {
        each_loss!(self, loss => loss.errors(z, target, weight, e));
    }

    #[inline(always)]
    fn shift<F: Real>(
        &self,
        z: &impl Units<F>,
        target: Target<F, impl Units<F>>,
        shift: F,
        e: &mut impl UnitsMut<F>,
    ) {
        each_loss!(self, loss => loss.shift(z, target, shift, e));
    }

    #[inline(always)]
    fn curvature<F: Real>(
        &self,
        z: &impl Units<F>,
        along: &impl Units<F>,
        weight: F,
        p: &mut impl UnitsMut<F>,
    ) {
        each_loss!(self, loss => loss.curvature(z, along, weight, p));
    }
}
