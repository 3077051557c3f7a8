//! A training as bytes, so that a power cut costs no more than the steps since the last checkpoint.

use core::ffi::{c_int, c_void};

use polyak_core::random::{Resumable, Stream};
use polyak_core::trajectory::State;

use crate::polyak_status;
use crate::raw::array;
use crate::state::{polyak_state_f32, polyak_state_f64};
use crate::status::{given, status};
use crate::stream::AnyGenerator;

/// A function of the caller's that takes the next bytes of a checkpoint, 4 or 8 at a time, and returns 0 if it could.
pub type polyak_put = Option<extern "C" fn(context: *mut c_void, bytes: *const u8, count: usize) -> c_int>;

/// `$body` with the core's state, of either generator.
macro_rules! with_state {
    ($state:expr, |$core:ident| $body:expr) => {{
        let (x, m, deck) = $state.arrays()?;
        let stream = $state.stream.open()?;
        let (left, block) = stream.block();
        match stream.generator {
            AnyGenerator::Pcg32(generator) => {
                #[allow(unused_mut)]
                let mut $core = State { x, m, stream: Stream::resume(generator, left, block), deck };
                $body
            }
            AnyGenerator::Philox(generator) => {
                #[allow(unused_mut)]
                let mut $core = State { x, m, stream: Stream::resume(generator, left, block), deck };
                $body
            }
        }
    }};
}

macro_rules! checkpoints {
    ($state:ident, $size:ident, $save:ident, $inspect:ident, $restore:ident) => {
        /// How many bytes a checkpoint of this state has; 0 for a state that was not initialised.
        #[unsafe(no_mangle)]
        pub extern "C" fn $size(state: Option<&$state>) -> usize {
            let mut size = 0;
            let _ = status(|| {
                let state = given(state)?;
                size = with_state!(state, |core| core.checkpoint_size());
                Ok(())
            });
            size
        }

        /// Gives `put` the state after `step` steps, piece by piece. `tag` says which training it is, and is asked for again. If `put` returns something else than 0, it
        /// is not called again, and what it has taken is no checkpoint.
        #[unsafe(no_mangle)]
        pub extern "C" fn $save(
            state: Option<&$state>,
            tag: u64,
            step: u64,
            put: polyak_put,
            context: *mut c_void,
        ) -> polyak_status {
            status(|| {
                let (state, put) = (given(state)?, given(put)?);
                let put = |bytes: &[u8]| match put(context, bytes.as_ptr(), bytes.len()) {
                    0 => Ok(()),
                    _ => Err(polyak_status::Put),
                };
                with_state!(state, |core| core.checkpoint(tag, step, put))
            })
        }

        /// Sets `step` to the step of a checkpoint that could be restored to this state; says why if it cannot.
        #[unsafe(no_mangle)]
        pub extern "C" fn $inspect(
            state: Option<&$state>,
            tag: u64,
            bytes: *const u8,
            count: usize,
            step: Option<&mut u64>,
        ) -> polyak_status {
            status(|| {
                let (state, step, bytes) = (given(state)?, given(step)?, array(bytes, count)?);
                *step = with_state!(state, |core| core.inspect(tag, bytes))?;
                Ok(())
            })
        }

        /// Continues from a checkpoint, into the arrays of a state that was initialised with the same n, cards and generator, and sets `step` to
        /// the steps done. More bytes than it has may follow it.
        #[unsafe(no_mangle)]
        pub extern "C" fn $restore(
            state: Option<&mut $state>,
            tag: u64,
            bytes: *const u8,
            count: usize,
            step: Option<&mut u64>,
        ) -> polyak_status {
            status(|| {
                let (state, step, bytes) = (given(state)?, given(step)?, array(bytes, count)?);
                with_state!(state, |core| {
                    *step = core.restore(tag, bytes)?;
                    state.stream.words = core.stream.generator.to_words();
                    (state.stream.left, state.stream.block) = core.stream.block();
                    state.dealt = core.deck.dealt;
                });
                Ok(())
            })
        }
    };
}

checkpoints!(
    polyak_state_f32,
    polyak_checkpoint_size_f32,
    polyak_save_f32,
    polyak_inspect_f32,
    polyak_restore_f32
);
checkpoints!(
    polyak_state_f64,
    polyak_checkpoint_size_f64,
    polyak_save_f64,
    polyak_inspect_f64,
    polyak_restore_f64
);
