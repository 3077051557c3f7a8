//! How many trajectories are computed side by side.

use polyak_core::real::{Lanes, Real};

/// Lanes of both precisions.
pub trait Width {
    /// Lanes of `f32`.
    type Single: Real<Scalar = f32>;
    /// Lanes of `f64`.
    type Double: Real<Scalar = f64>;
}

/// One trajectory at a time: a board, a GPU thread.
#[derive(Debug, Clone, Copy)]
pub struct Scalars;

impl Width for Scalars {
    type Single = f32;
    type Double = f64;
}

/// The lanes of the CPU back end with SSE2: four of its registers.
#[derive(Debug, Clone, Copy)]
pub struct Few;

impl Width for Few {
    type Single = Lanes<f32, 16>;
    type Double = Lanes<f64, 8>;
}

/// The lanes of the CPU back end elsewhere: four registers of AVX-512.
#[derive(Debug, Clone, Copy)]
pub struct Wide;

impl Width for Wide {
    type Single = Lanes<f32, 64>;
    type Double = Lanes<f64, 32>;
}
