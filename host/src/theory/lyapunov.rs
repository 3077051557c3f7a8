//! The discrete Lyapunov equation.

use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix2, OMatrix};

/// Doublings after which the sum of 2⁶⁴ terms has converged or never will.
const DOUBLINGS: usize = 64;

/// P = Σ_{k≥0} Aᵏ Q Aᵀᵏ, the solution of P = A P Aᵀ + Q, by doubling: P ← P + A P Aᵀ, A ← A².
///
/// A and Q are square and of one size. `None` if the sum diverges, that is unless the spectral radius of A is below 1 (by
/// more than rounding).
///
/// ```
/// use nalgebra::DMatrix;
/// let p = polyak::theory::lyapunov::solve(&DMatrix::from_element(1, 1, 0.5), &DMatrix::from_element(1, 1, 3.0)).unwrap();
/// assert!((p[0] - 4.0).abs() < 1e-15);
/// ```
pub fn solve(a: &DMatrix<f64>, q: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    doubling(a.clone(), a.clone(), q.clone())
}

/// P = Σ Aᵏ Q Bᵀᵏ for 2 × 2 matrices: the covariance between two modes.
pub fn solve_pair(a: &[[f64; 2]; 2], b: &[[f64; 2]; 2], q: &[[f64; 2]; 2]) -> Option<[[f64; 2]; 2]> {
    let matrix = |m: &[[f64; 2]; 2]| Matrix2::new(m[0][0], m[0][1], m[1][0], m[1][1]);
    let p = doubling(matrix(a), matrix(b), matrix(q))?;
    Some([[p[(0, 0)], p[(0, 1)]], [p[(1, 0)], p[(1, 1)]]])
}

fn doubling<D: Dim>(
    mut a: OMatrix<f64, D, D>,
    mut b: OMatrix<f64, D, D>,
    q: OMatrix<f64, D, D>,
) -> Option<OMatrix<f64, D, D>>
where
    DefaultAllocator: Allocator<D, D>,
{
    let mut p = q;
    for _ in 0..DOUBLINGS {
        let added = &a * &p * b.transpose();
        p += &added;
        let size = p.amax();
        if !size.is_finite() {
            return None;
        }
        if added.amax() <= f64::EPSILON * f64::EPSILON * size {
            return Some(p);
        }
        a = &a * &a;
        b = &b * &b;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residual_vanishes_and_divergence_is_seen() {
        for d in [1_usize, 3, 8, 20] {
            // A matrix of spectral radius below 1 with nothing symmetric about it.
            let a = DMatrix::from_fn(d, d, |i, j| {
                let x = ((i * 7 + j * 13 + 5) % 17) as f64 / 17.0 - 0.5;
                if i == j { 0.6 + 0.3 * x } else { x / d as f64 }
            });
            let root = DMatrix::from_fn(d, d, |i, j| ((i * 5 + j * 3 + 1) % 11) as f64 / 11.0);
            let q = &root * root.transpose();
            let p = solve(&a, &q).unwrap();
            let residual = (&p - &a * &p * a.transpose() - &q).amax();
            assert!(residual < 1e-13 * p.amax(), "d = {d}: {residual:e}");
            assert_eq!(solve(&(a * 3.0), &q), None);
        }
    }

    #[test]
    fn two_directions_with_their_own_matrices() {
        let (a, b) = ([[0.5, -0.3], [0.2, 0.9]], [[0.1, 0.4], [-0.3, 0.7]]);
        let q = [[1.0, 0.2], [-0.4, 2.0]];
        let p = solve_pair(&a, &b, &q).unwrap();
        for i in 0..2 {
            for j in 0..2 {
                let mut sum = q[i][j];
                for k in 0..2 {
                    for l in 0..2 {
                        sum += a[i][k] * p[k][l] * b[j][l];
                    }
                }
                assert!((p[i][j] - sum).abs() < 1e-14);
            }
        }
    }
}
