//! Networks on the digits of `examples/data`: what claims about trained networks are tried on.

use std::sync::OnceLock;

use polyak_core::network::{Initial, Shape, initialize};

use super::laboratory::Member;
use super::setup::{experiment, heavy_ball, sgd};
use crate::experiment::model::{
    Activation, Data, Experiment, Landscape, Matrix, Network, NetworkLoss, Noise, Precision, Run, Sampling,
};
use crate::experiment::table;
use crate::schedule::{Part, Schedule};
use crate::statistics::{Estimate, mean_of};

/// The digits of [`examples/data`](https://doi.org/10.24432/C50P49), pixels from 0 to 1: those to train on, and those held out.
pub struct Digits {
    /// 1440 digits.
    pub train: Data,
    /// 357 digits.
    pub test: Data,
}

/// The digits, read once.
pub fn digits() -> &'static Digits {
    static DIGITS: OnceLock<Digits> = OnceLock::new();
    DIGITS.get_or_init(|| Digits {
        train: pixels(include_str!("../../../examples/data/digits.csv")),
        test: pixels(include_str!("../../../examples/data/digits-test.csv")),
    })
}

fn pixels(text: &str) -> Data {
    let nothing = Data { inputs: Matrix { rows: 0, columns: 0, entries: Vec::new() }, targets: Vec::new() };
    let mut data = table(text).unwrap_or(nothing);
    data.inputs.entries.iter_mut().for_each(|pixel| *pixel /= 16.0);
    data
}

/// The examples whose class `keep` accepts, at most `each` of a class: the first ones.
pub fn some(data: &Data, each: usize, keep: impl Fn(usize) -> bool) -> Data {
    let mut seen = [0_usize; 10];
    let columns = data.inputs.columns;
    let mut kept = Data { inputs: Matrix { rows: 0, columns, entries: Vec::new() }, targets: Vec::new() };
    for (row, &target) in data.inputs.entries.chunks_exact(columns.max(1)).zip(&data.targets) {
        let class = target as usize;
        if keep(class) && seen[class] < each {
            seen[class] += 1;
            kept.inputs.rows += 1;
            kept.inputs.entries.extend_from_slice(row);
            kept.targets.push(target);
        }
    }
    kept
}

/// What a network learns, and how.
pub struct Task {
    /// Widths, inputs first.
    pub layers: Vec<usize>,
    /// φ.
    pub activation: Activation,
    /// ℓ.
    pub loss: NetworkLoss,
    /// Examples to train on.
    pub train: Data,
    /// Examples held out, if any.
    pub test: Option<Data>,
}

impl Task {
    /// Digits told by tanh units and cross-entropy.
    pub fn classes(hidden: usize) -> Self {
        Self {
            layers: vec![64, hidden, 10],
            activation: Activation::Tanh,
            loss: NetworkLoss::CrossEntropy,
            train: digits().train.clone(),
            test: Some(digits().test.clone()),
        }
    }

    /// Glorot's weights.
    pub fn start(&self, seed: u64) -> Vec<f64> {
        let Ok(shape) = Shape::new(&self.layers) else { return Vec::new() };
        let mut x = vec![0.0; shape.parameters()];
        initialize(&shape, Initial::Glorot, seed, x.as_mut_slice());
        x
    }

    /// The training in `f32` on batches, from `start`, without runs yet.
    pub fn training(
        &self,
        seed: u64,
        trajectories: u64,
        start: &[f64],
        batch: usize,
        sampling: Sampling,
    ) -> Experiment {
        let landscape = Landscape::Network(Network {
            layers: self.layers.clone(),
            activation: self.activation,
            loss: self.loss,
            data: self.train.clone(),
            test: self.test.clone(),
        });
        let noise = Noise::MiniBatch { batch, sampling };
        let mut experiment = experiment(seed, trajectories, landscape, start, noise);
        experiment.precision = Precision::F32;
        experiment
    }
}

/// Experiments of one run each, with seeds of their own, so that their results are independent.
pub fn apart(base: &Experiment, runs: Vec<Run>) -> Vec<Experiment> {
    let one = |(i, run): (usize, Run)| {
        let seed = base.seed + 1000 * i as u64;
        Experiment { seed, runs: vec![run], ..base.clone() }
    };
    runs.into_iter().enumerate().map(one).collect()
}

/// Warm-up over the first tenth of the steps, then two decays by ten: after a half and after three quarters of them.
pub fn warm_and_decay(rate: f64, steps: u64) -> Schedule {
    let warm = (steps / 10).max(1);
    let rising = Schedule::Linear { from: rate / warm as f64, to: rate, steps: warm };
    let falling =
        Schedule::Step { base: rate, factor: 0.1, at: vec![steps / 2 - warm, 3 * steps / 4 - warm] };
    Schedule::Join(vec![
        Part { steps: Some(warm), schedule: rising },
        Part { steps: None, schedule: falling },
    ])
}

