//! A quadratic loss along the eigenvectors of its Hessian.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::unsolvable::{FULL_LIMIT, Unsolvable};
use crate::experiment::model::{Data, Landscape, Matrix};

/// L = ½ Σ hᵢzᵢ² + Σ cᵢzᵢ + constant, x = Qz.
#[derive(Debug, Clone, PartialEq)]
pub struct Modes {
    /// h: eigenvalues of H.
    pub curvature: Vec<f64>,
    /// c: gradient at 0, in the eigenbasis.
    pub gradient: Vec<f64>,
    /// L(0).
    pub constant: f64,
    /// Q, eigenvectors in its columns; `None` stands for 1.
    pub basis: Option<DMatrix<f64>>,
}

impl Modes {
    /// The modes of a landscape with a linear gradient.
    ///
    /// # Errors
    /// [`Unsolvable::NotLinear`] for the others, [`Unsolvable::TooLarge`] for a dense Hessian beyond [`FULL_LIMIT`].
    pub fn of(landscape: &Landscape) -> Result<Self, Unsolvable> {
        let not_linear = |name| Err(Unsolvable::NotLinear(name));
        match landscape {
            Landscape::Linear { gradient } => Ok(Self {
                curvature: vec![0.0; gradient.len()],
                gradient: gradient.clone(),
                constant: 0.0,
                basis: None,
            }),
            Landscape::Diagonal { curvature } => Ok(Self {
                curvature: curvature.clone(),
                gradient: vec![0.0; curvature.len()],
                constant: 0.0,
                basis: None,
            }),
            Landscape::Dense { hessian } => Self::dense(dense(hessian), &DVector::zeros(hessian.rows), 0.0),
            Landscape::LeastSquares(data) => Self::least_squares(data),
            Landscape::Valley => not_linear("valley"),
            Landscape::Hyperbola => not_linear("hyperbola"),
            Landscape::Rosenbrock { .. } => not_linear("Rosenbrock"),
            Landscape::DoubleWell { .. } => not_linear("double-well"),
            Landscape::DiagonalNetwork(_) => not_linear("diagonal network"),
            Landscape::MatrixSensing { .. } => not_linear("matrix sensing"),
            Landscape::Network(_) => not_linear("network"),
        }
    }

    /// d.
    pub fn dimension(&self) -> usize {
        self.curvature.len()
    }

    /// H = AᵀA/N, c = −Aᵀy/N, L(0) = |y|²/2N.
    fn least_squares(data: &Data) -> Result<Self, Unsolvable> {
        let (a, y) = (dense(&data.inputs), DVector::from_column_slice(&data.targets));
        let count = data.inputs.rows as f64;
        let hessian = a.tr_mul(&a) / count;
        let gradient = -a.tr_mul(&y) / count;
        Self::dense(hessian, &gradient, y.norm_squared() / (2.0 * count))
    }

    fn dense(hessian: DMatrix<f64>, gradient: &DVector<f64>, constant: f64) -> Result<Self, Unsolvable> {
        check_size(hessian.nrows(), FULL_LIMIT, "a dense Hessian")?;
        let eigen = SymmetricEigen::new(hessian);
        let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
        order.sort_by(|&i, &j| eigen.eigenvalues[i].total_cmp(&eigen.eigenvalues[j]));
        let basis = eigen.eigenvectors.select_columns(&order);
        let curvature = order.iter().map(|&i| eigen.eigenvalues[i]).collect();
        let gradient = basis.tr_mul(gradient).as_slice().to_vec();
        Ok(Self { curvature, gradient, constant, basis: Some(basis) })
    }

    /// z = Qᵀx.
    pub fn into_modes(&self, x: &[f64]) -> Vec<f64> {
        match &self.basis {
            None => x.to_vec(),
            Some(q) => q.tr_mul(&DVector::from_column_slice(x)).as_slice().to_vec(),
        }
    }

    /// x = Qz.
    pub fn into_coordinates(&self, z: &[f64]) -> Vec<f64> {
        match &self.basis {
            None => z.to_vec(),
            Some(q) => (q * DVector::from_column_slice(z)).as_slice().to_vec(),
        }
    }

    /// QᵀMQ.
    pub fn matrix_into_modes(&self, m: &DMatrix<f64>) -> DMatrix<f64> {
        match &self.basis {
            None => m.clone(),
            Some(q) => q.tr_mul(&(m * q)),
        }
    }

    /// QMQᵀ.
    pub fn matrix_into_coordinates(&self, m: &DMatrix<f64>) -> DMatrix<f64> {
        match &self.basis {
            None => m.clone(),
            Some(q) => q * m * q.transpose(),
        }
    }
}

/// An experiment's matrix as nalgebra's.
pub fn dense(matrix: &Matrix) -> DMatrix<f64> {
    DMatrix::from_row_slice(matrix.rows, matrix.columns, &matrix.entries)
}

/// `Ok` up to `limit`.
pub fn check_size(dimension: usize, limit: usize, what: &'static str) -> Result<(), Unsolvable> {
    if dimension > limit {
        return Err(Unsolvable::TooLarge { dimension, limit, what });
    }
    Ok(())
}
