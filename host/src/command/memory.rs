//! Whether an experiment fits into the memory that there is.

use super::CommandError;
use crate::experiment::model::{Covariance, Data, Experiment, Landscape, Noise, Sampling};
use crate::schedule::Schedule;
use polyak_core::observe::CHUNK;
use polyak_lanes::KEPT_STEPS;

/// Refuses an experiment whose results and working memory are larger than what the machine has free; `bytes` are those of one
/// number in its precision. `lanes` says that the CPU's run it: kernels are given the coefficients of all steps.
///
/// # Errors
/// How much it needs and how much there is.
pub fn enough(
    experiment: &Experiment,
    threads: usize,
    bytes: usize,
    lanes: bool,
) -> Result<(), CommandError> {
    let needed = needed(experiment, threads, bytes, lanes);
    match available() {
        Some(available) if needed > available => Err(CommandError::Input(format!(
            "this experiment needs about {} of memory and {} are free: fewer observation points (observe.every), \
             recorded paths, runs or threads need less",
            in_words(needed),
            in_words(available)
        ))),
        _ => Ok(()),
    }
}

/// An upper estimate in bytes: coefficients, sums and estimates of every run, and each worker's chunks of all runs.
fn needed(experiment: &Experiment, threads: usize, bytes: usize, lanes: bool) -> u128 {
    let d = experiment.dimension() as u128;
    let (bytes, chunk) = (bytes as u128, CHUNK as u128);
    let powers = u128::from(experiment.observe.moments.iter().copied().max().unwrap_or(4).max(4));
    let mut results = numbers(experiment) * bytes;
    let mut per_chunk = 3 * d * chunk * bytes + cards(experiment) * chunk * 4;
    for run in &experiment.runs {
        let steps = u128::from(run.total_steps());
        let points = u128::from(run.steps / experiment.observe.every.max(1)) + 2;
        let pairs = d.min(64) * d.min(64);
        let sums = points * (d * powers + 8) + pairs;
        let paths = points * d * u128::from(experiment.observe.paths);
        let kept = match (run.is_constant(), steps.min(u128::from(KEPT_STEPS))) {
            (true, _) => 0,
            (false, kept) if lanes => kept,
            // Besides, the list that is made of them and the numbers that go to the device.
            (false, kept) => kept + 2 * steps,
        };
        // Three times at most, while it is read: 20 million steps took 470 MB.
        let averaged = 3 * averages(&run.learning_rate) * 8;
        results += sums * 100 + paths * 8 + kept * (5 * bytes + 8) + averaged;
        per_chunk += (sums + d * chunk + paths) * bytes;
    }
    results + per_chunk * (3 * threads as u128 + 1)
}

/// Numbers that an averaged schedule keeps: one a step.
fn averages(schedule: &Schedule) -> u128 {
    match schedule {
        Schedule::Averaged { values, .. } => values.len() as u128,
        Schedule::Join(parts) => parts.iter().map(|part| averages(&part.schedule)).sum(),
        _ => 0,
    }
}

/// Numbers of the landscape and of the noise, which all threads share.
fn numbers(experiment: &Experiment) -> u128 {
    let landscape = match &experiment.landscape {
        Landscape::Dense { hessian } => hessian.entries.len(),
        Landscape::Network(network) => size(&network.data) + network.test.as_ref().map_or(0, size),
        landscape => landscape.data().map_or(experiment.dimension(), size),
    };
    let noise = match &experiment.noise {
        Noise::Additive { covariance: Covariance::Dense(matrix), .. } => 2 * matrix.entries.len(),
        _ => 2 * experiment.dimension(),
    };
    (landscape + noise) as u128
}

fn size(data: &Data) -> usize {
    data.inputs.entries.len() + data.targets.len()
}

/// Cards that each trajectory of a chunk shuffles.
fn cards(experiment: &Experiment) -> u128 {
    match (&experiment.noise, &experiment.landscape) {
        (Noise::MiniBatch { sampling: Sampling::WithReplacement, .. }, _) => 0,
        (Noise::MiniBatch { .. }, landscape) => landscape.data().map_or(0, |data| data.targets.len() as u128),
        _ => 0,
    }
}

/// Bytes that this program can have, as Linux says: what the machine has free, or less where a container sets a limit; `None`
/// elsewhere.
fn available() -> Option<u128> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let machine = line.split_whitespace().nth(1)?.parse::<u128>().ok()? * 1024;
    let group = |name: &str| -> Option<u128> {
        std::fs::read_to_string(format!("/sys/fs/cgroup/memory.{name}")).ok()?.trim().parse().ok()
    };
    let left = group("max").map(|most| most.saturating_sub(group("current").unwrap_or(0)));
    Some(left.map_or(machine, |left| left.min(machine)))
}

fn in_words(bytes: u128) -> String {
    let bytes = bytes as f64;
    match bytes {
        b if b >= 1e15 => format!("{b:.1e} bytes"),
        b if b >= 1e12 => format!("{:.1} TB", b / 1e12),
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b => format!("{:.1} MB", b / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn coefficients_count_as_they_are_kept() {
        let needed = |rate: &str, steps: u64, lanes| {
            let text = format!(
                "trajectories = 1\nsteps = {steps}\n[landscape]\nkind = \"quadratic\"\ncurvature = [1.0]\nstart = 1.0\n\
                 [[run]]\noptimizer = \"sgd\"\nlearning_rate = {rate}\n[observe]\nevery = {steps}\n"
            );
            let experiment = Experiment::parse(&text, Path::new("e.toml"), &[]).unwrap();
            super::needed(&experiment, 1, 8, lanes)
        };
        let cosine = "{ kind = \"cosine\", from = 0.1, to = 0.0, steps = 1000000000 }";
        let [short, long] = [1 << 21, 1_000_000_000];
        assert_eq!(needed("0.1", long, false), needed("0.1", short, true));
        assert_eq!(needed(cosine, long, true), needed(cosine, short, true));
        // 48 bytes of each million that lanes keep; of every step what kernels are given.
        assert!(needed(cosine, long, true) - needed("0.1", long, true) >= 48 << 20);
        assert!(needed(cosine, long, false) > 48 * u128::from(long));
        // An averaged schedule keeps every step's value.
        let averaged = "{ kind = \"averaged\", learning_rate = 0.1, momentum = 0.9 }";
        let [few, many] = [1_000_000, 3_000_000].map(|steps| needed(averaged, steps, true));
        assert!(many - few >= 16_000_000);
    }
}
