//! What crosses crates is tested here, in `tests/`; `goldens/` holds what other programs computed.
