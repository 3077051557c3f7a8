//! The integers under the random numbers: published answers, `rand_pcg`, `rand_core`'s traits, the hash of the streams.

use std::collections::HashSet;

use polyak_core::random::{PcgLane, PhiloxLane, rand_pcg, stream_hash};
use rand_core::Rng;

/// Random123 1.14, `tests/kat_vectors`, the three lines of philox4x32 10: counter, key, words.
const PHILOX: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
    ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ),
];

/// Seeds and trajectories with carries, signs and word borders among them.
const EDGES: [u64; 8] =
    [0, 1, 42, 0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 1 << 63, 0xffff_ffff_ffff_ffff];

fn pairs() -> impl Iterator<Item = (u64, u64)> {
    EDGES.into_iter().flat_map(|seed| EDGES.into_iter().map(move |trajectory| (seed, trajectory)))
}

#[test]
fn philox_gives_random123s_known_answers() {
    for (counter, key, words) in PHILOX {
        assert_eq!(PhiloxLane::block(counter, key), words, "{counter:x?} under {key:x?}");
    }
}

#[test]
fn a_philox_stream_is_its_blocks_in_order() {
    for (seed, trajectory) in pairs() {
        let hash = stream_hash(seed, 0, 2);
        let key = [hash as u32, (hash >> 32) as u32];
        let mut stream = PhiloxLane::new(seed, trajectory);
        for block in 0..5 {
            let counter = [block, 0, trajectory as u32, (trajectory >> 32) as u32];
            for word in PhiloxLane::block(counter, key) {
                assert_eq!(stream.next_u32(), word, "seed {seed}, trajectory {trajectory}, block {block}");
            }
        }
    }
}

#[test]
fn pcg_gives_the_published_demo() {
    // pcg32-demo of the PCG C library: seed 42, stream 54, round 1.
    let mut demo = PcgLane { state: 0, increment: 54 << 1 | 1 };
    demo.next_u32();
    demo.state = demo.state.wrapping_add(42);
    demo.next_u32();
    let words = [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e];
    assert_eq!([(); 6].map(|()| demo.next_u32()), words);
}

#[test]
fn pcg_equals_rand_pcg_word_for_word() {
    for (seed, trajectory) in pairs() {
        let (mut ours, mut theirs) = (PcgLane::new(seed, trajectory), rand_pcg(seed, trajectory));
        for k in 0..1000 {
            assert_eq!(ours.next_u32(), theirs.next_u32(), "seed {seed}, trajectory {trajectory}, word {k}");
        }
        assert_eq!(ours.next_u64(), theirs.next_u64());
        let (mut a, mut b) = ([0; 11], [0; 11]);
        ours.fill_bytes(&mut a);
        theirs.fill_bytes(&mut b);
        assert_eq!(a, b);
        assert_eq!(ours.next_u32(), theirs.next_u32());
    }
}

fn traits_agree<R: Rng + Clone>(start: R) {
    let mut words = start.clone();
    let words: Vec<u32> = (0..64).map(|_| words.next_u32()).collect();
    let mut longs = start.clone();
    for pair in words.chunks(2) {
        assert_eq!(longs.next_u64(), u64::from(pair[1]) << 32 | u64::from(pair[0]));
    }
    for length in 0..64 {
        let mut filler = start.clone();
        let mut bytes = vec![0; length];
        filler.fill_bytes(&mut bytes);
        let expected: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).take(length).collect();
        assert_eq!(bytes, expected, "{length} bytes");
        // A word that was begun is used up.
        assert_eq!(filler.next_u32(), words[length.div_ceil(4)], "after {length} bytes");
    }
}

#[test]
fn longs_and_bytes_are_the_words_in_little_endian_order() {
    for (seed, trajectory) in pairs() {
        traits_agree(PcgLane::new(seed, trajectory));
        traits_agree(PhiloxLane::new(seed, trajectory));
    }
}

#[test]
fn no_two_streams_share_a_state_or_an_increment() {
    // 2²⁰ streams: two of 2⁶³ random increments would agree with probability 6·10⁻⁸.
    let (mut states, mut increments) = (HashSet::new(), HashSet::new());
    for seed in 0..1024 {
        for trajectory in 0..1024 {
            let lane = PcgLane::new(seed, trajectory);
            assert_eq!(lane.increment & 1, 1);
            assert!(states.insert(lane.state), "state of seed {seed}, trajectory {trajectory}");
            assert!(increments.insert(lane.increment), "increment of seed {seed}, trajectory {trajectory}");
        }
    }
}

/// z of every output bit of `new` when one bit of (seed, trajectory) is flipped: 128 · `BITS` numbers of 4096 flips each.
fn avalanche(new: impl Fn(u64, u64) -> u64) -> Vec<f64> {
    let mut z = Vec::new();
    for flip in 0..128 {
        let (a, b) = if flip < 64 { (1u64 << flip, 0) } else { (0, 1u64 << (flip - 64)) };
        let mut flips = [0u32; 64];
        for i in 0..4096u64 {
            // Small seeds and trajectories, as people give them.
            let (seed, trajectory) = (i % 64, i / 64);
            let difference = new(seed, trajectory) ^ new(seed ^ a, trajectory ^ b);
            flips.iter_mut().enumerate().for_each(|(bit, count)| *count += (difference >> bit & 1) as u32);
        }
        z.extend(flips.map(|count| (f64::from(count) - 2048.0) / 32.0));
    }
    z
}

#[test]
fn every_bit_of_seed_and_trajectory_turns_every_bit_of_the_first_words() {
    // 8192 z-scores each: the largest of so many stays below 5.2 with probability 0.998. Pairs that differ in one of the
    // lower six bits are met twice, which makes their variance 2.
    let first = |mut r: PcgLane| r.next_u64();
    let philox = |mut r: PhiloxLane| r.next_u64();
    for z in [
        avalanche(|s, t| first(PcgLane::new(s, t))),
        avalanche(|s, t| philox(PhiloxLane::new(s, t))),
        avalanche(|s, t| stream_hash(s, t, 0)),
        avalanche(|s, t| stream_hash(s, t, 1)),
    ] {
        let twice = |i: usize| i / 64 % 64 < 6;
        let scaled = z.iter().enumerate().map(|(i, z)| if twice(i) { z / 2f64.sqrt() } else { *z });
        let largest = scaled.fold(0f64, |m, z| m.max(z.abs()));
        assert!(largest < 5.2, "{largest}");
    }
}
