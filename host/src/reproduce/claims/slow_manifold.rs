//! MV theorem 4.5: over O(1/η²) steps SGD and SGDM drift alike along a manifold of minimisers, on three worked examples.

use polyak_core::real::double::pow;
use polyak_core::schedule::Schedule as _;

use crate::experiment::model::{Covariance, Experiment, LabelExamples, Landscape, Law, Noise, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm, with_noise};
use crate::reproduce::{Budget, Claim, Failure, Findings, Hypothesis, Laboratory, Mutation, Part, Sample};
use crate::schedule::Schedule;
use crate::statistics::{Controlled, Estimate, richardson};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "slow-manifold",
    source: "MV theorem 4.5, equation (4)",
    statement: "Near a manifold Γ of minimisers, with noise of fixed scale, the projection of x_k on Γ at T = kη² has one and the same \
                limit for SGD and SGDM, dX = λ_t ∂Φ Σ^{1/2} dW + (λ_t²/2) ∂²Φ[Σ] dt, for 1−β of order η^α, α in (0, 1), and for \
                schedules η_k = ηλ_t.",
    hypothesis: "At the smallest rate the measured number is that of the limit within 1 %: label noise on ½(uv−1)² for SGD, β = 0.9, α = ¼, ½, ¾, a rate that \
                 falls and (not in the reduced sample) one that jumps up, and at σ = 0.7; tangent noise there, under which the mean of u²−v² stays where it was within 1 %; noise across the valley ½(1+y²)x², by the same methods in all but the reduced sample. Two rates of SGD, of a constant β and of rates that vary extrapolate to it within 1 %; \
                 at α = ¼ and ¾ (¼ in the reduced sample) label noise's distance from it falls to a half at least from the first to the last rate. At η = 0.05 SGD and β = 0.9 are where they were seen before, on either side of the limit, within 2 %. \
                 Wrong if a method drifts to another place, or momentum changes nothing on the way.",
    experiment: run,
    mutations: &[
        Mutation::HeavyBallRate,
        Mutation::SquaredNoise,
        Mutation::MomentumRate(1.03),
        Mutation::EffectiveRate,
        Mutation::Only(Part::Valley, &Mutation::EffectiveRate),
    ],
};

/// One of the worked examples.
struct Example {
    name: &'static str,
    measured: &'static str,
    experiment: Experiment,
    sigma: f64,
    /// T.
    time: f64,
    /// What is measured of an end point; its mean, or its variance.
    observable: fn(&[f64]) -> f64,
    variance: bool,
    limit: f64,
    /// What SGD and β = 0.9 give at the first rate, 0.05, as seen before in a program of its own.
    seen: Option<[f64; 2]>,
    /// Rates, falling by halves.
    rates: Vec<f64>,
    /// Times as many trajectories at the last rate, whose error the extrapolation doubles.
    at_last: u64,
    methods: Vec<Method>,
}

/// How 1−β and the rate go with η.
#[derive(Clone, Copy)]
enum Method {
    Sgd,
    Sgdm(f64),
    /// 1−β = η^α.
    Alpha(f64),
    /// Rate falling linearly from 3η/2 to η/2, at this β.
    Falling(f64),
    /// Rate η/2 for the first half of the steps, then 3η/2, at this β.
    Rising(f64),
}

impl Method {
    fn name(self) -> String {
        match self {
            Self::Sgd => "SGD".into(),
            Self::Sgdm(beta) => format!("SGDM, β = {beta}"),
            Self::Alpha(alpha) => format!("SGDM, 1−β = η^{{{alpha}}}"),
            Self::Falling(0.0) => "SGD, falling rate".into(),
            Self::Falling(beta) => format!("SGDM, β = {beta}, falling rate"),
            Self::Rising(beta) => format!("SGDM, β = {beta}, rising rate"),
        }
    }

    /// The same colour in every panel.
    fn color(self) -> Color {
        Color::cycle(match self {
            Self::Sgd => 0,
            Self::Sgdm(beta) if beta > 0.85 => 1,
            Self::Sgdm(_) => 7,
            Self::Alpha(alpha) if alpha < 0.4 => 2,
            Self::Alpha(alpha) if alpha < 0.6 => 3,
            Self::Alpha(_) => 4,
            Self::Falling(0.0) => 5,
            Self::Falling(beta) if beta > 0.85 => 6,
            Self::Falling(_) => 9,
            Self::Rising(_) => 8,
        })
    }

