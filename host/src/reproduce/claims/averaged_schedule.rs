//! MV theorem 3.5 with varying rates and momenta: SGD must run at the averaged rates, not at those of SGDM.

use core::f64::consts::PI;

use polyak_core::schedule::{Schedule as _, averaged};

use crate::experiment::model::{Experiment, Landscape, Momentum, Run};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::exact_gaps::{each_gap, largest_gaps};
use crate::reproduce::setup::{experiment, gaussian, sgd, sgdm, with_noise};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation, Part};
use crate::schedule::Schedule;
use crate::statistics::{Estimate, LargestGap, Line};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "averaged-schedule",
    source: "MV theorem 3.5, varying rates",
    statement: "Under rates and momenta that vary, within the memory 1/(1−β) or beyond it, SGDM follows SGD at the averaged rates \
                η̄_k = Σ_{s≥k} η_s(1−β_k)Π_{τ=k+1..s} β_τ: with 1−β of order η^α the largest difference of E h over k ≤ T/η is \
                O(η^{(1−α)/2}). SGD at the rates η_k themselves follows another law.",
    hypothesis: "With rates that jump between 1.8η and 0.2η from step to step, at β = 0.8 (α = 0) and at 1−β = 2√η (α = ½), with momenta that jump between 0.5 and 0.9 (α = 0), and with both in waves, \
                 η(1+½sin 2πkη) and 1−β = 2√η(1+½cos 2πkη) (α = ½), σ = 1/√η, k ≤ 2/η: on a quadratic the order of the largest exact gap of E x, E x² and E x⁴ to SGD at the averaged rates \
                 lies between (1−α)/2 and 1−α at small rates, up to 0.02, and the largest measured one of four times is the exact one within a fifth; for α = 0 the measured gap of E x² at the end has the order ½ at least. On a double well the order of the largest measured gap \
                 is (1−α)/2 at least. The gap to the plain rates stays where they jump: on the quadratic the order of the exact gap of E x² is 0 within 0.03, and \
                 the measured one at the end is ½|⟨η̄_k²⟩ − ⟨η_k²⟩|(1 − e^{−4})/η² within a fifth; on the well it is above 0.01; that to the averaged rates is below 0.008 at the smallest rate for α = 0. \
                 Wrong if the averaged schedule does not track or the plain one does.",
    experiment: run,
    mutations: &[
        Mutation::PlainSchedule,
        Mutation::HeavyBallRate,
        Mutation::EffectiveRate,
        Mutation::Only(Part::DoubleWell, &Mutation::PlainSchedule),
    ],
};

/// t = kη goes up to T.
const TIME: f64 = 2.0;
/// Observed times, evenly spaced up to T.
const TIMES: usize = 4;
/// Degrees of the test functions.
const DEGREES: [usize; 3] = [1, 2, 4];
/// The run of SGDM.
const HEAVY: usize = 0;
/// That of SGD at the averaged rates.
const AVERAGED: usize = 1;
/// That of SGD at the plain ones.
const PLAIN: usize = 2;

/// What varies.
#[derive(Clone, Copy, PartialEq)]
enum Variation {
    /// The rate jumps between 1.8η and 0.2η from step to step, at β = 0.8.
    Rate,
    /// β jumps between 0.5 and 0.9 from step to step, at the rate η.
    Momentum,
    /// The rate jumps, at 1−β = 2√η: the memory is long.
    LongMemory,
    /// Rate and memory in waves of the period 1/η.
    Waves,
}

impl Variation {
    const ALL: [Self; 4] = [Self::Rate, Self::Momentum, Self::LongMemory, Self::Waves];

    /// Rate and momentum of step `k`.
    fn at(self, eta: f64, k: u64) -> [f64; 2] {
        let jump = |even: f64, odd: f64| if k.is_multiple_of(2) { even } else { odd };
        let forget = 2.0 * eta.sqrt();
        let phase = 2.0 * PI * k as f64 * eta;
        match self {
            Self::Rate => [jump(1.8, 0.2) * eta, 0.8],
            Self::Momentum => [eta, jump(0.5, 0.9)],
            Self::LongMemory => [jump(1.8, 0.2) * eta, 1.0 - forget],
            Self::Waves => {
                [eta * (1.0 + 0.5 * libm::sin(phase)), 1.0 - forget * (1.0 + 0.5 * libm::cos(phase))]
            }
        }
    }

