//! MV theorem 3.5: how far momentum takes the distribution off that of SGD, against the rate.

use polyak_core::real::double::pow;

use crate::experiment::model::{Experiment, Landscape};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::exact_gaps::{largest_gaps, moments};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm, with_noise};
use crate::reproduce::{Budget, Claim, Failure, Findings, Hypothesis, Laboratory, Mutation, Part, Sample};
use crate::statistics::{Controlled, Estimate, LargestGap, Line};
use crate::theory::Recursion;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "weak-error",
    source: "MV theorem 3.5",
    statement: "With 1−β of order η^α, α in [0, 1), and noise σ ≤ η^{−1/2}, the largest difference over k ≤ T/η between E h(x_k) of \
                SGDM and of SGD is O(η^{(1−α)/2}).",
    hypothesis: "On a quadratic, for h of degree 1 to 4, the order of the exact gaps reaches (1−α)/2 and does not exceed 1−α for every α < 1, and for x, x² and x⁴ the measured gaps are the exact ones within 15 % \
                 (the gaps of neighbouring rates differ by a factor of 1.4 at least). The measured orders for x, x² and x⁴ lie between (1−α)/2 and 1−α, up to 0.05 on the \
                 quadratic and 0.02 on a double well (on the quadratic not x⁴, nor x² at α = ¾, in the reduced sample); those on the well are of the first 8/(1−β) steps, and at the largest rate no later gap up to T is larger. \
                 At α = 1 the transient's gap does not fall with η (exact order within 0.02 of 0, measured at most 0.05: between larger rates it still rises), while the stationary variances still meet. Wrong if one of these is not so.",
    experiment: run,
    mutations: &[
        Mutation::Momentum(0.99),
        Mutation::MomentumRate(1.1),
        Mutation::HeavyBallRate,
        Mutation::Only(Part::DoubleWell, &Mutation::MomentumRate(1.1)),
    ],
};

/// λ of 1−β = λη^α: as large as the largest rate allows, which brings the orders of small rates into reach.
fn lambda(alpha: f64) -> f64 {
    0.5 * pow(16.0, alpha)
}

/// t = kη goes up to T.
const TIME: f64 = 2.0;
/// Degrees of the test functions h.
const DEGREES: [i32; 4] = [1, 2, 3, 4];
/// Those that are measured: degree 3 has its maximum late on the quadratic, which is left to the exact computation.
const MEASURED: [i32; 3] = [1, 2, 4];

fn beta(alpha: f64, eta: f64) -> f64 {
    1.0 - lambda(alpha) * pow(eta, alpha)
}

/// The values of α.
const ALPHAS: [f64; 4] = [0.0, 0.25, 0.5, 0.75];

/// SGD and SGDM with σ = s/√η for `steps` steps.
fn pair(landscape: Landscape, start: f64, [alpha, eta]: [f64; 2], s: f64, steps: u64) -> Experiment {
    // The points of a line are independent: each rate has a seed of its own.
    let mut experiment = experiment(35 + 1000 * (1.0 / eta) as u64, 1, landscape, &[start], gaussian());
    let sigma = s / eta.sqrt();
    experiment.runs = vec![
        with_noise(sgd("SGD", eta, steps), sigma),
        with_noise(sgdm("SGDM", eta, beta(alpha, eta), steps), sigma),
    ];
    experiment.observe.every = 1;
    experiment
}

fn quadratic(alpha: f64, eta: f64, steps: u64) -> Experiment {
    pair(Landscape::Diagonal { curvature: vec![1.0] }, 1.0, [alpha, eta], 1.0, steps)
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings =
        laboratory.findings("The gap between SGDM and SGD closes with the rate (MV theorem 3.5)");
    let mut figure = std::mem::take(&mut findings.figure).subtitle(format!(
        "1−β = ½(16η)^{{α}}, σ = s/√η, largest gap over t = kη ≤ {TIME}; bars: ±2 standard errors"
    ));
    let measured = simulate_quadratic(laboratory, &mut findings)?;
    let well = simulate_double_well(laboratory, &mut findings)?;
    transient(laboratory, &mut findings)?;
    let exact = exact_orders(laboratory, &mut findings);
    for (panel, degree) in [2, 4].into_iter().enumerate() {
        figure = figure.with(draw_quadratic(laboratory, &measured, &exact, (panel, degree)));
    }
    findings.figure = figure.with(well).columns(3);
    Ok(findings)
}

