//! A trajectory as bytes, so that a power cut costs no more than the steps since the last checkpoint.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `polyak` and the version of this layout, 1, in two digits |
//! | 8 | the caller's tag: which training this is |
//! | 8 | k, steps done |
//! | 1, 1, 1, 1 | bytes of a number, the generator's tag, numbers left of the block, 0 |
//! | 4, 4, 4 | d, cards of the deck, cards dealt |
//! | 24 | the generator, three words |
//! | 4 numbers | the block |
//! | d, d numbers | x and m |
//! | 4 each | the cards |
//! | 4 | CRC-32 (IEEE 802.3) of all before |
//!
//! All little-endian; a number is its IEEE bits, every NaN the one quiet NaN.

use core::fmt;

use super::State;
use crate::oracle::{Cards, NoDeck};
use crate::random::{Generator, Resumable, Stream};
use crate::real::Scalar;
use crate::vector::VectorMut;

const MAGIC: [u8; 8] = *b"polyak01";
/// Bytes before the block.
const HEADER: usize = 64;

/// How many bytes a checkpoint has: of d numbers of `number` bytes (4 or 8) and a deck of `cards`.
///
/// ```
/// use polyak_core::trajectory::checkpoint_size;
/// assert_eq!(checkpoint_size(4, 2410, 1440), 64 + 4 * (4 + 2 * 2410) + 4 * 1440 + 4);
/// ```
pub const fn checkpoint_size(number: usize, dimension: usize, cards: usize) -> usize {
    HEADER + number * (4 + 2 * dimension) + 4 * cards + 4
}

/// Why bytes are no checkpoint of this trajectory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CheckpointError {
    /// Fewer bytes than a checkpoint of this trajectory has.
    Short,
    /// They do not begin as a checkpoint of this layout does.
    Foreign,
    /// A checkpoint with another tag, precision, generator, dimension or deck.
    Other,
    /// The checksum is another: cut short, worn out or changed.
    Corrupt,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "fewer bytes than a checkpoint of this trajectory has",
            Self::Foreign => "not a checkpoint of this layout",
            Self::Other => "a checkpoint of another tag, precision, generator, dimension or deck",
            Self::Corrupt => "a checkpoint whose checksum does not fit",
        })
    }
}

impl core::error::Error for CheckpointError {}

/// A deck whose cards can be read and laid out again.
pub trait SavedDeck {
    /// How many cards.
    fn count(&self) -> usize;
    /// Card at place `i`.
    fn card(&self, i: usize) -> u32;
    /// Sets the card at place `i`.
    fn set_card(&mut self, i: usize, card: u32);
    /// Cards dealt.
    fn dealt(&self) -> u32;
    /// Sets the number of cards dealt.
    fn set_dealt(&mut self, dealt: u32);
}

impl SavedDeck for NoDeck {
    fn count(&self) -> usize {
        0
    }

    fn card(&self, _: usize) -> u32 {
        0
    }

    fn set_card(&mut self, _: usize, _: u32) {}

    fn dealt(&self) -> u32 {
        0
    }

    fn set_dealt(&mut self, _: u32) {}
}

impl<C: AsRef<[[u32; 1]]> + AsMut<[[u32; 1]]>> SavedDeck for Cards<C> {
    fn count(&self) -> usize {
        self.cards.as_ref().len()
    }

    fn card(&self, i: usize) -> u32 {
        self.cards.as_ref().get(i).map_or(0, |&[card]| card)
    }

    fn set_card(&mut self, i: usize, card: u32) {
        if let Some(place) = self.cards.as_mut().get_mut(i) {
            *place = [card];
        }
    }

    fn dealt(&self) -> u32 {
        self.dealt
    }

    fn set_dealt(&mut self, dealt: u32) {
        self.dealt = dealt;
    }
}

impl<D: SavedDeck> SavedDeck for &mut D {
    fn count(&self) -> usize {
        (**self).count()
    }

    fn card(&self, i: usize) -> u32 {
        (**self).card(i)
    }

    fn set_card(&mut self, i: usize, card: u32) {
        (**self).set_card(i, card);
    }

    fn dealt(&self) -> u32 {
        (**self).dealt()
    }

    fn set_dealt(&mut self, dealt: u32) {
        (**self).set_dealt(dealt);
    }
}

/// CRC-32 of IEEE 802.3, bit by bit: no table in flash.
struct Crc(u32);

impl Crc {
    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 ^= u32::from(byte);
            for _ in 0..8 {
                self.0 = (self.0 >> 1) ^ (0xedb8_8320 & (self.0 & 1).wrapping_neg());
            }
        }
    }
}

/// Passes bytes on and sums them up.
struct Writer<P> {
    crc: Crc,
    put: P,
}

impl<E, P: FnMut(&[u8]) -> Result<(), E>> Writer<P> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), E> {
        self.crc.add(bytes);
        (self.put)(bytes)
    }
}

