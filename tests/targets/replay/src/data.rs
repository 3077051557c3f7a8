//! The numbers that landscapes and covariances are made of, rounded once to the precision of a run.

use polyak_core::real::Scalar;
use polyak_core::schedule::{Constant, Cosine, Table, averaged};

/// The largest dimension of the set.
pub const DIMENSION: usize = 20;

/// The largest dimension of a landscape that is no network.
const SMALL: usize = 5;

/// Examples of the finite sums.
pub const EXAMPLES: usize = 7;

/// Arrays in one precision.
pub struct Data<S> {
    /// x₀.
    pub start: [S; SMALL],
    /// Five numbers of both signs.
    pub slope: [S; SMALL],
    /// Five positive numbers.
    pub curvature: [S; SMALL],
    /// Five more.
    pub spread: [S; SMALL],
    /// A positive definite 3 × 3 matrix.
    pub hessian: [S; 9],
    /// A lower triangle, column by column.
    pub factor: [S; 9],
    /// Seven rows of three.
    pub inputs: [S; 21],
    /// Seven classes of two.
    pub classes: [S; EXAMPLES],
    /// Seven numbers.
    pub targets: [S; EXAMPLES],
    /// The averaged schedule of a cosine under momentum 0.9.
    pub averaged: Table<[f64; 64]>,
}

impl<S: Scalar> Data<S> {
    /// The same real numbers in any precision.
    pub fn new() -> Self {
        let mut rates = [0.0; 64];
        averaged(&Cosine { from: 0.1, to: 0.01, steps: 80 }, &Constant(0.9), &mut rates);
        Self {
            start: [0.9, -1.2, 0.35, 1.7, -0.6].map(S::from_f64),
            slope: [0.3, -0.7, 0.11, 0.0, 1.9].map(S::from_f64),
            curvature: [0.1, 0.3, 1.0, 2.7, 0.02].map(S::from_f64),
            spread: [0.5, 0.01, 1.3, 0.9, 0.2].map(S::from_f64),
            hessian: [1.1, 0.2, -0.3, 0.2, 0.7, 0.1, -0.3, 0.1, 1.9].map(S::from_f64),
            factor: [0.8, 0.1, -0.2, 0.0, 0.6, 0.3, 0.0, 0.0, 1.1].map(S::from_f64),
            inputs: [
                0.7, -0.2, 1.1, 0.4, 0.9, -1.3, 0.05, 0.6, 0.8, -1.0, 0.3, 0.2, 1.4, -0.7, 0.1, 0.33, 0.44,
                -0.55, -0.6, 1.2, 0.9,
            ]
            .map(S::from_f64),
            classes: [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0].map(S::from_f64),
            targets: [0.6, -0.1, 1.0, 0.3, -0.9, 0.2, 0.77].map(S::from_f64),
            averaged: Table(rates),
        }
    }
}