    /// SGD at the same rates.
    fn plain(self) -> Self {
        match self {
            Self::Falling(_) => Self::Falling(0.0),
            Self::Rising(_) => Self::Rising(0.0),
            _ => Self::Sgd,
        }
    }

    /// Steps until Σ η_k² = T.
    fn run(self, eta: f64, time: f64) -> Run {
        let steps = libm::round(time / (eta * eta));
        match self {
            Self::Sgd => sgd(&self.name(), eta, steps as u64),
            Self::Sgdm(beta) => sgdm(&self.name(), eta, beta, steps as u64),
            Self::Alpha(alpha) => sgdm(&self.name(), eta, 1.0 - pow(eta, alpha), steps as u64),
            Self::Falling(beta) => {
                // ∫ λ² = 13/12 over a linear fall from 3/2 to 1/2.
                let steps = libm::round(steps * 12.0 / 13.0) as u64;
                let rate = Schedule::Linear { from: 1.5 * eta, to: 0.5 * eta, steps };
                self.varying(rate, beta, steps)
            }
            Self::Rising(beta) => {
                // ∫ λ² = 5/4.
                let steps = libm::round(steps / 1.25) as u64;
                let rate = Schedule::Step { base: 0.5 * eta, factor: 3.0, at: vec![steps / 2] };
                self.varying(rate, beta, steps)
            }
        }
    }

    fn varying(self, rate: Schedule, beta: f64, steps: u64) -> Run {
        let run =
            if beta == 0.0 { sgd(&self.name(), 0.0, steps) } else { sgdm(&self.name(), 0.0, beta, steps) };
        Run { learning_rate: rate, ..run }
    }
}

fn imbalance(x: &[f64]) -> f64 {
    x[0] * x[0] - x[1] * x[1]
}

fn examples(laboratory: &Laboratory<'_>) -> Vec<Example> {
    let budget = laboratory.budget;
    let rates = |count: usize| (0..count).map(|i| 0.05 / f64::from(1 << i)).collect::<Vec<_>>();
    let label = || Noise::Label { law: Law::Rademacher, examples: LabelExamples::One };
    let start = [2.0, 0.5];
    let many = budget.pick(512, 1024, 8192);
    let every = vec![
        Method::Sgd,
        Method::Sgdm(0.9),
        Method::Alpha(0.25),
        Method::Alpha(0.5),
        Method::Alpha(0.75),
        Method::Falling(0.0),
        Method::Falling(0.9),
    ];
    let rising = budget.pick(None, Some(Method::Rising(0.9)), Some(Method::Rising(0.9)));
    let across = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Diagonal(vec![1.0, 0.0]) };
    vec![
        Example {
            name: "½(uv−1)², label noise",
            measured: "E(u²−v²)",
            experiment: experiment(45, many, Landscape::Hyperbola, &start, label()),
            sigma: 1.0,
            time: 1.0,
            observable: imbalance,
            variance: false,
            limit: 3.75 * libm::exp(-1.0),
            seen: Some([1.271, 1.407]),
            rates: rates(budget.pick(5, 5, 6)),
            at_last: 1,
            methods: every.iter().copied().chain(rising).collect(),
        },
        // The limit goes with σ², which σ = 1 cannot tell from σ.
        Example {
            name: "½(uv−1)², label noise 0.7",
            measured: "E(u²−v²)",
            experiment: experiment(49, many, Landscape::Hyperbola, &start, label()),
            sigma: 0.7,
            time: 1.0,
            observable: imbalance,
            variance: false,
            limit: 3.75 * libm::exp(-0.49),
            seen: None,
            rates: vec![0.025, 0.0125, 0.00625],
            at_last: 1,
            methods: vec![Method::Sgd, Method::Sgdm(0.9)],
        },
        Example {
            name: "½(uv−1)², tangent noise 0.3",
            measured: "Var(u²−v²)",
            experiment: experiment(
                46,
                budget.pick(49_152, 65_536, 262_144),
                Landscape::Hyperbola,
                &start,
                gaussian(),
            ),
            sigma: 0.3,
            time: 1.0,
            observable: imbalance,
            variance: true,
            limit: tangent_variance(3.75, 0.3, 1.0),
            seen: None,
            rates: budget.pick(vec![0.025, 0.0125], vec![0.025, 0.0125], vec![0.025, 0.0125, 0.00625]),
            at_last: budget.pick(1, 3, 3),
            methods: budget.pick(
                vec![Method::Sgd, Method::Sgdm(0.8)],
                vec![Method::Sgd, Method::Sgdm(0.8), Method::Alpha(0.5), Method::Falling(0.8)],
                vec![Method::Sgd, Method::Sgdm(0.8), Method::Alpha(0.5), Method::Falling(0.8)],
            ),
        },
        Example {
            name: "Valley ½(1+y²)x², noise across",
            measured: "E y",
            experiment: experiment(47, 4 * many, Landscape::Valley, &[0.0, 1.5], across),
            sigma: 1.0,
            time: 2.0,
            observable: |x| x[1],
            variance: false,
            limit: valley_limit(1.5, 2.0),
            seen: Some([0.984, 1.031]),
            rates: rates(4),
            at_last: 1,
            methods: budget.pick(
                vec![Method::Sgd, Method::Sgdm(0.9), Method::Alpha(0.5)],
                every.clone(),
                every.clone(),
            ),
        },
    ]
}