    /// α of 1−β = λη^α.
    fn alpha(self) -> f64 {
        match self {
            Self::Rate | Self::Momentum => 0.0,
            Self::LongMemory | Self::Waves => 0.5,
        }
    }

    /// Whether it varies within the memory, however small the rate.
    fn jumps(self) -> bool {
        self != Self::Waves
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate jumps",
            Self::Momentum => "β jumps",
            Self::LongMemory => "rate jumps, long memory",
            Self::Waves => "waves",
        }
    }

    /// Rate and momentum of `steps` steps, and of those that the averages look at beyond the end, where a table's last value would
    /// stand for ever: they vary on.
    fn schedules(self, eta: f64, steps: u64) -> [Schedule; 2] {
        // e^{−45} of the weight lies beyond, where β is largest.
        let beyond = match self.alpha() {
            0.0 => 400.0,
            _ => 45.0 / eta.sqrt(),
        } as u64;
        [0, 1].map(|of: usize| Schedule::Table((0..steps + beyond).map(|k| self.at(eta, k)[of]).collect()))
    }
}

fn setting(variation: Variation, landscape: Landscape, trajectories: u64, eta: f64) -> Experiment {
    let steps = (TIME / eta) as u64;
    // The plain rates' Euler steps need not be stable on a steep wall: the well has less noise.
    let scale = if matches!(landscape, Landscape::DoubleWell { .. }) { 0.5 } else { 1.0 };
    // The points of a line are independent: each rate has a seed of its own.
    let mut experiment = experiment(39 + 1000 * steps, trajectories, landscape, &[1.0], gaussian());
    experiment.observe.every = steps / TIMES as u64;
    let [rate, beta] = variation.schedules(eta, steps);
    let mut means = vec![0.0; steps as usize];
    averaged(&rate, &beta, &mut means);
    let momentum = Box::new(Momentum::Schedule(beta.clone()));
    let mean = Schedule::Averaged { learning_rate: Box::new(rate.clone()), momentum, values: means };
    let sigma = scale / eta.sqrt();
    let with = |run: Run, rate: &Schedule| with_noise(Run { learning_rate: rate.clone(), ..run }, sigma);
    experiment.runs = vec![
        with(Run { momentum: Momentum::Schedule(beta), ..sgdm("SGDM", eta, 0.0, steps) }, &rate),
        with(sgd("SGD, averaged rates", eta, steps), &mean),
        with(sgd("SGD, plain rates", eta, steps), &rate),
    ];
    experiment
}

/// Curvature 1.
fn quadratic() -> Landscape {
    Landscape::Diagonal { curvature: vec![1.0] }
}

/// The gap in E x² between SGD at the plain and at the averaged rates on ½x² at t = 2 as η → 0, where both have the mean e^{−t}: an SDE of the noise
/// q = ⟨η_k²⟩/η² has the variance ½q(1 − e^{−2t}).
fn lasting(experiment: &Experiment, eta: f64) -> f64 {
    let [averaged, plain] = [AVERAGED, PLAIN].map(|run| {
        let Run { learning_rate, steps, .. } = &experiment.runs[run];
        (0..*steps).map(|k| learning_rate.at(k) * learning_rate.at(k)).sum::<f64>()
            / (*steps as f64 * eta * eta)
    });
    0.5 * (plain - averaged).abs() * (1.0 - libm::exp(-2.0 * TIME))
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings =
        laboratory.findings("The averaged schedule tracks, the plain one does not (MV theorem 3.5)");
    for variation in Variation::ALL {
        exact_orders(laboratory, &mut findings, variation);
    }
    for variation in Variation::ALL {
        if laboratory.concerns(Part::Quadratic) {
            let panel = simulate(laboratory, &mut findings, variation, &quadratic())?;
            findings.figure = std::mem::take(&mut findings.figure).with(panel);
        }
    }
    for variation in Variation::ALL {
        let panel = simulate(laboratory, &mut findings, variation, &Landscape::DoubleWell { width: 1.0 })?;
        findings.figure = std::mem::take(&mut findings.figure).with(panel);
    }
    findings.figure.columns = 4;
    Ok(findings)
}

