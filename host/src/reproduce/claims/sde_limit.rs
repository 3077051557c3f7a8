//! MV 3.2 and theorem 3.5: SGD and SGDM share the law of one stochastic differential equation as η → 0 at σ = s/√η.

use crate::experiment::model::{Covariance, Experiment, Landscape, Law, Matrix, Noise};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation, Part};
use crate::statistics::distance::{
    batched, directions, sliced_energy, sliced_energy_to_normal, sliced_wasserstein,
};
use crate::statistics::{Estimate, Line};
use crate::theory::limit;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "sde-limit",
    source: "MV 3.2, theorem 3.5",
    statement: "With noise σ = s/√η the laws of SGD and of SGDM at t = kη both go to that of dX = −∇L dt + s dW as η → 0: as whole \
                distributions, whatever the law of the noise.",
    hypothesis: "With ±1 noise, the sliced energy distance squared to the exact normal law on a dense quadratic falls with an order of \
                 at least 1.6 in η and ends below 10⁻³, for SGD, β = ½ and β = 0.9, at t = ½ and 1, and so does that between SGD and β = ½; on a double well that to a fine Euler–Maruyama scheme falls with an order of at least 1, \
                 the square of the theorem's ½, from above 10⁻³ at the largest rate to below it. Wrong if a method keeps a distance.",
    experiment: run,
    mutations: &[
        Mutation::SquaredNoise,
        Mutation::HeavyBallRate,
        Mutation::HalfTheSteps,
        Mutation::Only(Part::DoubleWell, &Mutation::HalfTheSteps),
    ],
};

const SCALE: f64 = 0.8;
/// Batches whose scatter is the error of a distance, where that is many times the error.
const BATCHES: usize = 32;
/// So many that Student's interval is right where the laws are nearly equal and a batch's distance is skewed.
const MANY: usize = 200;

/// One of the methods, and 1/η at its rates: with a long memory the limit takes smaller ones.
struct Method {
    name: &'static str,
    beta: f64,
    inverse: Vec<u32>,
}

fn methods(inverse: &[u32]) -> [Method; 3] {
    let method = |name, beta, factor: u32| {
        let inverse = inverse.iter().map(|k| factor * k).collect();
        Method { name, beta, inverse }
    };
    [method("SGD", 0.0, 1), method("SGDM, β = 0.5", 0.5, 1), method("SGDM, β = 0.9", 0.9, 8)]
}

impl Method {
    fn rates(&self) -> Vec<f64> {
        self.inverse.iter().map(|&k| 1.0 / f64::from(k)).collect()
    }

    /// Up to `time` at 1/η = `inverse`, from a seed of its own for each rate, so that the points of a line are independent.
    fn run(&self, mut experiment: Experiment, inverse: u32, time: f64) -> Experiment {
        let (eta, steps) = (1.0 / f64::from(inverse), (f64::from(inverse) * time) as u64);
        let run = if self.beta == 0.0 {
            sgd(self.name, eta, steps)
        } else {
            sgdm(self.name, eta, self.beta, steps)
        };
        experiment.seed += 1000 * u64::from(inverse);
        experiment.runs = vec![with_noise(run, SCALE / eta.sqrt())];
        experiment
    }
}

fn rademacher() -> Noise {
    Noise::Additive { law: Law::Rademacher, covariance: Covariance::Identity }
}

/// Final states.
fn final_states(laboratory: &Laboratory<'_>, experiment: &Experiment) -> Result<Vec<f64>, Failure> {
    let mut states = Vec::new();
    laboratory.ends(experiment, |sample| states.extend(sample.end(0)))?;
    Ok(states)
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("SGD and SGDM have one limit in law (MV theorem 3.5)");
    if laboratory.concerns(Part::Quadratic) {
        quadratic(laboratory, &mut findings)?;
    }
    double_well(laboratory, &mut findings)?;
    Ok(findings)
}

/// A distance with its degrees of freedom.
type Distance = (Estimate, f64);

/// The order of the distances in η, of those that are not lost in their errors.
fn order(rates: &[f64], distances: &[Distance]) -> Estimate {
    let seen = distances.iter().take_while(|(d, _)| d.value > 6.0 * d.std_error).count();
    let estimates: Vec<Estimate> = distances[..seen].iter().map(|(d, _)| *d).collect();
    Line::power_law(&rates[..seen], &estimates).map_or(Estimate::MISSING, |line| line.slope)
}

