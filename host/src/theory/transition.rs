//! One step on one eigendirection: the 2×2 matrix that moves s = (x, m).

use polyak_core::optimizer::Coefficients;

use crate::experiment::model::Run;

/// s' = A s + b(c + n), s = (x, m): one step of the recurrence along an eigenvector of H with curvature h, where the gradient
/// is hx + c and n the noise.
///
/// With e = gradient_step + momentum_step·gain, κ = ±h + λ and ± the sign of `maximize`,
///
/// ```text
/// A = [[1 − eκ, −momentum_step·decay], [gain·κ, decay]],   b = ±(−e, gain).
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition {
    /// A, row by row.
    pub a: [[f64; 2]; 2],
    /// b: what a unit of gradient noise adds to (x, m).
    pub b: [f64; 2],
}

/// What of an update rule does not change with the step: the sign of the gradient and the weight decay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Direction {
    /// −1 for `maximize`, else 1.
    pub sign: f64,
    /// λ.
    pub weight_decay: f64,
}

impl Direction {
    /// Of a run.
    pub fn of(run: &Run) -> Self {
        Self { sign: if run.maximize { -1.0 } else { 1.0 }, weight_decay: run.weight_decay }
    }

    /// κ = ±h + λ: the curvature that the optimiser sees.
    pub fn curvature(self, h: f64) -> f64 {
        self.sign * h + self.weight_decay
    }

    /// E u = ±(hx + c) + λx at a certain x.
    pub fn mean(self, h: f64, c: f64, x: f64) -> f64 {
        self.curvature(h) * x + self.sign * c
    }
}

/// e = gradient_step + momentum_step·gain: how far x moves at once along a unit of u.
pub fn immediate_step(c: &Coefficients<f64>) -> f64 {
    c.gradient_step + c.momentum_step * c.gain
}

/// η = gradient_step + momentum_step·gain/(1 − decay): how far a unit of gradient moves x in the end, LB's
/// ε_eff = ε/(1−m) for the heavy ball, η itself for SGD, SGDM and QHM.
///
/// ```
/// use polyak::theory::transition::effective_rate;
/// use polyak_core::optimizer::Method;
/// let heavy_ball = Method::HeavyBall { dampening: 0.0, nesterov: false, first_step: true };
/// assert_eq!(effective_rate(&heavy_ball.coefficients(1, 0.25, 0.75)), 1.0);
/// assert_eq!(effective_rate(&Method::Sgdm.coefficients(1, 0.25, 0.75)), 0.25);
/// ```
pub fn effective_rate(c: &Coefficients<f64>) -> f64 {
    c.gradient_step + c.momentum_step * c.gain / (1.0 - c.decay)
}

impl Transition {
    /// The step with coefficients `c` along curvature `h`.
    ///
    /// ```
    /// use polyak::theory::transition::{Direction, Transition};
    /// use polyak_core::optimizer::Method;
    /// let c = Method::Sgdm.coefficients(1, 0.5, 0.75);
    /// let step = Transition::new(&c, Direction { sign: 1.0, weight_decay: 0.0 }, 2.0);
    /// assert_eq!(step.a, [[0.75, -0.375], [0.5, 0.75]]); // [[1 − η(1−β)h, −ηβ], [(1−β)h, β]]
    /// assert_eq!(step.b, [-0.125, 0.25]); // (1−β)(−η, 1)
    /// ```
    pub fn new(c: &Coefficients<f64>, direction: Direction, h: f64) -> Self {
        let (e, kappa) = (immediate_step(c), direction.curvature(h));
        Self {
            a: [[1.0 - e * kappa, -c.momentum_step * c.decay], [c.gain * kappa, c.decay]],
            b: [-direction.sign * e, direction.sign * c.gain],
        }
    }

    /// A s + b·force.
    pub fn apply(&self, s: [f64; 2], force: f64) -> [f64; 2] {
        let [[xx, xm], [mx, mm]] = self.a;
        [xx * s[0] + xm * s[1] + self.b[0] * force, mx * s[0] + mm * s[1] + self.b[1] * force]
    }

    /// tr A.
    pub fn trace(&self) -> f64 {
        self.a[0][0] + self.a[1][1]
    }

    /// det A.
    pub fn determinant(&self) -> f64 {
        self.a[0][0] * self.a[1][1] - self.a[0][1] * self.a[1][0]
    }

    /// (tr A)² − 4 det A: negative where the eigenvalues are a complex pair and the mean oscillates.
    pub fn discriminant(&self) -> f64 {
        // (a − d)² + 4bc does not cancel where tr² and 4 det nearly do.
        let difference = self.a[0][0] - self.a[1][1];
        difference * difference + 4.0 * self.a[0][1] * self.a[1][0]
    }

    /// The larger modulus of A's eigenvalues: mean and covariance converge if and only if it is below 1.
    ///
    /// ```
    /// # use polyak::theory::transition::{Direction, Transition};
    /// # use polyak_core::optimizer::Method;
    /// let c = Method::Sgd.coefficients(0, 0.5, 0.0);
    /// let step = Transition::new(&c, Direction { sign: 1.0, weight_decay: 0.0 }, 3.0);
    /// assert_eq!(step.spectral_radius(), 0.5); // |1 − ηh|
    /// ```
    pub fn spectral_radius(&self) -> f64 {
        let discriminant = self.discriminant();
        if discriminant < 0.0 {
            self.determinant().max(0.0).sqrt()
        } else {
            0.5 * (self.trace().abs() + discriminant.sqrt())
        }
    }
}