/// The exact gaps on the quadratic at two rates that no simulation reaches, and their order there.
fn exact_orders(laboratory: &Laboratory<'_>, findings: &mut Findings, variation: Variation) {
    let (name, alpha) = (variation.name(), variation.alpha());
    let smallest = laboratory.budget.pick(16, 18, 20);
    let gaps = [smallest - 2, smallest].map(|p| {
        let experiment = setting(variation, quadratic(), 1, 1.0 / f64::from(1 << p));
        [AVERAGED, PLAIN].map(|run| largest_gaps(&experiment, [HEAVY, run]).map(|(gap, _)| gap))
    });
    let order =
        |to: usize, degree: usize| 0.5 * libm::log2(gaps[0][to][degree - 1] / gaps[1][to][degree - 1]);
    for degree in DEGREES {
        findings.check_exact(
            format!("quadratic, {name}: exact order of the gap of degree {degree} to the averaged rates at η = 2^−{smallest}"),
            order(0, degree),
            Hypothesis::Between { expected: 1.0 - alpha, low: 0.5 * (1.0 - alpha), high: 1.0 - alpha + 0.02 },
        );
    }
    if variation.jumps() {
        findings.check_exact(
            format!(
                "quadratic, {name}: exact order of the gap of x² to the plain rates at η = 2^−{smallest}"
            ),
            order(1, 2),
            Hypothesis::Near { expected: 0.0, tolerance: 0.03 },
        );
    }
}

/// The measured gaps to SGD at the averaged and at the plain rates, of each degree.
struct Measured([[LargestGap; 3]; 2]);

impl Measured {
    fn of(laboratory: &Laboratory<'_>, experiment: &Experiment) -> Result<Self, Failure> {
        let mut gaps = [(); 2].map(|()| [(); 3].map(|()| LargestGap::new(TIMES, 0)));
        laboratory.sample(experiment, |sample| {
            let power = |run: usize, point: usize, degree: usize| {
                let x = sample.at(run, point)[0];
                (0..degree).fold(1.0, |power, _| power * x)
            };
            for (gaps, run) in gaps.iter_mut().zip([AVERAGED, PLAIN]) {
                for (gaps, degree) in gaps.iter_mut().zip(DEGREES) {
                    gaps.next_trajectory();
                    for point in 0..TIMES {
                        // Point 0 is the start.
                        let gap = power(run, 1 + point, degree) - power(HEAVY, 1 + point, degree);
                        gaps.add(point, gap, &[]);
                    }
                }
            }
        })?;
        Ok(Self(gaps))
    }

    /// The size of the gap of degree number `degree` at time number `point`.
    fn size(&self, to: usize, degree: usize, point: usize) -> Estimate {
        let gap = self.0[to][degree].at(point, &[]);
        Estimate { value: gap.value.abs(), ..gap }
    }
}

/// The order of gaps in η.
fn order(rates: &[f64], gaps: &[Estimate]) -> Estimate {
    Line::power_law(rates, gaps).map_or(Estimate::MISSING, |line| line.slope)
}

