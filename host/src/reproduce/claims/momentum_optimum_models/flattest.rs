//! The flattest of the matrices that agree with what is measured.

use nalgebra::{DMatrix, SymmetricEigen};
use polyak_core::landscape::{Landscape as _, MatrixSensing};

/// Rate, momentum and steps of a descent.
const DESCENT: ([f64; 2], usize) = ([0.005, 0.99], 8000);
/// μ of one descent after the other to the flattest minimiser.
const PENALTIES: [f64; 2] = [1e-2, 1e-3];

/// What of an eigenvalue counts as 0.
const ROUGH: f64 = 0.01;

/// Measurements of a matrix.
pub struct Measured {
    /// L.
    pub landscape: MatrixSensing<Vec<f64>>,
    side: usize,
    /// S = (2/N) Σⱼ Aⱼ², row by row: on the minimisers tr ∇²L = ⟨S, UUᵀ⟩.
    pub squares: Vec<f64>,
}

/// AU of one column.
fn product<'a>(matrix: &'a [f64], column: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    let dot = move |row: &[f64]| row.iter().zip(column).map(|(a, u)| a * u).sum::<f64>();
    matrix.chunks_exact(column.len()).map(dot)
}

/// ⟨A, UUᵀ⟩.
fn form(matrix: &[f64], u: &[f64]) -> f64 {
    let side = matrix.len().isqrt();
    let of = |column: &[f64]| column.iter().zip(product(matrix, column)).map(|(u, s)| u * s).sum::<f64>();
    u.chunks_exact(side).map(of).sum()
}

impl Measured {
    /// Measurements of matrices of `side` × `side`, learned by U of `rank` columns.
    pub fn new(matrices: Vec<f64>, targets: Vec<f64>, side: usize, rank: usize) -> Self {
        let mut squares = vec![0.0; side * side];
        for matrix in matrices.chunks_exact(side * side) {
            for (i, sum) in squares.iter_mut().enumerate() {
                let (a, b) = (i / side, i % side);
                let entry: f64 = (0..side).map(|c| matrix[a * side + c] * matrix[c * side + b]).sum();
                *sum += 2.0 / targets.len() as f64 * entry;
            }
        }
        Self { landscape: MatrixSensing::new(matrices, targets, side, rank), side, squares }
    }

    fn matrices(&self) -> impl Iterator<Item = &[f64]> {
        self.landscape.matrices().chunks_exact(self.side * self.side)
    }

    /// tr ∇²L at a minimiser.
    pub fn trace(&self, u: &[f64]) -> f64 {
        form(&self.squares, u)
    }

    /// Descent of L + μ⟨S, UUᵀ⟩.
    pub fn descend(&self, penalty: f64, u: &mut [f64]) {
        let ([rate, momentum], steps) = DESCENT;
        let (mut speed, mut g) = (vec![0.0; u.len()], vec![0.0; u.len()]);
        for _ in 0..steps {
            self.landscape.gradient::<f64, _, _>(&*u, &mut g[..]);
            for (g, u) in g.chunks_exact_mut(self.side).zip(u.chunks_exact(self.side)) {
                g.iter_mut().zip(product(&self.squares, u)).for_each(|(g, s)| *g += 2.0 * penalty * s);
            }
            for ((u, speed), g) in u.iter_mut().zip(&mut speed).zip(&g) {
                *speed = momentum * *speed - g;
                *u += rate * *speed;
            }
        }
    }

    /// The flattest minimiser, the least curvature across and along the minimisers there, and a lower bound of tr ∇²L.
    ///
    /// In X = UUᵀ ⪰ 0 both L and ⟨S, X⟩ are convex: the least L/μ + ⟨S, X⟩ is below the least tr ∇²L for every μ, and Z = S − ΣⱼλⱼAⱼ,
    /// λⱼ = (yⱼ − ⟨Aⱼ, X⟩)/(2Nμ), is the dual matrix of that semidefinite programme: ZU = 0, and along the minimisers tr ∇²L has the
    /// Hessian 2Z, column by column.
    pub fn flattest(&self, from: &[f64]) -> Flattest {
        let mut u = from.to_vec();
        PENALTIES.iter().for_each(|&penalty| self.descend(penalty, &mut u));
        let penalty = PENALTIES[PENALTIES.len() - 1];
        let bound = self.trace(&u) + self.landscape.loss::<f64, _>(&u[..]) / penalty;
        let count = self.landscape.targets().len();
        let mut dual = self.squares.clone();
        for (matrix, y) in self.matrices().zip(self.landscape.targets()) {
            let multiplier = (y - form(matrix, &u)) / (2.0 * count as f64 * penalty);
            dual.iter_mut().zip(matrix).for_each(|(z, a)| *z -= multiplier * a);
        }
        self.descend(0.0, &mut u);
        let [across, along] = self.curvatures(&dual, &u);
        Flattest { least: self.trace(&u), bound, across, along }
    }

