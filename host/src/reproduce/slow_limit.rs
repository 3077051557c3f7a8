//! FF's scaling limit on the hyperbola *(derived)*: what the heavy ball does along uv = 1 as γ, ε → 0 with 1−β = C(εγ)^{2/3}.
//!
//! With time in units of (εγ)^{−2/3} steps nothing is left but C. Across the manifold x'' + (1−β)x' = −γhx + γε√h ξ is an oscillator of
//! many turns in that time; its amplitude, slow, is a complex Ornstein–Uhlenbeck process a, with energy e = |a|² per h and its action
//! kept while h changes. Along the manifold (u, v) = (e^θ, e^{−θ}), of metric h = tr ∇²L = 2 cosh 2θ, it pushes with −½e∇h:
//!
//! θ'' + ½(h'/h)θ'² + Cθ' = −½ e h'/h, a' = −½Ca − ¼(h'/h)θ'a + ½(ξ₁ + iξ₂).
//!
//! At rest e = 1/(2C), and for C ≫ 1 that is FF's drift, D' = −D/C² for D = u² − v².

use polyak_core::random::{FromRng, Law, PcgLane, Stream};

use super::laboratory::Failure;
use super::settling_time::{Curve, LEVEL, settle};

/// Euler's step.
const STEP: f64 = 0.01;
/// Steps between points of time that are looked at.
const EVERY: usize = 2;
const SEED: u64 = 60;

/// u² + v² − 2 on uv = 1 at D = u² − v².
pub fn excess(d: f64) -> f64 {
    (d * d + 4.0).sqrt() - 2.0
}

/// Settling times from D = `start`, of `batches` batches of `trajectories` each.
///
/// # Errors
/// [`Failure::Interrupted`] if `stopped` says so.
pub fn slow_limit(
    start: f64,
    (grid, watched): (&[f64], fn(f64) -> f64),
    [batches, trajectories]: [usize; 2],
    stopped: impl Fn() -> bool,
) -> Result<Curve, Failure> {
    let mut settled = Vec::new();
    for &c in grid {
        if stopped() {
            return Err(Failure::Interrupted);
        }
        let points = (watched(c) / STEP) as usize / EVERY + 1;
        let times: Vec<f64> = (0..points).map(|point| (point * EVERY) as f64 * STEP).collect();
        let level = LEVEL * excess(start) * trajectories as f64;
        let batch = |batch: usize| {
            let mut sums = vec![0.0; points];
            for trajectory in 0..trajectories {
                let index = (batch * trajectories + trajectory) as u64;
                add_path(start, c, Stream::new(FromRng(PcgLane::new(SEED, index))), &mut sums);
            }
            settle(&times, &sums, level)
        };
        settled.push((0..batches).map(batch).collect());
    }
    Ok(Curve::new(grid, watched, &settled))
}

/// Adds the excess along one path.
fn add_path(start: f64, c: f64, mut stream: Stream<f64, FromRng<PcgLane>>, sums: &mut [f64]) {
    let (mut d, mut speed, mut a) = (start, 0.0, [0.0, 0.0]);
    for sum in sums {
        *sum += excess(d);
        stream.draw(Law::Gaussian, 2 * EVERY, &mut |i, xi: f64| {
            let part = i % 2;
            // D = 2 sinh 2θ, h = √(D² + 4), h'/h = 2D/h.
            let h = (d * d + 4.0).sqrt();
            let bend = 2.0 * d / h;
            if part == 0 {
                let energy = a[0] * a[0] + a[1] * a[1];
                let force = -0.5 * bend * (speed * speed + energy) - c * speed;
                let decay = 1.0 - STEP * (0.5 * c + 0.25 * bend * speed);
                a = a.map(|a| a * decay);
                speed += STEP * force;
                d += STEP * 2.0 * h * speed;
            }
            a[part] += 0.5 * STEP.sqrt() * xi;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::mean_of;

    #[test]
    fn little_momentum_leaves_the_drift() {
        // D falls as e^{−s/C²}: excess 0.05 of that at 3.75 is left at D = 0.680.
        let c = 8.0;
        let curve = slow_limit(3.75, (&[c], |c| 2.5 * c * c), [8, 64], || false).unwrap();
        let expected = c * c * libm::log(3.75 / (2.1125_f64 * 2.1125 - 4.0).sqrt());
        let (steps, _) = mean_of(&curve.steps.iter().map(|steps| steps[0]).collect::<Vec<_>>());
        assert!((steps.value / expected - 1.0).abs() < 0.03, "{steps:?} {expected}");
    }
}
