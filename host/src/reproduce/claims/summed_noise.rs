//! LB appendices B and C: the covariance of a batch's noise, and of what momentum sums of it.

use crate::experiment::model::{Covariance, Data, Landscape, Law, Matrix, Noise, Run, Sampling};
use crate::experiment::planted;
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::setup::{experiment, heavy_ball, sgd};
use crate::reproduce::{Claim, Failure, Findings, Hypothesis, Laboratory, Member, Mutation};
use crate::statistics::Estimate;
use crate::theory::linear::Linear;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "summed-noise",
    source: "LB appendices B and C",
    statement: "The gradient of a batch of B of N examples has the covariance Σ/B if they are drawn with replacement, times (N−B)/(N−1) \
                without, which is Σ/B again for N ≫ B. Over n ≫ 1/(1−m) steps momentum sums that noise to n ε_eff² times the covariance of one gradient, as \
                SGD at ε_eff does. Batches of shuffled epochs are anticorrelated: their sum does not grow with n at all.",
    hypothesis: "Additive noise of a dense Σ in the plane, 1000 steps at m = 0.9: each entry of the covariance of their sum is the exact one within \
                 2 %, and in the limit of many steps n ε_eff² Σ. Least squares with 24 examples at a point that does not move, batches of 6: every entry \
                 of the covariance of one step, and of 200 steps at m = 0.9, is the exact one within 5 % of its size √(Σᵢᵢ Σⱼⱼ), a quarter of what is between two ways to draw, for all three \
                 of them. Wrong if momentum sums more or less, or a way to draw has another's covariance.",
    experiment: run,
    mutations: &[
        Mutation::Momentum(0.97),
        Mutation::SgdmRate,
        Mutation::EffectiveRate,
        Mutation::OtherSampling,
        Mutation::Noise(1.1),
    ],
};

const MOMENTUM: f64 = 0.9;

fn run(laboratory: &Laboratory<'_>) -> Result<Findings, Failure> {
    let mut findings = laboratory.findings("What momentum sums of the noise (LB)");
    batches(laboratory, &mut findings)?;
    additive(laboratory, &mut findings)?;
    Ok(findings)
}

/// Without a gradient the heavy ball's displacement has the covariance of SGD's at ε_eff, up to its memory at the end.
fn additive(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let (steps, rate) = (1000, 0.01);
    let n = laboratory.budget.trajectories(131_072, 262_144);
    let sigma = [[1.0, 0.6], [0.6, 0.5]];
    let matrix = Matrix { rows: 2, columns: 2, entries: sigma.concat() };
    let noise = Noise::Additive { law: Law::Gaussian, covariance: Covariance::Dense(matrix) };
    let mut experiment = experiment(62, n, Landscape::Linear { gradient: vec![0.0; 2] }, &[0.0; 2], noise);
    experiment.runs = vec![heavy_ball("heavy ball", rate * (1.0 - MOMENTUM), MOMENTUM, steps)];
    let ensemble = laboratory.run(&experiment)?;
    let covariance = &ensemble.runs[0].covariance;
    let unit = |steps: u64| rate * rate * steps as f64;
    let closed = Linear { rate, momentum: MOMENTUM, gradient: 0.0, variance: 1.0, stationary: false };
    for (i, j) in [(0, 0), (0, 1), (1, 1)] {
        let exact = sigma[i][j] * closed.variance(steps) / unit(steps);
        findings.check(
            format!(
                "additive noise, entry {i}{j} of the covariance of {steps} summed steps, over {steps}·ε_eff²"
            ),
            covariance[i][j].times(1.0 / unit(steps)),
            Hypothesis::Near { expected: exact, tolerance: 0.02 * (sigma[i][i] * sigma[j][j]).sqrt() },
        );
    }
    findings.check_exact(
        "the variance of a million summed steps over that of as many of SGD's at ε_eff, exactly",
        closed.variance(1_000_000) / unit(1_000_000),
        Hypothesis::about(1.0, 0.001),
    );
    Ok(())
}

const EXAMPLES: usize = 24;
const BATCH: usize = 6;
/// Where the gradients are taken.
const POINT: [f64; 2] = [0.4, -0.7];
/// So small that the point does not move: the displacement over ε_eff is the sum of gradients at one point.
const RATE: f64 = 1e-7;

/// The ways to draw.
const SAMPLINGS: [(Sampling, &str); 3] = [
    (Sampling::WithReplacement, "with replacement"),
    (Sampling::WithoutReplacement, "without replacement"),
    (Sampling::Epochs, "shuffled epochs"),
];

fn data() -> Data {
    planted(EXAMPLES, 2, 1, 7, 0.5)
}

