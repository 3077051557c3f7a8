//! When the recurrence converges, and when it oscillates.

use polyak_core::optimizer::Coefficients;

use super::transition::{Direction, Transition, immediate_step};

/// The ranges of the curvature κ = ±h + λ that coefficients held constant can cope with.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Thresholds {
    /// Mean and covariance converge if and only if 0 < κ < this.
    pub stable_below: f64,
    /// A's eigenvalues are complex, so that the mean swings around the minimum, for κ strictly between these; beyond the
    /// second they are real and at least one is negative, so that it hops from side to side. Both are 1/η for SGD.
    pub oscillates: [f64; 2],
}

/// Thresholds of the recurrence, from the Jury conditions |det A| < 1, |tr A| < 1 + det A and the sign of tr² − 4 det, with
/// e = gradient_step + momentum_step·gain, β = decay, s = gradient_step:
///
/// ```text
/// stable       κ < min(2(1+β)/(e + βs), (1+β)/(βs))
/// complex      e²κ² − 2κ(e(1+β) − 2βs) + (1−β)² < 0
/// ```
///
/// For SGDM (e = η(1−β), s = 0) that is ηh < 2(1+β)/(1−β) and (1−√β)/(1+√β) < ηh < (1+√β)/(1−√β); for the heavy ball
/// (e = γ) γh < 2(1+β), LB's ε_eff h < 2(1+m)/(1−m).
///
/// ```
/// use polyak::theory::stability::thresholds;
/// use polyak_core::optimizer::Method;
/// let sgdm = thresholds(&Method::Sgdm.coefficients(1, 1.0, 0.9));
/// assert!((sgdm.stable_below - 38.0).abs() < 1e-12);
/// let sgd = thresholds(&Method::Sgd.coefficients(1, 0.5, 0.0));
/// assert_eq!((sgd.stable_below, sgd.oscillates), (4.0, [2.0, 2.0]));
/// ```
pub fn thresholds(c: &Coefficients<f64>) -> Thresholds {
    let (e, beta, s) = (immediate_step(c), c.decay, c.gradient_step);
    let flip = 2.0 * (1.0 + beta) / (e + beta * s);
    let other = if beta * s > 0.0 { (1.0 + beta) / (beta * s) } else { f64::INFINITY };
    // e²κ² − 2pκ + (1−β)²: its discriminant p² − e²(1−β)² is 4β(e − s)(e − βs).
    let p = e * (1.0 + beta) - 2.0 * beta * s;
    let root = 2.0 * (beta * (e - s) * (e - beta * s)).max(0.0).sqrt();
    let upper = (p + root) / (e * e);
    let lower = (1.0 - beta) * (1.0 - beta) / (p + root);
    Thresholds { stable_below: flip.min(other), oscillates: [lower, upper] }
}

/// How one direction behaves while the coefficients stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Mode {
    /// h.
    pub curvature: f64,
    /// The larger modulus of A's eigenvalues: deviations of the mean shrink with its kth power, of the variance with its 2kth.
    pub spectral_radius: f64,
    /// Whether it is below 1.
    pub stable: bool,
    /// Whether the mean passes the minimum again and again: complex or negative real eigenvalues.
    pub oscillates: bool,
}

/// The behaviour along curvature `h`.
pub fn mode(c: &Coefficients<f64>, direction: Direction, h: f64) -> Mode {
    let transition = Transition::new(c, direction, h);
    let spectral_radius = transition.spectral_radius();
    let discriminant = transition.discriminant();
    let oscillates = discriminant < 0.0 || transition.trace() - discriminant.sqrt() < 0.0;
    Mode { curvature: h, spectral_radius, stable: spectral_radius < 1.0, oscillates }
}

