//! FF on models with many parameters: matrix sensing and a teacher–student network.

mod flattest;
mod sensing;
mod student;

use crate::experiment::model::{LabelExamples, Law as NoiseLaw, Noise};
use crate::reproduce::settling_time::{Best, Drift, Setting, collapse, of_the_best};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation, Part};
use crate::statistics::{Estimate, Interval, mean_of};
use polyak_core::real::double::pow;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "momentum-optimum-models",
    source: "FF, matrix sensing and teacher–student networks",
    statement: "Started at an interpolating point of a model with many parameters, under label noise, the heavy ball reaches the flattest \
                minimiser fastest at 1−β = C(εγ)^{2/3}, in a number of steps ∝ (εγ)^{−2/3}; C is the model's, the exponent is not.",
    hypothesis: "On sensing whole matrices as UUᵀ, and on networks that learn from one of their own size, with means and errors over models and starts of their own; C in units of (κ/4)^{1/3}, κ the curvature \
                 of tr ∇²L along the minimisers where they are flattest, the least there is: at this C FF's two times are one. The best 1−β, the middle of those \
                 with up to a quarter more steps than the fewest, lies inside the grid, and its exponent in εγ and those of the steps, at the best momentum and at each C above it (sensing: 2 to 3, networks: 1.2 to 1.8), \
                 are nearer to ±2/3 than to ±1/2 and ±5/6; where εγ is the same from other γ and ε, sixteen and eight times the γ, the best C and the steps at it and at each of those C agree within what half of the way to an exponent of 1/2 would \
                 make, 2^{1/3} and 2^{1/4}; the steps are below 12·(εγ)^{−2/3}(κ/4)^{−1/3}, twice what three e-foldings, 5 %, of a memory and of a drift make at C = 1, where SGD takes (εγ)^{−2}, and those of networks below half of that. Networks' C \
                 lies within a factor 2 of 1. Wrong if another power fits, or γ and ε count apart.",
    experiment: run,
    mutations: &[
        Mutation::Only(Part::MatrixSensing, &Mutation::SgdmRate),
        Mutation::Only(Part::MatrixSensing, &Mutation::SquaredNoise),
        Mutation::Only(Part::Network, &Mutation::SgdmRate),
        Mutation::Only(Part::Network, &Mutation::SquaredNoise),
    ],
};

/// Half of the way from 2/3 to 1/2.
const HALF_WAY: f64 = 1.0 / 12.0;

fn label_noise() -> Noise {
    Noise::Label { law: NoiseLaw::Gaussian, examples: LabelExamples::All }
}

/// Models that are held to FF's law.
struct Model<'a> {
    name: &'static str,
    drift: Drift<'a>,
    /// δ of the label noise at ε = 1.
    scale: f64,
    /// Steps·(εγ)^{2/3} at the best momentum, at most.
    longest: f64,
    /// C at which the steps of all settings are compared.
    range: [f64; 2],
}

impl Model<'_> {
    /// Measures every pair (γ, ε).
    fn settings(
        &self,
        laboratory: &Laboratory<'_>,
        findings: &mut Findings,
        pairs: Vec<[f64; 2]>,
    ) -> Result<Vec<Setting>, Failure> {
        let measured = |pair| {
            let setting = Setting::measure(laboratory, &self.drift, self.scale, pair)?;
            findings.check_batches(
                format!("{}: least steps·(εγ)^{{2/3}}, {}", self.name, setting.name()),
                setting.curve.least_steps(),
                Hypothesis::AtMost(self.longest),
            );
            Ok(setting)
        };
        pairs.into_iter().map(measured).collect()
    }

    /// The checks of settings of which the second and the third have one εγ.
    fn powers(&self, findings: &mut Findings, settings: &[Setting]) {
        let name = self.name;
        let near = |expected: f64| Hypothesis::Near { expected, tolerance: HALF_WAY };
        let [best, steps] = of_the_best(settings);
        findings.check_batches(format!("{name}: exponent of the best 1−β in εγ"), best, near(2.0 / 3.0));
        let check = format!("{name}: exponent of its number of steps in εγ");
        findings.check_batches(check, steps, near(-2.0 / 3.0));
        for (c, slope) in collapse(settings, self.range) {
            let check = format!("{name}: exponent of the steps at C = {c:.2}");
            findings.check_batches(check, slope, near(-2.0 / 3.0));
        }
        let [one, other] = [1, 2].map(|i| settings[i].curve.bests());
        let factor = pow(settings[1].rate / settings[2].rate, HALF_WAY);
        let same = Hypothesis::Between { expected: 1.0, low: 1.0 / factor, high: factor };
        let between = format!("{} over {}", settings[1].name(), settings[2].name());
        let ratios = |of: fn(&Best) -> f64| {
            mean_of(&one.iter().zip(&other).map(|(a, b)| of(a) / of(b)).collect::<Vec<_>>())
        };
        findings.check_batches(format!("{name}: best C, {between}"), ratios(|best| best.c), same);
        let check = format!("{name}: steps at the best momentum, {between}");
        findings.check_batches(check, ratios(|best| best.steps), same);
        let [one, other] = [&settings[1].curve, &settings[2].curve];
        for i in one.inside(self.range) {
            let ratios = one.steps.iter().zip(&other.steps).map(|(a, b)| a[i] / b[i]).collect::<Vec<_>>();
            findings.check_batches(
                format!("{name}: steps at C = {:.2}, {between}", one.grid[i]),
                mean_of(&ratios),
                same,
            );
        }
    }
}

/// FF's prefactor and the steps at it, with intervals.
fn prefactors(findings: &mut Findings, name: &str, settings: &[Setting]) {
    let list = |of: fn(&Setting) -> (Estimate, f64)| {
        let number = |(estimate, degrees): (Estimate, f64)| {
            let Interval { low, high } = Interval::of(&estimate, Some(degrees), 0.95);
            format!("{:.2} ({low:.2} to {high:.2})", estimate.value)
        };
        settings.iter().map(|setting| number(of(setting))).collect::<Vec<_>>().join(", ")
    };
    findings.note(format!(
        "{name}: FF's prefactor, in units of (κ/4)^{{1/3}}, is C = {} and steps·(εγ)^{{2/3}}(κ/4)^{{1/3}} = {} at the best momentum, with 95 % intervals over the models, at {}.",
        list(|setting| setting.curve.best_c()),
        list(|setting| setting.curve.best_steps()),
        settings.iter().map(Setting::name).collect::<Vec<_>>().join("; ")
    ));
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("How much momentum, on models with many parameters (FF)");
    if laboratory.concerns(Part::MatrixSensing) {
        sensing::check(laboratory, &mut findings)?;
    }
    if laboratory.concerns(Part::Network) {
        student::check(laboratory, &mut findings)?;
    }
    findings.figure.columns = 2;
    Ok(findings)
}