/// Takes bytes off the front; zeros beyond the end.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (first, rest) =
            self.0.split_first_chunk().map_or(([0; N], &[][..]), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    fn word(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn long(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    fn number<S: Scalar>(&mut self) -> S {
        S::from_low_bits(if S::BYTES == 4 { u64::from(self.word()) } else { self.long() })
    }
}

impl<X, M, F, R, D> State<X, M, F, R, D>
where
    X: VectorMut<F>,
    M: VectorMut<F>,
    F: Scalar,
    R: Resumable + Generator<F>,
    D: SavedDeck,
{
    /// Bytes of its checkpoint.
    pub fn checkpoint_size(&self) -> usize {
        checkpoint_size(F::BYTES, self.x.len(), self.deck.count())
    }

    /// Gives `put` the checkpoint after `step` steps, piece by piece, [`checkpoint_size`](Self::checkpoint_size) bytes in all.
    /// `tag` says which training it is; [`restore`](Self::restore) asks for the same.
    ///
    /// # Errors
    /// The first of `put`'s.
    pub fn checkpoint<E>(
        &self,
        tag: u64,
        step: u64,
        put: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut writer = Writer { crc: Crc(!0), put };
        let (left, block) = self.stream.block();
        writer.put(&MAGIC)?;
        writer.put(&tag.to_le_bytes())?;
        writer.put(&step.to_le_bytes())?;
        writer.put(&self.kind(left))?;
        for count in self.counts() {
            writer.put(&count.to_le_bytes())?;
        }
        writer.put(&self.deck.dealt().to_le_bytes())?;
        for word in self.stream.generator.to_words() {
            writer.put(&word.to_le_bytes())?;
        }
        let d = self.x.len();
        let numbers = (0..d).map(|i| self.x.get(i)).chain((0..d).map(|i| self.m.get(i)));
        for number in block.into_iter().chain(numbers) {
            let bytes = number.to_canonical_bits().to_le_bytes();
            writer.put(bytes.get(..F::BYTES).unwrap_or_default())?;
        }
        for i in 0..self.deck.count() {
            writer.put(&self.deck.card(i).to_le_bytes())?;
        }
        let sum = !writer.crc.0;
        writer.put(&sum.to_le_bytes())
    }

    /// Continues from a checkpoint of the same training, and says after how many steps it was made. More bytes than it has may
    /// follow it. What is refused changes nothing.
    ///
    /// # Errors
    /// [`CheckpointError`] says why.
    pub fn restore(&mut self, tag: u64, bytes: &[u8]) -> Result<u64, CheckpointError> {
        let step = self.inspect(tag, bytes)?;
        let mut reader = Reader(bytes.get(24..).unwrap_or_default());
        let [_, _, left, _] = reader.take();
        let (_, _, dealt) = (reader.word(), reader.word(), reader.word());
        let generator = R::from_words([reader.long(), reader.long(), reader.long()]);
        let block = [reader.number(), reader.number(), reader.number(), reader.number()];
        self.stream = Stream::resume(generator, left, block);
        (0..self.x.len()).for_each(|i| self.x.set(i, reader.number()));
        (0..self.x.len()).for_each(|i| self.m.set(i, reader.number()));
        for i in 0..self.deck.count() {
            self.deck.set_card(i, reader.word());
        }
        self.deck.set_dealt(dealt);
        Ok(step)
    }

    /// The steps of a checkpoint that [`restore`](Self::restore) would take.
    ///
    /// # Errors
    /// [`CheckpointError`] says why it would not.
    pub fn inspect(&self, tag: u64, bytes: &[u8]) -> Result<u64, CheckpointError> {
        let bytes = bytes.get(..self.checkpoint_size()).ok_or(CheckpointError::Short)?;
        let mut reader = Reader(bytes);
        if reader.take() != MAGIC {
            return Err(CheckpointError::Foreign);
        }
        let (body, sum) = bytes.split_last_chunk::<4>().ok_or(CheckpointError::Short)?;
        let mut crc = Crc(!0);
        crc.add(body);
        let (other, step) = (reader.long() != tag, reader.long());
        let kind: [u8; 4] = reader.take();
        let counts = [reader.word(), reader.word()];
        let [_, _, left, _] = kind;
        if other || kind != self.kind(left) || counts != self.counts() {
            return Err(CheckpointError::Other);
        }
        if *sum != (!crc.0).to_le_bytes() {
            return Err(CheckpointError::Corrupt);
        }
        Ok(step)
    }

    /// Bytes of a number, the generator, numbers left over, nothing.
    fn kind(&self, left: u8) -> [u8; 4] {
        [F::BYTES as u8, R::TAG, left, 0]
    }

    /// d and the number of cards.
    fn counts(&self) -> [u32; 2] {
        [self.x.len() as u32, self.deck.count() as u32]
    }
}
