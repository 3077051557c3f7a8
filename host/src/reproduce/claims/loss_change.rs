//! MV lemma 2.4: the three terms of the expected change of loss in a step.

use polyak_core::landscape::{Diagonal, DoubleWell, Landscape as _};

use crate::experiment::model::{Experiment, InitialMomentum, Landscape, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, gaussian, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation, Part};
use crate::statistics::{Controlled, Estimate, Line};
use crate::theory::{Recursion, lemma24};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "loss-change",
    source: "MV lemma 2.4",
    statement: "A step of SGDM changes the expected loss by −η(1−β)E|∇L|² (descent), −ηβE⟨∇L, m⟩ (the old momentum) and \
                ½η²E m'ᵀHm' (curvature, with ½η²(1−β)²σ²tr HΣ from this step's noise), up to higher orders in η.",
    hypothesis: "On a quadratic loss each term is the exact one within 2 % and they add up to the change. On a double well descent, old \
                 momentum and the parts of the curvature that the old momentum and the noise have, each alone, have the formulas as their limits at small η \
                 within 1 % (the noise 1.5 %); E⟨∇L, Δx⟩ is descent and momentum within 1 %, and what the terms leave besides falls like η³ or faster \
                 (exponent at least 2.7). Wrong if a term is off or the rest falls more slowly.",
    experiment: run,
    mutations: &[
        Mutation::Momentum(0.99),
        Mutation::SquaredNoise,
        Mutation::HeavyBallRate,
        Mutation::NoMomentum,
        Mutation::Only(Part::DoubleWell, &Mutation::Momentum(0.99)),
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

/// Each term alone, in one step on the double well: descent without noise and momentum, momentum and its part of the curvature by
/// turning m₀ round, the noise's part of the curvature at a minimum, where no gradient is.
fn isolated(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let start = [0.6, -1.3];
    let (mut gradient, mut bent) = ([0.0; 2], [0.0; 2]);
    WELL.gradient::<f64, _, _>(start.as_slice(), gradient.as_mut_slice());
    WELL.hessian_vector::<f64, _, _, _>(start.as_slice(), OLD.as_slice(), bent.as_mut_slice());
    // Per unit of η, at η and η/2: the limit by Richardson.
    let rates = [2e-3, 1e-3];
    let runs = rates
        .iter()
        .flat_map(|&rate| [OLD, OLD.map(|m| -m), [0.0; 2]].map(|m| with_noise(given(rate, m), 0.0)))
        .collect();
    let experiment = well(25, 1, &start, runs);
    let ensemble = laboratory.run(&experiment)?;
    let before = WELL.loss::<f64, _>(start.as_slice());
    let change = |run: usize| ensemble.runs[run].last().loss.value - before;
    let limit = |part: &dyn Fn(usize) -> f64, order: i32| {
        let per = |i: usize| part(i) / (0..order).fold(1.0, |power, _| power * rates[i]);
        2.0 * per(1) - per(0)
    };
    findings.check_exact(
        "double well, descent alone, over −η|∇L|²",
        limit(&|i| change(3 * i + 2), 1) / -square(&gradient),
        Hypothesis::about(1.0 - BETA, 0.01),
    );
    findings.check_exact(
        "double well, momentum alone, over −η⟨∇L, m⟩",
        limit(&|i| 0.5 * (change(3 * i) - change(3 * i + 1)), 1) / -dot(&gradient, &OLD),
        Hypothesis::about(BETA, 0.005),
    );
    findings.check_exact(
        "double well, curvature of the old momentum alone, over ½η²mᵀHm",
        limit(&|i| change(3 * i) + change(3 * i + 1) - 2.0 * change(3 * i + 2), 2) / dot(&OLD, &bent),
        Hypothesis::about(BETA * BETA, 0.005),
    );
    noise_alone(laboratory, findings)
}

/// m₀ where there is one.
const OLD: [f64; 2] = [0.5, 0.8];

/// One step from m₀ = m.
fn given(rate: f64, m: [f64; 2]) -> Run {
    Run {
        initial_momentum: InitialMomentum::Given(m.to_vec()),
        ..sgdm(&format!("m₀ = {m:?}, η = {rate}"), rate, BETA, 1)
    }
}

fn noise_alone(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(262_144, 1 << 21);
    let rate = 0.01;
    // With m₀ and with −m₀ on the same noise, what is linear in it cancels; what m₀ does by itself is that of the runs without noise.
    let moments = [[0.0; 2], OLD, OLD.map(|m| -m)];
    let start = [1.0, -1.0];
    let runs = moments.map(|m| with_noise(given(rate, m), SIGMA)).to_vec();
    let quiet = moments.map(|m| with_noise(given(rate, m), 0.0)).to_vec();
    let quiet: Vec<f64> =
        laboratory.run(&well(26, 1, &start, quiet))?.runs.iter().map(|run| run.last().loss.value).collect();
    // L'' = 2 at the minima, twice in the plane.
    let scale = 0.5 * rate * rate * SIGMA * SIGMA * 2.0 * 2.0;
    let mut sums = [const { 0 }; 2].map(Controlled::new);
    laboratory.ends(&well(26, n, &start, runs), |sample| {
        let added = |run: usize| (WELL.loss::<f64, _>(sample.end(run)) - quiet[run]) / scale;
        sums[0].add(added(0), &[]);
        sums[1].add(0.5 * (added(1) + added(2)), &[]);
    })?;
    for (name, sum) in ["m₀ = 0", "±m₀"].into_iter().zip(&sums) {
        findings.check(
            format!("double well, noise alone, {name}, over ½η²σ²tr H"),
            sum.estimate(&[]),
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
    for (seed, rate) in (27_u64..).step_by(1000).zip(rates) {
        let mut experiment =
            well(seed, n, &[0.6, -1.3], vec![with_noise(sgdm("SGDM", rate, BETA, 4), SIGMA)]);
        experiment.observe.every = 1;
        let [mut rest, mut moved, mut terms] = [const { 0 }; 3].map(Controlled::new);
        laboratory.sample(&experiment, |sample| {
            let step = Step::new(&WELL, rate, [2, 3, 4].map(|k| sample.at(0, k)));
            let first_order = step.descent + step.momentum;
            // Given x and m what the noise adds to first order has the mean 0, which the check below asks of it: it is taken out of the rest.
            rest.add(step.change - step.first_order - step.curvature, &[]);
            moved.add(step.first_order - first_order, &[]);
            terms.add(first_order, &[]);
        })?;
        rests.push(rest.estimate(&[]));
        findings.check(
            format!("double well, η = {rate}: E⟨∇L, Δx⟩ less descent and momentum, over these"),
            moved.estimate(&[]).times(1.0 / terms.estimate(&[]).value),
            Hypothesis::Near { expected: 0.0, tolerance: 0.01 },
        );
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
