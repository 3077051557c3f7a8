//! MV theorem 3.5 with varying rates: SGD must run at the averaged rates, not at those of SGDM.

use polyak_core::schedule::{Schedule as _, averaged};

use crate::experiment::model::{Experiment, Landscape, Momentum, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation, Part};
use crate::schedule::Schedule;
use crate::statistics::{Controlled, Estimate, Line};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "averaged-schedule",
    source: "MV theorem 3.5, varying rates",
    statement: "Under rates or momenta that vary within the memory 1/(1−β), SGDM follows SGD at the averaged rates \
                η̄_k = Σ_{s≥k} η_s(1−β_k)Π_{τ=k+1..s} β_τ; SGD at the rates η_k themselves follows another law.",
    hypothesis: "With rates that jump between 1.8η and 0.2η from step to step at β = 0.8, and with momenta that jump between 0.5 and 0.9 at the rate η, σ = 1/√η, the gap in E x² to SGD at the \
                 averaged rates falls with an order of at least ½ in η, on a quadratic and on a double well, while that to SGD at the \
                 plain rates is that of the limit, ½|⟨η̄_k²⟩ − ⟨η_k²⟩|(1 − e^{−4})/η², within a fifth on the quadratic and above 0.01 on the double well, and that to the averaged rates is below 0.008 at the smallest rate. Wrong if the averaged schedule does not track or the plain one does.",
    experiment: run,
    mutations: &[
        Mutation::PlainSchedule,
        Mutation::HeavyBallRate,
        Mutation::EffectiveRate,
        Mutation::Only(Part::DoubleWell, &Mutation::PlainSchedule),
    ],
};

const BETA: f64 = 0.8;

/// What jumps from step to step.
#[derive(Clone, Copy, PartialEq)]
enum Jump {
    /// The rate, between 1.8η and 0.2η.
    Rate,
    /// β, between 0.5 and 0.9.
    Momentum,
}

impl Jump {
    /// Rate and momentum of `steps` steps and of those that the averages look at beyond the end, where a table's last value would
    /// stand for ever: the jumps go on.
    fn schedules(self, eta: f64, steps: u64) -> [Schedule; 2] {
        let jumping = |even: f64, odd: f64| {
            Schedule::Table((0..steps + 256).map(|k| if k % 2 == 0 { even } else { odd }).collect())
        };
        match self {
            Self::Rate => [jumping(1.8 * eta, 0.2 * eta), Schedule::Constant(BETA)],
            Self::Momentum => [Schedule::Constant(eta), jumping(0.5, 0.9)],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate jumps",
            Self::Momentum => "β jumps",
        }
    }
}

fn setting(jump: Jump, landscape: Landscape, start: f64, trajectories: u64, eta: f64) -> Experiment {
    let steps = (2.0 / eta) as u64;
    // The points of a line are independent: each rate has a seed of its own.
    let mut experiment = experiment(39 + 1000 * steps, trajectories, landscape, &[start], gaussian());
    let [rate, beta] = jump.schedules(eta, steps);
    let mut means = vec![0.0; steps as usize];
    averaged(&rate, &beta, &mut means);
    let momentum = Box::new(Momentum::Schedule(beta.clone()));
    let mean = Schedule::Averaged { learning_rate: Box::new(rate.clone()), momentum, values: means };
    let sigma = 1.0 / eta.sqrt();
    let with = |run: Run, rate: &Schedule| with_noise(Run { learning_rate: rate.clone(), ..run }, sigma);
    experiment.runs = vec![
        with(Run { momentum: Momentum::Schedule(beta), ..sgdm("SGDM", eta, BETA, steps) }, &rate),
        with(sgd("SGD, averaged rates", eta, steps), &mean),
        with(sgd("SGD, plain rates", eta, steps), &rate),
    ];
    experiment
}

/// The gap in E x² between SGD at the plain and at the averaged rates on ½x² at t = 2 as η → 0, where both have the mean e^{−t}: an SDE of the noise
/// q = ⟨η_k²⟩/η² has the variance ½q(1 − e^{−2t}).
fn lasting(experiment: &Experiment, eta: f64) -> f64 {
    let [averaged, plain] = [1, 2].map(|run: usize| {
        let Run { learning_rate, steps, .. } = &experiment.runs[run];
        (0..*steps).map(|k| learning_rate.at(k) * learning_rate.at(k)).sum::<f64>()
            / (*steps as f64 * eta * eta)
    });
    0.5 * (plain - averaged).abs() * (1.0 - libm::exp(-4.0))
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings =
        laboratory.findings("The averaged schedule tracks, the plain one does not (MV theorem 3.5)");
    let rates: Vec<f64> = (3..=laboratory.budget.pick(6, 7, 9)).map(|p| 1.0 / f64::from(1 << p)).collect();
    let landscapes = [
        ("quadratic", Landscape::Diagonal { curvature: vec![1.0] }),
        ("double well", Landscape::DoubleWell { width: 1.0 }),
    ];
    let settings =
        [Jump::Rate, Jump::Momentum].into_iter().flat_map(|jump| landscapes.iter().map(move |l| (jump, l)));
    for (jump, (landscape_name, landscape)) in settings {
        let name = format!("{landscape_name}, {}", jump.name());
        let mut gaps: [Vec<Estimate>; 2] = [Vec::new(), Vec::new()];
        for &eta in &rates {
            // The plain rates' Euler steps need not be stable on a steep wall: the well starts at a minimum, with less noise.
            let n = (laboratory.budget.trajectories(4_000, 8_000) as f64 / eta) as u64;
            let mut experiment = setting(jump, landscape.clone(), 1.0, n, eta);
            if *landscape_name == "double well" {
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
        let (gap, eta) = (gaps[1][last], rates[last]);
        findings.check(
            format!("{name}: gap in E x² to the plain rates at η = 1/{}", 1.0 / eta),
            gap,
            match landscape {
                Landscape::DoubleWell { .. } => Hypothesis::AtLeast(0.01),
                _ => Hypothesis::about(lasting(&setting(jump, landscape.clone(), 1.0, 1, eta), eta), 0.2),
            },
        );
        findings.check(
            format!("{name}: gap in E x² to the averaged rates at η = 1/{}", 1.0 / eta),
            gaps[0][last],
            Hypothesis::AtMost(0.008),
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
