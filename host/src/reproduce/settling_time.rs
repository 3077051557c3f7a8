//! FF: how many steps the heavy ball takes along minimisers to the flattest one, against its momentum.
//!
//! Steps are those until the mean excess of tr ∇²L over its least value stays within ±5 % of its start: the settling time of control theory. A
//! looser level lets an overshoot pass, and one that lets all of them pass (1/e of tr ∇²L does) has its best momentum at β = 1.

use polyak_core::real::double::pow;

use super::laboratory::{Failure, Laboratory};
use super::setup::{heavy_ball, with_noise};
use crate::experiment::model::Experiment;
use crate::statistics::{Estimate, exponents, mean_of};

/// Settled is what stays within this part of its start.
pub const LEVEL: f64 = 0.05;
/// The best C is the middle of those with up to this times the fewest steps.
const SLOWER: f64 = 1.25;
/// Observation points of a run, at most.
const POINTS: u64 = 400;

/// A function of a point.
pub type Excess<'a> = Box<dyn Fn(&[f64]) -> f64 + Sync + 'a>;

/// An interpolating point of a landscape with label noise.
pub struct Start<'a> {
    /// Without runs.
    pub experiment: Experiment,
    /// tr ∇²L less its least value on the manifold.
    pub excess: Excess<'a>,
    /// Unit of C, and of steps its inverse; see [`meeting`].
    pub meets: f64,
}

/// C at which FF's two times are one, where tr ∇²L has the curvature `pull` along the minimisers *(derived)*: the energy across is ε²γ²h/(2(1−β))
/// for each direction of curvature h, so along them x' = −(εγ)²·pull·x/(4(1−β)²), and 1/(1−β) = 4(1−β)²/(pull·(εγ)²) at C³ = pull/4.
pub fn meeting(pull: f64) -> f64 {
    libm::cbrt(0.25 * pull)
}

/// What is measured.
pub struct Drift<'a> {
    /// Where it starts.
    pub starts: Vec<Start<'a>>,
    /// Batches of the trajectories of a start. The scatter of all batches of all starts is the error.
    pub batches: usize,
    /// Values of C = (1−β)/(εγ)^{2/3}, rising, in the unit of each start.
    pub grid: Vec<f64>,
    /// How long the run at C is watched, in units of (εγ)^{−2/3} steps over that of C.
    pub watched: fn(f64) -> f64,
}

/// Steps to settle against C, in units of (εγ)^{−2/3}.
pub struct Curve {
    /// Values of C.
    pub grid: Vec<f64>,
    /// How long it was watched at each.
    pub watched: Vec<f64>,
    /// K at each C, one list a batch; not a number where it did not settle.
    pub steps: Vec<Vec<f64>>,
}

/// The best momentum of one batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// The middle, in its logarithm, of the C with up to a quarter more steps than the fewest: K is flat about its least value, and where
    /// that lies is ill determined. Not a number if these C reach an end of the grid.
    pub c: f64,
    /// The fewest K.
    pub steps: f64,
}

impl Curve {
    /// The curve of settling times `settled`, in the order of the grid, each with one a batch.
    pub fn new(grid: &[f64], watched: fn(f64) -> f64, settled: &[Vec<f64>]) -> Self {
        let batches = settled.first().map_or(0, Vec::len);
        let one = |batch: usize| settled.iter().map(|batches| batches[batch]).collect();
        Self {
            grid: grid.to_vec(),
            watched: grid.iter().map(|&c| watched(c)).collect(),
            steps: (0..batches).map(one).collect(),
        }
    }

    /// K at each C, what did not settle counted as long as it was watched.
    fn at_least(&self, batch: usize) -> Vec<f64> {
        let counted = |(&steps, &watched): (&f64, &f64)| if steps.is_finite() { steps } else { watched };
        self.steps[batch].iter().zip(&self.watched).map(counted).collect()
    }

