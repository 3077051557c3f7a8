//! FF: how much momentum makes the drift along minimisers fastest.

use std::sync::atomic::Ordering;

use polyak_core::real::double::pow;

use crate::experiment::model::{LabelExamples, Landscape, Law as NoiseLaw, Noise};
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::settling_time::{Drift, LEVEL, Setting, Start, collapse, meeting, of_the_best};
use crate::reproduce::setup::experiment;
use crate::reproduce::slow_limit::{excess, slow_limit};
use crate::reproduce::two_times::{drift, relaxation};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Mutation};
use crate::statistics::{Estimate, Line, exponents, mean_of};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "momentum-optimum",
    source: "FF, equations (1) to (4)",
    statement: "Along minimisers the drift of the heavy ball takes (1−β)²/(εγ)² steps while its memory lasts 1/(1−β), so the flattest \
                point is reached fastest where the two meet, 1−β = C(εγ)^{2/3}, and then in a number of steps ∝ (εγ)^{−2/3}. FF \
                leaves C open and gives no error of the exponent.",
    hypothesis: "On ½(uv−1)² with label noise each time has its power: that in which L relaxes at the flattest minimiser, where it falls like β^k, is 1/(−ln β) ≈ 1/(1−β) within 5 %, of exponent −1 in −ln β within 0.05, and that of \
                 the drift with little momentum has the exponents 2 in 1−β and −2 in γ and in ε within 0.05. For ε from 0.025 to 0.1, from an interpolating start, the best 1−β has the exponent 2/3 in εγ, and in γ and in ε each, within 0.05 and \
                 its number of steps −2/3 within 0.05, as have the steps at each C from 0.7 to 2.5; C and the steps are those of the limit γ, ε → 0, \
                 which is integrated for itself, within 11 %: corrections are of the order of one turn across the valley in the time of the drift, \
                 (εγ)^{2/3}/√γ ≤ 0.11. \
                 With much less momentum the steps are those of D' = −D(εγ)²/(1−β)² within 12 %. Wrong if another power of εγ fits.",
    experiment: run,
    mutations: &[
        Mutation::SgdmRate,
        Mutation::SquaredNoise,
        Mutation::Momentum(0.998),
        Mutation::EffectiveRate,
    ],
};

const START: [f64; 2] = [2.0, 0.5];
/// How far from the limit.
const NEAR: f64 = 0.11;
/// Whose scatter is the error.
const BATCHES: usize = 16;

/// How long a run is watched, in units of (εγ)^{−2/3} steps.
fn watched(c: f64) -> f64 {
    2.0 + 2.2 * c * c + 4.0 / c
}

/// Values of C = (1−β)/(εγ)^{2/3}, and last one far above the best.
fn grid(factor: f64) -> Vec<f64> {
    let count = (libm::log(3.2 / 0.4) / libm::log(factor)) as i32;
    (0..=count).map(|i| 0.4 * pow(factor, f64::from(i))).chain([4.2]).collect()
}

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let rates = laboratory.budget.pick(
        vec![0.02, 0.00125],
        vec![0.02, 0.01, 0.005, 0.0025],
        vec![0.02, 0.01, 0.005, 0.0025, 0.00125],
    );
    // The smallest are the dearest.
    let least = laboratory.budget.pick(1e-4, 1e-4, 0.0);
    let n = laboratory.budget.pick(4096, 8192, 65_536);
    let drift = Drift {
        starts: vec![start(62, n)],
        batches: BATCHES,
        grid: grid(laboratory.budget.pick(1.3, 1.15, 1.1)),
        watched,
    };
    let mut settings = Vec::new();
    let mut findings = laboratory.findings("How much momentum: 1−β = C(εγ)^{2/3} (FF)");
    for noise in laboratory.budget.pick(vec![0.025, 0.1], vec![0.025, 0.1], vec![0.025, 0.05, 0.1]) {
        for &rate in rates.iter().filter(|&&rate| rate * noise > least) {
            settings.push(Setting::measure(laboratory, &drift, 1.0, [rate, noise])?);
        }
    }
    powers(&mut findings, &settings);
    let each = laboratory.budget.pick(256, 512, 4096);
    let d = START[0] * START[0] - START[1] * START[1];
    let stopped = || laboratory.stop.load(Ordering::Relaxed);
    let limit = slow_limit(d, (&drift.grid, watched), [BATCHES, each], stopped)?;
    let [c, steps] = [limit.best_c().0, limit.best_steps().0];
    for setting in &settings {
        let over = |(measured, degrees): (Estimate, f64), limit| (measured.over(limit), degrees);
        findings.check_batches(
            format!("C over the limit's {:.2}, {}", c.value, setting.name()),
            over(setting.curve.best_c(), &c),
            Hypothesis::about(1.0, NEAR),
        );
        findings.check_batches(
            format!("least steps·(εγ)^{{2/3}} over the limit's {:.2}, {}", steps.value, setting.name()),
            over(setting.curve.least_steps(), &steps),
            Hypothesis::about(1.0, NEAR),
        );
    }
    far(&mut findings, &settings);
    times(laboratory, &mut findings)?;
    findings.note(format!(
        "The limit γ, ε → 0 has C = {:.3} ± {:.3} and steps·(εγ)^{{2/3}} = {:.3} ± {:.3}: FF's prefactor for this model, and for settling \
         within 5 % in tr ∇²L. To that level the steps rise on both sides of the best C. Where an overshoot to 1/e of D = u² − v² is let pass \
         C is lower, 0.3 … 0.4. The powers and regions are FF's and the limit's; the random numbers are of a seed that nothing was tuned on.",
        c.value, c.std_error, steps.value, steps.std_error
    ));
    let theory: Vec<f64> = (0..limit.grid.len()).map(|i| limit.mean(i).0.value).collect();
    draw(&mut findings, &settings, (limit.grid.clone(), theory));
    Ok(findings)
}

