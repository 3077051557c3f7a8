//! The digest of numbers, the one that the command prints for a run.

use polyak_core::real::Scalar;

/// 64-bit FNV-1a over numbers, each little-endian, every NaN as the one quiet NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Takes in one number.
    pub fn update<S: Scalar>(&mut self, number: S) {
        let bytes = number.to_canonical_bits().to_le_bytes();
        self.update_bytes(bytes.get(..S::BYTES).unwrap_or_default());
    }

    /// Takes in bytes.
    pub fn update_bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// The digest of what was taken in.
    pub fn value(self) -> u64 {
        self.0
    }
}