    fn best(&self, batch: usize) -> Best {
        let steps = self.at_least(batch);
        let Some(place) = (0..steps.len()).min_by(|&a, &b| steps[a].total_cmp(&steps[b])) else {
            return Best { c: f64::NAN, steps: f64::NAN };
        };
        let level = SLOWER * steps[place];
        let crossing = |inside: usize, outside: usize| {
            let share = libm::log(level / steps[inside]) / libm::log(steps[outside] / steps[inside]);
            libm::log(self.grid[inside]) + share * libm::log(self.grid[outside] / self.grid[inside])
        };
        let below = (0..place).rev().find(|&i| steps[i] >= level).map(|i| crossing(i + 1, i));
        let above = (place + 1..steps.len()).find(|&i| steps[i] >= level).map(|i| crossing(i - 1, i));
        let middle = below.zip(above).map_or(f64::NAN, |(below, above)| libm::exp(0.5 * (below + above)));
        Best { c: middle, steps: if self.steps[batch][place].is_finite() { steps[place] } else { f64::NAN } }
    }

    /// The best momentum of each batch.
    pub fn bests(&self) -> Vec<Best> {
        (0..self.steps.len()).map(|batch| self.best(batch)).collect()
    }

    /// Mean over the batches of C at the best momentum, with the degrees of freedom of its error.
    pub fn best_c(&self) -> (Estimate, f64) {
        mean_of(&self.bests().iter().map(|best| best.c).collect::<Vec<_>>())
    }

    /// Mean over the batches of K at the best momentum, with the degrees of freedom of its error.
    pub fn best_steps(&self) -> (Estimate, f64) {
        mean_of(&self.bests().iter().map(|best| best.steps).collect::<Vec<_>>())
    }

    /// Mean over the batches of K at grid point `i`.
    pub fn mean(&self, i: usize) -> (Estimate, f64) {
        mean_of(&self.steps.iter().map(|steps| steps[i]).collect::<Vec<_>>())
    }

    /// The points of the grid that are in `range`.
    pub fn inside(&self, range: [f64; 2]) -> Vec<usize> {
        (0..self.grid.len()).filter(|&i| self.grid[i] >= range[0] && self.grid[i] <= range[1]).collect()
    }

    /// Mean over the batches of the fewest K of each, with the degrees of freedom of its error. What did not settle counts as long as it was watched:
    /// always a number.
    pub fn least_steps(&self) -> (Estimate, f64) {
        let least = |batch: usize| self.at_least(batch).into_iter().fold(f64::INFINITY, f64::min);
        mean_of(&(0..self.steps.len()).map(least).collect::<Vec<_>>())
    }

    /// Median of K over the batches at each C; what did not settle is above all that did.
    pub fn medians(&self) -> Vec<f64> {
        let median = |i: usize| {
            let mut steps: Vec<f64> = self.steps.iter().map(|steps| steps[i]).collect();
            steps.sort_unstable_by(f64::total_cmp);
            steps[steps.len() / 2]
        };
        (0..self.grid.len()).map(median).collect()
    }
}

/// One pair (γ, ε).
pub struct Setting {
    /// γ.
    pub rate: f64,
    /// ε: the covariance of the gradient's noise is ε²∇²L on the manifold.
    pub noise: f64,
    /// (εγ)^{2/3}.
    pub unit: f64,
    /// Settling times.
    pub curve: Curve,
}

