//! The networks of the set.

use polyak_core::landscape::{AnyFiniteSum, Hyperbola};
use polyak_core::network::{AnyActivation, AnyLoss, Network, Shape, ShapeError, Table};
use polyak_core::real::Scalar;

use crate::data::Data;

/// Room for the units of each of them.
pub const UNITS: usize = 9;

const ONE_OUTPUT: Result<Shape, ShapeError> = Shape::new(&[3, 2, 1]);
const CLASSES: Result<Shape, ShapeError> = Shape::new(&[3, 3, 2]);
const DEEP: Result<Shape, ShapeError> = Shape::new(&[3, 2, 2, 2]);
const AUTOENCODER: Result<Shape, ShapeError> = Shape::new(&[3, 2, 3]);

/// The network of setting `number`, with every activation and every loss among them; beyond the last, the last.
pub fn of<S: Scalar>(number: usize, data: &Data<S>) -> AnyFiniteSum<&[S], UNITS> {
    let (shape, activation, loss) = match number {
        18 => (CLASSES, AnyActivation::Tanh, AnyLoss::CrossEntropy),
        19 => (DEEP, AnyActivation::Relu, AnyLoss::SquaredError),
        20 => (ONE_OUTPUT, AnyActivation::Sigmoid, AnyLoss::SquaredError),
        21 => (AUTOENCODER, AnyActivation::Identity, AnyLoss::Reconstruction),
        22 => (CLASSES, AnyActivation::Relu, AnyLoss::CrossEntropy),
        _ => (ONE_OUTPUT, AnyActivation::Tanh, AnyLoss::SquaredError),
    };
    let targets = if shape == ONE_OUTPUT { &data.targets } else { &data.classes };
    let examples = Table { inputs: data.inputs.as_slice(), targets: targets.as_slice(), columns: 3 };
    // A wrong shape shows in the digest, as the landscape is another.
    match shape.map(|shape| Network::new(shape, activation, loss, examples)) {
        Ok(Ok(network)) => AnyFiniteSum::Network(network),
        _ => AnyFiniteSum::Hyperbola(Hyperbola),
    }
}