/// Distances² at each rate, and the last one from as many batches as its interval needs.
struct Curve {
    distances: Vec<Distance>,
    end: Distance,
}

impl Curve {
    /// Of `count` rates: `distance(place, batches)` is that at rate number `place`.
    fn of(count: usize, distance: impl Fn(usize, usize) -> Distance) -> Self {
        let distances = (0..count).map(|place| distance(place, BATCHES)).collect();
        Self { distances, end: distance(count - 1, MANY) }
    }

    /// Checks that it ends below 10⁻³ and falls with an order of at least `least`; draws it.
    fn tell(&self, findings: &mut Findings, panel: Panel, method: &Method, said: &Said<'_>) -> Panel {
        let Said { setting, name, color, least } = *said;
        findings.check_batches(
            format!("{setting}, {name}: distance² at η = 1/{}", method.inverse[method.inverse.len() - 1]),
            self.end,
            Hypothesis::AtMost(1e-3),
        );
        let rates = method.rates();
        findings.check(
            format!("{setting}, {name}: order of the distance²"),
            order(&rates, &self.distances),
            Hypothesis::AtLeast(least),
        );
        let drawn: Vec<Estimate> = self.distances.iter().map(|(d, _)| *d).collect();
        with_errors(panel, name, color, &rates, &drawn)
    }
}

/// How a curve is told of.
struct Said<'a> {
    setting: &'a str,
    name: &'a str,
    color: usize,
    /// Its least order.
    least: f64,
}

/// Times of the quadratic.
const TIMES: [f64; 2] = [0.5, 1.0];

fn quadratic(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(131_072, 262_144);
    let matrix = Matrix { rows: 2, columns: 2, entries: vec![1.0, 0.3, 0.3, 0.5] };
    let base = experiment(36, n, Landscape::Dense { hessian: matrix }, &[1.5, -1.0], rademacher());
    let axes = directions(2, 12);
    let inverse: &[u32] =
        laboratory.budget.pick(&[4, 8, 16, 32], &[4, 8, 16, 32, 64], &[4, 8, 16, 32, 64, 128]);
    for time in TIMES {
        let setting = format!("quadratic, t = {time}");
        let mut panel = Panel::new(
            format!("Dense quadratic, to the exact law, t = {time}"),
            Axis::log("η"),
            Axis::log("sliced energy distance²"),
        );
        // Of SGD, whose ends those of β = ½ are held against.
        let mut plain: Vec<Vec<f64>> = Vec::new();
        for (color, method) in methods(inverse).iter().enumerate() {
            let (mut states, mut laws) = (Vec::new(), Vec::new());
            for &inverse in &method.inverse {
                // A sample of its own for each method and time.
                let mut experiment = method.run(base.clone(), inverse, time);
                experiment.seed += 10_000_000 * (1 + color as u64) + u64::from(time < 1.0);
                states.push(final_states(laboratory, &experiment)?);
                laws.push(normal_limit(&experiment)?);
            }
            let to_law = Curve::of(states.len(), |place, batches| {
                let (mean, covariance) = &laws[place];
                batched(&states[place], &vec![0.0; 2 * batches], 2, batches, |x, _| {
                    sliced_energy_to_normal(x, mean, covariance, &axes)
                })
            });
            let said = Said { setting: &setting, name: method.name, color, least: 1.6 };
            panel = to_law.tell(findings, panel, method, &said);
            match method.beta {
                0.0 => plain = states,
                0.5 => {
                    let pair = |place: usize, batches: usize, distance: &dyn Fn(&[f64], &[f64]) -> f64| {
                        batched(&plain[place], &states[place], 2, batches, distance)
                    };
                    let apart = Curve::of(states.len(), |place, batches| {
                        pair(place, batches, &|x, y| sliced_energy(x, y, &axes))
                    });
                    let said = Said { name: "SGD to β = 0.5", color: 3, ..said };
                    panel = apart.tell(findings, panel, method, &said);
                    let wasserstein: Vec<Estimate> = (0..states.len())
                        .map(|place| pair(place, BATCHES, &|x, y| sliced_wasserstein(x, y, &axes)).0)
                        .collect();
                    panel = with_errors(panel, "SGD to β = 0.5, W_{2}^{2}", 4, &method.rates(), &wasserstein);
                }
                _ => {}
            }
        }
        findings.figure = std::mem::take(&mut findings.figure).with(panel);
    }
    Ok(())
}

