//! Numbers of each law, indices, and SVAG of two draws.

use polyak_core::oracle::svag_weights;
use polyak_core::random::{Generator, Law, Pcg32, Philox, Stream, StudentT};
use polyak_core::real::{LaneArray, Scalar};
use polyak_replay::Digest;

/// Both generators.
pub fn all<S: Scalar>(digest: &mut Digest) {
    each(Pcg32::<S>::new, digest);
    each(Philox::<S>::new, digest);
}

fn each<S: Scalar, R: Generator<S>>(generator: impl Fn(u64, u64) -> R, digest: &mut Digest) {
    let student = StudentT::new(5.0).expect("5 is above 2");
    let laws = [Law::Gaussian, Law::Rademacher, Law::Uniform, Law::Laplace, Law::StudentT(student)];
    let [first, second] = svag_weights(3.0).expect("3 is above a half").map(S::from_f64);
    for (trajectory, law) in (0..).zip(laws) {
        let mut stream = Stream::<S, _>::new(generator(7, trajectory));
        let mut z = [S::ZERO; 13];
        stream.draw(law, 13, &mut |i, number| z[i] = number);
        z.iter().for_each(|&z| digest.update(z));
        let mut indices = [0; 9];
        stream.indices(1_000_003, 9, |i, j| indices[i] = j.as_slice()[0]);
        indices.iter().for_each(|j: &u32| digest.update_bytes(&j.to_le_bytes()));
        (0..6).for_each(|i| digest.update(z[i] * first + z[i + 6] * second));
    }
}