impl Setting {
    /// Measures the settling times at every C; `scale` is the δ of the label noise at ε = 1.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn measure(
        laboratory: &Laboratory<'_>,
        drift: &Drift<'_>,
        scale: f64,
        [rate, noise]: [f64; 2],
    ) -> Result<Self, Failure> {
        let unit = pow(rate * noise, 2.0 / 3.0);
        let starts = drift.starts.len();
        let settled = laboratory.share(drift.grid.len() * starts, |job| {
            // The longest first, so that no thread is left with one at the end.
            let (c, start) = (drift.grid[drift.grid.len() - 1 - job / starts], &drift.starts[job % starts]);
            let unit = unit * start.meets;
            let steps = ((drift.watched)(c) / unit).ceil() as u64;
            let run = heavy_ball("heavy ball", rate, 1.0 - c * unit, steps);
            let settled = settling(laboratory, start, drift.batches, with_noise(run, scale * noise))?;
            Ok(settled.into_iter().map(|steps| steps * unit).collect::<Vec<_>>())
        })?;
        let of_c = |i: usize| settled[(drift.grid.len() - 1 - i) * starts..][..starts].concat();
        let settled: Vec<Vec<f64>> = (0..drift.grid.len()).map(of_c).collect();
        Ok(Self { rate, noise, unit, curve: Curve::new(&drift.grid, drift.watched, &settled) })
    }

    /// 1−β of the best of each batch.
    pub fn best_gaps(&self) -> Vec<f64> {
        self.curve.bests().iter().map(|best| best.c * self.unit).collect()
    }

    /// What it is called in checks.
    pub fn name(&self) -> String {
        format!("γ = {}, ε = {}", self.rate, self.noise)
    }
}

/// Sums of a number over the trajectories of each batch, at every observation point.
pub struct BatchSums {
    /// One list a batch.
    pub sums: Vec<Vec<f64>>,
    count: usize,
}

impl BatchSums {
    /// Nothing added yet.
    pub fn new(batches: usize, points: usize) -> Self {
        Self { sums: vec![vec![0.0; points]; batches], count: 0 }
    }

    /// Adds the next trajectory, whose number at an observation point is `value`.
    pub fn add(&mut self, value: impl Fn(usize) -> f64) {
        let batch = self.count % self.sums.len();
        for (point, sum) in self.sums[batch].iter_mut().enumerate() {
            *sum += value(point);
        }
        self.count += 1;
    }
}

/// Settling steps of each batch of the start's trajectories.
///
/// # Errors
/// [`Failure`].
pub fn settling(
    laboratory: &Laboratory<'_>,
    start: &Start<'_>,
    batches: usize,
    run: crate::experiment::model::Run,
) -> Result<Vec<f64>, Failure> {
    let mut experiment = start.experiment.clone();
    experiment.observe.every = run.steps.div_ceil(POINTS);
    let points = run.steps.div_ceil(experiment.observe.every) as usize + 1;
    experiment.runs = vec![run];
    let mut batches_of = BatchSums::new(batches, points);
    let ensemble = laboratory
        .sample_alone(&experiment, |sample| batches_of.add(|point| (start.excess)(sample.at(0, point))))?;
    let mut sums = batches_of.sums;
    let level = LEVEL * (start.excess)(&experiment.start) * experiment.trajectories as f64 / batches as f64;
    let observed: Vec<f64> = ensemble.runs[0].observed.iter().map(|&step| step as f64).collect();
    // Below as above: where there is something flatter, nothing settles.
    sums.iter_mut().flatten().for_each(|sum| *sum = sum.abs());
    Ok(sums.iter().map(|sum| settle(&observed, sum, level)).collect())
}

/// The exponent in εγ of what each setting has one of a batch.
fn exponent(settings: &[Setting], of: impl Fn(&Setting) -> Vec<f64>) -> (Estimate, f64) {
    let products: Vec<[f64; 1]> = settings.iter().map(|setting| [setting.rate * setting.noise]).collect();
    let [exponent] = exponents(&products, &settings.iter().map(of).collect::<Vec<_>>());
    exponent
}

/// The exponents in εγ of the best 1−β and of its steps.
pub fn of_the_best(settings: &[Setting]) -> [(Estimate, f64); 2] {
    let steps =
        |setting: &Setting| setting.curve.bests().iter().map(|best| best.steps / setting.unit).collect();
    [exponent(settings, Setting::best_gaps), exponent(settings, steps)]
}

/// The exponents in εγ of the steps at the same C, for those C of the grid that are in `range`: −2/3 at each if the curves are one.
pub fn collapse(settings: &[Setting], range: [f64; 2]) -> Vec<(f64, (Estimate, f64))> {
    let Some(first) = settings.first() else { return Vec::new() };
    let at = |i: usize| {
        exponent(settings, |setting| {
            setting.curve.steps.iter().map(|steps| steps[i] / setting.unit).collect()
        })
    };
    first.curve.inside(range).into_iter().map(|i| (first.curve.grid[i], at(i))).collect()
}