/// Exact gaps of one α at each rate.
struct Curve {
    rates: Vec<f64>,
    gaps: Vec<[f64; 4]>,
}

/// The exact gaps on the quadratic down to rates that no simulation reaches, and their orders at the smallest ones.
fn exact_orders(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Vec<Curve> {
    let smallest = laboratory.budget.pick(16, 20, 22);
    let mut curves = Vec::new();
    for alpha in ALPHAS {
        let rates: Vec<f64> = (4..=smallest).step_by(2).map(|p| 1.0 / f64::from(1 << p)).collect();
        let gaps: Vec<[f64; 4]> = rates
            .iter()
            .map(|&eta| largest_gaps(&quadratic(alpha, eta, (TIME / eta) as u64), [0, 1]).map(|(gap, _)| gap))
            .collect();
        let last = rates.len() - 1;
        for (i, degree) in DEGREES.into_iter().enumerate() {
            let order = 0.5 * libm::log2(gaps[last - 1][i] / gaps[last][i]);
            findings.check_exact(
                format!("quadratic, exact order at η = 2^−{smallest}, h of degree {degree}, α = {alpha}"),
                order,
                Hypothesis::Between { expected: 1.0 - alpha, low: 0.5 * (1.0 - alpha), high: 1.0 - alpha },
            );
        }
        curves.push(Curve { rates, gaps });
    }
    curves
}

/// x^degree of SGDM less that of SGD at each observation point but the first, over `trajectories` for each degree, with the deviations of SGD's x and x²
/// from their exact means at the end as controls where those are known.
fn simulate(
    laboratory: &Laboratory<'_>,
    mut experiment: Experiment,
    trajectories: u64,
    degrees: &[i32],
    controls: Option<[f64; 2]>,
) -> Result<Vec<LargestGap>, Failure> {
    experiment.trajectories = trajectories;
    let points = experiment.runs[0].steps.div_ceil(experiment.observe.every) as usize;
    let width = if controls.is_none() { 0 } else { 2 };
    let mut gaps = vec![LargestGap::new(points, width); degrees.len()];
    let power = |x: f64, degree: i32| (0..degree).fold(1.0, |power, _| power * x);
    let only_end = points == 1;
    let mut see = |sample: &Sample<'_>| {
        let first = if only_end { 0 } else { 1 };
        for (gaps, &degree) in gaps.iter_mut().zip(degrees) {
            gaps.next_trajectory();
            for point in 0..points {
                let (x, z) = (sample.at(1, first + point)[0], sample.at(0, first + point)[0]);
                let control = controls.map(|[one, two]| [z - one, z * z - two]);
                let difference = power(x, degree) - power(z, degree);
                gaps.add(point, difference, control.as_ref().map_or(&[], |c| &c[..]));
            }
        }
    };
    if only_end {
        laboratory.ends(&experiment, &mut see)?;
    } else {
        laboratory.sample(&experiment, &mut see)?;
    }
    Ok(gaps)
}

/// As many trajectories as resolve a gap of order η^{1−α} under differences of order η^{(1−α)/2}.
fn trajectories(laboratory: &Laboratory<'_>, alpha: f64, eta: f64) -> u64 {
    let base = laboratory.budget.pick(16_000, 20_000, 512_000) as f64;
    // At α = 1 a gap is told within 5 %.
    let more = if alpha == 1.0 { 2.0 } else { 1.0 };
    (more * base * lambda(alpha) * pow(eta, alpha - 1.0)) as u64
}