/// Mean and covariance, row by row, of the SDE's law at the end of the experiment's run.
fn normal_limit(experiment: &Experiment) -> Result<(Vec<f64>, Vec<f64>), Failure> {
    let law = limit::limit(experiment, &experiment.runs[0]).map_err(|e| Failure::Fault(e.to_string()))?;
    let covariance = law.covariance.iter().flat_map(|c| c.transpose().as_slice().to_vec()).collect();
    Ok((law.mean, covariance))
}

fn with_errors(panel: Panel, name: &str, color: usize, x: &[f64], y: &[Estimate]) -> Panel {
    let values: Vec<f64> = y.iter().map(|y| y.value).collect();
    let errors: Vec<f64> = y.iter().map(|y| 2.0 * y.std_error).collect();
    panel.with(Series::error_bars(x, values, &errors).label(name).color(Color::cycle(color)))
}

fn double_well(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(262_144, 524_288);
    let landscape = || Landscape::DoubleWell { width: 1.0 };
    let normal = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Identity };
    let fine = experiment(37, n, landscape(), &[0.3], normal);
    let base = experiment(38, n, landscape(), &[0.3], rademacher());
    let inverse = [4, 8, 16, 32, 64];
    // Euler and Maruyama's scheme is SGD with normal noise at a rate that is small enough. It is not part of the program under test; each
    // rate has a sample of its own.
    let scheme = Method { name: "Euler-Maruyama", beta: 0.0, inverse: Vec::new() };
    let reference = |place: u64| {
        let fine = Experiment { seed: fine.seed + 10_000_000 * place, ..fine.clone() };
        final_states(&laboratory.faultless(), &scheme.run(fine, 2048, 1.0))
    };
    let references = (1..=inverse.len() as u64).map(reference).collect::<Result<Vec<_>, _>>()?;
    let mut panel =
        Panel::new("Double well, to a fine scheme", Axis::log("η"), Axis::log("energy distance²"));
    for (i, method) in methods(&inverse).iter().enumerate() {
        let run = |&inverse: &u32| final_states(laboratory, &method.run(base.clone(), inverse, 1.0));
        let states = method.inverse.iter().map(run).collect::<Result<Vec<_>, _>>()?;
        let curve = Curve::of(states.len(), |place, batches| {
            batched(&states[place], &references[place], 1, batches, |x, y| sliced_energy(x, y, &[vec![1.0]]))
        });
        let said = Said { setting: "double well", name: method.name, color: i, least: 1.0 };
        panel = curve.tell(findings, panel, method, &said);
        findings.check_batches(
            format!(
                "double well, {}: distance² at η = 1/{}, which can be told",
                method.name, method.inverse[0]
            ),
            curve.distances[0],
            Hypothesis::AtLeast(1e-3),
        );
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel).columns(3);
    Ok(())
}

#[cfg(test)]
mod tests {
    use polyak_core::random::{Law as StreamLaw, Pcg32, Stream};

    use super::*;
    use crate::statistics::Interval;

    /// Distances² of ½η² with errors, the smallest of which are lost in them: 95 % of 4000 intervals must contain the order 2, up to a z-score of 3.5.
    /// One that took in what is lost would not have a logarithm.
    #[test]
    fn intervals_of_the_order_contain_it() {
        let rates: Vec<f64> = (2..8).map(|p| 1.0 / f64::from(1 << p)).collect();
        let (repeats, std_error) = (4000_u64, 1e-4);
        let (mut hits, mut lost) = (0.0, false);
        for repeat in 0..repeats {
            let mut stream = Stream::<f64, _>::new(Pcg32::new(23, repeat));
            let mut distances = Vec::new();
            stream.draw(StreamLaw::Gaussian, rates.len(), &mut |i: usize, z: f64| {
                let value = 0.5 * rates[i] * rates[i] + std_error * z;
                distances.push((Estimate { value, std_error }, 31.0));
            });
            lost |= distances.iter().any(|(distance, _)| distance.value < 0.0);
            hits += f64::from(u8::from(Interval::of(&order(&rates, &distances), None, 0.95).contains(2.0)));
        }
        let n = repeats as f64;
        let z = (hits - 0.95 * n) / (n * 0.95 * 0.05).sqrt();
        assert!(z.abs() < 3.5 && lost, "{z}");
    }
}
