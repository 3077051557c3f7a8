//! What an example's outputs cost.

use crate::real::{Real, Scalar};

/// What an example asks of the outputs.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Target<'a, F> {
    /// A number to be met, or a class from 0 on.
    pub number: F,
    /// The inputs, for a network that has to reproduce them.
    pub inputs: &'a [F],
}

/// ℓ(z, y): the loss of an example whose outputs are z.
///
/// The last layer is linear, z are its outputs; a softmax belongs to the loss.
pub trait Loss {
    /// ℓ. `scratch` has room for a number each output.
    fn loss<F: Real>(&self, z: &[F], target: Target<F>, scratch: &mut [F]) -> F;

    /// Sets e to w ∂ℓ/∂z.
    fn errors<F: Real>(&self, z: &[F], target: Target<F>, weight: F, e: &mut [F]);

    /// Sets e to what s added to the target adds to ∂ℓ/∂z: s ∂²ℓ/∂z∂y.
    fn shift<F: Real>(&self, z: &[F], target: Target<F>, shift: F, e: &mut [F]);

    /// Sets p to w ∂²ℓ/∂z² · ż.
    fn curvature<F: Real>(&self, z: &[F], along: &[F], weight: F, p: &mut [F]);
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
pub(super) fn hit<F: Real>(z: &[F], class: F) -> F {
    let mut largest = z.first().copied().unwrap_or(F::ZERO);
    let mut found = F::ZERO;
    for (k, &z) in z.iter().enumerate().skip(1) {
        let larger = z.zip(largest, |z, largest| if z > largest { F::Scalar::ONE } else { F::Scalar::ZERO });
        let k = F::Scalar::from_u32(k as u32);
        found = found.zip(larger, |found, larger| if larger == F::Scalar::ONE { k } else { found });
        largest = largest.zip(z, |a, b| if b > a { b } else { a });
    }
    found.zip(class, |found, class| if found == class { F::Scalar::ONE } else { F::Scalar::ZERO })
}

/// Sets p to exp(zₖ − max z); their sum, and the largest z.
#[inline(always)]
fn exponentials<F: Real>(z: &[F], p: &mut [F]) -> (F, F) {
    let mut largest = z.first().copied().unwrap_or(F::ZERO);
    for &z in z {
        largest = largest.zip(z, |a, b| if b > a { b } else { a });
    }
    let mut sum = F::ZERO;
    for (p, &z) in p.iter_mut().zip(z) {
        *p = (z - largest).map(Scalar::exponential);
        sum = sum + *p;
    }
    (sum, largest)
}

impl Loss for CrossEntropy {
    #[inline(always)]
    fn loss<F: Real>(&self, z: &[F], target: Target<F>, scratch: &mut [F]) -> F {
        let (sum, largest) = exponentials(z, scratch);
        let mut chosen = F::ZERO;
        for (k, &z) in z.iter().enumerate() {
            chosen = chosen + is_class(target.number, k) * (z - largest);
        }
        sum.map(Scalar::logarithm) - chosen
    }

    #[inline(always)]
    fn errors<F: Real>(&self, z: &[F], target: Target<F>, weight: F, e: &mut [F]) {
        let (sum, _) = exponentials(z, e);
        for (k, e) in e.iter_mut().enumerate() {
            *e = (*e / sum - is_class(target.number, k)) * weight;
        }
    }

    #[inline(always)]
    fn shift<F: Real>(&self, z: &[F], target: Target<F>, shift: F, e: &mut [F]) {
        // Σₖ tₖ (ln Σ exp z − zₖ) is linear in t: a target of 1 + s is 1 + s examples.
        self.errors(z, target, shift, e);
    }