/// As many as an order needs on the double well, where the gap is larger: fewest at small α.
fn fewer(laboratory: &Laboratory<'_>, alpha: f64, eta: f64) -> u64 {
    (0.5 * pow(16.0, alpha - 0.75) * trajectories(laboratory, alpha, eta) as f64) as u64
}

/// The rates of the simulations on the quadratic.
fn rates(laboratory: &Laboratory<'_>) -> [f64; 3] {
    laboratory.budget.pick([8, 9, 10], [8, 10, 12], [10, 12, 14]).map(|p| 1.0 / f64::from(1 << p))
}

/// The measured gaps on the quadratic: of each α, at each rate, of each degree.
fn simulate_quadratic(
    laboratory: &Laboratory<'_>,
    findings: &mut Findings,
) -> Result<Vec<Vec<[Estimate; 3]>>, Failure> {
    let rates = rates(laboratory);
    let mut all = Vec::new();
    for alpha in ALPHAS {
        let mut measured: Vec<[Estimate; 3]> = Vec::new();
        for eta in rates {
            let peaks = largest_gaps(&quadratic(alpha, eta, (TIME / eta) as u64), [0, 1]);
            let mut row = [Estimate::MISSING; 3];
            for (found, degree) in row.iter_mut().zip(MEASURED) {
                let (gap, k) = peaks[degree as usize - 1];
                *found = at_step(laboratory, alpha, eta, k, degree)?;
                findings.check(
                    format!(
                        "quadratic, gap of degree {degree} over the exact one, α = {alpha}, η = {eta:.1e}"
                    ),
                    found.times(1.0 / gap),
                    Hypothesis::about(1.0, 0.15),
                );
            }
            measured.push(row);
        }
        // The reduced sample does not decide the order of x⁴, nor that of x² at α = ¾.
        for (i, degree) in MEASURED.into_iter().enumerate().take(laboratory.budget.pick(2, 3, 3)) {
            if laboratory.budget == Budget::Reduced && degree == 2 && alpha == 0.75 {
                continue;
            }
            let gaps: Vec<Estimate> = measured.iter().map(|row| row[i]).collect();
            order(findings, ("quadratic", degree), alpha, &rates, &gaps);
        }
        all.push(measured);
    }
    Ok(all)
}

fn draw_quadratic(
    laboratory: &Laboratory<'_>,
    measured: &[Vec<[Estimate; 3]>],
    exact: &[Curve],
    (panel, degree): (usize, i32),
) -> Panel {
    let title = format!("Quadratic, h = x^{{{degree}}}");
    let mut drawn = Panel::new(title, Axis::log("η"), Axis::log("largest gap of E h"));
    for (color, (alpha, (measured, curve))) in ALPHAS.into_iter().zip(measured.iter().zip(exact)).enumerate()
    {
        let values: Vec<f64> = measured.iter().map(|row| row[panel + 1].value).collect();
        let errors: Vec<f64> = measured.iter().map(|row| 2.0 * row[panel + 1].std_error).collect();
        let gaps: Vec<f64> = curve.gaps.iter().map(|gaps| gaps[degree as usize - 1]).collect();
        let (label, color) = (format!("α = {alpha}"), Color::cycle(color));
        drawn = drawn
            .with(Series::line(curve.rates.clone(), gaps).label(label.clone()).color(color).width(1.2))
            .with(Series::error_bars(rates(laboratory), values, &errors).label(label).color(color));
    }
    drawn
}

