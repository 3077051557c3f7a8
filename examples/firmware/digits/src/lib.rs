//! A network of 64-32-10 units that learns to read digits of 8 × 8 pixels: `examples/digits.toml`, its run "sgdm", as a function.
//!
//! The same function trains on a board and on a desk, and trajectory 0 of `polyak run` is the same training. It writes a checkpoint after every
//! epoch, and goes on from the last one that it finds.
#![no_std]
#![forbid(unsafe_code)]

use polyak_core::landscape::Landscape;
use polyak_core::network::{Bytes, CrossEntropy, Initial, Network, Relu, Shape, TooManyUnits, initialize};
use polyak_core::optimizer::{Method, Update};
use polyak_core::oracle::{Cards, MiniBatch, Sampling};
use polyak_core::random::{Pcg32, Stream};
use polyak_core::trajectory::{Flash, State, TwoSlots, advance, checkpoint_size};

/// 64 pixels, 32 hidden units, 10 digits.
pub const SHAPE: Shape = match Shape::new(&[64, 32, 10]) {
    Ok(shape) => shape,
    Err(_) => panic!("the build ends here"),
};
/// How many weights and biases there are.
pub const PARAMETERS: usize = SHAPE.parameters();
/// How many digits are trained on.
pub const EXAMPLES: usize = CLASSES.len();
/// Digits a step.
pub const BATCH: u32 = 32;
/// Steps an epoch.
pub const EPOCH: u64 = EXAMPLES as u64 / BATCH as u64;
/// How often all digits are seen.
pub const EPOCHS: u64 = 30;
/// η.
pub const RATE: f64 = 0.1;
/// β of m' = βm + (1−β)g.
pub const MOMENTUM: f64 = 0.9;
/// Of the weights to begin with, and of the batches.
pub const SEED: u64 = 1;

/// Tells the checkpoints of this training from others.
const TAG: u64 = u64::from_le_bytes(*b"digits01");
/// Bytes of a checkpoint.
pub const CHECKPOINT: usize = checkpoint_size(4, PARAMETERS, EXAMPLES);

static PIXELS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/digits.pixels"));
static CLASSES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/digits.classes"));
static TEST_PIXELS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/digits-test.pixels"));
static TEST_CLASSES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/digits-test.classes"));

/// A network over digits.
pub type Digits = Network<Bytes<'static, f32>, Relu, CrossEntropy, { SHAPE.units() }>;

/// The network over the digits that it trains on.
///
/// # Errors
/// None: the room is that of the shape.
pub fn digits() -> Result<Digits, TooManyUnits> {
    over(PIXELS, CLASSES)
}

/// The network over digits that it has not seen.
///
/// # Errors
/// None: the room is that of the shape.
pub fn unseen() -> Result<Digits, TooManyUnits> {
    over(TEST_PIXELS, TEST_CLASSES)
}

/// How many digits it has not seen.
pub const UNSEEN: usize = TEST_CLASSES.len();

fn over(inputs: &'static [u8], targets: &'static [u8]) -> Result<Digits, TooManyUnits> {
    let examples = Bytes { inputs, targets, columns: 64, scale: 0.0625 };
    Network::new(SHAPE, Relu, CrossEntropy, examples)
}

/// All that a training needs, 34 kB.
pub struct Memory {
    /// Weights and biases.
    pub x: [f32; PARAMETERS],
    /// Momentum.
    pub m: [f32; PARAMETERS],
    /// Gradient.
    pub g: [f32; PARAMETERS],
    /// The digits in the order of the epoch.
    pub deck: Cards<[[u32; 1]; EXAMPLES]>,
}

impl Memory {
    /// Nothing yet.
    pub const EMPTY: Self = Self {
        x: [0.0; PARAMETERS],
        m: [0.0; PARAMETERS],
        g: [0.0; PARAMETERS],
        deck: Cards { cards: [[0]; EXAMPLES], dealt: 0 },
    };
}

/// Trains to the end from the last checkpoint in `store`, or from the beginning if there is none; shows `see` each epoch that it makes, from 0 on,
/// with the loss after it.
///
/// # Errors
/// The store's; what it held last is still there.
pub fn train<M: Flash>(
    network: &Digits,
    memory: &mut Memory,
    store: &mut TwoSlots<M>,
    mut see: impl FnMut(u64, f32),
) -> Result<(), M::Error> {
    let Memory { x, m, g, deck } = memory;
    initialize(&SHAPE, Initial::He, SEED, x);
    m.fill(0.0);
    for (card, place) in (0..).zip(&mut deck.cards) {
        *place = [card];
    }
    deck.dealt = 0;
    let oracle = MiniBatch { landscape: network, batch: BATCH, sampling: Sampling::Epochs };
    let method = Method::Sgdm;
    let update = Update { form: method.form(), maximize: false, weight_decay: None };
    let stream = Stream::<f32, _>::new(Pcg32::new(SEED, 0));
    let mut state = State { x: x.as_mut_slice(), m: m.as_mut_slice(), stream, deck };
    let done = store.load(TAG, &mut state);
    if done.is_none() {
        see(0, network.loss(&state.x));
    }
    for epoch in done.unwrap_or(0) / EPOCH + 1..=EPOCHS {
        let steps = (0..EPOCH).map(|k| method.coefficients(k, RATE, MOMENTUM).round());
        advance(&oracle, &update, steps, &mut state, g.as_mut_slice(), &mut ());
        see(epoch, network.loss(&state.x));
        store.save(TAG, epoch * EPOCH, &state)?;
    }
    Ok(())
}

/// Flash that keeps nothing, for a machine that loses no power.
pub struct Nothing;

impl Flash for Nothing {
    type Error = core::convert::Infallible;

    fn slot(&self, _: usize) -> &[u8] {
        &[]
    }

    fn erase(&mut self, _: usize) -> Result<(), Self::Error> {
        Ok(())
    }

    fn write(&mut self, _: usize, _: usize, _: &[u8]) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// 64-bit FNV-1a over the weights, as `polyak run` has it in `summary.json`.
pub fn digest(x: &[f32]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in x.iter().flat_map(|x| x.to_bits().to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
