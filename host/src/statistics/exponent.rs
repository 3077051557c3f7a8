//! Exponents of power laws in several variables, from batches.

use nalgebra::DMatrix;

use super::{Estimate, mean_of};

/// Singular values of the logarithms below this are no variation.
const VARIES: f64 = 1e-9;

/// The exponents p of y = A·Πⱼ xⱼ^{pⱼ}, with the degrees of freedom of their errors: fitted by least squares in the logarithms to each batch by
/// itself, so that the batches' scatter is the error whatever the points have in common. `y[i]` has what each batch has at `x[i]`. Not a
/// number where the x do not say, or a y is not positive.
///
/// ```
/// use polyak::statistics::exponents;
/// let x = [[1.0, 1.0], [2.0, 1.0], [1.0, 3.0]];
/// let y = x.map(|[a, b]| vec![5.0 * a * a / b, 7.0 * a * a / b]);
/// let [(p, degrees), (q, _)] = exponents(&x, &y);
/// assert!((p.value - 2.0).abs() < 1e-12 && (q.value + 1.0).abs() < 1e-12 && p.std_error < 1e-12 && degrees == 1.0);
/// ```
pub fn exponents<const D: usize>(x: &[[f64; D]], y: &[Vec<f64>]) -> [(Estimate, f64); D] {
    let design = DMatrix::from_fn(x.len(), D + 1, |i, j| if j == 0 { 1.0 } else { libm::log(x[i][j - 1]) });
    let known = x.len() == y.len() && x.iter().flatten().all(|&x| x > 0.0) && design.rank(VARIES) == D + 1;
    let inverse = if known { design.pseudo_inverse(VARIES).ok() } else { None };
    let Some(inverse) = inverse else { return [(Estimate::MISSING, 1.0); D] };
    let batches = y.first().map_or(0, Vec::len);
    core::array::from_fn(|j| {
        let of = |batch: usize| -> f64 {
            y.iter().enumerate().map(|(i, y)| inverse[(j + 1, i)] * libm::log(y[batch])).sum()
        };
        mean_of(&(0..batches).map(of).collect::<Vec<_>>())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_vary_has_no_exponent() {
        let y = vec![vec![1.0, 1.0]; 3];
        let [(p, _), (q, _)] = exponents(&[[1.0, 2.0], [2.0, 2.0], [3.0, 2.0]], &y);
        assert!(p.value.is_nan() && q.value.is_nan());
        let [(p, _)] = exponents(&[[1.0], [2.0], [3.0]], &[vec![1.0], vec![0.0], vec![-1.0]]);
        assert!(!p.value.is_finite());
    }
}