/// The measured gap on the quadratic after `k` steps.
fn at_step(
    laboratory: &Laboratory<'_>,
    alpha: f64,
    eta: f64,
    k: u64,
    degree: i32,
) -> Result<Estimate, Failure> {
    let mut experiment = quadratic(alpha, eta, k);
    experiment.observe.every = k;
    let controls = Recursion::new(&experiment, &experiment.runs[0]).ok().map(|mut recursion| {
        recursion.advance_to(k);
        let [one, two, ..] = moments(&recursion);
        [one, two]
    });
    // The gap of x² is small among its differences, smallest at α = 0, that of x⁴ less so.
    let more = if alpha == 0.0 && degree == 2 { laboratory.budget.pick(1, 2, 1) } else { 1 };
    let n = more * trajectories(laboratory, alpha, eta)
        / [8, 1, 8, laboratory.budget.pick(8, 4, 4)][degree as usize - 1];
    let gaps = simulate(laboratory, experiment, n, &[degree], controls)?;
    Ok(gaps.first().map_or(Estimate::MISSING, |gaps| {
        let gap = gaps.at(0, &[0.0; 2]);
        Estimate { value: gap.value.abs(), ..gap }
    }))
}

/// The order of the measured gaps: at least the bound's (1−α)/2, and not above 1−α, to which it rises as η falls.
fn order(
    findings: &mut Findings,
    (landscape, degree): (&str, i32),
    alpha: f64,
    rates: &[f64],
    gaps: &[Estimate],
) {
    // The quadratic's order at α = 0 is 1 to a hundredth already, and its gaps are held against the exact ones besides.
    let above = if landscape == "quadratic" { 0.05 } else { 0.02 };
    let slope = Line::power_law(rates, gaps).map_or(Estimate::MISSING, |line| line.slope);
    findings.check(
        format!("{landscape}, measured order of the gap of degree {degree}, α = {alpha}"),
        slope,
        Hypothesis::Between { expected: 1.0 - alpha, low: 0.5 * (1.0 - alpha), high: 1.0 - alpha + above },
    );
}

