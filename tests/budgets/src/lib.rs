//! One exported function for each piece of the core whose cost on a board is held to a budget; `run` links each by itself, and all with
//! `c/probe.c`, which calls them beside the same pieces written by hand in C.
#![no_std]

use polyak_core::network::{Bytes, CrossEntropy, Network, Relu, Shape};
use polyak_core::optimizer::{Coefficients, Form, Update};
use polyak_core::oracle::{MiniBatch, NoDeck, Sampling};
use polyak_core::random::{Law, Pcg32, PcgLane, Stream};
use polyak_core::trajectory::{State, advance};
use polyak_core::vector::{Vector, VectorMut};

const N: usize = 8;

#[panic_handler]
fn never(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

fn step(
    form: Form,
    c: &Coefficients<f32>,
    x: &mut [f32; N],
    m: &mut impl VectorMut<f32>,
    g: &impl Vector<f32>,
) {
    Update { form, maximize: false, weight_decay: None }.step::<f32, _, _, _>(c, x, m, g);
}

/// x − ηg.
#[unsafe(no_mangle)]
pub extern "C" fn sgd(c: &Coefficients<f32>, x: &mut [f32; N], g: &[f32; N]) {
    step(Form::Gradient, c, x, &mut [0.0; 0], g);
}

/// m' = βm + (1−β)g, x − ηm'.
#[unsafe(no_mangle)]
pub extern "C" fn sgdm(c: &Coefficients<f32>, x: &mut [f32; N], m: &mut [f32; N], g: &[f32; N]) {
    step(Form::Momentum, c, x, m, g);
}

/// The same with SVAG's r₁g₁ + r₂g₂ in place of g.
#[unsafe(no_mangle)]
pub extern "C" fn svag(
    c: &Coefficients<f32>,
    r: &[f32; 2],
    x: &mut [f32; N],
    m: &mut [f32; N],
    g: &[[f32; N]; 2],
) {
    step(Form::Momentum, c, x, m, &Mixed(r, g));
}

/// r₁g₁ + r₂g₂, coordinate by coordinate.
struct Mixed<'a>(&'a [f32; 2], &'a [[f32; N]; 2]);

impl Vector<f32> for Mixed<'_> {
    fn len(&self) -> usize {
        N
    }

    fn get(&self, i: usize) -> f32 {
        let ([r, s], [g, h]) = (self.0, self.1);
        Vector::get(g, i) * r + Vector::get(h, i) * s
    }
}

/// Eight standard normal numbers of a PCG stream.
#[unsafe(no_mangle)]
pub extern "C" fn normal(stream: &mut Stream<f32, Pcg32<f32>>, z: &mut [f32; N]) {
    stream.draw(Law::Gaussian, N, &mut |i: usize, value: f32| {
        if let Some(place) = z.get_mut(i) {
            *place = value;
        }
    });
}

const SHAPE: Shape = match Shape::new(&[64, 32, 10]) {
    Ok(shape) => shape,
    Err(_) => panic!("the build ends here"),
};
const D: usize = SHAPE.parameters();

/// A step of SGDM on a batch of 32 for 64-32-10 units, ReLU and the softmax cross-entropy.
#[unsafe(no_mangle)]
pub extern "C" fn trainer(
    c: &Coefficients<f32>,
    inputs: &[u8; 6400],
    targets: &[u8; 100],
    stream: &mut Stream<f32, Pcg32<f32>>,
    weights: &mut [[f32; D]; 3],
) {
    let examples = Bytes { inputs, targets, columns: 64, scale: 0.0625f32 };
    let network = Network::<_, _, _, { SHAPE.units() }>::new(SHAPE, Relu, CrossEntropy, examples);
    let Ok(landscape) = network else { return };
    let oracle = MiniBatch { landscape, batch: 32, sampling: Sampling::WithReplacement };
    let update = Update { form: Form::Momentum, maximize: false, weight_decay: None };
    let [x, m, g] = weights;
    let mut state = State { x, m, stream: *stream, deck: NoDeck };
    advance(&oracle, &update, core::iter::once(*c), &mut state, g, &mut ());
    *stream = state.stream;
}

/// Coefficients of decay, gain, gradient step, momentum step and noise: their layout is the compiler's.
#[unsafe(no_mangle)]
pub extern "C" fn set_coefficients(c: &mut Coefficients<f32>, from: &[f32; 5]) {
    let [decay, gain, gradient_step, momentum_step, noise] = *from;
    *c = Coefficients { decay, gain, gradient_step, momentum_step, noise };
}

// What the probe has room for.
const _: () = assert!(size_of::<Stream<f32, Pcg32<f32>>>() <= 128 && size_of::<Coefficients<f32>>() <= 32);

/// The stream of a trajectory.
#[unsafe(no_mangle)]
pub extern "C" fn set_stream(stream: &mut Stream<f32, Pcg32<f32>>, seed: u64, trajectory: u64) {
    *stream = Stream::new(Pcg32::new(seed, trajectory));
}

/// The state and the increment of its generator.
#[unsafe(no_mangle)]
pub extern "C" fn set_words(words: &mut [u64; 2], seed: u64, trajectory: u64) {
    let PcgLane { state, increment } = PcgLane::new(seed, trajectory);
    *words = [state, increment];
}
