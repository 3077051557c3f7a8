//! The order of a stream's numbers: the same in lanes of any width, in pieces of any length, resumed anywhere.

use polyak_core::random::{FromRng, Generator, Law, Pcg32, PcgLane, Philox, PhiloxLane, Stream, stream_hash};
use polyak_core::real::{Lanes, Real, Scalar};
use polyak_tests::sample::{CONTINUOUS, Kind};
use polyak_tests::statistics::chi_square_of_counts;
use rand_core::Rng;

const LENGTH: usize = 45;

fn laws<S: Scalar>() -> impl Iterator<Item = Law<S>> {
    CONTINUOUS.into_iter().chain([Kind::Rademacher]).map(Kind::law)
}

/// The first numbers of one trajectory, straight from the law.
fn plain<S: Scalar, R: Rng>(law: Law<S>, mut words: R) -> Vec<u64> {
    (0..LENGTH.div_ceil(4))
        .flat_map(|_| law.quad(&mut words))
        .map(Scalar::to_canonical_bits)
        .take(LENGTH)
        .collect()
}

fn lanes_equal_scalars<S: Scalar, const N: usize>() {
    // Trajectories from the start, over the border of a 32-bit word, and over the end of the 64-bit ones.
    for first in [0, 5, (1 << 32) - 3, u64::MAX - 2] {
        for law in laws::<S>() {
            let mut pcg = vec![vec![]; N];
            Stream::new(Pcg32::new(7, first)).draw(law, LENGTH, &mut |_, x: Lanes<S, N>| {
                (0..N).for_each(|lane| pcg[lane].push(x.lane(lane).to_canonical_bits()));
            });
            let mut philox = vec![vec![]; N];
            Stream::new(Philox::new(7, first)).draw(law, LENGTH, &mut |_, x: Lanes<S, N>| {
                (0..N).for_each(|lane| philox[lane].push(x.lane(lane).to_canonical_bits()));
            });
            for lane in 0..N {
                let trajectory = first.wrapping_add(lane as u64);
                assert_eq!(pcg[lane], plain(law, PcgLane::new(7, trajectory)), "{law:?} {N} {trajectory}");
                assert_eq!(
                    philox[lane],
                    plain(law, PhiloxLane::new(7, trajectory)),
                    "{law:?} {N} {trajectory}"
                );
            }
        }
    }
}

#[test]
fn lanes_of_every_width_have_the_bits_of_scalars_in_f32() {
    lanes_equal_scalars::<f32, 1>();
    lanes_equal_scalars::<f32, 8>();
    lanes_equal_scalars::<f32, 16>();
    lanes_equal_scalars::<f32, 32>();
    lanes_equal_scalars::<f32, 64>();
}

#[test]
fn lanes_of_every_width_have_the_bits_of_scalars_in_f64() {
    lanes_equal_scalars::<f64, 1>();
    lanes_equal_scalars::<f64, 8>();
    lanes_equal_scalars::<f64, 16>();
    lanes_equal_scalars::<f64, 32>();
    lanes_equal_scalars::<f64, 64>();
}

fn in_pieces<F: Real, G: Generator<F> + Clone>(start: &G) {
    let long = |law| {
        let mut all: Vec<F> = vec![];
        Stream::new(start.clone()).draw(law, 400, &mut |i, x: F| {
            assert_eq!(i, all.len());
            all.push(x);
        });
        all
    };
    for law in laws::<F::Scalar>() {
        let all = long(law);
        // Each length alone; then lengths one after the other, zero among them.
        let alone = (0..13).map(|n| vec![n; 20]);
        for lengths in alone.chain([
            (0..25).collect(),
            (0..25).rev().collect(),
            vec![3, 0, 4, 1, 8, 2, 2, 7, 5, 6, 11, 9],
        ]) {
            let (mut stream, mut taken) = (Stream::new(start.clone()), 0);
            for n in lengths {
                let mut put = 0;
                stream.draw(law, n, &mut |i, x: F| {
                    assert_eq!(i, put, "the places come in order");
                    assert_eq!(x, all[taken + i], "{law:?}: number {} in a piece of {n}", taken + i);
                    put += 1;
                });
                assert_eq!(put, n);
                taken += n;
                // As from a checkpoint.
                let (left, block) = stream.block();
                stream = Stream::resume(stream.generator.clone(), left, block);
            }
        }
    }
}