fn simulate_double_well(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<Panel, Failure> {
    let well = || Landscape::DoubleWell { width: 1.0 };
    let rates =
        laboratory.budget.pick([8, 10, 11], [8, 10, 12], [9, 11, 13]).map(|p| 1.0 / f64::from(1 << p));
    let mut panel = Panel::new("Double well, h = x^{2}", Axis::log("η"), Axis::log("largest gap of E h"));
    for (color, alpha) in ALPHAS.into_iter().enumerate() {
        let mut gaps = [const { Vec::new() }; 3];
        for eta in rates {
            let memory = 1.0 / (1.0 - beta(alpha, eta));
            let steps = ((8.0 * memory).ceil()).min(TIME / eta) as u64;
            let mut experiment = pair(well(), 1.5, [alpha, eta], 0.5, steps);
            experiment.observe.every = steps.div_ceil(48);
            let n = fewer(laboratory, alpha, eta);
            let found = simulate(laboratory, experiment, n, &MEASURED, None)?;
            gaps.iter_mut().zip(&found).for_each(|(gaps, found)| gaps.push(found.largest(&[]).0));
        }
        for (gaps, degree) in gaps.iter().zip(MEASURED) {
            order(findings, ("double well", degree), alpha, &rates, gaps);
        }
        late(laboratory, findings, [alpha, rates[0]], &gaps)?;
        let values: Vec<f64> = gaps[1].iter().map(|gap| gap.value).collect();
        let errors: Vec<f64> = gaps[1].iter().map(|gap| 2.0 * gap.std_error).collect();
        let (label, color) = (format!("α = {alpha}"), Color::cycle(color));
        panel.series.push(Series::line(rates, values.clone()).label(label.clone()).color(color).width(1.2));
        panel.series.push(Series::error_bars(rates, values, &errors).label(label).color(color));
    }
    Ok(panel)
}

/// The whole time at the largest rate: what comes after the 8/(1−β) steps that the orders are of is below the largest gap in these.
fn late(
    laboratory: &Laboratory<'_>,
    findings: &mut Findings,
    [alpha, eta]: [f64; 2],
    early: &[Vec<Estimate>; 3],
) -> Result<(), Failure> {
    let memory = 1.0 / (1.0 - beta(alpha, eta));
    let well = Landscape::DoubleWell { width: 1.0 };
    let mut experiment = pair(well, 1.5, [alpha, eta], 0.5, (TIME / eta) as u64);
    // Not the trajectories of the first steps.
    experiment.seed += 1;
    let every = (0.5 * memory).ceil().max(4.0) as u64;
    experiment.observe.every = every;
    let n = fewer(laboratory, alpha, eta) / 2;
    let found = simulate(laboratory, experiment, n, &MEASURED, None)?;
    for ((gaps, early), degree) in found.iter().zip(early).zip(MEASURED) {
        let first = (8.0 * memory) as usize / every as usize;
        findings.check(
            format!(
                "double well, η = {eta:.1e}, α = {alpha}: largest gap of degree {degree} from 8/(1−β) steps to the end over that before"
            ),
            gaps.largest_from(first, &[]).0.over(&early[0]),
            Hypothesis::AtMost(1.0),
        );
    }
    Ok(())
}

/// α = 1: another limit in the transient, the same stationary variance.
fn transient(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let rates = [10, 14].map(|p| 1.0 / f64::from(1 << p));
    let gaps = rates.map(|eta| largest_gaps(&quadratic(1.0, eta, (TIME / eta) as u64), [0, 1])[1].0);
    findings.check_exact(
        "quadratic, α = 1: exact order of the gap of x²",
        0.25 * libm::log2(gaps[0] / gaps[1]),
        Hypothesis::Near { expected: 0.0, tolerance: 0.02 },
    );
    let stationary = rates.map(|eta| {
        let variance =
            |beta: f64| crate::theory::stationary::sgdm(eta, beta, 1.0, 1.0 / eta).map_or(f64::NAN, |v| v[0]);
        (variance(0.0) - variance(beta(1.0, eta))).abs()
    });
    findings.check_exact(
        "quadratic, α = 1: exact order of the gap of the stationary variances",
        0.25 * libm::log2(stationary[0] / stationary[1]),
        Hypothesis::Near { expected: 1.0, tolerance: 0.02 },
    );
    let rates = [7, 9].map(|p| 1.0 / f64::from(1 << p));
    let mut measured = Vec::new();
    for eta in rates {
        let peak = largest_gaps(&quadratic(1.0, eta, (TIME / eta) as u64), [0, 1])[1];
        let found = at_step(laboratory, 1.0, eta, peak.1, 2)?;
        measured.push(found);
        findings.check(
            format!("quadratic, α = 1, η = {eta:.1e}: measured gap of x², which does not vanish"),
            found,
            Hypothesis::about(peak.0, 0.05),
        );
    }
    findings.check(
        "quadratic, α = 1: measured order of the gap of x², which does not close",
        Line::power_law(&rates, &measured).map_or(Estimate::MISSING, |line| line.slope),
        Hypothesis::AtMost(0.05),
    );
    settled(laboratory, findings, rates[0])
}

/// α = 1: both have the same variance where they settle, up to the order of η.
fn settled(laboratory: &Laboratory<'_>, findings: &mut Findings, eta: f64) -> Result<(), Failure> {
    // The start, e^{−2t} of it, is forgotten.
    let mut experiment = quadratic(1.0, eta, (6.0 / eta) as u64);
    experiment.trajectories = laboratory.budget.trajectories(32_768, 131_072);
    experiment.observe.every = experiment.runs[0].steps;
    let mut sum = Controlled::new(0);
    laboratory.ends(&experiment, |sample| {
        let (z, x) = (sample.end(0)[0], sample.end(1)[0]);
        sum.add(x * x - z * z, &[]);
    })?;
    findings.check(
        format!("quadratic, α = 1, η = {eta:.1e}: measured gap of x² at t = 6, where it does vanish"),
        sum.estimate(&[]),
        Hypothesis::Near { expected: 0.0, tolerance: 0.02 },
    );
    Ok(())
}
