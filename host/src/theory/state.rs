//! First and second moments of (x, m) in the eigenbasis of H, and how one step moves them.

use nalgebra::DMatrix;

use super::transition::Transition;

/// Mean and covariance of (x, m), mode by mode.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// (E xᵢ, E mᵢ).
    pub mean: Vec<[f64; 2]>,
    /// The covariance.
    pub covariance: Covariance,
}

/// Covariance of (x, m).
#[derive(Debug, Clone, PartialEq)]
pub enum Covariance {
    /// The modes do not correlate: (Var xᵢ, Cov(xᵢ, mᵢ), Var mᵢ).
    Diagonal(Vec<[f64; 3]>),
    /// Any.
    Full(Box<Full>),
}

/// The three d × d blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Full {
    /// Cov(xᵢ, xⱼ).
    pub xx: DMatrix<f64>,
    /// Cov(xᵢ, mⱼ).
    pub xm: DMatrix<f64>,
    /// Cov(mᵢ, mⱼ).
    pub mm: DMatrix<f64>,
}

/// Covariance of one step's gradient noise in the eigenbasis.
#[derive(Debug, Clone, PartialEq)]
pub enum NoiseCovariance {
    /// diag.
    Diagonal(Vec<f64>),
    /// Any.
    Full(DMatrix<f64>),
}

impl NoiseCovariance {
    /// Variance along mode `i`.
    pub fn variance(&self, i: usize) -> f64 {
        match self {
            Self::Diagonal(variance) => variance[i],
            Self::Full(matrix) => matrix[(i, i)],
        }
    }

    /// The matrix.
    pub fn matrix(&self) -> DMatrix<f64> {
        match self {
            Self::Diagonal(variance) => {
                DMatrix::from_diagonal(&nalgebra::DVector::from_column_slice(variance))
            }
            Self::Full(matrix) => matrix.clone(),
        }
    }
}

impl Covariance {
    /// (Var xᵢ, Cov(xᵢ, mᵢ), Var mᵢ).
    pub fn of_mode(&self, i: usize) -> [f64; 3] {
        match self {
            Self::Diagonal(blocks) => blocks[i],
            Self::Full(full) => [full.xx[(i, i)], full.xm[(i, i)], full.mm[(i, i)]],
        }
    }

    /// The d × d block `0` (xx), `1` (xm) or `2` (mm).
    pub fn block(&self, which: usize) -> DMatrix<f64> {
        match self {
            Self::Diagonal(blocks) => {
                let diagonal =
                    nalgebra::DVector::from_iterator(blocks.len(), blocks.iter().map(|b| b[which]));
                DMatrix::from_diagonal(&diagonal)
            }
            Self::Full(full) => match which {
                0 => full.xx.clone(),
                1 => full.xm.clone(),
                _ => full.mm.clone(),
            },
        }
    }
}

impl State {
    /// x = `start` and m = `momentum` in every trajectory; the covariance is `full` or diagonal from here on.
    pub fn certain(start: &[f64], momentum: &[f64], full: bool) -> Self {
        let d = start.len();
        let mean = start.iter().zip(momentum).map(|(&x, &m)| [x, m]).collect();
        let covariance = if full {
            let zero = DMatrix::zeros(d, d);
            Covariance::Full(Box::new(Full { xx: zero.clone(), xm: zero.clone(), mm: zero }))
        } else {
            Covariance::Diagonal(vec![[0.0; 3]; d])
        };
        Self { mean, covariance }
    }

    /// One step: s' = A s + b(c + n) in every mode, with noise of covariance `noise`.
    pub fn step(&mut self, transitions: &[Transition], gradient: &[f64], noise: &NoiseCovariance) {
        for ((mean, transition), &c) in self.mean.iter_mut().zip(transitions).zip(gradient) {
            *mean = transition.apply(*mean, c);
        }
        match &mut self.covariance {
            Covariance::Diagonal(blocks) => {
                for (i, (block, transition)) in blocks.iter_mut().zip(transitions).enumerate() {
                    *block = pair_step(transition, transition, with_twin(*block), noise.variance(i)).0;
                }
            }
            Covariance::Full(full) => full.step(transitions, noise),
        }
    }
}

impl Full {
    fn step(&mut self, transitions: &[Transition], noise: &NoiseCovariance) {
        let zero_off_diagonal = |i: usize, j: usize| match noise {
            NoiseCovariance::Diagonal(variance) if i == j => variance[i],
            NoiseCovariance::Diagonal(_) => 0.0,
            NoiseCovariance::Full(matrix) => matrix[(i, j)],
        };
        for (j, right) in transitions.iter().enumerate() {
            for (i, left) in transitions.iter().enumerate().skip(j) {
                let old = [self.xx[(i, j)], self.xm[(i, j)], self.xm[(j, i)], self.mm[(i, j)]];
                let ([xx, xm, mm], mx) = pair_step(left, right, old, zero_off_diagonal(i, j));
                self.xx[(i, j)] = xx;
                self.xx[(j, i)] = xx;
                self.xm[(j, i)] = mx;
                self.xm[(i, j)] = xm;
                self.mm[(i, j)] = mm;
                self.mm[(j, i)] = mm;
            }
        }
    }
}

fn with_twin([xx, xm, mm]: [f64; 3]) -> [f64; 4] {
    [xx, xm, xm, mm]
}

/// P' = A P Bᵀ + n·bₐ b_bᵀ for P = \[xx, xm, mx, mm\] of two modes; ((xx, xm, mm), mx) of P'.
fn pair_step(left: &Transition, right: &Transition, p: [f64; 4], noise: f64) -> ([f64; 3], f64) {
    let [xx, xm, mx, mm] = p;
    let [[a, b], [c, d]] = left.a;
    // Rows of A P, then times Bᵀ.
    let (top_x, top_m) = (a * xx + b * mx, a * xm + b * mm);
    let (low_x, low_m) = (c * xx + d * mx, c * xm + d * mm);
    let [[a, b], [c, d]] = right.a;
    (
        [
            top_x * a + top_m * b + noise * left.b[0] * right.b[0],
            top_x * c + top_m * d + noise * left.b[0] * right.b[1],
            low_x * c + low_m * d + noise * left.b[1] * right.b[1],
        ],
        low_x * a + low_m * b + noise * left.b[1] * right.b[0],
    )
}
