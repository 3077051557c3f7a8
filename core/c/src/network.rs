//! Networks of dense layers over a data set, trained where they run.

use polyak_core::landscape::{FiniteSum, Landscape};
use polyak_core::network::{
    AnyActivation, AnyLoss, Bytes, Examples, Initial, LAYERS, Network, Shape, Table, initialize,
};
use polyak_core::optimizer::Form;
use polyak_core::oracle::{LabelExamples, MiniBatch, Oracle, Sampling};
use polyak_core::random::{Law, Stream};
use polyak_core::real::Scalar;

use crate::optimizer::*;
use crate::polyak_status;
use crate::raw::{array, array_mut};
use crate::state::*;
use crate::status::{given, require, status};
use crate::stream::*;

/// Most layers of weights.
pub const POLYAK_LAYERS: usize = 8;
const _: () = assert!(POLYAK_LAYERS == LAYERS);
/// Most units of a network, its inputs counted. A pass has two numbers for each of these on the stack.
pub const POLYAK_UNITS: usize = 256;

/// What a hidden unit makes of its input: POLYAK_ACTIVATION_...
pub type polyak_activation = u8;
/// max(z, 0).
pub const POLYAK_ACTIVATION_RELU: polyak_activation = 0;
/// tanh z.
pub const POLYAK_ACTIVATION_TANH: polyak_activation = 1;
/// 1 / (1 + exp(-z)).
pub const POLYAK_ACTIVATION_SIGMOID: polyak_activation = 2;
/// z.
pub const POLYAK_ACTIVATION_IDENTITY: polyak_activation = 3;

/// What an example costs: POLYAK_LOSS_...
pub type polyak_loss = u8;
/// Softmax cross-entropy; targets are classes 0, 1, ...
pub const POLYAK_LOSS_CROSS_ENTROPY: polyak_loss = 0;
/// Half the squared distance from the target: a number for one output, the class's unit vector for more.
pub const POLYAK_LOSS_SQUARED_ERROR: polyak_loss = 1;
/// Half the squared distance from the inputs: an autoencoder.
pub const POLYAK_LOSS_RECONSTRUCTION: polyak_loss = 2;

/// Variance of the initial weights of a layer with n inputs and m outputs: POLYAK_INITIAL_...
pub type polyak_initial = u8;
/// 2 / n, for ReLU.
pub const POLYAK_INITIAL_HE: polyak_initial = 0;
/// 1 / n.
pub const POLYAK_INITIAL_LECUN: polyak_initial = 1;
/// 2 / (n + m), for tanh and sigmoid.
pub const POLYAK_INITIAL_GLOROT: polyak_initial = 2;

/// How a batch is drawn: POLYAK_SAMPLING_...
pub type polyak_sampling = u8;
/// Independent examples.
pub const POLYAK_SAMPLING_WITH_REPLACEMENT: polyak_sampling = 0;
/// Different examples, afresh each step; needs the deck.
pub const POLYAK_SAMPLING_WITHOUT_REPLACEMENT: polyak_sampling = 1;
/// The next examples of a shuffled epoch; needs the deck.
pub const POLYAK_SAMPLING_EPOCHS: polyak_sampling = 2;

/// Which targets are noisy: POLYAK_LABELS_...
pub type polyak_labels = u8;
/// One, drawn each step.
pub const POLYAK_LABELS_ONE: polyak_labels = 0;
/// Each.
pub const POLYAK_LABELS_ALL: polyak_labels = 1;

/// Widths of the inputs and of the layers: `{{64, 32, 10}, 2}`. The parameters lie layer after layer, each as its weights, a row for each
/// output, and then its biases: PyTorch's order.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct polyak_shape {
    /// Inputs, then the units of each layer.
    pub widths: [u16; 9],
    /// Layers of weights, from 1 to POLYAK_LAYERS.
    pub layers: u16,
}

