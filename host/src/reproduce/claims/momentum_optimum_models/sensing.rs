//! Sensing a whole matrix, from interpolating points.

use polyak_core::landscape::Landscape as _;
use polyak_core::random::{FromRng, Law, PcgLane, Stream};
use polyak_core::real::double::pow;

use super::flattest::{Flattest, Measured};
use super::{Model, label_noise, prefactors};
use crate::experiment::model::{Landscape, Precision};
use crate::experiment::sensed;
use crate::plot::{Axis, Color, Panel, Series};
use crate::reproduce::settling_time::{Drift, LEVEL, Setting, Start, meeting};
use crate::reproduce::setup::experiment;
use crate::reproduce::{Failure, Findings, Laboratory};

/// p, r, measurements, rank of the sensed matrix: 3 numbers of a 4 × 4 symmetric matrix of rank 1, learned as UUᵀ with U 4 × 4.
///
/// The curvature across the minimisers is that of the measurements, AⱼU. At a U of rank 1 no more than 4 of them are independent: with more
/// measurements some curvature would vanish at a flattest point of rank 1, and there FF's two times, which it takes to be finite, with it.
const SIZES: [usize; 4] = [4, 4, 3, 1];
/// Least curvature of L across the minimisers, at the flattest.
const STIFF: f64 = 0.2;
/// Least curvature of tr ∇²L along the minimisers, at the flattest; but where a rotation of U moves it.
const PULL: f64 = 2.0;
/// Least and most tr ∇²L at the start, over that of the flattest.
const BEGIN: [f64; 2] = [2.0, 10.0];
/// Most between the bounds of the least tr ∇²L, over the start's excess.
const GAP: f64 = 0.01;
/// Loss below which a point interpolates.
const INTERPOLATING: f64 = 1e-12;
/// What it is called in checks.
const NAME: &str = "matrix sensing";
/// The first model's number at seed 0: nothing was tuned on it and those that follow.
const FIRST: u64 = 70_001;
/// Steps·(εγ)^{2/3} at the best momentum, at most.
const LONGEST: f64 = 12.0;

/// Where a sensing starts.
struct Sensing {
    /// The start.
    start: Start<'static>,
    /// Excess of the sensed matrix over that of the start: 0 if it is the flattest.
    planted: f64,
}

/// The checks of sensing.
pub fn check(laboratory: &Laboratory<'_>, findings: &mut Findings) -> Result<(), Failure> {
    let count = laboratory.budget.pick(10, 32, 48);
    let n = laboratory.budget.pick(64, 64, 256);
    let fine: f64 = laboratory.budget.pick(1.35, 1.25, 1.15);
    let first = FIRST.wrapping_add(laboratory.seed.wrapping_mul(1000));
    let models: Vec<Sensing> = (first..).filter_map(|seed| start(seed, n)).take(count).collect();
    let planted = models.iter().filter(|model| model.planted < LEVEL).count();
    let steps = (libm::log(4.3 / 0.5) / libm::log(fine)) as i32;
    let drift = Drift {
        starts: models.into_iter().map(|model| model.start).collect(),
        batches: 1,
        grid: (0..=steps).map(|i| 0.5 * pow(fine, f64::from(i))).collect(),
        watched: |c| 20.0 + 2.5 * c * c,
    };
    // ε is small: a correction is one turn across the valley in the time of the drift, (εγ)^{2/3}/√(γh) = ε^{2/3}γ^{1/6}/√h.
    // The first is the shortest, the next two have one product.
    let mut pairs = vec![[0.04, 0.02], [0.04, 0.00125], [0.0025, 0.02]];
    pairs.extend(laboratory.budget.pick(vec![], vec![], vec![[0.04, 0.005], [0.01, 0.00125]]));
    // The covariance of the gradient's noise is δ²/2N times ∇²L.
    let scale = (2.0 * SIZES[2] as f64).sqrt();
    let model = Model { name: NAME, drift, scale, longest: LONGEST, range: [2.0, 3.0] };
    let settings = model.settings(laboratory, findings, pairs)?;
    model.powers(findings, &settings);
    prefactors(findings, NAME, &settings);
    say(findings, [planted, count]);
    draw(findings, &settings);
    Ok(())
}