/// The last time at which the mean is above `level`, between observation points by a straight line; never settled: not a number.
pub fn settle(times: &[f64], mean: &[f64], level: f64) -> f64 {
    let Some(last) = mean.iter().rposition(|&mean| mean >= level) else { return 0.0 };
    if last + 1 >= mean.len() {
        return f64::NAN;
    }
    let share = (mean[last] - level) / (mean[last] - mean[last + 1]);
    times[last] + share * (times[last + 1] - times[last])
}

#[cfg(test)]
mod tests {
    use polyak_core::random::{Law, Pcg32, Stream};

    use super::*;
    use crate::statistics::Interval;

    /// 95 % of 4000 intervals of the best C must contain it, of sixteen batches whose settling times scatter by a twentieth, half of that in common
    /// to all C of a batch, up to a z-score of 3.5. Those of the fewest steps lie too low where the grid is fine against the scatter, for a batch's
    /// fewest is of several nearly equal ones; by less than the scatter, which is less than what claims ask for.
    #[test]
    fn intervals_of_the_best_contain_it() {
        let grid: Vec<f64> = (-8..=8).map(|i| pow(1.2, f64::from(i))).collect();
        let (repeats, batches, scatter) = (4000_u64, 16, 0.035);
        let (mut hits, mut fewest) = (0.0, 0.0);
        for repeat in 0..repeats {
            let mut stream = Stream::<f64, _>::new(Pcg32::new(22, repeat));
            let mut normals = |n: usize| {
                let mut z = vec![0.0; n];
                stream.draw(Law::Gaussian, n, &mut |i: usize, number: f64| z[i] = number);
                z
            };
            let common = normals(batches);
            let settled: Vec<Vec<f64>> = grid
                .iter()
                .map(|c| {
                    let of = |(own, common): (f64, &f64)| (c + 1.0 / c) * libm::exp(scatter * (own + common));
                    normals(batches).into_iter().zip(&common).map(of).collect()
                })
                .collect();
            let curve = Curve::new(&grid, |_| 9.0, &settled);
            let (c, degrees) = curve.best_c();
            hits += f64::from(u8::from(Interval::of(&c, Some(degrees), 0.95).contains(1.0)));
            fewest += curve.least_steps().0.value / 2.0 / repeats as f64;
        }
        let n = repeats as f64;
        let z = (hits - 0.95 * n) / (n * 0.95 * 0.05).sqrt();
        assert!(z.abs() < 3.5 && fewest < 1.0 && fewest > 1.0 - 0.05, "{z} {fewest}");
    }

    #[test]
    fn settling_is_the_last_crossing() {
        assert_eq!(settle(&[0.0, 10.0, 20.0, 30.0, 40.0], &[4.0, 0.5, 3.0, 1.0, 0.5], 2.0), 25.0);
        assert!(settle(&[0.0, 10.0], &[4.0, 3.0], 2.0).is_nan());
    }

    #[test]
    fn the_best_is_the_middle_of_a_bracket() {
        // K = C + 1/C is a quarter above its least value 2 at C = ½ and 2.
        let grid: Vec<f64> = (-8..=8).map(|i| pow(1.2, f64::from(i))).collect();
        let curve = |from: usize| {
            let settled: Vec<Vec<f64>> = grid[from..].iter().map(|c| vec![c + 1.0 / c]).collect();
            Curve::new(&grid[from..], |_| 9.0, &settled)
        };
        let best = curve(0).bests()[0];
        assert!((best.c - 1.0).abs() < 1e-12 && best.steps == 2.0, "{best:?}");
        assert!(curve(6).bests()[0].c.is_nan(), "no lower end");
        let unsettled = Curve::new(&grid[..1], |_| 9.0, &[vec![f64::NAN; 2]]);
        assert!(unsettled.bests()[0].steps.is_nan() && unsettled.least_steps().0.value == 9.0);
    }
}