/// From [`START`], with label noise.
fn start(seed: u64, n: u64) -> Start<'static> {
    Start {
        experiment: experiment(seed, n, Landscape::Hyperbola, &START, label_noise()),
        excess: Box::new(|x| excess(x[0] * x[0] - x[1] * x[1])),
        // tr ∇²L = 2 cosh 2θ, and dx² = tr ∇²L dθ².
        meets: meeting(4.0),
    }
}

fn label_noise() -> Noise {
    Noise::Label { law: NoiseLaw::Gaussian, examples: LabelExamples::One }
}

/// γ and ε of the relaxation: the memory has many turns, and noise goes little way across the valley.
const RELAXATIONS: [[f64; 2]; 2] = [[0.1, 0.025], [0.025, 0.1]];
/// γ and ε of the drift.
const DRIFTS: [[f64; 2]; 3] = [[0.02, 0.1], [0.02, 0.025], [0.005, 0.1]];

/// The two times, each alone: how long L takes to become stationary, and the drift at so little momentum that its time is all.
fn times(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let near = |expected: f64| Hypothesis::Near { expected, tolerance: 0.05 };
    let n = laboratory.budget.pick(65_536, 65_536, 524_288);
    for (i, [rate, noise]) in RELAXATIONS.into_iter().enumerate() {
        let gaps = [0.005, 0.01, 0.02, 0.04];
        let taken = laboratory.share(gaps.len(), |job| {
            let seed = 64 + 4 * i as u64 + job as u64;
            let experiment = experiment(seed, n, Landscape::Hyperbola, &[1.0, 1.0], label_noise());
            relaxation(laboratory, &experiment, BATCHES, ([rate, noise], gaps[job]))
        })?;
        // −ln β.
        let decays = gaps.map(|gap| -libm::log(1.0 - gap));
        let [exponent] = exponents(&decays.map(|decay| [decay]), &taken);
        let of = format!("γ = {rate}, ε = {noise}");
        findings.check_batches(
            format!("exponent of L's relaxation time in −ln β, {of}"),
            exponent,
            near(-1.0),
        );
        let mean = |batch: usize| {
            decays.iter().zip(&taken).map(|(decay, steps)| steps[batch] * decay).sum::<f64>()
                / decays.len() as f64
        };
        findings.check_batches(
            format!("relaxation time of L times −ln β, mean over the β, {of}"),
            mean_of(&(0..BATCHES).map(mean).collect::<Vec<_>>()),
            Hypothesis::about(1.0, 0.05),
        );
    }
    let n = laboratory.budget.pick(256, 512, 8192);
    let places: Vec<([f64; 2], f64)> =
        DRIFTS.iter().flat_map(|&pair| [6.0, 8.5, 12.0, 17.0].map(|c| (pair, c))).collect();
    let taken = laboratory
        .share(places.len(), |job| drift(laboratory, &start(80 + job as u64, n), BATCHES, places[job]))?;
    let gap = |([rate, noise], c): ([f64; 2], f64)| c * pow(rate * noise, 2.0 / 3.0);
    let x: Vec<[f64; 3]> = places.iter().map(|&place| [gap(place), place.0[0], place.0[1]]).collect();
    for ((of, expected), exponent) in
        [("1−β", 2.0), ("γ", -2.0), ("ε", -2.0)].into_iter().zip(exponents(&x, &taken))
    {
        findings.check_batches(format!("exponent of the drift's time in {of}"), exponent, near(expected));
    }
    Ok(())
}