/// MV 5.1's pair at γ: the heavy ball with β, and SGD at γ/(1−β), both warmed up and decayed.
pub fn protocol(rate: f64, momentum: f64, steps: u64) -> [Run; 2] {
    let effective = rate / (1.0 - momentum);
    let scheduled = |run: Run, rate: f64| Run { learning_rate: warm_and_decay(rate, steps), ..run };
    [
        scheduled(sgd(&format!("SGD, rate {effective:.3}"), effective, steps), effective),
        scheduled(heavy_ball(&format!("SGDM, γ = {rate}"), rate, momentum, steps), rate),
    ]
}

/// A run's held-out accuracy in percent, and its standard deviation over trajectories.
pub fn accuracy(run: &Member) -> (Estimate, f64) {
    let point = run.last();
    let accuracy = point.test_accuracy.map_or(Estimate::MISSING, |accuracy| accuracy.times(100.0));
    (accuracy, accuracy.std_error * (point.count as f64).sqrt())
}

/// A method from several starting networks: mean held-out accuracy and standard deviation of one training, of each.
pub type Accuracies = Vec<(Estimate, f64)>;

/// Mean over the starting networks, and the deviation of a training that begins at any of them: √(mean of the variances + variance of
/// the means), what the paper's error bars are.
pub fn pooled(accuracies: &[(Estimate, f64)]) -> (f64, f64) {
    let count = accuracies.len() as f64;
    let mean = accuracies.iter().map(|(accuracy, _)| accuracy.value).sum::<f64>() / count;
    let within = accuracies.iter().map(|(_, deviation)| deviation * deviation).sum::<f64>() / count;
    let square = |(accuracy, _): &(Estimate, f64)| (accuracy.value - mean) * (accuracy.value - mean);
    let between = accuracies.iter().map(square).sum::<f64>() / (count - 1.0).max(1.0);
    (mean, (within + between).sqrt())
}

/// Mean over the starting networks of `of` SGDM and SGD from the same one; with a single network the error is that over its trainings.
pub fn over_starts(
    [plain, heavy]: [&[Estimate]; 2],
    of: impl Fn(&Estimate, &Estimate) -> Estimate,
) -> (Estimate, Option<f64>) {
    let each: Vec<Estimate> = heavy.iter().zip(plain).map(|(heavy, plain)| of(heavy, plain)).collect();
    match each[..] {
        [one] => (one, None),
        _ => {
            let (mean, degrees) = mean_of(&each.iter().map(|each| each.value).collect::<Vec<_>>());
            (mean, Some(degrees))
        }
    }
}

#[cfg(test)]
mod tests {
    use polyak_core::schedule::Schedule as _;

    use super::*;

    #[test]
    fn rates_warm_up_and_decay() {
        let schedule = warm_and_decay(2.0, 100);
        let at = [0, 5, 10, 49, 50, 74, 75, 99].map(|k| schedule.at(k));
        let expected = [0.2, 1.1, 2.0, 2.0, 0.2, 0.2, 0.02, 0.02];
        assert!(at.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{at:?}");
    }

    #[test]
    fn deviations_pool_over_starts() {
        let of = |values: &[f64]| -> Vec<Estimate> {
            values.iter().map(|&value| Estimate { value, std_error: 0.5 }).collect()
        };
        let found: Accuracies = of(&[90.0, 92.0]).into_iter().zip([1.0, 1.0]).collect();
        let (mean, deviation) = pooled(&found);
        assert!(mean == 91.0 && (deviation - 3f64.sqrt()).abs() < 1e-12);
        let (plain, heavy) = (of(&[1.0, 2.0, 3.0]), of(&[2.0, 3.0, 7.0]));
        let (difference, degrees) = over_starts([&plain, &heavy], Estimate::less);
        assert!(
            difference.value == 2.0 && (difference.std_error - 1.0).abs() < 1e-12 && degrees == Some(2.0)
        );
        assert!(over_starts([&plain[..1], &heavy[..1]], Estimate::less) == (heavy[0].less(&plain[0]), None));
    }

    #[test]
    fn the_digits_are_all_there() {
        let Digits { train, test } = digits();
        assert_eq!((train.inputs.rows, train.inputs.columns, test.inputs.rows), (1440, 64, 357));
        assert!(train.inputs.entries.iter().all(|pixel| (0.0..=1.0).contains(pixel)));
        assert_eq!(train.targets.iter().filter(|&&class| class == 3.0).count(), 131);
        let few = some(train, 4, |class| class >= 5);
        assert_eq!((few.inputs.rows, few.targets.len(), few.inputs.entries.len()), (20, 20, 20 * 64));
        assert!(few.targets.iter().all(|&class| class >= 5.0));
    }
}
