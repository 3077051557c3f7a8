//! The Ornstein–Uhlenbeck limit of SGD and SGDM on a quadratic loss.

use nalgebra::DMatrix;

/// dX = −(κX + c)dt + s dW along one direction: the limit of SGD and of SGDM as η → 0 at t = kη with σ = s/√η (MV theorem 3.5
/// in the regime σ ≤ η^{−1/2}).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrnsteinUhlenbeck {
    /// κ: curvature, any sign.
    pub curvature: f64,
    /// c: gradient at 0.
    pub gradient: f64,
    /// s²: variance of the driving noise per unit of time, ησ²Σ.
    pub diffusion: f64,
}

impl OrnsteinUhlenbeck {
    /// E X_t from X₀ = `start`: start·e^{−κt} − c(1−e^{−κt})/κ.
    pub fn mean(&self, start: f64, t: f64) -> f64 {
        start * libm::exp(-self.curvature * t) - self.gradient * decayed_time(self.curvature, t)
    }

    /// Var X_t = (s²/2κ)(1 − e^{−2κt}) from a certain X₀.
    ///
    /// ```
    /// use polyak::theory::sde::OrnsteinUhlenbeck;
    /// let brownian = OrnsteinUhlenbeck { curvature: 0.0, gradient: 0.0, diffusion: 2.0 };
    /// assert_eq!(brownian.variance(3.0), 6.0);
    /// ```
    pub fn variance(&self, t: f64) -> f64 {
        self.diffusion * decayed_time(2.0 * self.curvature, t)
    }

    /// Var X_∞ = s²/2κ; `None` unless κ > 0.
    pub fn stationary_variance(&self) -> Option<f64> {
        (self.curvature > 0.0).then(|| self.diffusion / (2.0 * self.curvature))
    }
}

/// Cov X_t of dX = −KX dt + S^{1/2}dW in the eigenbasis of K: S_ij(1 − e^{−(κᵢ+κⱼ)t})/(κᵢ+κⱼ).
///
/// `curvatures`: d eigenvalues; `diffusion`: d × d, S in the eigenbasis.
pub fn covariance(curvatures: &[f64], diffusion: &DMatrix<f64>, t: f64) -> DMatrix<f64> {
    DMatrix::from_fn(diffusion.nrows(), diffusion.ncols(), |i, j| {
        diffusion[(i, j)] * decayed_time(curvatures[i] + curvatures[j], t)
    })
}

/// ∫₀ᵗ e^{−κs} ds = (1 − e^{−κt})/κ, t at κ = 0.
pub fn decayed_time(curvature: f64, t: f64) -> f64 {
    if curvature == 0.0 { t } else { -libm::expm1(-curvature * t) / curvature }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::model::{Covariance, Landscape, Law, Matrix, Noise, Optimizer};
    use crate::schedule::Schedule;
    use crate::theory::tests::{close, experiment, run};
    use crate::theory::{exact, modes::Modes};

    /// The error of Var x_k against the limit at t = kη = 1 halves when η does, for SGD and SGDM alike: order 1 and a limit in
    /// one.
    #[test]
    fn sgd_and_sgdm_converge_to_the_limit() {
        let (h, s) = (1.3, 0.8);
        let limit = OrnsteinUhlenbeck { curvature: h, gradient: 0.4, diffusion: s * s };
        for (optimizer, beta) in [(Optimizer::Sgd, 0.0), (Optimizer::Sgdm, 0.5)] {
            let errors: Vec<[f64; 2]> = [1024_u32, 2048, 4096]
                .into_iter()
                .map(|count| {
                    let eta = 1.0 / f64::from(count);
                    let noise = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity };
                    let experiment = experiment(Landscape::Diagonal { curvature: vec![h] }, &[1.5], noise);
                    let mut run =
                        run(optimizer, Schedule::Constant(eta), Schedule::Constant(beta), u64::from(count));
                    run.noise_scale = s / eta.sqrt();
                    let moments = exact(&experiment, &run, &[u64::from(count)]).unwrap().moments.remove(0);
                    close(moments.time, 1.0, 1e-12, "time");
                    let free = OrnsteinUhlenbeck { gradient: 0.0, ..limit };
                    [moments.mean[0] - free.mean(1.5, 1.0), moments.variance[0] - limit.variance(1.0)]
                })
                .collect();
            for which in 0..2 {
                for pair in errors.windows(2) {
                    let ratio = pair[0][which] / pair[1][which];
                    assert!((ratio - 2.0).abs() < 0.1, "{optimizer:?}: {ratio}");
                }
            }
        }
    }

    /// Mean and covariance satisfy their differential equations.
    #[test]
    fn moments_solve_their_equations() {
        let d = 3;
        let entries = vec![1.0, 0.3, 0.0, 0.3, 0.5, -0.2, 0.0, -0.2, 0.8];
        let hessian = Matrix { rows: d, columns: d, entries };
        let modes = Modes::of(&Landscape::Dense { hessian }).unwrap();
        let diffusion = DMatrix::from_fn(d, d, |i, j| if i == j { 1.0 } else { 0.2 * (i + j) as f64 });
        let (t, dt) = (0.7, 1e-5);
        let at = |t| covariance(&modes.curvature, &diffusion, t);
        let slope = (at(t + dt) - at(t - dt)) / (2.0 * dt);
        let p = at(t);
        for i in 0..d {
            for j in 0..d {
                let k = modes.curvature[i] + modes.curvature[j];
                close(slope[(i, j)], diffusion[(i, j)] - k * p[(i, j)], 1e-9, "dP/dt");
            }
        }
        let ou = OrnsteinUhlenbeck { curvature: 0.6, gradient: 0.9, diffusion: 1.0 };
        let slope = (ou.mean(2.0, t + dt) - ou.mean(2.0, t - dt)) / (2.0 * dt);
        close(slope, -(0.6 * ou.mean(2.0, t) + 0.9), 1e-9, "dμ/dt");
        close(ou.variance(1e3), ou.stationary_variance().unwrap(), 1e-15, "stationary");
    }
}