/// y with y²e^{y²} = y₀²e^{y₀²}e^{−T}, by bisection.
fn valley_limit(start: f64, time: f64) -> f64 {
    let level = |y: f64| 2.0 * libm::log(y) + y * y;
    let target = level(start) - time;
    let (mut low, mut high) = (1e-9, start);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if level(middle) > target { high = middle } else { low = middle }
    }
    low
}

/// Var D(T) of dD = 2s(D² + 4)^{1/4} dW from D₀. E D stays D₀, and u(t, D) = E D(t)² solves u_t = 2s²√(D²+4) u_DD, u(0) = D²: with
/// w = u − D² it is w_t = 2s²√(D²+4)(w_DD + 2), by the θ = ½ scheme on a wide even grid.
fn tangent_variance(start: f64, scale: f64, time: f64) -> f64 {
    let (half, reach, steps) = (3000_usize, 30.0, 400);
    let (dx, dt) = (reach / half as f64, time / f64::from(steps));
    let count = 2 * half + 1;
    let speed: Vec<f64> = (0..count)
        .map(|i| {
            let d = start + (i as f64 - half as f64) * dx;
            2.0 * scale * scale * (d * d + 4.0).sqrt()
        })
        .collect();
    let mut w = vec![0.0; count];
    for _ in 0..steps {
        // (1 − ½dt·a∂²)w' = (1 + ½dt·a∂²)w + 2a·dt; far out w grows like a, so ∂²w is left out at the ends.
        let bend = |i: usize| {
            if i == 0 || i + 1 == count { 0.0 } else { (w[i - 1] - 2.0 * w[i] + w[i + 1]) / (dx * dx) }
        };
        let right: Vec<f64> = (0..count).map(|i| w[i] + dt * speed[i] * (0.5 * bend(i) + 2.0)).collect();
        // Thomas' algorithm.
        let (mut c, mut r) = (vec![0.0; count], right);
        for i in 1..count {
            let off = if i + 1 == count { 0.0 } else { -0.5 * dt * speed[i] / (dx * dx) };
            let pivot = 1.0 - 2.0 * off - off * c[i - 1];
            c[i] = off / pivot;
            r[i] = (r[i] - off * r[i - 1]) / pivot;
        }
        for i in (0..count - 1).rev() {
            r[i] -= c[i] * r[i + 1];
        }
        w = r;
    }
    // E D² − D₀² is the variance.
    w[half]
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings =
        laboratory.findings("One drift along the minimisers, with and without momentum (MV theorem 4.5)");
    let mut figure = std::mem::take(&mut findings.figure)
        .subtitle("dotted: the limit of small rates; bars: ±2 standard errors");
    for example in examples(laboratory) {
        let mut panel = Panel::new(
            example.name,
            Axis::log("η"),
            Axis::linear(format!("{} at T = {}", example.measured, example.time)),
        );
        let mut series: Vec<Vec<Estimate>> = vec![Vec::new(); example.methods.len()];
        for &eta in &example.rates {
            let measured = measure(laboratory, &example, eta)?;
            for ((series, method), [measured, mean]) in series.iter_mut().zip(&example.methods).zip(measured)
            {
                series.push(measured);
                // D is a martingale.
                if example.variance && example.rates.last() == Some(&eta) {
                    findings.check(
                        format!("{}, E(u²−v²), {}, η = {eta}", example.name, method.name()),
                        mean,
                        Hypothesis::about((example.observable)(&example.experiment.start), 0.01),
                    );
                }
            }
        }
        for (method, measured) in example.methods.iter().zip(&series) {
            let (last, x) = (measured.len() - 1, &example.rates);
            findings.check(
                format!("{}, {}, {}, η = {}", example.name, example.measured, method.name(), x[last]),
                measured[last],
                Hypothesis::about(example.limit, 0.01),
            );
            let seen = example.seen.and_then(|[plain, heavy]| match method {
                Method::Sgd => Some(plain),
                Method::Sgdm(_) => Some(heavy),
                _ => None,
            });
            if let Some(seen) = seen {
                findings.check(
                    format!("{}, {}, {}, η = {}", example.name, example.measured, method.name(), x[0]),
                    measured[0],
                    Hypothesis::about(seen, 0.02),
                );
            }
            // α sets a power of η of its own, which two rates cannot take out: label noise must approach the limit at α = ¼ and ¾. At ½,
            // and across the valley, what short steps and a long memory do at the first rate cancel, so that distances say nothing.
            let telling = match method {
                Method::Alpha(0.25) => true,
                Method::Alpha(0.75) => laboratory.budget != Budget::Reduced,
                _ => false,
            };
            if telling && example.measured == "E(u²−v²)" {
                let off = |at: usize| Estimate {
                    value: (measured[at].value - example.limit).abs(),
                    ..measured[at]
                };
                findings.check(
                    format!(
                        "{}, {}, {}: distance from the limit at η = {} over that at {}",
                        example.name,
                        example.measured,
                        method.name(),
                        x[last],
                        x[0]
                    ),
                    off(last).over(&off(0)),
                    Hypothesis::AtMost(0.5),
                );
            }
            if !matches!(method, Method::Alpha(_)) {
                findings.check(
                    format!(
                        "{}, {}, {}, extrapolated to η = 0",
                        example.name,
                        example.measured,
                        method.name()
                    ),
                    richardson(&measured[last - 1], &measured[last]),
                    Hypothesis::about(example.limit, 0.01),
                );
            }
            let values: Vec<f64> = measured.iter().map(|m| m.value).collect();
            let errors: Vec<f64> = measured.iter().map(|m| 2.0 * m.std_error).collect();
            let color = method.color();
            panel = panel
                .with(Series::line(x.clone(), values.clone()).color(color).width(1.0))
                .with(Series::error_bars(x.clone(), values, &errors).label(method.name()).color(color));
        }
        figure = figure.with(panel.with(Series::horizontal(example.limit)));
    }
    findings.note(
        "The limit of the tangent noise, Var D(1) = 1.5376, is that of dD = 2s(D²+4)^{1/4}dW solved on a grid. 1.527, which was expected at first, cannot be right: \
         D is a martingale and √(D²+4) convex, so the variance, 4s²∫E√(D²+4)dt, is at least 0.36·4.25 = 1.53.",
    );
    findings.figure = figure.columns(2);
    Ok(findings)
}

