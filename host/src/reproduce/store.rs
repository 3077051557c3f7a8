//! Results on disk: one file a claim, so that an interrupted command goes on where it was.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::claim::{Budget, Outcome};
use crate::report::write_atomically;
use crate::statistics::Digest;

/// A claim's result with its picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// Digest of the program that computed it: another program's results do not count.
    pub program: String,
    /// The result.
    pub outcome: Outcome,
    /// The picture as SVG.
    pub svg: String,
}

/// Digest of the running program's own file; its version where that cannot be read.
pub fn program() -> String {
    let bytes = std::env::current_exe().and_then(std::fs::read);
    bytes.map_or_else(
        |_| env!("CARGO_PKG_VERSION").to_owned(),
        |bytes| {
            let mut digest = Digest::default();
            digest.update_bytes(&bytes);
            digest.to_string()
        },
    )
}

fn path(folder: &Path, claim: &str) -> PathBuf {
    folder.join(format!("{claim}.json"))
}

/// Writes a result.
///
/// # Errors
/// If the folder cannot be written.
pub fn save(folder: &Path, stored: &Stored) -> std::io::Result<()> {
    write_atomically(&path(folder, &stored.outcome.claim), &serde_json::to_vec_pretty(stored)?)
}

/// The result of `claim` in `folder`, if this very `program` computed it with this budget and seed.
pub fn load(folder: &Path, claim: &str, (budget, seed): (Budget, u64), program: &str) -> Option<Stored> {
    let text = std::fs::read(path(folder, claim)).ok()?;
    let stored: Stored = serde_json::from_slice(&text).ok()?;
    let outcome = &stored.outcome;
    let same = outcome.budget == budget && outcome.seed == seed && outcome.claim == claim;
    (same && stored.program == program).then_some(stored)
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_come_back_to_the_bit() {
        // Without serde_json's `float_roundtrip` some are read one unit in the last place off.
        let mut bits = 0x3fd5_5555_5555_5555_u64;
        for _ in 0..10_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = f64::from_bits(bits % 0x7ff0_0000_0000_0000);
            let back: f64 = serde_json::from_str(&serde_json::to_string(&x).unwrap()).unwrap();
            assert_eq!(back.to_bits(), x.to_bits());
        }
    }
}