/// 1/h_max: LB's ε_thres, the rate above which plain SGD oscillates in the steepest direction and below which momentum has nothing
/// to offer; `None` where nothing curves upwards.
pub fn effective_rate_threshold(curvatures: &[f64]) -> Option<f64> {
    let steepest = curvatures.iter().copied().fold(0.0, f64::max);
    (steepest > 0.0).then(|| 1.0 / steepest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use polyak_core::optimizer::Method;

    const PLAIN: Direction = Direction { sign: 1.0, weight_decay: 0.0 };

    fn methods() -> Vec<Method> {
        let heavy = |dampening, nesterov| Method::HeavyBall { dampening, nesterov, first_step: true };
        vec![
            Method::Sgd,
            Method::Sgdm,
            heavy(0.0, false),
            heavy(0.4, false),
            heavy(0.0, true),
            Method::Qhm { nu: 0.7 },
            Method::Qhm { nu: 0.1 },
        ]
    }

    /// The h in `range` where `below` turns from true to false.
    fn bisect(mut range: [f64; 2], below: impl Fn(f64) -> bool) -> f64 {
        assert!(below(range[0]) && !below(range[1]));
        for _ in 0..200 {
            let middle = 0.5 * (range[0] + range[1]);
            range[usize::from(!below(middle))] = middle;
        }
        range[0]
    }

    /// A's eigenvalues by nalgebra's Schur decomposition, not by our formula.
    fn eigenvalues(c: &Coefficients<f64>, h: f64) -> [(f64, f64); 2] {
        let a = Transition::new(c, PLAIN, h).a;
        let values = nalgebra::Matrix2::new(a[0][0], a[0][1], a[1][0], a[1][1]).complex_eigenvalues();
        [(values[0].re, values[0].im), (values[1].re, values[1].im)]
    }

    fn radius(c: &Coefficients<f64>, h: f64) -> f64 {
        eigenvalues(c, h).iter().map(|(re, im)| (re * re + im * im).sqrt()).fold(0.0, f64::max)
    }

    #[test]
    fn stability_limit_is_where_the_spectral_radius_passes_one() {
        for method in methods() {
            for (rate, beta) in [(0.1, 0.9), (2.0, 0.5), (0.3, 0.1), (1.0, 0.99)] {
                let c = method.coefficients(1, rate, beta);
                let limit = thresholds(&c).stable_below;
                let found = bisect([0.5 * limit, 2.0 * limit], |h| radius(&c, h) < 1.0);
                assert!((found / limit - 1.0).abs() < 1e-6, "{method:?} {rate} {beta}: {found} {limit}");
                for h in [0.1, 0.5, 0.9, 0.999, 1.001, 3.0].map(|f| f * limit) {
                    let mode = mode(&c, PLAIN, h);
                    assert!((mode.spectral_radius - radius(&c, h)).abs() < 1e-7, "{method:?}");
                    assert_eq!(mode.stable, h < limit);
                }
            }
        }
    }

    #[test]
    fn oscillation_begins_and_ends_where_the_eigenvalues_turn_complex_and_real() {
        for method in methods().into_iter().skip(1) {
            for (rate, beta) in [(0.1, 0.9), (2.0, 0.5), (0.3, 0.1)] {
                let c = method.coefficients(1, rate, beta);
                let [lower, upper] = thresholds(&c).oscillates;
                let complex = |h: f64| eigenvalues(&c, h)[0].1 != 0.0;
                let middle = (lower * upper).sqrt();
                let start = bisect([0.1 * lower, middle], |h| !complex(h));
                let end = bisect([middle, 10.0 * upper], complex);
                assert!((start / lower - 1.0).abs() < 1e-9, "{method:?} {rate} {beta}: {start} {lower}");
                assert!((end / upper - 1.0).abs() < 1e-9, "{method:?} {rate} {beta}: {end} {upper}");
                assert!(
                    !mode(&c, PLAIN, 0.99 * lower).oscillates && mode(&c, PLAIN, 1.01 * lower).oscillates
                );
            }
        }
        let sgd = Method::Sgd.coefficients(1, 0.5, 0.0);
        assert!(!mode(&sgd, PLAIN, 1.99).oscillates && mode(&sgd, PLAIN, 2.01).oscillates);
    }

    #[test]
    fn sgdm_limits_are_the_closed_forms() {
        for (eta, beta) in [(0.1_f64, 0.9_f64), (0.7, 0.3)] {
            let limits = thresholds(&Method::Sgdm.coefficients(1, eta, beta));
            let root = beta.sqrt();
            let expected =
                [2.0 * (1.0 + beta) / (1.0 - beta), (1.0 - root) / (1.0 + root), (1.0 + root) / (1.0 - root)];
            for (measured, expected) in
                [limits.stable_below, limits.oscillates[0], limits.oscillates[1]].into_iter().zip(expected)
            {
                assert!((measured * eta / expected - 1.0).abs() < 1e-12);
            }
        }
    }
}
