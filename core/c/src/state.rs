//! All that a training is between two steps, in the caller's memory.

use polyak_core::oracle::Cards;

use crate::polyak_status;
use crate::raw::array_mut;
use crate::status::{given, require, status};
use crate::stream::*;

/// The cards as the core has them, one lane each.
pub(crate) type Deck<'a> = Cards<&'a mut [[u32; 1]]>;

macro_rules! states {
    ($number:ident, $state:ident, $init:ident, $stream:ident, $stream_init:ident) => {
        /// A training: parameters, momentum, stream, and the deck of a data set that is gone through in epochs. With the step number it is
        /// everything that the future depends on.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        pub struct $state {
            /// n parameters.
            pub x: *mut $number,
            /// n momenta; NULL for SGD.
            pub m: *mut $number,
            /// How many.
            pub n: usize,
            /// As many cards as there are examples, or NULL.
            pub deck: *mut u32,
            /// How many.
            pub cards: u32,
            /// How many of them have been dealt in this epoch.
            pub dealt: u32,
            /// Random numbers to come.
            pub stream: $stream,
        }

        impl $state {
            /// x, m and the deck.
            pub(crate) fn arrays<'a>(
                &self,
            ) -> Result<(&'a mut [$number], &'a mut [$number], Deck<'a>), polyak_status> {
                let momenta = if self.m.is_null() { 0 } else { self.n };
                let (cards, _) = array_mut(self.deck, self.cards as usize)?.as_chunks_mut::<1>();
                let deck = Cards { cards, dealt: self.dealt };
                Ok((array_mut(self.x, self.n)?, array_mut(self.m, momenta)?, deck))
            }
        }

        /// Begins a training: x[0..n] stays as it is, m[0..n] becomes 0, the deck is put in order, the stream is that of the trajectory.
        /// m may be NULL for SGD; the deck may be NULL with 0 cards, and is needed for batches without replacement and in epochs.
        #[unsafe(no_mangle)]
        pub extern "C" fn $init(
            state: Option<&mut $state>,
            x: *mut $number,
            m: *mut $number,
            n: usize,
            deck: *mut u32,
            cards: u32,
            generator: polyak_generator,
            seed: u64,
            trajectory: u64,
        ) -> polyak_status {
            status(|| {
                let state = given(state)?;
                let words = [0; 3];
                let mut stream = $stream { words, block: [0.0; 4], generator, left: 0 };
                let begun = $stream_init(Some(&mut stream), generator, seed, trajectory);
                require(begun == polyak_status::Ok, begun)?;
                let next = $state { x, m, n, deck, cards, dealt: 0, stream };
                let (_, momenta, deck) = next.arrays()?;
                momenta.fill(0.0);
                for (card, place) in (0..).zip(deck.cards) {
                    *place = [card];
                }
                *state = next;
                Ok(())
            })
        }
    };
}

states!(f32, polyak_state_f32, polyak_state_init_f32, polyak_stream_f32, polyak_stream_init_f32);
states!(f64, polyak_state_f64, polyak_state_init_f64, polyak_stream_f64, polyak_stream_init_f64);
