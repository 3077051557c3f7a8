//! One step's change of the expected loss in its parts, after MV lemma 2.4.

use polyak_core::optimizer::Coefficients;

use super::exact::Recursion;
use super::transition::{Direction, immediate_step};

/// The parts of E L(x_{k+1}) − E L(x_k).
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Terms {
    /// −e E⟨∇L, u⟩: descent along the gradient of this step, −η(1−β) E|∇L|² for SGDM.
    pub alignment: f64,
    /// −momentum_step·decay·E⟨∇L, m⟩: along what is left of the old momentum, −ηβ E⟨∇L, m⟩ for SGDM.
    pub momentum: f64,
    /// ½ E ΔxᵀHΔx: what the curvature takes back, ½η² E m'ᵀHm' for SGDM; its share of fresh noise is [`noise`](Self::noise).
    pub curvature: f64,
    /// ½e² tr(HN), N the covariance of this step's noise; counted within `curvature`.
    pub noise: f64,
}

impl Terms {
    /// The change of the expected loss.
    pub fn total(&self) -> f64 {
        self.alignment + self.momentum + self.curvature
    }
}

/// The terms of the step that `recursion` is about to take, from its exact moments.
///
/// With Δx = −e(u + n) − momentum_step·decay·m, u = ±∇L + λx, and n the noise, Taylor's theorem gives
/// E ΔL = E⟨∇L, Δx⟩ + ½ E ΔxᵀHΔx + (third order), and the third order is 0 on a quadratic: there the sum is exact for every η
/// and β. MV state it for SGDM; the same holds for every method here.
pub fn terms(recursion: &Recursion<'_>) -> Terms {
    let run = recursion.run();
    of_step(recursion, &run.coefficients(recursion.step()), Direction::of(run))
}

fn of_step(recursion: &Recursion<'_>, c: &Coefficients<f64>, direction: Direction) -> Terms {
    let (modes, state, noise) = (recursion.modes(), recursion.state(), recursion.noise());
    let (e, carried) = (immediate_step(c), c.momentum_step * c.decay);
    let mut terms = Terms { alignment: 0.0, momentum: 0.0, curvature: 0.0, noise: 0.0 };
    for (i, (&h, &offset)) in modes.curvature.iter().zip(&modes.gradient).enumerate() {
        let ([x, m], [xx, xm, mm]) = (state.mean[i], state.covariance.of_mode(i));
        let kappa = direction.curvature(h);
        // Means of the gradient and of u, which are both affine in x.
        let (gradient, u) = (h * x + offset, kappa * x + direction.sign * offset);
        terms.alignment -= e * (h * kappa * xx + gradient * u);
        terms.momentum -= carried * (h * xm + gradient * m);
        let fresh = e * e * noise.variance(i);
        let square = e * e * (kappa * kappa * xx + u * u)
            + 2.0 * e * carried * (kappa * xm + u * m)
            + carried * carried * (mm + m * m)
            + fresh;
        terms.curvature += 0.5 * h * square;
        terms.noise += 0.5 * h * fresh;
    }
    terms
}