    #[inline(always)]
    fn curvature<F: Real>(&self, z: &[F], along: &[F], weight: F, p: &mut [F]) {
        let (sum, _) = exponentials(z, p);
        let mut mean = F::ZERO;
        for (p, &along) in p.iter_mut().zip(along) {
            *p = *p / sum;
            mean = mean + *p * along;
        }
        for (p, &along) in p.iter_mut().zip(along) {
            *p = *p * (along - mean) * weight;
        }
    }
}

impl SquaredError {
    /// tₖ.
    #[inline(always)]
    fn target<F: Real>(outputs: usize, target: Target<F>, k: usize) -> F {
        if outputs == 1 { target.number } else { is_class(target.number, k) }
    }
}

/// ½ Σ (zₖ − tₖ)².
#[inline(always)]
fn half_square<F: Real>(z: &[F], t: impl Fn(usize) -> F) -> F {
    let mut sum = F::ZERO;
    for (k, &z) in z.iter().enumerate() {
        let residual = z - t(k);
        sum = sum + residual * residual;
    }
    sum * F::splat(F::Scalar::HALF)
}

/// e = (z − t)w.
#[inline(always)]
fn residuals<F: Real>(z: &[F], t: impl Fn(usize) -> F, weight: F, e: &mut [F]) {
    for (k, (e, &z)) in e.iter_mut().zip(z).enumerate() {
        *e = (z - t(k)) * weight;
    }
}

/// p = żw.
#[inline(always)]
fn scaled<F: Real>(along: &[F], weight: F, p: &mut [F]) {
    for (p, &along) in p.iter_mut().zip(along) {
        *p = along * weight;
    }
}

impl Loss for SquaredError {
    #[inline(always)]
    fn loss<F: Real>(&self, z: &[F], target: Target<F>, _: &mut [F]) -> F {
        half_square(z, |k| Self::target(z.len(), target, k))
    }

    #[inline(always)]
    fn errors<F: Real>(&self, z: &[F], target: Target<F>, weight: F, e: &mut [F]) {
        residuals(z, |k| Self::target(z.len(), target, k), weight, e);
    }

    #[inline(always)]
    fn shift<F: Real>(&self, z: &[F], target: Target<F>, shift: F, e: &mut [F]) {
        for (k, e) in e.iter_mut().enumerate() {
            *e = if z.len() == 1 { -shift } else { -(is_class(target.number, k) * shift) };
        }
    }

    #[inline(always)]
    fn curvature<F: Real>(&self, _: &[F], along: &[F], weight: F, p: &mut [F]) {
        scaled(along, weight, p);
    }
}

impl Loss for Reconstruction {
    #[inline(always)]
    fn loss<F: Real>(&self, z: &[F], target: Target<F>, _: &mut [F]) -> F {
        half_square(z, |k| target.inputs.get(k).copied().unwrap_or(F::ZERO))
    }

    #[inline(always)]
    fn errors<F: Real>(&self, z: &[F], target: Target<F>, weight: F, e: &mut [F]) {
        residuals(z, |k| target.inputs.get(k).copied().unwrap_or(F::ZERO), weight, e);
    }

    #[inline(always)]
    fn shift<F: Real>(&self, _: &[F], _: Target<F>, shift: F, e: &mut [F]) {
        e.fill(-shift);
    }

    #[inline(always)]
    fn curvature<F: Real>(&self, _: &[F], along: &[F], weight: F, p: &mut [F]) {
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
    fn loss<F: Real>(&self, z: &[F], target: Target<F>, scratch: &mut [F]) -> F {
        each_loss!(self, loss => loss.loss(z, target, scratch))
    }

    #[inline(always)]
    fn errors<F: Real>(&self, z: &[F], target: Target<F>, weight: F, e: &mut [F]) {
        each_loss!(self, loss => loss.errors(z, target, weight, e));
    }

    #[inline(always)]
    fn shift<F: Real>(&self, z: &[F], target: Target<F>, shift: F, e: &mut [F]) {
        each_loss!(self, loss => loss.shift(z, target, shift, e));
    }

    #[inline(always)]
    fn curvature<F: Real>(&self, z: &[F], along: &[F], weight: F, p: &mut [F]) {
        each_loss!(self, loss => loss.curvature(z, along, weight, p));
    }
}