#[test]
fn pieces_of_any_length_are_one_sequence_and_resume_anywhere() {
    in_pieces::<f32, _>(&Pcg32::<f32>::new(3, 9));
    in_pieces::<f64, _>(&Philox::<f64>::new(3, 9));
    in_pieces::<Lanes<f32, 8>, _>(&Pcg32::<Lanes<f32, 8>>::new(3, 9));
    in_pieces::<Lanes<f64, 4>, _>(&Philox::<Lanes<f64, 4>>::new(3, 9));
    in_pieces::<f32, _>(&FromRng(PhiloxLane::new(3, 9)));
}

#[test]
fn any_generator_of_rand_core_gives_what_its_words_say() {
    for law in laws::<f64>() {
        let mut numbers = vec![];
        Stream::new(FromRng(PcgLane::new(5, 6)))
            .draw(law, LENGTH, &mut |_, x: f64| numbers.push(x.to_canonical_bits()));
        assert_eq!(numbers, plain(law, PcgLane::new(5, 6)));
    }
}

/// Words of many lanes are made by another way than those of one: of any number of lanes, and wherever the halves of a counter end.
#[test]
fn words_of_any_number_of_lanes_are_those_of_each() {
    fn check<const N: usize>(seed: u64, first: u64, block: u64) {
        let mut words = [[0u32; N]; 4].map(Lanes);
        Philox::<Lanes<f32, N>>::resume(seed, first, block).words(&mut words);
        for lane in 0..N {
            let trajectory = first.wrapping_add(lane as u64);
            let hash = stream_hash(seed, 0, 2);
            let halves = |word: u64| [word as u32, (word >> 32) as u32];
            let ([a, b], [c, d]) = (halves(block), halves(trajectory));
            let expected = PhiloxLane::block([a, b, c, d], halves(hash));
            assert_eq!(
                words.map(|word| word.0[lane]),
                expected,
                "lane {lane} of {N} from {first}, block {block}"
            );
        }
        let mut pcg = Pcg32::<Lanes<f32, N>>::new(seed, first);
        pcg.words(&mut words);
        pcg.words(&mut words);
        for lane in 0..N {
            let mut alone = PcgLane::new(seed, first.wrapping_add(lane as u64));
            let expected = [(); 8].map(|()| alone.next_u32());
            assert_eq!(words.map(|word| word.0[lane]), expected[4..], "lane {lane} of {N} from {first}");
        }
    }
    for first in [0, 256, (1 << 32) - 128, (1 << 32) - 127, (1 << 32) - 1, (5 << 40) + 7, u64::MAX - 9] {
        for block in [0, 1, (1 << 32) - 1, 1 << 32, (9 << 32) + 3, u64::MAX] {
            check::<1>(3, first, block);
            check::<16>(3, first, block);
            check::<32>(3, first, block);
            check::<64>(3, first, block);
            check::<65>(3, first, block);
            check::<96>(3, first, block);
            check::<128>(1 << 40, first, block);
        }
    }
}

/// The first `n` indices on 0..`count` of 16 trajectories.
fn indices<G: Generator<Lanes<f32, 16>>>(generator: G, count: u32, n: usize) -> Vec<[u32; 16]> {
    let mut all = vec![];
    Stream::new(generator).indices(count, n, |i, index| {
        assert_eq!(i, all.len());
        all.push(index.0);
    });
    all
}

