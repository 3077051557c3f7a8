//! The digest of final states.

use polyak_core::real::Scalar;
use serde::{Deserialize, Serialize};

/// 64-bit FNV-1a over numbers, each little-endian, every NaN as the one quiet NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Takes in numbers in order.
    pub fn update<S: Scalar>(&mut self, numbers: &[S]) {
        for number in numbers {
            self.update_bytes(&number.to_canonical_bits().to_le_bytes()[..S::BYTES]);
        }
    }

    /// Takes in bytes in order.
    pub fn update_bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_vectors_of_fnv_1a() {
        let mut digest = Digest::default();
        assert_eq!(digest.to_string(), "cbf29ce484222325");
        // The published FNV-1a of "foobar" is 85944171f73967e8: "foob" in one number, "ar" taken off the rest by hand.
        digest.update(&[f32::from_le_bytes(*b"foob")]);
        for byte in *b"ar" {
            digest.0 = (digest.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        assert_eq!(digest.to_string(), "85944171f73967e8");
    }

    #[test]
    fn every_nan_counts_as_the_same_one() {
        let digest = |x: f64| {
            let mut digest = Digest::default();
            digest.update(&[x]);
            digest
        };
        assert_eq!(digest(f64::NAN), digest(-f64::from_bits(0x7ff0_0000_0000_0001)));
        assert_ne!(digest(0.0), digest(-0.0));
    }
}
