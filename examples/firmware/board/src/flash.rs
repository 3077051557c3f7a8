//! Two slots of memory that outlives the power. The only module with `unsafe`: it reaches memory by its address.
//!
//! The board has no flash that can be written; its PSRAM, which QEMU keeps in a file, is used by the rules of flash: a slot is erased to ones,
//! and a byte is written once between two erasures.

use core::ptr;
use core::slice;
use core::sync::atomic::{AtomicBool, Ordering};

use polyak_core::trajectory::Flash;
use polyak_digits::CHECKPOINT;

/// PSRAM of the MPS2 boards.
const START: usize = 0x2100_0000;
/// Bytes of a slot.
const SLOT: usize = 0x8000;
const _: () = assert!(CHECKPOINT <= SLOT);
const ERASED: u8 = 0xff;

/// What flash refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, defmt::Format)]
pub enum FlashError {
    /// Bytes outside of a slot.
    Outside,
    /// Bytes that have not been erased.
    NotErased,
}

/// The two slots.
pub struct Slots(());

impl Slots {
    /// The slots, for the first who asks.
    pub fn take() -> Option<Self> {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        (!TAKEN.swap(true, Ordering::AcqRel)).then_some(Self(()))
    }

    /// Where bytes `offset`, … of a slot lie, if they lie in it.
    fn place(slot: usize, offset: usize, bytes: usize) -> Result<*mut u8, FlashError> {
        let end = offset.checked_add(bytes).ok_or(FlashError::Outside)?;
        if slot > 1 || end > SLOT {
            return Err(FlashError::Outside);
        }
        Ok((START + slot * SLOT + offset) as *mut u8)
    }
}

impl Flash for Slots {
    type Error = FlashError;

    fn slot(&self, slot: usize) -> &[u8] {
        match Self::place(slot, 0, SLOT) {
            // SAFETY: this memory is no other's (memory.x leaves it out), any bytes are `u8`, and it changes only through `&mut self` of
            // the one `Slots` that there is.
            Ok(place) => unsafe { slice::from_raw_parts(place, SLOT) },
            Err(_) => &[],
        }
    }

    fn erase(&mut self, slot: usize) -> Result<(), FlashError> {
        let place = Self::place(slot, 0, SLOT)?;
        for i in 0..SLOT {
            // SAFETY: inside the slot, as above; volatile, as it must be there when the power goes.
            unsafe { ptr::write_volatile(place.add(i), ERASED) };
        }
        Ok(())
    }

    fn write(&mut self, slot: usize, offset: usize, bytes: &[u8]) -> Result<(), FlashError> {
        let place = Self::place(slot, offset, bytes.len())?;
        for (i, &byte) in bytes.iter().enumerate() {
            // SAFETY: inside the slot, as `place` has seen.
            let place = unsafe { place.add(i) };
            // SAFETY: as above.
            if unsafe { ptr::read_volatile(place) } != ERASED {
                return Err(FlashError::NotErased);
            }
            // SAFETY: as above.
            unsafe { ptr::write_volatile(place, byte) };
        }
        Ok(())
    }
}
