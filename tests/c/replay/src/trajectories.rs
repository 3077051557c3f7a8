//! The settings of tests/targets that C has gradients for.

use polyak_core::landscape::Landscape;
use polyak_core::oracle::NoDeck;
use polyak_core::random::{Generator, Stream};
use polyak_core::real::Scalar;
use polyak_core::trajectory::{State, advance};
use polyak_replay::{Data, Digest, coefficients, setting};

const SETTINGS: [usize; 12] = [0, 1, 2, 3, 4, 5, 6, 12, 14, 15, 16, 17];

/// Every setting, plain and under SVAG.
pub fn all<S: Scalar, R: Generator<S>>(generator: impl Fn(u64, u64) -> R, digest: &mut Digest) {
    let data = Data::<S>::new();
    for number in SETTINGS {
        for svag in [false, true] {
            let setting = setting(number, &data, svag);
            let d = setting.oracle.landscape.dimension();
            let (mut x, mut m, mut g) = (data.start[..d].to_vec(), vec![S::ZERO; d], vec![S::ZERO; d]);
            let stream = Stream::<S, _>::new(generator(number as u64 + 1, 3));
            let mut state = State { x: x.as_mut_slice(), m: m.as_mut_slice(), stream, deck: NoDeck };
            let steps = coefficients(&setting);
            advance(&setting.oracle, &setting.update, steps, &mut state, g.as_mut_slice(), &mut ());
            x.iter().chain(&m).for_each(|&number| digest.update(number));
        }
    }
}
