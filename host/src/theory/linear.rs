//! Closed forms at constant gradient: MV section 3.1.
//!
//! g ~ N(c, v), SGDM with constant η and β, x₀ = 0 and m₀ either 0 or drawn from its stationary law N(c, v(1−β)/(1+β)). Powers of
//! β are taken by repeated multiplication.

/// SGDM on a constant gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Linear {
    /// η.
    pub rate: f64,
    /// β in [0, 1).
    pub momentum: f64,
    /// c.
    pub gradient: f64,
    /// v: variance of the gradient noise.
    pub variance: f64,
    /// m₀ from its stationary law instead of 0.
    pub stationary: bool,
}

/// βᵏ by squaring.
fn power(base: f64, mut k: u64) -> f64 {
    let (mut square, mut product) = (base, 1.0);
    while k > 0 {
        if k & 1 == 1 {
            product *= square;
        }
        square *= square;
        k >>= 1;
    }
    product
}

impl Linear {
    /// E(x_k − x₀): −kηc from the stationary m₀, −ηc\[k − β(1−βᵏ)/(1−β)\] from 0.
    ///
    /// ```
    /// use polyak::theory::linear::Linear;
    /// let sgdm = Linear { rate: 1.0, momentum: 0.5, gradient: 1.0, variance: 1.0, stationary: false };
    /// assert_eq!(sgdm.mean(2), -1.25); // m₁ = ½, m₂ = ¾
    /// ```
    pub fn mean(&self, k: u64) -> f64 {
        let (beta, steps) = (self.momentum, k as f64);
        let late = if self.stationary { 0.0 } else { beta * (1.0 - power(beta, k)) / (1.0 - beta) };
        -self.rate * self.gradient * (steps - late)
    }

    /// Var x_k: vη²\[k − 2β(1−βᵏ)/(1−β²)\] from the stationary m₀ (MV 3.1), and
    /// vη²\[k − 2β(1−βᵏ)/(1−β) + β²(1−β²ᵏ)/(1−β²)\] from 0.
    pub fn variance(&self, k: u64) -> f64 {
        let (beta, steps) = (self.momentum, k as f64);
        let (one, two) = (1.0 - power(beta, k), 1.0 - power(beta * beta, k));
        let square = 1.0 - beta * beta;
        let effective = if self.stationary {
            steps - 2.0 * beta * one / square
        } else {
            steps - 2.0 * beta * one / (1.0 - beta) + beta * beta * two / square
        };
        self.variance * self.rate * self.rate * effective
    }

    /// Var(x_{k+1} − x_k) = vη²(1−β)/(1+β) at stationarity: (1−β)/(1+β) times SGD's vη² (MV 3.1).
    pub fn step_variance(&self) -> f64 {
        self.variance * self.rate * self.rate * (1.0 - self.momentum) / (1.0 + self.momentum)
    }

    /// Var x_k of SGD at the same rate: kvη².
    pub fn sgd_variance(&self, k: u64) -> f64 {
        self.variance * self.rate * self.rate * k as f64
    }

    /// 2vη²/(1−β): above the *difference* of SGD's and SGDM's Var x_k for every k (MV 3.1), stationary m₀ or not.
    pub fn difference_bound(&self) -> f64 {
        2.0 * self.variance * self.rate * self.rate / (1.0 - self.momentum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::model::{Covariance, InitialMomentum, Landscape, Law, Noise, Optimizer};
    use crate::schedule::Schedule;
    use crate::theory::exact;
    use crate::theory::tests::{close, experiment, run};

    #[test]
    fn closed_forms_are_the_recursion() {
        let (c, v) = (0.7, 1.9);
        let noise = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity };
        let experiment = experiment(Landscape::Linear { gradient: vec![c] }, &[0.0], noise);
        for (rate, momentum) in [(0.1, 0.9), (1.3, 0.5), (0.4, 0.0), (0.2, 0.995)] {
            for stationary in [true, false] {
                let closed = Linear { rate, momentum, gradient: c, variance: v, stationary };
                let mut run =
                    run(Optimizer::Sgdm, Schedule::Constant(rate), Schedule::Constant(momentum), 2000);
                run.noise_scale = v.sqrt();
                if stationary {
                    run.initial_momentum = InitialMomentum::Stationary;
                }
                let steps = [0, 1, 2, 3, 10, 100, 2000];
                for moments in exact(&experiment, &run, &steps).unwrap().moments {
                    let k = moments.step;
                    close(closed.mean(k), moments.mean[0], 1e-12, "mean");
                    close(closed.variance(k), moments.variance[0], 1e-12, "variance");
                    let difference = closed.sgd_variance(k) - moments.variance[0];
                    assert!(difference >= -1e-12 && difference <= closed.difference_bound());
                    if stationary {
                        // x moves by ηm' and m is stationary.
                        let m = moments.momentum_covariance.unwrap()[(0, 0)];
                        close(rate * rate * m, closed.step_variance(), 1e-12, "one step");
                    }
                }
            }
        }
    }

    #[test]
    fn the_bound_is_not_idle() {
        let closed = Linear { rate: 1.0, momentum: 0.9, gradient: 0.0, variance: 1.0, stationary: false };
        let difference = closed.sgd_variance(1000) - closed.variance(1000);
        assert!(difference > 0.5 * closed.difference_bound());
    }
}
