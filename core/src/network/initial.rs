//! Weights to begin with.

use super::Shape;
use crate::random::{FromRng, Law, PcgLane, Stream};
use crate::real::{Scalar, single};
use crate::vector::VectorMut;

/// The variance of a weight of a layer with n inputs and m outputs; biases begin at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Initial {
    /// 2/n (He et al. 2015), for ReLU.
    He,
    /// 1/n (LeCun et al. 1998).
    LeCun,
    /// 2/(n + m) (Glorot and Bengio 2010), for tanh and the logistic function.
    Glorot,
}

/// Sets x to Gaussian weights, drawn in the order of the parameters from the PCG stream (`seed`, 2⁶⁴ − 1), which no trajectory has,
/// and biases of 0.
///
/// They are drawn in `f32` whatever the precision of x, so that all targets and precisions begin at the same point.
///
/// ```
/// use polyak_core::network::{Initial, Shape, initialize};
/// let mut x = [1.0f32; 9];
/// initialize(&Shape::new(&[2, 2, 1])?, Initial::LeCun, 1, &mut x);
/// assert_eq!((x[4], x[5], x[8]), (0.0, 0.0, 0.0));
/// assert!(x[..4].iter().chain(&x[6..8]).all(|&w| w != 0.0));
/// # Ok::<(), polyak_core::network::ShapeError>(())
/// ```
pub fn initialize<S: Scalar, X: VectorMut<S> + ?Sized>(
    shape: &Shape,
    initial: Initial,
    seed: u64,
    x: &mut X,
) {
    let mut stream = Stream::<f32, _>::new(FromRng(PcgLane::new(seed, u64::MAX)));
    for layer in shape.layers() {
        let (n, m) = (layer.inputs as f32, layer.outputs as f32);
        let deviation = single::sqrt(match initial {
            Initial::He => 2.0 / n,
            Initial::LeCun => 1.0 / n,
            Initial::Glorot => 2.0 / (n + m),
        });
        let weights = layer.inputs * layer.outputs;
        stream.draw(Law::Gaussian, weights, &mut |i, z: f32| {
            x.set(layer.parameters + i, S::from_f64(f64::from(z * deviation)));
        });
        for o in 0..layer.outputs {
            x.set(layer.bias(o), S::ZERO);
        }
    }
}
