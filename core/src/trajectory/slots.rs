//! Checkpoints in flash, two slots in turn: the last whole one survives a power cut at any moment.

use super::{SavedDeck, State};
use crate::random::{Generator, Resumable};
use crate::real::Scalar;
use crate::vector::VectorMut;

/// Two slots of memory that keeps what it holds without power, each large enough for a checkpoint.
pub trait Flash {
    /// What can go wrong.
    type Error;

    /// What slot 0 or 1 holds.
    fn slot(&self, slot: usize) -> &[u8];

    /// Erases a slot.
    ///
    /// # Errors
    /// The memory's.
    fn erase(&mut self, slot: usize) -> Result<(), Self::Error>;

    /// Writes bytes to an erased part of a slot. They come in order, 4 or 8 at a time, from offset 0 on.
    ///
    /// # Errors
    /// The memory's.
    fn write(&mut self, slot: usize, offset: usize, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// A store of checkpoints. One is written into the slot that does not hold the last whole one, and counts when its checksum is there;
/// until then the other does. So a cut costs the steps since the last checkpoint, whenever it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TwoSlots<M>(
    /// The memory.
    pub M,
);

impl<Memory: Flash> TwoSlots<Memory> {
    /// Slot and step of the last whole checkpoint of this training.
    fn newest<X, M, F, R, D>(&self, tag: u64, state: &State<X, M, F, R, D>) -> Option<(usize, u64)>
    where
        X: VectorMut<F>,
        M: VectorMut<F>,
        F: Scalar,
        R: Resumable + Generator<F>,
        D: SavedDeck,
    {
        let step = |slot| state.inspect(tag, self.0.slot(slot)).ok().map(|step| (slot, step));
        match (step(0), step(1)) {
            (Some(first), Some(second)) => Some(if second.1 > first.1 { second } else { first }),
            (first, second) => first.or(second),
        }
    }

    /// Writes the state after `step` steps, a number above that of the last checkpoint.
    ///
    /// # Errors
    /// The memory's; the last checkpoint is still there then.
    pub fn save<X, M, F, R, D>(
        &mut self,
        tag: u64,
        step: u64,
        state: &State<X, M, F, R, D>,
    ) -> Result<(), Memory::Error>
    where
        X: VectorMut<F>,
        M: VectorMut<F>,
        F: Scalar,
        R: Resumable + Generator<F>,
        D: SavedDeck,
    {
        let slot = self.newest(tag, state).map_or(0, |(slot, _)| 1 - slot.min(1));
        self.0.erase(slot)?;
        let mut offset = 0;
        state.checkpoint(tag, step, |bytes| {
            self.0.write(slot, offset, bytes)?;
            offset += bytes.len();
            Ok(())
        })
    }

    /// Continues from the last whole checkpoint of this training, and says after how many steps it was made; `None`, and
    /// nothing changed, if there is none.
    pub fn load<X, M, F, R, D>(&self, tag: u64, state: &mut State<X, M, F, R, D>) -> Option<u64>
    where
        X: VectorMut<F>,
        M: VectorMut<F>,
        F: Scalar,
        R: Resumable + Generator<F>,
        D: SavedDeck,
    {
        let (slot, _) = self.newest(tag, state)?;
        state.restore(tag, self.0.slot(slot)).ok()
    }
}