/// The example from a seed of its own for each rate: what two of them extrapolate to is of independent numbers.
fn at(example: &Example, eta: f64) -> Experiment {
    let mut experiment = example.experiment.clone();
    experiment.seed += 1000 * libm::round(1.0 / eta) as u64;
    // At the first rate, where steps are few, a number is held against what was seen before.
    if example.seen.is_some() && eta == example.rates[0] {
        experiment.trajectories *= 16;
    }
    if example.rates.last() == Some(&eta) {
        experiment.trajectories *= example.at_last;
    }
    experiment
}

/// The observable of every method at rate η, its mean or variance as the example asks for, and its mean.
fn measure(laboratory: &Laboratory<'_>, example: &Example, eta: f64) -> Result<Vec<[Estimate; 2]>, Failure> {
    let mut experiment = at(example, eta);
    experiment.runs = example
        .methods
        .iter()
        .map(|method| with_noise(method.run(eta, example.time), example.sigma))
        .collect();
    let centre = (example.observable)(&experiment.start);
    let controls = if example.variance { controls(laboratory, example, eta)? } else { Vec::new() };
    let width = if example.variance { HERMITE } else { 0 };
    let mut sums: Vec<[Controlled; 2]> =
        example.methods.iter().map(|_| [Controlled::new(width), Controlled::new(width)]).collect();
    let mut seen = 0;
    laboratory.ends(&experiment, |sample: &Sample<'_>| {
        for (run, [first, second]) in sums.iter_mut().enumerate() {
            let value = (example.observable)(sample.end(run));
            let control = controls.get(run).map_or(&[][..], |of_run| &of_run[seen][..]);
            first.add(value, control);
            second.add((value - centre) * (value - centre), control);
        }
        seen += 1;
    })?;
    Ok(sums
        .iter()
        .map(|[first, second]| {
            let zeros = [0.0; HERMITE];
            let (mean, square) = (first.estimate(&zeros[..width]), second.estimate(&zeros[..width]));
            let off = mean.value - centre;
            let variance = Estimate { value: square.value - off * off, ..square };
            [if example.variance { variance } else { mean }, mean]
        })
        .collect())
}