impl polyak_shape {
    fn open(&self) -> Result<Shape, polyak_status> {
        let widths = self.widths.map(usize::from);
        let shape = Shape::new(widths.get(..=self.layers as usize).ok_or(polyak_status::Layers)?)?;
        require(shape.units() <= POLYAK_UNITS, polyak_status::Units)?;
        Ok(shape)
    }
}

/// How many parameters a network of this shape has; 0 if there is none of this shape.
#[unsafe(no_mangle)]
pub extern "C" fn polyak_parameters(shape: Option<&polyak_shape>) -> usize {
    shape.and_then(|shape| shape.open().ok()).map_or(0, |shape| shape.parameters())
}

/// A data set as numbers or as bytes.
#[derive(Clone, Copy)]
enum Data<'a, S> {
    Numbers(Table<&'a [S]>),
    Bytes(Bytes<'a, S>),
}

macro_rules! each_data {
    ($self:expr, $data:ident => $body:expr) => {
        match $self {
            Data::Numbers($data) => $body,
            Data::Bytes($data) => $body,
        }
    };
}

impl<S: Scalar> Examples<S> for Data<'_, S> {
    #[inline(always)]
    fn count(&self) -> u32 {
        each_data!(self, data => Examples::<S>::count(data))
    }

    #[inline(always)]
    fn inputs(&self) -> usize {
        each_data!(self, data => Examples::<S>::inputs(data))
    }

    #[inline(always)]
    fn input(&self, j: u32, i: usize) -> S {
        each_data!(self, data => data.input(j, i))
    }

    #[inline(always)]
    fn target(&self, j: u32) -> S {
        each_data!(self, data => data.target(j))
    }
}

/// Any network over any data.
type AnyNetwork<'a, S> = Network<Data<'a, S>, AnyActivation, AnyLoss, POLYAK_UNITS>;

fn activation(activation: polyak_activation) -> Result<AnyActivation, polyak_status> {
    Ok(match activation {
        POLYAK_ACTIVATION_RELU => AnyActivation::Relu,
        POLYAK_ACTIVATION_TANH => AnyActivation::Tanh,
        POLYAK_ACTIVATION_SIGMOID => AnyActivation::Sigmoid,
        POLYAK_ACTIVATION_IDENTITY => AnyActivation::Identity,
        _ => return Err(polyak_status::Activation),
    })
}

fn loss(loss: polyak_loss) -> Result<AnyLoss, polyak_status> {
    Ok(match loss {
        POLYAK_LOSS_CROSS_ENTROPY => AnyLoss::CrossEntropy,
        POLYAK_LOSS_SQUARED_ERROR => AnyLoss::SquaredError,
        POLYAK_LOSS_RECONSTRUCTION => AnyLoss::Reconstruction,
        _ => return Err(polyak_status::Loss),
    })
}

/// How many examples.
fn count<S: Scalar>(network: &AnyNetwork<S>) -> u32 {
    FiniteSum::<S>::examples(network)
}

/// Batches of `batch` out of `count`, if there are enough examples and cards.
fn sampling(
    sampling: polyak_sampling,
    batch: u32,
    count: u32,
    cards: usize,
) -> Result<Sampling, polyak_status> {
    let sampling = match sampling {
        POLYAK_SAMPLING_WITH_REPLACEMENT => Sampling::WithReplacement,
        POLYAK_SAMPLING_WITHOUT_REPLACEMENT => Sampling::WithoutReplacement,
        POLYAK_SAMPLING_EPOCHS => Sampling::Epochs,
        _ => return Err(polyak_status::Sampling),
    };
    let with_replacement = sampling == Sampling::WithReplacement;
    require(batch > 0 && (with_replacement || batch <= count), polyak_status::Batch)?;
    require(with_replacement || cards == count as usize, polyak_status::Deck)?;
    Ok(sampling)
}

