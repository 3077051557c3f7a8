//! Checkpoints: a training that is cut and continued has the bits of one that is not; corrupt and foreign bytes are refused; the
//! two-slot store survives a cut at every byte that it writes or erases.

use polyak_core::landscape::LeastSquares;
use polyak_core::optimizer::{Method, Update};
use polyak_core::oracle::{Cards, LabelExamples, LabelNoise, MiniBatch, NoDeck, Oracle, Sampling};
use polyak_core::random::{Generator, Law, Pcg32, Philox, Resumable, Stream};
use polyak_core::real::{Real, Scalar};
use polyak_core::trajectory::{CheckpointError, Flash, SavedDeck, State, TwoSlots, advance, checkpoint_size};

const D: usize = 3;
const N: usize = 5;
const TAG: u64 = 0x0123_4567_89ab_cdef;

type Deck = Cards<[[u32; 1]; N]>;
type Whole<S, R, C> = State<[S; D], [S; D], S, R, C>;

fn squares<S: Scalar>() -> LeastSquares<Vec<S>> {
    let number = |i: u32| S::from_f64(f64::from(i * 7919 % 23) / 11.0 - 1.0);
    let (inputs, targets) = ((0..15).map(number).collect(), (20..25).map(number).collect());
    LeastSquares::new(inputs, targets, D)
}

fn begin<S: Scalar, R: Generator<S>, C>(generator: R, deck: C) -> Whole<S, R, C> {
    State { x: [S::ONE; D], m: [S::ZERO; D], stream: Stream::new(generator), deck }
}

fn deck() -> Deck {
    Cards { cards: std::array::from_fn(|card| [card as u32]), dealt: 0 }
}

/// Steps `from`..`to` of heavy ball.
fn train<S, R, C, O>(oracle: &O, state: &mut Whole<S, R, C>, from: u64, to: u64)
where
    S: Scalar,
    R: Generator<S> + Copy,
    C: polyak_core::oracle::Deck<S>,
    O: Oracle<S>,
{
    let method = Method::HeavyBall { dampening: 0.0, nesterov: true, first_step: true };
    let update = Update { form: method.form(), maximize: false, weight_decay: None };
    let steps = (from..to).map(|k| method.coefficients(k, 0.05, 0.8).round());
    advance(oracle, &update, steps, state, &mut [S::ZERO; D], &mut ());
}

fn bytes<S: Scalar, R: Resumable + Generator<S>, C: SavedDeck>(state: &Whole<S, R, C>, step: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let put = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok::<(), ()>(())
    };
    state.checkpoint(TAG, step, put).unwrap();
    bytes
}

/// After each of 12 steps: written down, continued elsewhere, and the end compared with the end without a stop.
fn continued<S, R, C, O>(oracle: &O, generator: R, other: R, deck: C)
where
    S: Scalar,
    R: Resumable + Generator<S> + Copy + PartialEq + std::fmt::Debug,
    C: SavedDeck + polyak_core::oracle::Deck<S> + Copy + PartialEq + std::fmt::Debug,
    O: Oracle<S>,
{
    let mut straight = begin(generator, deck);
    train(oracle, &mut straight, 0, 12);
    for stop in 0..=12 {
        let mut first = begin(generator, deck);
        train(oracle, &mut first, 0, stop);
        let written = bytes(&first, stop);
        assert_eq!(written.len(), first.checkpoint_size());
        assert_eq!(written.len(), checkpoint_size(S::BYTES, D, first.deck.count()));
        let mut second = begin(other, deck);
        train(oracle, &mut second, 0, 5);
        assert_eq!(second.restore(TAG, &written), Ok(stop));
        train(oracle, &mut second, stop, 12);
        assert_eq!(bytes(&second, 12), bytes(&straight, 12), "stopped after {stop}");
        assert_eq!((second.x, second.m), (straight.x, straight.m));
    }
}

/// With a deck in the middle of an epoch, and with numbers left over in the block: 5 targets a step leave from 1 to 3 of four.
fn both_oracles<S: Scalar + Real<Scalar = S, Array<u32> = [u32; 1]>, R>(generator: R, other: R)
where
    R: Resumable + Generator<S> + Copy + PartialEq + std::fmt::Debug,
{
    let batches = MiniBatch { landscape: squares::<S>(), batch: 2, sampling: Sampling::Epochs };
    continued(&batches, generator, other, deck());
    let labels = LabelNoise {
        landscape: squares::<S>(),
        law: Law::Gaussian,
        scale: S::ONE,
        examples: LabelExamples::All,
    };
    continued(&labels, generator, other, NoDeck);
}

