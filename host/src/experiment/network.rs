//! `[landscape]` with `kind = "network"`: dense layers over a data set, and the weights to begin with.

use polyak_core::network::{Initial, Shape, initialize};
use polyak_lanes::UNITS;

use super::data::{data, file};
use super::model::{Activation, Data, Network, NetworkLoss};
use super::reader::{Field, Section};

/// The network and its number of parameters.
///
/// `layers` are the widths, inputs first; `activation` = "relu", "tanh", "sigmoid" or "identity"; `loss` = "cross-entropy", "squared"
/// (with more than one output, of the class as a vector) or "reconstruction" (the targets are the inputs); the data set as
/// for a regression ([`data`]), its inputs multiplied by `scale` = 1. `test` is a file of examples that are not trained on (or
/// `test_inputs` and `test_targets`).
pub fn network(section: &Section) -> Option<(Network, usize)> {
    let activations = [
        ("relu", Activation::Relu),
        ("tanh", Activation::Tanh),
        ("sigmoid", Activation::Sigmoid),
        ("identity", Activation::Identity),
    ];
    let losses = [
        ("cross-entropy", NetworkLoss::CrossEntropy),
        ("squared", NetworkLoss::Squared),
        ("reconstruction", NetworkLoss::Reconstruction),
    ];
    let activation = section.or("activation", Activation::Relu, |field| field.choice(&activations));
    let loss = section.or("loss", NetworkLoss::CrossEntropy, |field| field.choice(&losses));
    let scale = section.or("scale", 1.0, |field| field.number());
    let layers = section.require("layers", "an array of widths, inputs first, as [64, 32, 10]");
    let widths = layers.as_ref().and_then(|field| field.each(|field| field.size(1, u16::MAX as usize)));
    let (train, test) = (data(section), test(section));
    let (layers, widths, loss, scale) = (layers?, widths?, loss?, scale?);
    let shape = match Shape::new(&widths) {
        Ok(shape) => shape,
        Err(error) => return layers.fail(error),
    };
    if shape.units() > UNITS {
        return layers
            .fail(format!("has {} units; must have at most {UNITS}, inputs included", shape.units()));
    }
    if loss == NetworkLoss::Reconstruction && shape.outputs() != shape.inputs() {
        return layers
            .fail(format!("must end with {}, the number of inputs, to reconstruct them", shape.inputs()));
    }
    if loss == NetworkLoss::CrossEntropy && shape.outputs() < 2 {
        return layers.fail("must end with one output a class, at least 2, for loss = \"cross-entropy\"");
    }
    let (mut train, mut test) = (train?, test?);
    for set in std::iter::once(&mut train).chain(&mut test) {
        if set.inputs.columns != shape.inputs() {
            let (inputs, columns) = (shape.inputs(), set.inputs.columns);
            return layers
                .fail(format!("begins with {inputs}; must begin with {columns}, the inputs of an example"));
        }
        classes(&layers, loss, shape.outputs(), set)?;
        set.inputs.entries.iter_mut().for_each(|input| *input *= scale);
    }
    let network = Network { layers: widths, activation: activation?, loss, data: train, test };
    Some((network, shape.parameters()))
}

/// The held-out examples, if any; `None` if they are wrong.
fn test(section: &Section) -> Option<Option<Data>> {
    if let Some(field) = section.get("test") {
        return file(section, &field).map(Some);
    }
    if !section.has("test_inputs") {
        return Some(None);
    }
    super::data::written(section, ["test_inputs", "test_targets"]).map(Some)
}

/// Refuses a target that is no class where classes are asked for.
fn classes(layers: &Field, loss: NetworkLoss, outputs: usize, set: &Data) -> Option<()> {
    let any = loss == NetworkLoss::Reconstruction || (loss == NetworkLoss::Squared && outputs == 1);
    let class = |target: f64| (0..outputs).any(|class| class as f64 == target);
    match set.targets.iter().position(|&target| !any && !class(target)) {
        Some(j) => layers.fail(format!(
            "ends with {outputs} outputs, but the target of example {j} is {}; must be a class from 0 to {}",
            set.targets[j],
            outputs - 1
        )),
        None => Some(()),
    }
}

/// x₀ of a network: as of any landscape, or `{ kind = "he", seed = 1 }` with `kind` one of "he", "lecun", "glorot"; if it
/// is not given, "he" for ReLU and "glorot" for the others.
pub fn start(network: &Network, parameters: usize, field: Option<&Field>) -> Option<Vec<f64>> {
    let usual = if network.activation == Activation::Relu { Initial::He } else { Initial::Glorot };
    let (initial, seed) = match field {
        Some(field) if field.is_table() => {
            let section = field.section()?;
            let kinds = [("he", Initial::He), ("lecun", Initial::LeCun), ("glorot", Initial::Glorot)];
            let initial = section.or("kind", usual, |field| field.choice(&kinds));
            let seed = section.or("seed", 1, |field| field.count(0, u64::MAX));
            section.finish();
            (initial?, seed?)
        }
        Some(field) => return field.coordinates(parameters),
        None => (usual, 1),
    };
    let mut x = vec![0.0; parameters];
    initialize(&Shape::new(&network.layers).ok()?, initial, seed, x.as_mut_slice());
    Some(x)
}