#[test]
fn indices_are_the_scaled_words() {
    for count in [0, 1, 2, 3, 1000, 1 << 31, u32::MAX] {
        let (pcg, philox) = (indices(Pcg32::new(2, 11), count, 31), indices(Philox::new(2, 11), count, 31));
        for lane in 0..16 {
            let (mut a, mut b) = (PcgLane::new(2, 11 + lane), PhiloxLane::new(2, 11 + lane));
            let scaled = |word: u32| ((u64::from(word) * u64::from(count)) >> 32) as u32;
            for (pcg, philox) in pcg.iter().zip(&philox) {
                assert_eq!(pcg[lane as usize], scaled(a.next_u32()));
                assert_eq!(philox[lane as usize], scaled(b.next_u32()));
            }
        }
    }
}

#[test]
fn the_rest_of_the_last_four_words_of_indices_is_dropped() {
    for n in 0..9usize {
        let mut stream: Stream<f32, _> = Stream::new(Pcg32::new(2, 11));
        stream.indices(10, n, |_, _| ());
        let mut words = PcgLane::new(2, 11);
        (0..n.next_multiple_of(4)).for_each(|_| _ = words.next_u32());
        let mut next = 0;
        stream.indices(u32::MAX, 1, |_, index| next = index[0]);
        assert_eq!(next, ((u64::from(words.next_u32()) * u64::from(u32::MAX)) >> 32) as u32);
    }
}

#[test]
fn indices_are_uniform_and_in_range() {
    // 2¹⁸ indices: over 16 trajectories, χ² of all counts; p within [10⁻⁴, 1 − 10⁻⁴].
    for count in [1u32, 2, 7, 100, 1000] {
        for all in [indices(Pcg32::new(4, 0), count, 1 << 14), indices(Philox::new(4, 0), count, 1 << 14)] {
            let mut counts = vec![0u64; count as usize];
            all.iter().flatten().for_each(|&index| counts[index as usize] += 1);
            if count > 1 {
                let p = chi_square_of_counts(&counts, f64::from(1 << 18) / f64::from(count));
                assert!((1e-4..0.9999).contains(&p), "0..{count}: p = {p}");
            }
        }
    }
}

/// FNV-1a over the bits of the first 45 numbers of 16 trajectories.
fn digest<S: Scalar, R: Rng>(law: Law<S>, new: fn(u64, u64) -> R) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for number in (0..16).flat_map(|trajectory| plain(law, new(1, trajectory))) {
        for byte in number.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// A change here changes every published number: say so in the changelog as *value-breaking*.
#[test]
fn the_bits_have_not_changed() {
    let digests: Vec<String> = laws::<f32>()
        .zip(laws::<f64>())
        .map(|(single, double)| {
            let (pcg, philox) = (PcgLane::new, PhiloxLane::new);
            let [a, b] = [digest(single, pcg), digest(single, philox)];
            let [c, d] = [digest(double, pcg), digest(double, philox)];
            format!("{a:016x} {b:016x} {c:016x} {d:016x}")
        })
        .collect();
    // Pcg32 and Philox in f32, then in f64; the laws in the order of `CONTINUOUS`, then Rademacher.
    assert_eq!(
        digests,
        [
            "4e159a3c8cdb8f60 54df746c98a66e86 adf0ad8677e7bd2f 7a3b74c1d7fa74e6",
            "f00202b13049e5cd 5fec81abfa5529e0 203035accaf5129c 374c267fbc37ddec",
            "d5ebf21b6fe506e3 8d52c74dfd12f79f bfc649eb28f12144 373eb52293c3313e",
            "5faa1f2e6bc4ccf9 8a9cc7ccdd658d7c 3efa8edafd6403d6 d4884d1c182f06d9",
            "80e9734aaa15f889 3f3dd1156d8255e9 9844fbae6ad7673a 9c0f9ab2a112ce29",
            "f623e25798e97aee 4553d1b189e33f79 e6c76840d375243d 26777b0b188b32ba",
            "5ef17e7b39837625 f1abae5a4a4e7ca5 1b17e30834836e25 90eac0ffef781ea5",
        ]
    );
}
