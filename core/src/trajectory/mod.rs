//! The loop: oracle, optimiser and schedule joined to a trajectory, and what is watched at each step.

mod checkpoint;
mod slots;
mod state;
mod watch;

pub use checkpoint::{CheckpointError, SavedDeck, checkpoint_size};
pub use slots::{Flash, TwoSlots};
pub use state::State;
pub use watch::{LossWatch, PathLength, Watch, WatchAll};

use crate::optimizer::{Coefficients, Update};
use crate::oracle::{Deck, Oracle};
use crate::random::Generator;
use crate::real::{Real, Scalar};
use crate::vector::VectorMut;

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
        oracle.mean(&state.x, g);
        oracle.add_noise(coefficients.noise, &state.x, &mut state.stream, &mut state.deck, g);
        update.step(&coefficients, &mut state.x, &mut state.m, g);
        watch.after(&state.x);
    }
}