fn simulate(
    laboratory: &Laboratory<'_>,
    findings: &mut Findings,
    variation: Variation,
    landscape: &Landscape,
) -> Result<Panel, Failure> {
    let well = matches!(landscape, Landscape::DoubleWell { .. });
    let name = format!("{}, {}", if well { "double well" } else { "quadratic" }, variation.name());
    // With a long memory the orders of small rates are out of reach of the first ones.
    let first = if well && variation == Variation::LongMemory { 5 } else { 3 };
    let rates: Vec<f64> =
        (first..=laboratory.budget.pick(first + 3, first + 4, 9)).map(|p| 1.0 / f64::from(1 << p)).collect();
    let mut measured = Vec::new();
    for (place, &eta) in rates.iter().enumerate() {
        // On the quadratic the last one is held against the exact one; where rates jump its gap of x² is small among its differences. The orders on
        // the well lie far inside their regions.
        let more = match variation {
            _ if well => laboratory.budget.pick(1.0, 0.375, 1.0),
            _ if place + 1 < rates.len() => 1.0,
            Variation::Rate | Variation::LongMemory => laboratory.budget.pick(8.0, 4.0, 1.0),
            Variation::Momentum | Variation::Waves => 1.0,
        };
        let n = (more * laboratory.budget.trajectories(4_000, 8_000) as f64 / eta) as u64;
        measured.push(Measured::of(laboratory, &setting(variation, landscape.clone(), n, eta))?);
    }
    let (eta, last) = (rates[rates.len() - 1], &measured[measured.len() - 1]);
    let at = format!("at η = 1/{}", 1.0 / eta);
    let exact = setting(variation, quadratic(), 1, eta);
    // The largest exact gap of the observed times, and where.
    let mut peaks = [(0.0, 0); 4];
    each_gap(&exact, [AVERAGED, HEAVY], |k, gaps| {
        if k.is_multiple_of(exact.observe.every) {
            for (peak, gap) in peaks.iter_mut().zip(gaps) {
                if gap.abs() > peak.0 {
                    *peak = (gap.abs(), (k / exact.observe.every) as usize - 1);
                }
            }
        }
    });
    for (i, degree) in DEGREES.into_iter().enumerate() {
        if well {
            let gaps: Vec<Estimate> = measured.iter().map(|m| m.0[0][i].largest(&[]).0).collect();
            findings.check(
                format!("{name}: order of the largest gap of degree {degree} to the averaged rates"),
                order(&rates, &gaps),
                Hypothesis::AtLeast(0.5 * (1.0 - variation.alpha())),
            );
        } else {
            let (gap, point) = peaks[degree - 1];
            findings.check(
                format!(
                    "{name}: largest gap of degree {degree} to the averaged rates over the exact one {at}"
                ),
                last.size(0, i, point).times(1.0 / gap),
                Hypothesis::about(1.0, 0.2),
            );
        }
    }
    if variation.jumps() {
        findings.check(
            format!("{name}: gap in E x² to the plain rates {at}"),
            last.size(1, 1, TIMES - 1),
            if well { Hypothesis::AtLeast(0.01) } else { Hypothesis::about(lasting(&exact, eta), 0.2) },
        );
    }
    if variation.alpha() == 0.0 {
        if !well {
            let gaps: Vec<Estimate> = measured.iter().map(|m| m.size(0, 1, TIMES - 1)).collect();
            findings.check(
                format!("{name}: order of the gap in E x² to the averaged rates at t = {TIME}"),
                order(&rates, &gaps),
                Hypothesis::AtLeast(0.5),
            );
        }
        findings.check(
            format!("{name}: gap in E x² to the averaged rates {at}"),
            last.size(0, 1, TIMES - 1),
            Hypothesis::AtMost(0.008),
        );
    }
    let mut panel = Panel::new(name, Axis::log("η"), Axis::log("|gap of E x²| to SGDM at t = 2"));
    for (i, label) in ["SGD at averaged rates", "SGD at plain rates"].into_iter().enumerate() {
        let gaps: Vec<Estimate> = measured.iter().map(|m| m.size(i, 1, TIMES - 1)).collect();
        let values: Vec<f64> = gaps.iter().map(|g| g.value).collect();
        let errors: Vec<f64> = gaps.iter().map(|g| 2.0 * g.std_error).collect();
        let color = Color::cycle(i);
        panel = panel
            .with(Series::line(rates.clone(), values.clone()).color(color).width(1.0))
            .with(Series::error_bars(rates.clone(), values, &errors).label(label).color(color));
    }
    Ok(panel)
}
