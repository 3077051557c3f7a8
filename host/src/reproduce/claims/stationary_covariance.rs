//! Beyond the papers: the exact stationary covariance of momentum, with additive and with mini-batch noise.

use crate::experiment::model::{Data, Experiment, Landscape, Noise, Sampling};
use crate::experiment::planted;
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::Controlled;
use crate::theory::stationary;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "stationary-covariance",
    source: "beyond the papers (exact for every η and β)",
    statement: "On a quadratic SGDM settles at Var x = η(1+β)c/(h[2(1+β) − η(1−β)h]), Var m = 2(1−β)c/[2(1+β) − η(1−β)h], \
                Cov(x, m) = −(η/2)Var m; under mini-batches of least squares, whose noise depends on x, at the fixed point of \
                that equation. At equal η momentum makes Var x smaller, never larger.",
    hypothesis: "Measured variances and covariances are the exact ones within eight standard errors, which for n normal pairs are \
                 √((Var x Var m + Cov(x, m)²)/n) each; every entry of Cov x under mini-batches within 6 % of its size √(Cᵢᵢ Cⱼⱼ), where a batch differs from the next by 30 %. Wrong if one is not.",
    experiment: run,
    // Half of the steps is not among them: where it settles does not depend on it.
    mutations: &[
        Mutation::Momentum(0.97),
        Mutation::HeavyBallRate,
        Mutation::NoMomentum,
        Mutation::OtherSampling,
    ],
};

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("Where momentum settles");
    additive(laboratory, &mut findings)?;
    batches(laboratory, &mut findings)?;
    Ok(findings)
}

/// (x, m) of one direction, m seen from two positions: m = (x_{K−1} − x_K)/η.
fn additive(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(131_072, 524_288);
    let (h, rates): (f64, [f64; 4]) = (1.0, [0.2, 0.5, 1.0, 1.5]);
    let mut panel =
        Panel::new("One direction, h = c = 1", Axis::linear("η"), Axis::linear("stationary Var x"));
    for (color, beta) in [0.0, 0.6, 0.9].into_iter().enumerate() {
        let (mut shown, mut errors) = (Vec::new(), Vec::new());
        for rate in rates {
            let steps = (12.0 / (rate * h).min((1.0 - beta) / 2.0)).ceil() as u64;
            let mut experiment =
                experiment(41, n, Landscape::Diagonal { curvature: vec![h] }, &[0.0], gaussian());
            experiment.runs = vec![sgdm("SGDM", rate, beta, steps)];
            experiment.observe.every = steps - 1;
            let mut sums = [(); 3].map(|()| Controlled::new(0));
            laboratory.sample(&experiment, |sample| {
                let (before, x) = (sample.at(0, 1)[0], sample.end(0)[0]);
                let m = (before - x) / rate;
                // All means are 0.
                sums.iter_mut().zip([x * x, x * m, m * m]).for_each(|(sum, value)| sum.add(value, &[]));
            })?;
            let measured = sums.map(|sum| sum.estimate(&[]));
            let exact = stationary::sgdm(rate, beta, h, 1.0).unwrap_or([f64::NAN; 3]);
            if beta > 0.0 && (rate == 0.5 || rate == 1.5) {
                let [x, cross, m] = exact;
                let products =
                    [("Var x", 2.0 * x * x), ("Cov(x, m)", x * m + cross * cross), ("Var m", 2.0 * m * m)];
                for ((name, square), (measured, exact)) in products.iter().zip(measured.iter().zip(exact)) {
                    findings.check(
                        format!("{name} at η = {rate}, β = {beta}"),
                        *measured,
                        Hypothesis::Near { expected: exact, tolerance: 8.0 * (square / n as f64).sqrt() },
                    );
                }
            }
            shown.push(measured[0].value);
            errors.push(2.0 * measured[0].std_error);
        }
        let (label, color) = (format!("β = {beta}"), Color::cycle(color));
        let fine: Vec<f64> = (1..=80).map(|i| 0.02 * f64::from(i)).collect();
        let curve: Vec<f64> = fine
            .iter()
            .map(|&rate| stationary::sgdm(rate, beta, h, 1.0).map_or(f64::NAN, |v| v[0]))
            .collect();
        panel = panel
            .with(Series::error_bars(rates, shown, &errors).label(label.clone()).color(color))
            .with(Series::line(fine, curve).label(label).color(color).width(1.2));
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
    Ok(())
}

const EXAMPLES: usize = 24;

fn least_squares(n: u64, batch: usize, sampling: Sampling) -> Experiment {
    let data: Data = planted(EXAMPLES, 4, 2, 7, 0.5);
    let noise = Noise::MiniBatch { batch, sampling };
    let mut experiment = experiment(42, n, Landscape::LeastSquares(data), &[0.0; 4], noise);
    let (rate, steps) = (0.2, 400);
    experiment.runs = vec![sgd("SGD", rate, steps), sgdm("SGDM, β = 0.9", rate, 0.9, steps)];
    experiment
}

/// Mini-batches with and without replacement.
fn batches(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let n = laboratory.budget.trajectories(49_152, 65_536);
    let sizes = laboratory.budget.pick(vec![3, 12], vec![3, 6, 12], vec![2, 3, 4, 6, 8, 12]);
    let mut panel = Panel::new(
        "Least squares, 24 examples, d = 4",
        Axis::linear("batch B"),
        Axis::log("stationary tr Cov x"),
    );
    for (kind, (sampling, name)) in
        [(Sampling::WithReplacement, "with"), (Sampling::WithoutReplacement, "without")]
            .into_iter()
            .enumerate()
    {
        let mut rows: [Vec<[f64; 3]>; 2] = [Vec::new(), Vec::new()];
        for &batch in &sizes {
            let experiment = least_squares(n, batch, sampling);
            let ensemble = laboratory.run(&experiment)?;
            for ((run, member), rows) in experiment.runs.iter().zip(&ensemble.runs).zip(&mut rows) {
                let exact =
                    stationary::stationary(&experiment, run).map_err(|e| Failure::Fault(e.to_string()))?;
                let total: f64 = exact.variance.iter().sum();
                let variance = &member.last().variance;
                let value: f64 = variance.iter().map(|v| v.value).sum();
                // The coordinates correlate: their errors add up at worst.
                let std_error: f64 = variance.iter().map(|v| v.std_error).sum();
                let Some(whole) = exact.covariance else { continue };
                for i in 0..whole.nrows() {
                    for j in i..whole.nrows() {
                        let size = (whole[(i, i)] * whole[(j, j)]).sqrt();
                        findings.check(
                            format!(
                                "entry {i}{j} of Cov x over √(entries {i}{i} and {j}{j}), {}, batches of {batch} {name} replacement",
                                member.name
                            ),
                            member.covariance[i][j].times(1.0 / size),
                            Hypothesis::Near { expected: whole[(i, j)] / size, tolerance: 0.06 },
                        );
                    }
                }
                rows.push([value, 2.0 * std_error, total]);
            }
        }
        for (run, rows) in rows.iter().enumerate() {
            let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
            let x: Vec<f64> = sizes.iter().map(|&b: &usize| b as f64).collect();
            let label = format!("{}, {name} replacement", ["SGD", "SGDM"][run]);
            let color = Color::cycle(3 + 2 * kind + run);
            panel = panel
                .with(Series::error_bars(x.clone(), column(0), &column(1)).label(label).color(color))
                .with(Series::theory(x, column(2)).label("exact"));
        }
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel).columns(2);
    Ok(())
}
