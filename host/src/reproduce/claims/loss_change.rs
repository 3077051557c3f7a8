//! MV lemma 2.4: the three terms of the expected change of loss in a step.

use polyak_core::landscape::{Diagonal, DoubleWell, Landscape as _};

use crate::experiment::model::{Experiment, InitialMomentum, Landscape, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::{Controlled, Estimate, Line};
use crate::theory::{Recursion, lemma24};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "loss-change",
    source: "MV lemma 2.4",
    statement: "A step of SGDM changes the expected loss by −η(1−β)E|∇L|² (descent), −ηβE⟨∇L, m⟩ (the old momentum) and \
                ½η²E m'ᵀHm' (curvature, with ½η²(1−β)²σ²tr HΣ from this step's noise), up to higher orders in η.",
    hypothesis: "On a quadratic loss each term is the exact one within 2 % and they add up to the change. On a double well each term, \
                 isolated, has the formula as its limit at small η within 1 %, and what the terms leave falls like η³ or faster \
                 (exponent at least 2.7). Wrong if a term is off or the rest falls more slowly.",
    experiment: run,
    mutations: &[
        Mutation::Momentum(0.99),
        Mutation::SquaredNoise,
        Mutation::HeavyBallRate,
        Mutation::NoMomentum,
    ],
};

const BETA: f64 = 0.8;
const SIGMA: f64 = 0.7;

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("The change of the loss in a step, term by term (MV lemma 2.4)");
    quadratic(laboratory, &mut findings)?;
    isolated(laboratory, &mut findings)?;
    rest(laboratory, &mut findings)?;
    Ok(findings)
}