/// Σ: the covariance of one example's gradient (⟨a, x⟩ − y)a at the point.
fn example_covariance() -> [[f64; 2]; 2] {
    let Data { inputs, targets } = data();
    let gradient = |(a, y): (&[f64], &f64)| {
        let off = a[0] * POINT[0] + a[1] * POINT[1] - y;
        [off * a[0], off * a[1]]
    };
    let gradients: Vec<[f64; 2]> = inputs.entries.chunks_exact(2).zip(&targets).map(gradient).collect();
    let mean = |of: &dyn Fn(&[f64; 2]) -> f64| gradients.iter().map(of).sum::<f64>() / EXAMPLES as f64;
    let middle = [mean(&|g| g[0]), mean(&|g| g[1])];
    let entry = |i: usize, j: usize| mean(&|g| (g[i] - middle[i]) * (g[j] - middle[j]));
    [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]]
}

/// Covariance of one batch's gradient over Σ.
fn of_a_batch(sampling: Sampling) -> f64 {
    let (n, b) = (EXAMPLES as f64, BATCH as f64);
    if sampling == Sampling::WithReplacement { 1.0 / b } else { (n - b) / (b * (n - 1.0)) }
}

/// Covariance of the displacement over ε_eff²Σ, from the weights 1 − m^{n−j} that it gives to the gradients: those of one epoch have
/// the correlation −1/(N/B − 1).
fn of_the_sum(sampling: Sampling, steps: u64) -> f64 {
    let mut rest = 1.0;
    let mut weights: Vec<f64> = (0..steps)
        .map(|_| {
            rest *= MOMENTUM;
            1.0 - rest
        })
        .collect();
    weights.reverse();
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    let among = |epoch: &[f64]| {
        let sum: f64 = epoch.iter().sum();
        sum * sum - epoch.iter().map(|w| w * w).sum::<f64>()
    };
    let batches = EXAMPLES / BATCH;
    let together: f64 = weights.chunks(batches).map(among).sum();
    let correlation = if sampling == Sampling::Epochs { -1.0 / (batches as f64 - 1.0) } else { 0.0 };
    of_a_batch(sampling) * (squares + correlation * together)
}

/// A run at the point, observed every eighth step.
fn at_the_point(laboratory: &Laboratory<'_>, sampling: Sampling, run: Run) -> Result<Member, Failure> {
    let n = laboratory.budget.trajectories(65_536, 131_072);
    let noise = Noise::MiniBatch { batch: BATCH, sampling };
    let mut experiment = experiment(63, n, Landscape::LeastSquares(data()), &POINT, noise);
    experiment.runs = vec![run];
    experiment.observe.every = 8;
    Ok(laboratory.run(&experiment)?.runs.remove(0))
}

fn batches(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let (sigma, steps) = (example_covariance(), 200);
    let mut panel = Panel::new(
        format!("Batches of {BATCH} of {EXAMPLES} at one point, m = {MOMENTUM}"),
        Axis::log("steps n"),
        Axis::log("tr Cov of the sum over ε_{eff}^{2} tr Σ"),
    );
    for (color, (sampling, name)) in SAMPLINGS.into_iter().enumerate() {
        let once = at_the_point(laboratory, sampling, sgd("one step", RATE, 1))?;
        let run = heavy_ball(name, RATE * (1.0 - MOMENTUM), MOMENTUM, steps);
        let summed = at_the_point(laboratory, sampling, run)?;
        for (member, what, exact) in [
            (&once, "one step", of_a_batch(sampling)),
            (&summed, "200 summed steps", of_the_sum(sampling, steps)),
        ] {
            for (i, j) in [(0, 0), (0, 1), (1, 1)] {
                let size = exact * (sigma[i][i] * sigma[j][j]).sqrt();
                findings.check(
                    format!("{name}, entry {i}{j} of the covariance of {what} over ε_eff²"),
                    member.covariance[i][j].times(1.0 / (RATE * RATE)),
                    Hypothesis::Near { expected: exact * sigma[i][j], tolerance: 0.05 * size },
                );
            }
        }
        let unit = 1.0 / (RATE * RATE * (sigma[0][0] + sigma[1][1]));
        let seen: Vec<(u64, Estimate)> = summed
            .observed
            .iter()
            .zip(&summed.points)
            .skip(1)
            .map(|(&k, point)| (k, total(&point.variance).times(unit)))
            .collect();
        let x: Vec<f64> = seen.iter().map(|(k, _)| *k as f64).collect();
        let values: Vec<f64> = seen.iter().map(|(_, v)| v.value).collect();
        let errors: Vec<f64> = seen.iter().map(|(_, v)| 2.0 * v.std_error).collect();
        let curve: Vec<f64> = seen.iter().map(|(k, _)| of_the_sum(sampling, *k)).collect();
        panel = panel
            .with(Series::error_bars(x.clone(), values, &errors).label(name).color(Color::cycle(color)))
            .with(Series::theory(x, curve).label("exact"));
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
    Ok(())
}

/// The sum, its error at worst.
fn total(parts: &[Estimate]) -> Estimate {
    Estimate {
        value: parts.iter().map(|part| part.value).sum(),
        std_error: parts.iter().map(|part| part.std_error).sum(),
    }
}