/// One draw of label noise, times `weight`: what the core's `LabelNoise` adds, with the sampler that all share.
fn shift_labels<S: Scalar>(
    network: &AnyNetwork<S>,
    examples: LabelExamples,
    law: Law<S>,
    weight: S,
    x: &[S],
    stream: &mut Stream<S, AnyGenerator<S>>,
    g: &mut [S],
) {
    let count = count(network);
    let weight = weight / S::from_u32(count);
    let chosen = examples.choose::<S, _>(count, stream);
    for i in 0..examples.count(count) {
        let mut z = [S::ZERO];
        draw(stream, law, &mut z);
        let [z] = z;
        network.add_target_shift::<S, _, _>(weight, z, &examples.example::<S>(i, chosen), x, g);
    }
}

macro_rules! networks {
    (
        $number:ident, $law:ident, $svag:ident, $state:ident, $coefficients:ident, $examples:ident, $network:ident, $batch:ident,
        $label_noise:ident, $initialize:ident, $loss:ident, $hits:ident, $predict:ident, $gradient:ident, $batch_gradient:ident,
        $label_gradient:ident, $train:ident
    ) => {
        /// A data set, which may lie in flash: rows of numbers, or rows of bytes that are multiplied by `scale`.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $examples {
            /// A row of inputs for each example, or NULL.
            pub inputs: *const $number,
            /// A number or a class for each.
            pub targets: *const $number,
            /// A row of inputs for each example if `inputs` is NULL.
            pub bytes: *const u8,
            /// A class for each.
            pub classes: *const u8,
            /// What a byte is multiplied by.
            pub scale: $number,
            /// How many examples.
            pub count: u32,
        }

        impl $examples {
            fn open<'a>(&self, columns: usize) -> Result<Data<'a, $number>, polyak_status> {
                let count = self.count as usize;
                let numbers = count.checked_mul(columns).ok_or(polyak_status::Length)?;
                Ok(if self.inputs.is_null() {
                    let (inputs, targets) = (array(self.bytes, numbers)?, array(self.classes, count)?);
                    Data::Bytes(Bytes { inputs, targets, columns, scale: self.scale })
                } else {
                    let (inputs, targets) = (array(self.inputs, numbers)?, array(self.targets, count)?);
                    Data::Numbers(Table { inputs, targets, columns })
                })
            }
        }

        /// A network over a data set. It is checked whenever it is used, so there is nothing to begin or end.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $network {
            /// Its layers.
            pub shape: polyak_shape,
            /// What hidden units make of their inputs; the last layer is linear.
            pub activation: polyak_activation,
            /// What an example costs.
            pub loss: polyak_loss,
            /// What it learns.
            pub examples: $examples,
        }

        impl $network {
            fn open<'a>(&self) -> Result<AnyNetwork<'a, $number>, polyak_status> {
                let shape = self.shape.open()?;
                let examples = self.examples.open(shape.inputs())?;
                Network::new(shape, activation(self.activation)?, loss(self.loss)?, examples)
                    .map_err(|_| polyak_status::Units)
            }

            /// With examples, and parameters of its number.
            fn learning<'a>(&self, n: usize) -> Result<AnyNetwork<'a, $number>, polyak_status> {
                require(self.examples.count > 0, polyak_status::Examples)?;
                let network = self.open()?;
                require(n == network.shape().parameters(), polyak_status::Length)?;
                Ok(network)
            }
        }

        /// A batch of examples.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $batch {
            /// SVAG's weights of two batches, or 0.
            pub svag: $svag,
            /// How many examples.
            pub size: u32,
            /// How they are drawn.
            pub sampling: polyak_sampling,
        }

        /// Noise on the targets of the examples.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $label_noise {
            /// Its law.
            pub law: $law,
            /// SVAG's weights, or 0.
            pub svag: $svag,
            /// What it is multiplied by.
            pub scale: $number,
            /// Which targets.
            pub labels: polyak_labels,
        }

        /// Sets x[0..n] to Gaussian weights, the same for a seed on every machine and in both precisions, and to biases of 0; n is
        /// polyak_parameters(shape).
        #[unsafe(no_mangle)]
        pub extern "C" fn $initialize(
            shape: Option<&polyak_shape>,
            initial: polyak_initial,
            seed: u64,
            x: *mut $number,
            n: usize,
        ) -> polyak_status {
            status(|| {
                let shape = given(shape)?.open()?;
                require(n == shape.parameters(), polyak_status::Length)?;
                let initial = match initial {
                    POLYAK_INITIAL_HE => Initial::He,
                    POLYAK_INITIAL_LECUN => Initial::LeCun,
                    POLYAK_INITIAL_GLOROT => Initial::Glorot,
                    _ => return Err(polyak_status::Initial),
                };
                initialize::<$number, _>(&shape, initial, seed, array_mut(x, n)?);
                Ok(())
            })
        }

        /// Sets `loss` to the mean loss over all examples at the parameters x[0..n].
        #[unsafe(no_mangle)]
        pub extern "C" fn $loss(
            network: Option<&$network>,
            x: *const $number,
            n: usize,
            loss: Option<&mut $number>,
        ) -> polyak_status {
            status(|| {
                let network = given(network)?.learning(n)?;
                *given(loss)? = network.loss(array(x, n)?);
                Ok(())
            })
        }

        /// Sets `hits` to the number of examples whose class has the largest output, the first of equals.
        #[unsafe(no_mangle)]
        pub extern "C" fn $hits(
            network: Option<&$network>,
            x: *const $number,
            n: usize,
            hits: Option<&mut u32>,
        ) -> polyak_status {
            status(|| {
                let network = given(network)?.learning(n)?;
                *given(hits)? = network.hits::<$number, _>(array(x, n)?) as u32;
                Ok(())
            })
        }

        /// Sets `outputs` to what the last layer gives for inputs that need not be of the data set, which may be empty.
        #[unsafe(no_mangle)]
        pub extern "C" fn $predict(
            network: Option<&$network>,
            x: *const $number,
            n: usize,
            inputs: *const $number,
            inputs_count: usize,
            outputs: *mut $number,
            outputs_count: usize,
        ) -> polyak_status {
            status(|| {
                let network = given(network)?.open()?;
                let shape = network.shape();
                let fits =
                    (n, inputs_count, outputs_count) == (shape.parameters(), shape.inputs(), shape.outputs());
                require(fits, polyak_status::Length)?;
                let (inputs, outputs) = (array(inputs, inputs_count)?, array_mut(outputs, outputs_count)?);
                network.predict::<$number, _>(array(x, n)?, inputs, outputs);
                Ok(())
            })
        }

        /// Sets g[0..n] to the gradient of the mean loss over all examples at x[0..n].
        #[unsafe(no_mangle)]
        pub extern "C" fn $gradient(
            network: Option<&$network>,
            x: *const $number,
            g: *mut $number,
            n: usize,
        ) -> polyak_status {
            status(|| {
                let network = given(network)?.learning(n)?;
                network.gradient::<$number, _, _>(array(x, n)?, array_mut(g, n)?);
                Ok(())
            })
        }

        /// Sets g[0..state.n] to the gradient over the next batch at state.x. `coefficients` are those of the step that follows.
        #[unsafe(no_mangle)]
        pub extern "C" fn $batch_gradient(
            network: Option<&$network>,
            batch: Option<&$batch>,
            coefficients: Option<&$coefficients>,
            state: Option<&mut $state>,
            g: *mut $number,
        ) -> polyak_status {
            status(|| {
                let (state, batch) = (given(state)?, given(batch)?);
                let network = given(network)?.learning(state.n)?;
                let (coefficients, _) = given(coefficients)?.open()?;
                let (x, _, mut deck) = state.arrays()?;
                let mut stream = state.stream.open()?;
                let sampling = sampling(batch.sampling, batch.size, self::count(&network), deck.cards.len())?;
                let oracle = MiniBatch { landscape: &network, batch: batch.size, sampling };
                let (weights, g) = (batch.svag.open()?, array_mut(g, state.n)?);
                oracle.mean::<$number, _, _>(x, g);
                for r in weights {
                    let weight = r * coefficients.noise;
                    oracle.add_noise::<$number, _, _, _, _>(weight, x, &mut stream, &mut deck, g);
                }
                state.stream.close(&stream);
                state.dealt = deck.dealt;
                Ok(())
            })
        }

        /// Sets g[0..state.n] to the gradient over all examples at state.x with new noise on their targets.
        #[unsafe(no_mangle)]
        pub extern "C" fn $label_gradient(
            network: Option<&$network>,
            noise: Option<&$label_noise>,
            coefficients: Option<&$coefficients>,
            state: Option<&mut $state>,
            g: *mut $number,
        ) -> polyak_status {
            status(|| {
                let (state, noise) = (given(state)?, given(noise)?);
                let network = given(network)?.learning(state.n)?;
                let (coefficients, _) = given(coefficients)?.open()?;
                let (x, _, _) = state.arrays()?;
                let mut stream = state.stream.open()?;
                let examples = match noise.labels {
                    POLYAK_LABELS_ONE => LabelExamples::One,
                    POLYAK_LABELS_ALL => LabelExamples::All,
                    _ => return Err(polyak_status::Labels),
                };
                require((0.0..$number::INFINITY).contains(&noise.scale), polyak_status::Scale)?;
                let (law, weights, g) = (noise.law.open()?, noise.svag.open()?, array_mut(g, state.n)?);
                network.gradient::<$number, _, _>(x, g);
                for r in weights {
                    let scale = noise.scale * (r * coefficients.noise);
                    shift_labels(&network, examples, law, scale, x, &mut stream, g);
                }
                state.stream.close(&stream);
                Ok(())
            })
        }

        /// One step of training: the gradient over the next batch into g[0..state.n], then state.x and state.m moved by it.
        #[unsafe(no_mangle)]
        pub extern "C" fn $train(
            network: Option<&$network>,
            batch: Option<&$batch>,
            coefficients: Option<&$coefficients>,
            state: Option<&mut $state>,
            g: *mut $number,
        ) -> polyak_status {
            status(|| {
                let (coefficients, state) = (given(coefficients)?, given(state)?);
                let (core, update) = coefficients.open()?;
                let moves = update.form == Form::Gradient || !state.m.is_null();
                require(moves, polyak_status::NullPointer)?;
                let drawn = $batch_gradient(network, batch, Some(coefficients), Some(state), g);
                require(drawn == polyak_status::Ok, drawn)?;
                let (x, m, _) = state.arrays()?;
                update.step::<$number, _, _, _>(&core, x, m, array(g, state.n)?);
                Ok(())
            })
        }
    };
}

networks!(
    f32,
    polyak_law_f32,
    polyak_svag_f32,
    polyak_state_f32,
    polyak_coefficients_f32,
    polyak_examples_f32,
    polyak_network_f32,
    polyak_batch_f32,
    polyak_label_noise_f32,
    polyak_initialize_f32,
    polyak_loss_f32,
    polyak_hits_f32,
    polyak_predict_f32,
    polyak_gradient_f32,
    polyak_batch_gradient_f32,
    polyak_label_gradient_f32,
    polyak_train_f32
);
networks!(
    f64,
    polyak_law_f64,
    polyak_svag_f64,
    polyak_state_f64,
    polyak_coefficients_f64,
    polyak_examples_f64,
    polyak_network_f64,
    polyak_batch_f64,
    polyak_label_noise_f64,
    polyak_initialize_f64,
    polyak_loss_f64,
    polyak_hits_f64,
    polyak_predict_f64,
    polyak_gradient_f64,
    polyak_batch_gradient_f64,
    polyak_label_gradient_f64,
    polyak_train_f64
);