/// Degrees of the control variates.
const HERMITE: usize = 4;

/// Control variates of each method and trajectory: the noise that its SGD draws on a level landscape, ΔW = Σ η_k σξ_k ~ N(0, σ²T), as z = ∇D·ΔW
/// over its deviation, in the Hermite polynomials z, z² − 1, z³ − 3z, z⁴ − 6z² + 3, which have the mean 0.
fn controls(
    laboratory: &Laboratory<'_>,
    example: &Example,
    eta: f64,
) -> Result<Vec<Vec<[f64; HERMITE]>>, Failure> {
    let [u, v] = [example.experiment.start[0], example.experiment.start[1]];
    let mut level = at(example, eta);
    level.landscape = Landscape::Linear { gradient: vec![0.0; 2] };
    level.start = vec![0.0; 2];
    let runs =
        example.methods.iter().map(|method| with_noise(method.plain().run(eta, example.time), example.sigma));
    let runs: Vec<Run> = runs.collect();
    for run in &runs {
        if !level.runs.contains(run) {
            level.runs.push(run.clone());
        }
    }
    let deviations: Vec<f64> = level
        .runs
        .iter()
        .map(|run| {
            let time: f64 = (0..run.steps).map(|k| run.learning_rate.at(k) * run.learning_rate.at(k)).sum();
            2.0 * example.sigma * (time * (u * u + v * v)).sqrt()
        })
        .collect();
    let mut controls = vec![Vec::new(); level.runs.len()];
    laboratory.faultless().ends(&level, |sample| {
        for (run, (controls, deviation)) in controls.iter_mut().zip(&deviations).enumerate() {
            let moved = sample.end(run);
            let z = 2.0 * (u * moved[0] - v * moved[1]) / deviation;
            let s = z * z;
            controls.push([z, s - 1.0, z * (s - 3.0), s * (s - 6.0) + 3.0]);
        }
    })?;
    let of = |run: &Run| {
        level.runs.iter().position(|one| one == run).map_or_else(Vec::new, |at| controls[at].clone())
    };
    Ok(runs.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_worked_out_before() {
        assert!((valley_limit(1.5, 2.0) - 1.01523).abs() < 1e-5);
        // To second order in T: 4s²T(f + 4s²T/f²), f = √(D₀²+4).
        assert!((tangent_variance(3.75, 0.3, 1.0) - 0.36 * (4.25 + 0.36 / 18.0625)).abs() < 2e-3);
        // For small T: 4s²√(D₀²+4)·T.
        let early = tangent_variance(3.75, 0.3, 1e-3);
        assert!((early / (0.36 * 4.25 * 1e-3) - 1.0).abs() < 1e-3, "{early}");
    }

    #[test]
    fn varying_rates_have_the_time_of_the_others() {
        for method in [Method::Falling(0.9), Method::Rising(0.9)] {
            let run = method.run(0.01, 1.0);
            let time: f64 = (0..run.steps).map(|k| run.learning_rate.at(k) * run.learning_rate.at(k)).sum();
            assert!((time - 1.0).abs() < 1e-3, "{time}");
        }
    }
}
