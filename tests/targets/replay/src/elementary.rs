//! The elementary functions and the fixed-tree sum on a fixed sequence of numbers.

use polyak_core::observe::chunk_sum;
use polyak_core::random::{PcgLane, stream_hash};
use polyak_core::real::{LaneArray, Real, Scalar, double};

use crate::Digest;

/// Numbers that each function is asked for.
const NUMBERS: u64 = 512;

/// Number `n`: half of them any bits whatever (infinities, NaN and subnormals among them), half between −8 and 8.
fn number<S: Scalar>(n: u64) -> S {
    let word = stream_hash(11, n, 0);
    if n & 1 == 0 { S::from_low_bits(word) } else { S::from_f64((word as i64 as f64) * EIGHT) }
}

const EIGHT: f64 = 1.0 / 1_152_921_504_606_846_976.0;

/// Digests `f` of every number, in lanes.
#[inline(always)]
fn each<F: Real>(digest: &mut Digest, f: impl Fn(F::Scalar) -> F::Scalar) {
    for first in (0..NUMBERS).step_by(F::LANES) {
        let values = F::from_fn(|lane| number(first + lane as u64)).map(&f);
        for &value in values.to_array().as_slice() {
            digest.update(value);
        }
    }
}

/// All functions of one precision.
#[inline(always)]
pub fn run_all<F: Real>(digest: &mut Digest) {
    each::<F>(digest, F::Scalar::root);
    each::<F>(digest, F::Scalar::logarithm);
    each::<F>(digest, F::Scalar::exponential);
    each::<F>(digest, F::Scalar::hyperbolic_tangent);
    each::<F>(digest, F::Scalar::logistic);
    each::<F>(digest, |t| t.sin_cos_turn().0);
    each::<F>(digest, |t| t.sin_cos_turn().1);
    each::<F>(digest, |x| F::Scalar::from_f64(double::pow(x.to_f64().abs(), 0.7)));
    let mut words = PcgLane::new(5, 9);
    for _ in 0..NUMBERS / 2 {
        for z in F::Scalar::gaussian_pair(&mut words) {
            digest.update(z);
        }
        let (exponential, sign) = F::Scalar::signed_exponential(&mut words);
        digest.update(exponential * sign);
        digest.update(F::Scalar::centred_uniform(&mut words));
    }
    let sum = chunk_sum::<F>(|pack| {
        F::from_fn(|lane| number::<F::Scalar>(2 * (pack * F::LANES + lane) as u64 + 1))
    });
    digest.update(sum);
}
