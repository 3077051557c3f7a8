//! What crosses crates is tested in `tests/`; `goldens/` holds what other programs computed; here is what the tests share.

pub mod batches;
pub mod ensemble;
pub mod experiments;
pub mod sample;
pub mod statistics;