    /// The least curvature of L across the minimisers; the least along them of tr ∇²L but where U is rotated, which at rank 1 are r − 1
    /// directions.
    fn curvatures(&self, dual: &[f64], u: &[f64]) -> [f64; 2] {
        let (d, count) = (u.len(), self.landscape.targets().len());
        let images: Vec<f64> = self
            .matrices()
            .flat_map(|matrix| u.chunks_exact(self.side).flat_map(|u| product(matrix, u)))
            .collect();
        let images = DMatrix::from_vec(d, count, images);
        let decomposed = images.svd(true, false);
        let least = decomposed.singular_values.min();
        let Some(normals) = decomposed.u else { return [0.0; 2] };
        let along = DMatrix::identity(d, d) - &normals * normals.transpose();
        let same_column = |i: usize, k: usize| i / self.side == k / self.side;
        let hessian = DMatrix::from_fn(d, d, |i, k| {
            if same_column(i, k) { 2.0 * dual[i % self.side * self.side + k % self.side] } else { 0.0 }
        });
        let mut values: Vec<f64> =
            SymmetricEigen::new(&along * hessian * &along).eigenvalues.iter().copied().collect();
        values.sort_unstable_by(f64::total_cmp);
        // 0 across the minimisers, too.
        let trivial = count + d / self.side - 1;
        // A negative one is of a point that is not the flattest.
        let weakest = if values[0] < -ROUGH * values[trivial] { values[0] } else { values[trivial] };
        [2.0 / count as f64 * least * least, weakest]
    }
}

/// The flattest minimiser.
pub struct Flattest {
    /// Its tr ∇²L.
    pub least: f64,
    /// What no minimiser's is below.
    pub bound: f64,
    /// Least curvature of L across the minimisers.
    pub across: f64,
    /// Least curvature of tr ∇²L along them, but where U is rotated.
    pub along: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::sensed;

    #[test]
    fn the_trace_is_that_of_the_hessian() {
        let data = sensed(3, 4, 1, 3);
        // At the sensed matrix, which interpolates.
        let u: Vec<f64> = (0..16).map(|i| if i == 0 { 1.0 } else { 0.0 }).collect();
        let measured = Measured::new(data.inputs.entries, data.targets, 4, 4);
        let diagonal = |i: usize| {
            let (mut unit, mut product) = (vec![0.0; u.len()], vec![0.0; u.len()]);
            unit[i] = 1.0;
            measured.landscape.hessian_vector::<f64, _, _, _>(&u[..], &unit[..], &mut product[..]);
            product[i]
        };
        let hessian: f64 = (0..u.len()).map(diagonal).sum();
        assert!((hessian / measured.trace(&u) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_flattest_is_known_of_a_diagonal() {
        // One measurement, A = diag(1, 2, 2, 2), of 1: ⟨S, X⟩ = 2⟨A², X⟩ is least where A²/A is, in the first direction. Z = 2A² − 2A =
        // diag(0, 4, 4, 4), and the curvature across is 2|AU|² = 2.
        let matrix: Vec<f64> = (0..16)
            .map(|i| {
                if i == 0 {
                    1.0
                } else if i % 5 == 0 {
                    2.0
                } else {
                    0.0
                }
            })
            .collect();
        let measured = Measured::new(matrix, vec![1.0], 4, 4);
        let from: Vec<f64> = (0..16).map(|i| 0.1 + 0.01 * f64::from(i * i % 7)).collect();
        let Flattest { least, bound, across, along } = measured.flattest(&from);
        assert!((least - 2.0).abs() < 1e-4 && bound <= least && bound > 1.99, "{bound} {least}");
        assert!((across - 2.0).abs() < 0.01 && (along - 8.0).abs() < 0.05, "{across} {along}");
    }
}