/// The exponents.
fn powers(findings: &mut Findings, settings: &[Setting]) {
    let near = |expected: f64| Hypothesis::Near { expected, tolerance: 0.05 };
    let [best, steps] = of_the_best(settings);
    findings.check_batches("exponent of the best 1−β in εγ", best, near(2.0 / 3.0));
    findings.check_batches("exponent of its number of steps in εγ", steps, near(-2.0 / 3.0));
    let pairs: Vec<[f64; 2]> = settings.iter().map(|setting| [setting.rate, setting.noise]).collect();
    let apart = exponents(&pairs, &settings.iter().map(Setting::best_gaps).collect::<Vec<_>>());
    for (of, exponent) in ["γ", "ε"].into_iter().zip(apart) {
        findings.check_batches(format!("exponent of the best 1−β in {of}"), exponent, near(2.0 / 3.0));
    }
    for (c, slope) in collapse(settings, [0.7, 2.5]) {
        findings.check_batches(format!("exponent of the steps at C = {c:.2}"), slope, near(-2.0 / 3.0));
    }
}

/// Little momentum: the drift time alone.
fn far(findings: &mut Findings, settings: &[Setting]) {
    let Some(setting) = settings.iter().min_by(|a, b| a.unit.total_cmp(&b.unit)) else { return };
    let last = setting.curve.grid.len() - 1;
    let (c, (steps, degrees)) = (setting.curve.grid[last], setting.curve.mean(last));
    // ln(D₀/D) at 5 % of the excess: D = 2 sinh of half the angle that tr ∇²L = 2 cosh has.
    let d = START[0] * START[0] - START[1] * START[1];
    let trace = 2.0 + LEVEL * excess(d);
    let drift = c * c * libm::log(d / (trace * trace - 4.0).sqrt());
    findings.check_batches(
        format!("steps over those of the drift alone at C = {c:.1}, {}", setting.name()),
        (steps.times(1.0 / drift), degrees),
        Hypothesis::about(1.0, 0.12),
    );
}

fn draw(findings: &mut Findings, settings: &[Setting], limit: (Vec<f64>, Vec<f64>)) {
    let mut panel = Panel::new("Data collapse", Axis::log("C = (1−β)/(εγ)^{2/3}"), Axis::log("K(εγ)^{2/3}"));
    for (i, setting) in settings.iter().enumerate() {
        let y: Vec<f64> = (0..setting.curve.grid.len()).map(|c| setting.curve.mean(c).0.value).collect();
        let line = Series::line(setting.curve.grid.clone(), y).label(setting.name());
        panel = panel.with(line.color(Color::cycle(i)).width(1.4));
    }
    panel = panel.with(Series::theory(limit.0, limit.1).label("limit γ, ε → 0"));
    let products: Vec<f64> = settings.iter().map(|setting| setting.rate * setting.noise).collect();
    let best: Vec<Estimate> =
        settings.iter().map(|setting| setting.curve.best_c().0.times(setting.unit)).collect();
    let values: Vec<f64> = best.iter().map(|b| b.value).collect();
    let errors: Vec<f64> = best.iter().map(|b| 2.0 * b.std_error).collect();
    let mut optimum = Panel::new("Best momentum", Axis::log("εγ"), Axis::log("1−β"))
        .with(Series::error_bars(products.clone(), values, &errors).label("measured").color(Color::cycle(0)));
    if let Some(line) = Line::power_law(&products, &best) {
        let mut x = products;
        x.sort_unstable_by(f64::total_cmp);
        let fit: Vec<f64> = x.iter().map(|x| libm::exp(line.at(libm::log(*x)))).collect();
        let slope = of_the_best(settings)[0].0;
        let label = format!("exponent {:.3} ± {:.3}", slope.value, slope.std_error);
        optimum = optimum.with(Series::theory(x, fit).label(label));
        findings.note(format!(
            "The fitted law is 1−β = {:.3}·(εγ)^{:.3}. FF uses matrix sensing and teacher–student networks, smaller ones of which are in \
             `momentum-optimum-models`; this is the hyperbola, with rates of its own.",
            libm::exp(line.intercept.value),
            line.slope.value
        ));
    }
    findings.figure = std::mem::take(&mut findings.figure)
        .subtitle(
            "½(uv−1)², label noise, K: steps until the mean excess of tr ∇²L stays below 5 % of its start",
        )
        .with(panel)
        .with(optimum)
        .columns(2);
}
