//! The loop: oracle, optimiser and schedule joined to a trajectory, and what is watched at each step.

mod state;
mod watch;

pub use state::State;
pub use watch::{LossBelow, LossVariation, PathLength, Watch, WatchAll};

use crate::optimizer::{Coefficients, Update};
use crate::oracle::{Deck, Oracle};
use crate::random::Generator;
use crate::real::{Real, Scalar};
use crate::vector::{Vector, VectorMut};

/// Moves a trajectory (or one in each lane) by one step for each of `coefficients`, with the oracle's next draws:
/// g = oracle(x), then [`Update::step`].
///
/// `g` is scratch of the landscape's dimension. `watch` sees each step's point before and after.
///
/// ```
/// use polyak_core::landscape::Diagonal;
/// use polyak_core::optimizer::{Method, Update};
/// use polyak_core::oracle::{Exact, NoDeck};
/// use polyak_core::random::{Pcg32, Stream};
/// use polyak_core::trajectory::{State, advance};
///
/// let method = Method::Sgd;
/// let update = Update { form: method.form(), maximize: false, weight_decay: None };
/// let mut state = State { x: [1.0f32], m: [0.0], stream: Stream::<f32, _>::new(Pcg32::new(1, 0)), deck: NoDeck };
/// let steps = (0..3).map(|k| method.coefficients(k, 0.5, 0.0).round());
/// advance(&Exact(Diagonal([1.0f32])), &update, steps, &mut state, &mut [0.0], &mut ());
/// assert_eq!(state.x, [0.125]);
/// ```
#[inline(always)]
pub fn advance<S, F, O, R, X, M, D, G, W>(
    oracle: &O,
    update: &Update<S>,
    coefficients: impl Iterator<Item = Coefficients<S>>,
    state: &mut State<X, M, F, R, D>,
    g: &mut G,
    watch: &mut W,
) where
    S: Scalar,
    F: Real<Scalar = S>,
    O: Oracle<S>,
    R: Generator<F>,
    X: VectorMut<F>,
    M: VectorMut<F>,
    D: Deck<F>,
    G: VectorMut<F> + ?Sized,
    W: Watch<F>,
{
    for coefficients in coefficients {
        watch.before(&state.x);
        oracle.sample(&state.x, &mut state.stream, &mut state.deck, g);
        update.step(&coefficients, &mut state.x, &mut state.m, g);
        watch.after(&state.x);
    }
}

/// Draws m₀ as MV 3.1 does, from the momentum's stationary law at x₀: m₀ = ∇L + √((1−β)/(1+β))·(noise), for the
/// (1−β)-weighted momentum of SGDM; `gain` turns it into another convention's (1/(1−β) for the heavy ball).
#[inline(always)]
pub fn draw_initial_momentum<S, F, O, R, X, M, D>(
    oracle: &O,
    momentum: f64,
    gain: f64,
    state: &mut State<X, M, F, R, D>,
) where
    S: Scalar,
    F: Real<Scalar = S>,
    O: Oracle<S>,
    R: Generator<F>,
    X: Vector<F>,
    M: VectorMut<F>,
    D: Deck<F>,
{
    let weight = S::from_f64(crate::real::double::sqrt((1.0 - momentum) / (1.0 + momentum)));
    oracle.mean(&state.x, &mut state.m);
    oracle.add_noise(weight, &state.x, &mut state.stream, &mut state.deck, &mut state.m);
    let gain = F::splat(S::from_f64(gain));
    for i in 0..state.m.len() {
        state.m.set(i, state.m.get(i) * gain);
    }
}
