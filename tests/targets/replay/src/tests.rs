//! The set is what it says it is, and does not depend on how many lanes it is computed in.

use polyak_core::landscape::{AnyFiniteSum, AnyLandscape};
use polyak_core::real::Lanes;

use super::*;

/// Another number of lanes than those of the CPU back end, which `polyak-native` and the firmware hold against trajectories computed alone.
struct Narrow;

impl Width for Narrow {
    type Single = Lanes<f32, 4>;
    type Double = Lanes<f64, 2>;
}

#[test]
fn lanes_do_not_change_the_digest() {
    assert_eq!(digest(), digest_in::<Narrow>(&EVERYWHERE));
}

#[test]
fn each_trajectory_counts() {
    assert_ne!(digest_of(&[3]), digest_of(&[4]));
    assert_ne!(digest_of(&[3, 30]), digest_of(&[30, 3]));
}

/// A network that the set could not make would be another landscape, in silence.
#[test]
fn networks_are_networks() {
    let data = data::Data::<f32>::new();
    let of = |number: usize| setting::setting(number, &data, false).oracle.landscape;
    let networks = (0..SETTINGS)
        .filter(|&number| matches!(of(number), AnyLandscape::FiniteSum(AnyFiniteSum::Network(_))));
    assert!(networks.eq(18..24));
}
