//! The hash that gives each trajectory its stream.

/// Word `n` of the hash of (seed, trajectory): SplitMix64's finaliser over the seed, then over trajectory and n.
///
/// Two rounds, so that neither neighbouring seeds nor neighbouring trajectories nor a seed traded for a trajectory give
/// related words.
#[inline(always)]
pub fn stream_hash(seed: u64, trajectory: u64, n: u64) -> u64 {
    let seed = mix(seed.wrapping_add(GOLDEN));
    let key = mix(seed ^ trajectory.wrapping_mul(ODD).wrapping_add(GOLDEN));
    mix(key.wrapping_add(n.wrapping_add(1).wrapping_mul(GOLDEN)))
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const ODD: u64 = 0xd6e8_feb8_6659_fd93;

/// SplitMix64's finaliser (Steele, Lea and Flood 2014, with Stafford's constants): a bijection of 64-bit words.
#[inline(always)]
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
