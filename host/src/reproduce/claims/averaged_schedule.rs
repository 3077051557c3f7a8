//! MV theorem 3.5 with varying rates: SGD must run at the averaged rates, not at those of SGDM.

use polyak_core::schedule::{self, averaged};

use crate::experiment::model::{Experiment, Landscape, Momentum, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::schedule::Schedule;
use crate::statistics::{Controlled, Estimate, Line};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "averaged-schedule",
    source: "MV theorem 3.5, varying rates",
    statement: "Under rates that vary within the memory 1/(1−β), SGDM follows SGD at the averaged rates \
                η̄_k = Σ_{s≥k} η_s(1−β_k)Π_{τ=k+1..s} β_τ; SGD at the rates η_k themselves follows another law.",
    hypothesis: "With rates that jump between 1.8η and 0.2η from step to step, β = 0.8 and σ = 1/√η, the gap in E x² to SGD at the \
                 averaged rates falls with an order of at least ½ in η, on a quadratic and on a double well, while that to SGD at the \
                 plain rates stays above 0.2 on the quadratic and above 0.02 on the double well. Wrong if the averaged schedule does not track or the plain one does.",
    experiment: run,
    mutations: &[Mutation::PlainSchedule, Mutation::HeavyBallRate],
};

const BETA: f64 = 0.8;

fn setting(landscape: Landscape, start: f64, trajectories: u64, eta: f64) -> Experiment {
    let steps = (2.0 / eta) as u64;
    let mut experiment = experiment(39, trajectories, landscape, &[start], gaussian());
    // The averages look beyond the end, where the table's last value would stand for ever: the jumps go on.
    let beyond = steps + 256;
    let values: Vec<f64> = (0..beyond).map(|k| if k % 2 == 0 { 1.8 * eta } else { 0.2 * eta }).collect();
    let rate = Schedule::Table(values);
    let mut means = vec![0.0; steps as usize];
    averaged(&rate, &schedule::Constant(BETA), &mut means);
    let momentum = Box::new(Momentum::Schedule(Schedule::Constant(BETA)));
    let mean = Schedule::Averaged { learning_rate: Box::new(rate.clone()), momentum, values: means };
    let sigma = 1.0 / eta.sqrt();
    let with = |run: Run, rate: &Schedule| with_noise(Run { learning_rate: rate.clone(), ..run }, sigma);
    experiment.runs = vec![
        with(sgdm("SGDM", eta, BETA, steps), &rate),
        with(sgd("SGD, averaged rates", eta, steps), &mean),
        with(sgd("SGD, plain rates", eta, steps), &rate),
    ];
    experiment
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = Findings::new("The averaged schedule tracks, the plain one does not (MV theorem 3.5)");
    let rates: Vec<f64> = (3..=laboratory.budget.pick(6, 7, 9)).map(|p| 1.0 / f64::from(1 << p)).collect();
    let landscapes = [
        ("quadratic", Landscape::Diagonal { curvature: vec![1.0] }),
        ("double well", Landscape::DoubleWell { width: 1.0 }),
    ];
    for (name, landscape) in landscapes {
        let mut gaps: [Vec<Estimate>; 2] = [Vec::new(), Vec::new()];
        for &eta in &rates {
            // The plain rates' Euler steps need not be stable on a steep wall: the well starts at a minimum, with less noise.
            let n = (laboratory.budget.trajectories(4_000, 8_000) as f64 / eta) as u64;
            let mut experiment = setting(landscape.clone(), 1.0, n, eta);
            if name == "double well" {
                experiment.runs.iter_mut().for_each(|run| run.noise_scale *= 0.5);
            }
            let mut sums = [Controlled::new(0), Controlled::new(0)];
            laboratory.ends(&experiment, |sample| {
                let square = |run: usize| sample.end(run)[0] * sample.end(run)[0];
                sums.iter_mut().zip(1..).for_each(|(sum, run)| sum.add(square(run) - square(0), &[]));
            })?;
            for (gaps, sum) in gaps.iter_mut().zip(&sums) {
                let gap = sum.estimate(&[]);
                gaps.push(Estimate { value: gap.value.abs(), ..gap });
            }
        }
        let order = Line::power_law(&rates, &gaps[0]).map_or(Estimate::MISSING, |line| line.slope);
        findings.check(
            format!("{name}: order of the gap to the averaged rates"),
            order,
            Hypothesis::AtLeast(0.5),
        );
        let last = rates.len() - 1;
        findings.check(
            format!("{name}: gap in E x² to the plain rates at η = 1/{}", 1.0 / rates[last]),
            gaps[1][last],
            Hypothesis::AtLeast(if name == "quadratic" { 0.2 } else { 0.02 }),
        );
        findings.check(
            format!("{name}: gap in E x² to the averaged rates at η = 1/{}", 1.0 / rates[last]),
            gaps[0][last],
            Hypothesis::AtMost(0.02),
        );
        let mut panel = Panel::new(name, Axis::log("η"), Axis::log("|gap of E x²| to SGDM at t = 2"));
        for (i, (label, gaps)) in
            ["SGD at averaged rates", "SGD at plain rates"].into_iter().zip(&gaps).enumerate()
        {
            let values: Vec<f64> = gaps.iter().map(|g| g.value).collect();
            let errors: Vec<f64> = gaps.iter().map(|g| 2.0 * g.std_error).collect();
            let color = Color::cycle(i);
            panel = panel
                .with(Series::line(rates.clone(), values.clone()).color(color).width(1.0))
                .with(Series::error_bars(rates.clone(), values, &errors).label(label).color(color));
        }
        findings.figure = std::mem::take(&mut findings.figure).with(panel);
    }
    findings.figure.columns = 2;
    Ok(findings)
}
