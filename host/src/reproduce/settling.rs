//! FF: how many steps the heavy ball takes along minimisers towards the flattest one, against its momentum, to within 1/e: on models with many
//! parameters. [`settling_time`](super::settling_time) is to within 5 %.

use polyak_core::real::double::pow;

use super::laboratory::{Failure, Laboratory};
use super::settling_time::{BatchSums, settle};
use super::setup::{heavy_ball, with_noise};
use crate::experiment::model::Experiment;
use crate::statistics::{Estimate, Line, mean_of};

/// Batches whose scatter is the error.
const BATCHES: usize = 16;

/// A landscape with label noise, from an interpolating start.
pub struct Drift<'a> {
    /// Without runs.
    pub experiment: Experiment,
    /// δ of the noise over ε.
    pub scale: f64,
    /// How far a point is from the flattest minimiser: settled is its mean below 1/e of its start.
    pub distance: &'a dyn Fn(&[f64]) -> f64,
    /// Values of C = (1−β)/(εγ)^{2/3}.
    pub grid: Vec<f64>,
    /// Observation points of a run, at most.
    pub points: u64,
    /// How long the run at C is watched, in units of (εγ)^{−2/3} steps.
    pub watched: fn(f64) -> f64,
}

/// One pair (γ, ε).
pub struct Setting {
    /// γ.
    pub rate: f64,
    /// ε.
    pub noise: f64,
    /// (εγ)^{2/3}.
    pub unit: f64,
    /// C, and the settling steps of each batch.
    pub settling: Vec<(f64, Vec<f64>)>,
}

impl Setting {
    /// Measures the settling steps at every C that β ≥ 0.1 allows.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn measure(
        laboratory: &Laboratory<'_>,
        drift: &Drift<'_>,
        [rate, noise]: [f64; 2],
    ) -> Result<Self, Failure> {
        let unit = pow(rate * noise, 2.0 / 3.0);
        let mut settling = Vec::new();
        for &c in drift.grid.iter().filter(|&&c| c * unit <= 0.9) {
            let steps = ((drift.watched)(c) / unit).ceil() as u64;
            let mut experiment = drift.experiment.clone();
            let run = heavy_ball("heavy ball", rate, 1.0 - c * unit, steps);
            experiment.runs = vec![with_noise(run, drift.scale * noise)];
            experiment.observe.every = steps.div_ceil(drift.points);
            let points = steps.div_ceil(experiment.observe.every) as usize + 1;
            let mut batches = BatchSums::new(BATCHES, points);
            let ensemble = laboratory
                .sample(&experiment, |sample| batches.add(|point| (drift.distance)(sample.at(0, point))))?;
            let start = (drift.distance)(&experiment.start);
            let level = start / core::f64::consts::E * experiment.trajectories as f64 / BATCHES as f64;
            let observed: Vec<f64> = ensemble.runs[0].observed.iter().map(|&step| step as f64).collect();
            settling.push((c, batches.sums.iter().map(|sum| settle(&observed, sum, level)).collect()));
        }
        Ok(Self { rate, noise, unit, settling })
    }

    /// What it is called in checks.
    pub fn name(&self) -> String {
        format!("γ = {}, ε = {}", self.rate, self.noise)
    }

    /// (C, K·(εγ)^{2/3}) at the smallest K, for each batch. K jumps where an overshoot begins to cross the level once more, so the
    /// smallest one of the grid is taken and no curve is laid through it.
    pub fn optima(&self) -> Vec<[f64; 2]> {
        let settled = |batch: usize| {
            let points = self.settling.iter().map(move |(c, steps)| [*c, steps[batch] * self.unit]);
            points.filter(|[_, steps]| steps.is_finite())
        };
        let best = |batch| settled(batch).min_by(|a, b| a[1].total_cmp(&b[1])).unwrap_or([f64::NAN; 2]);
        (0..BATCHES).map(best).collect()
    }

    /// 1−β, above the best, from which on the steps are a quarter more than the fewest, for each batch. K is flat about its least value and
    /// jumps below it: this scale is sharper than the best 1−β itself.
    fn slower(&self, batch: usize) -> f64 {
        let points: Vec<[f64; 2]> = self.settling.iter().map(|(c, steps)| [*c, steps[batch]]).collect();
        let settled = points.iter().enumerate().filter(|(_, [_, steps])| steps.is_finite());
        let Some((best, [_, fewest])) = settled.min_by(|a, b| a.1[1].total_cmp(&b.1[1])) else {
            return f64::NAN;
        };
        let level = 1.25 * fewest;
        let above = points[best..].windows(2).find(|pair| pair[1][1] >= level);
        above.map_or(f64::NAN, |pair| {
            let [[low, few], [high, many]] = [pair[0], pair[1]];
            self.unit * (low + (high - low) * (level - few) / (many - few))
        })
    }

    /// The least K·(εγ)^{2/3} of the means over the batches; what has not settled counts as long as it was watched.
    pub fn shortest(&self, drift: &Drift<'_>) -> f64 {
        let steps = |(c, steps): &(f64, Vec<f64>)| {
            let mean = mean_of(steps).0.value * self.unit;
            if mean.is_finite() { mean } else { (drift.watched)(*c) }
        };
        self.settling.iter().map(steps).fold(f64::INFINITY, |a, b| if b < a { b } else { a })
    }

    /// Means of C and of K·(εγ)^{2/3} at the best momentum, with the degrees of freedom of their errors.
    pub fn best(&self) -> [(Estimate, f64); 2] {
        let optima = self.optima();
        [0, 1].map(|which| mean_of(&optima.iter().map(|optimum| optimum[which]).collect::<Vec<_>>()))
    }
}

/// The best momentum of several settings as powers of εγ.
pub struct Law {
    /// εγ of each.
    pub products: Vec<f64>,
    /// 1−β of each.
    pub best: Vec<Estimate>,
    /// 1−β, above the best, with a quarter more steps.
    pub slower: Vec<Estimate>,
    /// Steps at the best momentum.
    pub steps: Vec<Estimate>,
}

impl Law {
    /// 1−β = C·unit and K = (K·unit)/unit, with the batches' errors.
    pub fn of(settings: &[Setting]) -> Self {
        let best = settings.iter().map(|setting| setting.best()[0].0.times(setting.unit)).collect();
        let steps = settings.iter().map(|setting| setting.best()[1].0.times(1.0 / setting.unit)).collect();
        let slower = |setting: &Setting| {
            mean_of(&(0..BATCHES).map(|batch| setting.slower(batch)).collect::<Vec<_>>()).0
        };
        Self {
            products: settings.iter().map(|setting| setting.rate * setting.noise).collect(),
            best,
            slower: settings.iter().map(slower).collect(),
            steps,
        }
    }

    /// The exponents of the best 1−β, of its steps, and of the 1−β with a quarter more steps.
    pub fn exponents(&self) -> [Estimate; 3] {
        let slope =
            |y: &[Estimate]| Line::power_law(&self.products, y).map_or(Estimate::MISSING, |line| line.slope);
        [slope(&self.best), slope(&self.steps), slope(&self.slower)]
    }
}