fn say(findings: &mut Findings, [planted, count]: [usize; 2]) {
    let [side, rank, measurements, sensed] = SIZES;
    findings.note(format!(
        "{NAME}: {count} models, each {measurements} Gaussian measurements of a {side} × {side} matrix of rank {sensed}, learned as UUᵀ with U {side} × {rank}, from where plain \
         descent arrives from a U of standard normal entries. Settled is what stays within 5 % of the start's excess of tr ∇²L over its least value at a minimiser, which is computed and not \
         taken from the sensed matrix: in UUᵀ that is a semidefinite programme, and its dual bounds the value to 1 % of the excess. The sensed matrix itself is so near to the flattest in {planted} of the \
         {count} models. FF takes curvatures to stay away from 0: at the flattest minimiser, of rank 1, those of L across the minimisers are above {STIFF} here, of tr ∇²L along them \
         above {PULL}, and the start has {} to {} times its tr ∇²L; some 1 of 20 random models are such. Sizes, rates, and the grid were chosen with models of other seeds. \
         Under most seeds the exponent of the best 1−β is .69 to .70, a little off 2/3, and at one εγ the steps differ by 4 to 7 %: the claim takes both for what is left of a finite ε, and cannot tell that from a small correction to the law. \
         Below the best C the curves lie apart, as an overshoot leaves the 5 % at one ε and not at another: nothing is claimed there.",
        BEGIN[0], BEGIN[1]
    ));
}

fn draw(findings: &mut Findings, settings: &[Setting]) {
    let y = Axis::log("K(εγ)^{2/3}(κ/4)^{1/3}, median");
    let mut panel = Panel::new(NAME, Axis::log("C = (1−β)/(εγ)^{2/3}, in (κ/4)^{1/3}"), y);
    for (i, setting) in settings.iter().enumerate() {
        let line = Series::line(setting.curve.grid.clone(), setting.curve.medians()).label(setting.name());
        panel = panel.with(line.color(Color::cycle(i)).width(1.4));
    }
    findings.figure = std::mem::take(&mut findings.figure).with(panel);
}

/// Sensing number `seed`, where plain descent from a U of Gaussian entries arrives. `None` where it does not interpolate, or starts out of
/// [`BEGIN`], or the flattest minimiser is not one of rank 1 of curvatures above [`STIFF`] and [`PULL`].
fn start(seed: u64, trajectories: u64) -> Option<Sensing> {
    let [side, rank, examples, sensed_rank] = SIZES;
    let data = sensed(examples, side, sensed_rank, seed);
    let mut u = vec![0.0; side * rank];
    let mut stream = Stream::<f64, _>::new(FromRng(PcgLane::new(seed, examples as u64)));
    stream.draw(Law::Gaussian, side * rank, &mut |i, xi: f64| u[i] = xi);
    let measured = Measured::new(data.inputs.entries.clone(), data.targets.clone(), side, rank);
    measured.descend(0.0, &mut u);
    let (loss, trace): (f64, f64) = (measured.landscape.loss(&u[..]), measured.trace(&u));
    // Nothing that has diverged goes on.
    let interpolates = loss < INTERPOLATING;
    if !interpolates {
        return None;
    }
    let Flattest { least, bound, across, along } = measured.flattest(&u);
    let regular = across > STIFF && along > PULL;
    let begins = trace > BEGIN[0] * least && trace < BEGIN[1] * least;
    if !(begins && regular && least - bound < GAP * (trace - least)) {
        return None;
    }
    // The sensed matrix has ones in the first places of its diagonal.
    let sensed: f64 = (0..sensed_rank).map(|a| measured.squares[a * (side + 1)]).sum();
    let planted = (sensed - least) / (trace - least);
    let landscape = Landscape::MatrixSensing { data, rank };
    let mut experiment = experiment(6000 + seed, trajectories, landscape, &u, label_noise());
    experiment.precision = Precision::F32;
    let excess = Box::new(move |u: &[f64]| measured.trace(u) - least);
    Some(Sensing { start: Start { experiment, excess, meets: meeting(along) }, planted })
}