fn square(x: &[f64]) -> f64 {
    dot(x, x)
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The terms and the change of the loss from step k to k + 1, seen from x_{k−1}, x_k, x_{k+1}: m_k = (x_{k−1} − x_k)/η.
struct Step {
    descent: f64,
    momentum: f64,
    curvature: f64,
    change: f64,
    /// ⟨∇L, Δx⟩.
    first_order: f64,
}

impl Step {
    fn new(
        landscape: &impl polyak_core::landscape::Landscape<f64>,
        rate: f64,
        [before, x, after]: [&[f64]; 3],
    ) -> Self {
        let d = x.len();
        let moved: Vec<f64> = after.iter().zip(x).map(|(a, b)| a - b).collect();
        let momentum: Vec<f64> = before.iter().zip(x).map(|(a, b)| (a - b) / rate).collect();
        let (mut gradient, mut bent) = (vec![0.0; d], vec![0.0; d]);
        landscape.gradient::<f64, _, _>(x, gradient.as_mut_slice());
        landscape.hessian_vector::<f64, _, _, _>(x, moved.as_slice(), bent.as_mut_slice());
        Self {
            descent: -rate * (1.0 - BETA) * square(&gradient),
            momentum: -rate * BETA * dot(&gradient, &momentum),
            curvature: 0.5 * dot(&moved, &bent),
            change: landscape.loss::<f64, _>(after) - landscape.loss::<f64, _>(x),
            first_order: dot(&gradient, &moved),
        }
    }
}

/// The terms in the midst of a run on a quadratic against their exact values.
fn quadratic(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let (rate, steps) = (0.2, 8);
    let curvature = vec![1.0, 0.3];
    let n = laboratory.budget.trajectories(65_536, 1 << 20);
    let mut experiment =
        experiment(24, n, Landscape::Diagonal { curvature: curvature.clone() }, &[2.0, -1.5], gaussian());
    experiment.runs = vec![with_noise(sgdm("SGDM", rate, BETA, steps), SIGMA)];
    experiment.observe.every = 1;
    let landscape = Diagonal(curvature);
    let mut sums: Vec<[Controlled; 4]> =
        (1..steps).map(|_| [const { 0 }; 4].map(|_| Controlled::new(0))).collect();
    laboratory.sample(&experiment, |sample| {
        for (k, sums) in (1..).zip(&mut sums) {
            let step = Step::new(&landscape, rate, [k - 1, k, k + 1].map(|k| sample.at(0, k)));
            // Given x and m the noise has mean 0: what it adds to first order is taken out of the change.
            let rest = step.change - step.descent - step.momentum - step.curvature;
            let values = [step.descent, step.momentum, step.curvature, rest];
            sums.iter_mut().zip(values).for_each(|(sum, value)| sum.add(value, &[]));
        }
    })?;
    let exact = exact_terms(&experiment);
    let names = ["descent −η(1−β)E|∇L|²", "momentum −ηβE⟨∇L, m⟩", "curvature ½E ΔxᵀHΔx"];
    let last = sums.len() - 1;
    for (which, name) in names.iter().enumerate() {
        findings.check(
            format!("quadratic, step {}: {name}", last + 1),
            sums[last][which].estimate(&[]),
            Hypothesis::about(exact[last][which], 0.02),
        );
    }
    findings.check(
        format!("quadratic, step {}: change of the loss less its terms", last + 1),
        sums[last][3].estimate(&[]),
        Hypothesis::Near { expected: 0.0, tolerance: 0.02 * exact[last][2] },
    );
    let mut panel = Panel::new(
        "Quadratic: terms of each step",
        Axis::linear("step k"),
        Axis::linear("part of E L(x_{k+1}) − E L(x_{k})"),
    );
    let steps: Vec<f64> = (1..=sums.len()).map(|k| k as f64).collect();
    for (which, name) in names.iter().enumerate() {
        let estimates: Vec<Estimate> = sums.iter().map(|sums| sums[which].estimate(&[])).collect();
        let values: Vec<f64> = estimates.iter().map(|e| e.value).collect();
        let errors: Vec<f64> = estimates.iter().map(|e| 2.0 * e.std_error).collect();
        let color = Color::cycle(which);
        panel =
            panel.with(Series::error_bars(steps.clone(), values, &errors).label(*name).color(color)).with(
                Series::theory(steps.clone(), exact.iter().map(|e| e[which]).collect::<Vec<_>>())
                    .label("exact"),
            );
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
    Ok(())
}

/// Exact (descent, momentum, curvature) of steps 1, 2, ….
fn exact_terms(experiment: &Experiment) -> Vec<[f64; 3]> {
    let run = &experiment.runs[0];
    let Ok(mut recursion) = Recursion::new(experiment, run) else { return Vec::new() };
    (1..run.steps)
        .map(|step| {
            recursion.advance_to(step);
            let terms = lemma24::terms(&recursion);
            [terms.alignment, terms.momentum, terms.curvature]
        })
        .collect()
}

/// A double well in the plane, where nothing is quadratic.
const WELL: DoubleWell<f64> = DoubleWell { width: 1.0, dimension: 2 };

fn well(seed: u64, trajectories: u64, start: &[f64], runs: Vec<Run>) -> Experiment {
    let mut experiment =
        experiment(seed, trajectories, Landscape::DoubleWell { width: 1.0 }, start, gaussian());
    experiment.runs = runs;
    experiment
}

/// Each term alone, in one step on the double well: descent without noise and momentum, momentum by turning m₀ round, noise at a
/// minimum, where no gradient is.
fn isolated(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let start = [0.6, -1.3];
    let m = [0.5, 0.8];
    let mut gradient = [0.0; 2];
    WELL.gradient::<f64, _, _>(start.as_slice(), gradient.as_mut_slice());
    let given = |rate: f64, m: [f64; 2]| Run {
        initial_momentum: InitialMomentum::Given(m.to_vec()),
        ..with_noise(sgdm(&format!("m₀ = {m:?}, η = {rate}"), rate, BETA, 1), 0.0)
    };
    // Per unit of η, at η and η/2: the limit by Richardson.
    let rates = [2e-3, 1e-3];
    let runs =
        rates.iter().flat_map(|&r| [given(r, m), given(r, [-m[0], -m[1]]), given(r, [0.0; 2])]).collect();
    let experiment = well(25, 1, &start, runs);
    let ensemble = laboratory.run(&experiment)?;
    let before = WELL.loss::<f64, _>(start.as_slice());
    let change = |run: usize| ensemble.runs[run].last().loss.value - before;
    let limit = |per_rate: &dyn Fn(usize) -> f64| 2.0 * per_rate(1) / rates[1] - per_rate(0) / rates[0];
    findings.check_exact(
        "double well, descent alone, over −η|∇L|²",
        limit(&|i| change(3 * i + 2)) / -square(&gradient),
        Hypothesis::about(1.0 - BETA, 0.01),
    );
    findings.check_exact(
        "double well, momentum alone, over −η⟨∇L, m⟩",
        limit(&|i| 0.5 * (change(3 * i) - change(3 * i + 1))) / -dot(&gradient, &m),
        Hypothesis::about(BETA, 0.005),
    );
    noise_alone(laboratory, findings)
}

fn noise_alone(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(262_144, 1 << 21);
    let rate = 0.01;
    let runs = vec![
        with_noise(sgdm("SGDM", rate, BETA, 1), SIGMA),
        with_noise(sgd("SGD at (1−β)η", rate * (1.0 - BETA), 1), SIGMA),
    ];
    // L'' = 2 at the minima, twice in the plane.
    let scale = 0.5 * rate * rate * SIGMA * SIGMA * 2.0 * 2.0;
    let ensemble = laboratory.run(&well(26, n, &[1.0, -1.0], runs))?;
    for run in &ensemble.runs {
        let loss = run.last().loss;
        findings.check(
            format!("double well, noise alone, {}, over ½η²σ²tr H", run.name),
            loss.times(1.0 / scale),
            Hypothesis::about((1.0 - BETA) * (1.0 - BETA), 0.015),
        );
    }
    Ok(())
}

/// What the terms leave of the change on the double well, against η.
fn rest(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(65_536, 1 << 20);
    let rates = [0.04, 0.02, 0.01, 0.005];
    let mut rests = Vec::new();
    for rate in rates {
        let mut experiment = well(27, n, &[0.6, -1.3], vec![with_noise(sgdm("SGDM", rate, BETA, 4), SIGMA)]);
        experiment.observe.every = 1;
        let mut sum = Controlled::new(0);
        laboratory.sample(&experiment, |sample| {
            let step = Step::new(&WELL, rate, [2, 3, 4].map(|k| sample.at(0, k)));
            sum.add(step.change - step.first_order - step.curvature, &[]);
        })?;
        rests.push(sum.estimate(&[]));
    }
    let sign = if rests[0].value < 0.0 { -1.0 } else { 1.0 };
    for rest in &mut rests {
        rest.value *= sign;
    }
    let line = Line::power_law(&rates, &rests);
    let slope = line.map_or(Estimate::MISSING, |line| line.slope);
    findings.check("double well: exponent of what the terms leave, in η", slope, Hypothesis::AtLeast(2.7));
    let errors: Vec<f64> = rests.iter().map(|rest| 2.0 * rest.std_error).collect();
    let values: Vec<f64> = rests.iter().map(|rest| rest.value).collect();
    let cubes: Vec<f64> =
        rates.iter().map(|r| values[3] * (r / rates[3]) * (r / rates[3]) * (r / rates[3])).collect();
    let panel =
        Panel::new("Double well: what the terms leave", Axis::log("η"), Axis::log("|rest| of one step"))
            .with(Series::error_bars(rates, values, &errors).label("what is left").color(Color::cycle(3)))
            .with(Series::theory(rates, cubes).label("∝ η³"));
    findings.figure = std::mem::take(&mut findings.figure).with(panel).columns(2);
    Ok(())
}
