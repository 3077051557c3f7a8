//! Six networks, each with its own oracle, activation, loss and optimiser.

use polyak_core::landscape::Landscape;
use polyak_core::network::{
    AnyActivation, AnyLoss, Bytes, Examples, Initial, Network, Shape, Table, initialize,
};
use polyak_core::optimizer::{Method, Update};
use polyak_core::oracle::{
    Cards, Exact, LabelExamples, LabelNoise, MiniBatch, Oracle, Sampling, Svag, svag_weights,
};
use polyak_core::random::{Generator, Law, Resumable, Stream, StudentT};
use polyak_core::real::{Real, Scalar};
use polyak_core::trajectory::{State, advance};
use polyak_replay::{Data, Digest};

const UNITS: usize = 10;
const BYTES: [u8; 21] = [7, 2, 11, 4, 9, 13, 0, 6, 8, 10, 3, 2, 14, 7, 1, 3, 4, 5, 6, 12, 9];

/// What one training is made of, but for its data and its oracle.
struct Recipe<S> {
    shape: [usize; 3],
    initial: Initial,
    activation: AnyActivation,
    loss: AnyLoss,
    method: Method,
    maximize: bool,
    weight_decay: Option<S>,
}

/// All six.
pub fn all<S, R>(generator: fn(u64, u64) -> R, digest: &mut Digest)
where
    S: Scalar + Real<Scalar = S, Array<u32> = [u32; 1]>,
    R: Resumable + Generator<S>,
{
    let numbers = Data::<S>::new();
    let classes = [0, 1, 1, 0, 1, 0, 1].map(S::from_u32);
    let table = Table { inputs: numbers.inputs.as_slice(), targets: classes.as_slice(), columns: 3 };
    let bytes =
        Bytes { inputs: &BYTES, targets: &[1, 0, 1, 1, 0, 0, 1], columns: 3, scale: S::from_f64(0.125) };
    let recipe = |initial, activation, loss, method| Recipe {
        shape: [3, 4, 2],
        initial,
        activation,
        loss,
        method,
        maximize: false,
        weight_decay: None,
    };
    let batch = |landscape, batch, sampling| MiniBatch { landscape, batch, sampling };

    let first = recipe(Initial::He, AnyActivation::Relu, AnyLoss::CrossEntropy, Method::Sgdm);
    let network = network(&first, table);
    train(&first, &network, &batch(&network, 3, Sampling::WithReplacement), generator, digest);

    let dampened = Method::HeavyBall { dampening: 0.2, nesterov: false, first_step: true };
    let second = recipe(Initial::LeCun, AnyActivation::Tanh, AnyLoss::SquaredError, dampened);
    let second = Recipe { weight_decay: Some(S::from_f64(0.01)), ..second };
    let network = self::network(&second, table);
    train(&second, &network, &batch(&network, 2, Sampling::WithoutReplacement), generator, digest);

    let qhm = Method::Qhm { nu: 0.6 };
    let third = recipe(Initial::Glorot, AnyActivation::Sigmoid, AnyLoss::Reconstruction, qhm);
    let third = Recipe { shape: [3, 4, 3], ..third };
    let network = self::network(&third, table);
    let weights = svag_weights(3.0).expect("3 is above a half").map(S::from_f64);
    let svag = Svag { oracle: batch(&network, 2, Sampling::Epochs), weights };
    train(&third, &network, &svag, generator, digest);

    let nesterov = Method::HeavyBall { dampening: 0.0, nesterov: true, first_step: true };
    let fourth = recipe(Initial::He, AnyActivation::Identity, AnyLoss::CrossEntropy, nesterov);
    let network = self::network(&fourth, bytes);
    let (law, examples) = (Law::Rademacher, LabelExamples::One);
    let label = LabelNoise { landscape: &network, law, scale: S::from_f64(0.5), examples };
    train(&fourth, &network, &label, generator, digest);

    let fifth = recipe(Initial::LeCun, AnyActivation::Relu, AnyLoss::CrossEntropy, Method::Sgd);
    let network = self::network(&fifth, table);
    let law = Law::StudentT(StudentT::new(5.0).expect("5 is above 2"));
    let label =
        LabelNoise { landscape: &network, law, scale: S::from_f64(0.3), examples: LabelExamples::All };
    train(&fifth, &network, &label, generator, digest);

    let sixth = recipe(Initial::Glorot, AnyActivation::Tanh, AnyLoss::CrossEntropy, Method::Sgdm);
    let sixth = Recipe { maximize: true, ..sixth };
    let network = self::network(&sixth, table);
    train(&sixth, &network, &Exact(&network), generator, digest);
}

fn network<S: Scalar, E: Examples<S>>(
    recipe: &Recipe<S>,
    examples: E,
) -> Network<E, AnyActivation, AnyLoss, UNITS> {
    let shape = Shape::new(&recipe.shape).expect("two layers");
    Network::new(shape, recipe.activation, recipe.loss, examples).expect("at most 10 units")
}

/// 40 steps, written down half way but not interrupted.
fn train<S, E, O, R>(
    recipe: &Recipe<S>,
    network: &Network<E, AnyActivation, AnyLoss, UNITS>,
    oracle: &O,
    generator: fn(u64, u64) -> R,
    digest: &mut Digest,
) where
    S: Scalar + Real<Scalar = S, Array<u32> = [u32; 1]>,
    E: Examples<S>,
    O: Oracle<S>,
    R: Resumable + Generator<S>,
{
    let n = network.shape().parameters();
    let (mut x, mut m, mut g) = (vec![S::ZERO; n], vec![S::ZERO; n], vec![S::ZERO; n]);
    initialize(network.shape(), recipe.initial, 5, x.as_mut_slice());
    let deck = Cards { cards: std::array::from_fn::<_, 7, _>(|card| [card as u32]), dealt: 0 };
    let stream = Stream::<S, _>::new(generator(9, 2));
    let mut state = State { x: x.as_mut_slice(), m: m.as_mut_slice(), stream, deck };
    let method = recipe.method;
    let update = Update { form: method.form(), maximize: recipe.maximize, weight_decay: recipe.weight_decay };
    for steps in [0..20, 20..40] {
        if steps.start == 20 {
            let put = |bytes: &[u8]| {
                digest.update_bytes(bytes);
                Ok::<(), ()>(())
            };
            state.checkpoint(77, 20, put).expect("nothing can fail");
        }
        let steps = steps.map(|k| method.coefficients(k, 0.1, 0.8).round());
        advance(oracle, &update, steps, &mut state, g.as_mut_slice(), &mut ());
    }
    x.iter().chain(&m).for_each(|&number| digest.update(number));
    digest.update(network.loss::<S, _>(x.as_slice()));
    digest.update_bytes(&(network.hits::<S, _>(x.as_slice()).to_f64() as u32).to_le_bytes());
    let mut outputs = vec![S::ZERO; network.shape().outputs()];
    let inputs: Vec<S> = Data::new().start[..3].to_vec();
    network.predict(x.as_slice(), &inputs, &mut outputs);
    outputs.iter().for_each(|&number| digest.update(number));
}
