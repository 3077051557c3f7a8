//! What crosses crates is tested in `tests/`; `goldens/` holds what other programs computed; here is what the tests share.

pub mod batches;
pub mod ensemble;
pub mod experiments;
pub mod sample;
pub mod statistics;

/// Whether this machine has an instruction set that lanes are for: `avx2`, `avx512`. Says so where a test has to do without.
pub fn has(set: &str) -> bool {
    let has = polyak_lanes::Width::available().iter().any(|width| width.name() == set);
    if !has {
        eprintln!("{set}: not run, this processor does not have it");
    }
    has
}
