//! The set is what it says it is, and does not depend on how many lanes it is computed in.

use polyak_core::real::Lanes;

use super::*;

/// Another number of lanes.
struct Narrow;

impl Width for Narrow {
    type Single = Lanes<f32, 4>;
    type Double = Lanes<f64, 2>;
}

#[test]
fn lanes_do_not_change_the_digest() {
    assert_eq!(digest(), digest_in::<Wide>(&EVERYWHERE));
    assert_eq!(digest(), digest_in::<Narrow>(&EVERYWHERE));
}

#[test]
fn each_trajectory_counts() {
    assert_ne!(digest_of(&[3]), digest_of(&[4]));
    assert_ne!(digest_of(&[3, 30]), digest_of(&[30, 3]));
}