#[test]
fn a_training_goes_on_to_the_same_bits() {
    both_oracles::<f32, _>(Pcg32::<f32>::new(1, 2), Pcg32::new(3, 4));
    both_oracles::<f64, _>(Pcg32::<f64>::new(1, 2), Pcg32::new(3, 4));
    both_oracles::<f32, _>(Philox::<f32>::new(1, 2), Philox::new(3, 4));
    both_oracles::<f64, _>(Philox::<f64>::new(1, 2), Philox::new(3, 4));
}

/// The layout is on devices: it must not change unnoticed. Every byte of one checkpoint, written out by hand.
#[test]
fn the_layout_is_the_one_that_is_documented() {
    let mut state = begin::<f32, _, _>(Pcg32::<f32>::new(1, 2), deck());
    state.m = [0.5, -2.0, f32::NAN];
    state.deck.dealt = 4;
    let generator = state.stream.generator.to_words();
    let mut expected = b"polyak01".to_vec();
    expected.extend([0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01]);
    expected.extend([7, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([4, 1, 0, 0]);
    expected.extend([3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0]);
    expected.extend(generator.iter().flat_map(|word| word.to_le_bytes()));
    expected.extend([0; 16]);
    for number in [1.0f32, 1.0, 1.0, 0.5, -2.0] {
        expected.extend(number.to_le_bytes());
    }
    expected.extend([0, 0, 0xc0, 0x7f]);
    expected.extend((0..5u32).flat_map(u32::to_le_bytes));
    let written = bytes(&state, 7);
    assert_eq!(&written[..written.len() - 4], expected);
    // zlib.crc32 of the bytes before, by its definition: the remainder of all is a constant.
    let mut crc = !0u32;
    for &byte in &written {
        crc ^= u32::from(byte);
        (0..8).for_each(|_| crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 });
    }
    assert_eq!(!crc, 0x2144_df1c);
}

#[test]
fn corrupt_and_foreign_bytes_are_refused_and_change_nothing() {
    let batches = MiniBatch { landscape: squares::<f32>(), batch: 2, sampling: Sampling::Epochs };
    let mut state = begin::<f32, _, _>(Pcg32::<f32>::new(1, 2), deck());
    train(&batches, &mut state, 0, 3);
    let written = bytes(&state, 3);
    let mut other = begin::<f32, _, _>(Pcg32::<f32>::new(5, 6), deck());
    let before = bytes(&other, 0);
    let mut refused = |tag, bytes: &[u8]| {
        let error = other.restore(tag, bytes).unwrap_err();
        assert_eq!(self::bytes(&other, 0), before);
        error
    };
    for bit in 0..written.len() * 8 {
        let mut changed = written.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let expected: &[_] = match bit / 8 {
            0..8 => &[CheckpointError::Foreign],
            8..16 | 24 | 25 | 27..36 => &[CheckpointError::Other],
            _ => &[CheckpointError::Corrupt],
        };
        assert!(expected.contains(&refused(TAG, &changed)), "bit {bit}");
    }
    for length in 0..written.len() {
        assert_eq!(refused(TAG, &written[..length]), CheckpointError::Short);
    }
    assert_eq!(refused(TAG + 1, &written), CheckpointError::Other);
    assert_eq!(refused(TAG, &vec![0xff; 1000]), CheckpointError::Foreign);
    assert_eq!(refused(TAG, &vec![0; 1000]), CheckpointError::Foreign);
    // Another precision, generator or deck, the bytes whole.
    let double = bytes(&begin::<f64, _, _>(Pcg32::<f64>::new(1, 2), deck()), 3);
    assert_eq!(refused(TAG, &double), CheckpointError::Other);
    let philox = bytes(&begin::<f32, _, _>(Philox::<f32>::new(1, 2), deck()), 3);
    assert_eq!(refused(TAG, &philox), CheckpointError::Other);
    let mut bare = bytes(&begin::<f32, _, _>(Pcg32::<f32>::new(1, 2), NoDeck), 3);
    bare.resize(1000, 0);
    assert_eq!(refused(TAG, &bare), CheckpointError::Other);
    assert_eq!(other.restore(TAG, &[written, vec![9; 100]].concat()), Ok(3));
}

/// Memory that loses power after so many bytes written or erased, in the middle of either.
#[derive(Clone)]
struct Cut {
    slots: [Vec<u8>; 2],
    left: usize,
}

/// No power.
#[derive(Debug, PartialEq)]
struct Dark;

impl Cut {
    fn one(&mut self) -> Result<(), Dark> {
        self.left = self.left.checked_sub(1).ok_or(Dark)?;
        Ok(())
    }
}

impl Flash for Cut {
    type Error = Dark;

    fn slot(&self, slot: usize) -> &[u8] {
        &self.slots[slot]
    }

    fn erase(&mut self, slot: usize) -> Result<(), Dark> {
        for i in 0..self.slots[slot].len() {
            self.one()?;
            self.slots[slot][i] = 0xff;
        }
        Ok(())
    }

    fn write(&mut self, slot: usize, offset: usize, bytes: &[u8]) -> Result<(), Dark> {
        for (i, &byte) in bytes.iter().enumerate() {
            self.one()?;
            // Flash clears bits; it cannot set them.
            assert_eq!(self.slots[slot][offset + i], 0xff, "written without an erase");
            self.slots[slot][offset + i] &= byte;
        }
        Ok(())
    }
}

const EVERY: u64 = 2;
const STEPS: u64 = 8;

/// Trains to the end with a checkpoint every 2 steps, from the last one that is there; the state at the end if the power lasts,
/// and after how many steps it began.
fn life(flash: &mut Cut) -> (u64, Result<Vec<u8>, Dark>) {
    let batches = MiniBatch { landscape: squares::<f32>(), batch: 2, sampling: Sampling::Epochs };
    let mut state = begin::<f32, _, _>(Pcg32::<f32>::new(1, 2), deck());
    let mut store = TwoSlots(flash.clone());
    let from = store.load(TAG, &mut state).unwrap_or(0);
    let mut step = from;
    let mut end = Ok(());
    while step < STEPS && end.is_ok() {
        train(&batches, &mut state, step, step + EVERY);
        step += EVERY;
        end = store.save(TAG, step, &state);
    }
    *flash = store.0;
    (from, end.map(|()| bytes(&state, STEPS)))
}

#[test]
fn a_cut_at_every_byte_costs_one_checkpoint_at_most() {
    let size = checkpoint_size(4, D, N);
    // Slots larger than a checkpoint, with what a factory or another program left in them.
    let fresh = |fill: u8| Cut { slots: [vec![fill; size + 13], vec![fill; size + 13]], left: usize::MAX };
    for fill in [0xff, 0x00, 0x5a] {
        let mut whole = fresh(fill);
        let (from, end) = life(&mut whole);
        let (from, end) = (from, end.unwrap());
        assert_eq!(from, 0);
        let all = (size + 13 + size) * (STEPS / EVERY) as usize;
        assert_eq!(usize::MAX - whole.left, all);
        for cut in 0..all {
            let mut flash = fresh(fill);
            flash.left = cut;
            assert_eq!(life(&mut flash), (0, Err(Dark)), "cut after {cut} bytes");
            flash.left = usize::MAX;
            let (from, again) = life(&mut flash);
            // A checkpoint is there from its last byte on.
            let saved = cut / (size + 13 + size) * EVERY as usize;
            assert_eq!(from as usize, saved, "cut after {cut} bytes");
            assert_eq!(again.unwrap(), end, "cut after {cut} bytes");
        }
    }
}

/// A second cut while the first one is made good: still nothing is lost but the steps of one checkpoint.
#[test]
fn a_second_cut_at_every_byte_after_a_first_one() {
    let size = checkpoint_size(4, D, N);
    let fresh = || Cut { slots: [vec![0xff; size], vec![0xff; size]], left: usize::MAX };
    let end = life(&mut fresh()).1.unwrap();
    let one = 2 * size;
    for first in (one..3 * one).step_by(5) {
        let mut flash = fresh();
        flash.left = first;
        assert_eq!(life(&mut flash).1, Err(Dark));
        for second in (0..one).step_by(3) {
            let mut flash = flash.clone();
            flash.left = second;
            let (from, dark) = life(&mut flash);
            assert_eq!((from as usize, dark), (first / one * EVERY as usize, Err(Dark)));
            flash.left = usize::MAX;
            let (again, done) = life(&mut flash);
            assert_eq!(again, from, "cuts after {first} and {second} bytes");
            assert_eq!(done.unwrap(), end, "cuts after {first} and {second} bytes");
        }
    }
}
