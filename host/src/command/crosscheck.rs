//! `polyak crosscheck`: whether back ends agree in every bit.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::backend::{BackendChoice, Devices, Opened, Precision, Selection, open};
use super::{CommandError, Outcome, say};
use crate::backend::gpu;
use crate::crosscheck::{
    Case, Comparison, FOR_THE_GPU, Matrix, Named, cases, cases_for_the_emulator, crosscheck,
};
use crate::experiment::model::{self, Experiment};
use crate::job::Job;

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--backends`; all that there are by default.
    pub backends: Vec<BackendChoice>,
    /// `--device`: which GPUs.
    pub devices: Devices,
    /// `--reduced`: an eighth of the matrix.
    pub reduced: bool,
    /// `--trajectories` of each case of the matrix.
    pub trajectories: Option<u64>,
    /// `--threads` of the CPU; all cores by default.
    pub threads: Option<usize>,
    /// `--json`: the comparisons on standard output and nothing else.
    pub json: bool,
}

/// Compares back ends on an experiment, or on the built-in matrix.
///
/// # Errors
/// Input: fewer than two back ends. Machine: a back end that is not there, or fails.
pub fn run(experiment: Option<Experiment>, options: &Options) -> Result<Outcome, CommandError> {
    let backends = chosen(options)?;
    let (name, given) = match experiment {
        Some(experiment) => {
            (experiment.name.clone(), vec![Case { name: experiment.name.clone(), experiment }])
        }
        None => {
            let matrix = if options.reduced { Matrix::Reduced } else { Matrix::Whole };
            let slow = backends.contains(&BackendChoice::Emulator);
            let cases = match options.trajectories {
                None if slow => cases_for_the_emulator(matrix),
                trajectories => cases(matrix, trajectories.unwrap_or(FOR_THE_GPU)),
            };
            let cases = cases.map_err(|error| CommandError::Machine(error.to_string()))?;
            ("the built-in matrix".to_owned(), cases)
        }
    };
    let threads =
        options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let (singles, doubles): (Vec<_>, Vec<_>) =
        given.iter().partition(|case| case.experiment.precision == model::Precision::F32);
    let mut comparisons = compare::<f32>(&singles, &backends, &options.devices, threads)?;
    comparisons.extend(compare::<f64>(&doubles, &backends, &options.devices, threads)?);
    let agree = comparisons.iter().all(Comparison::agrees);
    let text = match options.json {
        true => {
            let lines: Result<Vec<String>, _> = comparisons.iter().map(serde_json::to_string).collect();
            let lines = lines.map_err(|error| CommandError::Machine(error.to_string()))?;
            format!("[\n{}\n]\n", lines.join(",\n"))
        }
        false => report(&name, &comparisons),
    };
    say(&text)?;
    Ok(if agree { Outcome::Done } else { Outcome::No })
}

/// The back ends asked for, or all that there are.
fn chosen(Options { backends, devices, .. }: &Options) -> Result<Vec<BackendChoice>, CommandError> {
    let mut chosen: Vec<BackendChoice> = Vec::new();
    for &backend in backends {
        if backend == BackendChoice::Auto {
            return Err(CommandError::Input(
                "--backends auto: give the back ends by name: cpu, gpu, emulator".to_owned(),
            ));
        }
        if !chosen.contains(&backend) {
            chosen.push(backend);
        }
    }
    if backends.is_empty() {
        let gpu = !devices.numbers.is_empty() || gpu::device::devices().usable().next().is_some();
        return Ok(vec![BackendChoice::Cpu, if gpu { BackendChoice::Gpu } else { BackendChoice::Emulator }]);
    }
    if !chosen.contains(&BackendChoice::Gpu) {
        devices.must_be_none()?;
    }
    match chosen.len() {
        0 | 1 => Err(CommandError::Input("--backends: needs two that differ, as in cpu,gpu".to_owned())),
        _ => Ok(chosen),
    }
}

fn compare<S: Precision>(
    cases: &[&Case],
    backends: &[BackendChoice],
    devices: &Devices,
    threads: usize,
) -> Result<Vec<Comparison>, CommandError> {
    let jobs: Vec<Job<S>> = cases.iter().map(|case| Job::new(&case.experiment)).collect();
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let selection = |&backend: &BackendChoice| match backend {
        BackendChoice::Gpu => Selection { backend, devices: devices.clone() },
        _ => backend.into(),
    };
    // Threads take a case each: a case of the matrix has few chunks, too few for them to share evenly. A GPU's memory is not shared so.
    let dealt = if backends.contains(&BackendChoice::Gpu) { 1 } else { threads.clamp(1, jobs.len()) };
    let opened: Vec<Opened<S>> = backends
        .iter()
        .map(|backend| open(&selection(backend), threads.div_ceil(dealt)))
        .collect::<Result<_, _>>()?;
    let named: Vec<Named<S>> = opened
        .iter()
        .map(|opened| Named { name: opened.backend.kind.to_owned(), executor: opened.executor.as_ref() })
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(Case { name, experiment }), Some(job)) = (cases.get(index), jobs.get(index)) else {
                return Ok(done);
            };
            let label = |run: usize| format!("{name}: {}", experiment.runs[run].name);
            match crosscheck(job, &named, label) {
                Ok(compared) => done.push((index, compared)),
                Err(fault) => {
                    // The others need not go on.
                    next.store(cases.len(), Ordering::Relaxed);
                    return Err(CommandError::Machine(format!("{name}: {fault}")));
                }
            }
        }
    };
    let dealt: Vec<Result<Vec<_>, CommandError>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..dealt).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let failed = |_| Err(CommandError::Machine("a worker thread failed".to_owned()));
        let others = others.into_iter().map(|other| other.join().unwrap_or_else(failed));
        std::iter::once(mine).chain(others).collect()
    });
    let mut compared: Vec<(usize, Vec<Comparison>)> = Vec::new();
    for done in dealt {
        compared.extend(done?);
    }
    compared.sort_by_key(|&(index, _)| index);
    Ok(compared.into_iter().flat_map(|(_, compared)| compared).collect())
}

/// What there is to say: each pair of back ends in a line, and each case that differs.
fn report(name: &str, comparisons: &[Comparison]) -> String {
    let mut text = String::new();
    let mut pairs: Vec<&[String; 2]> = Vec::new();
    for comparison in comparisons {
        if !pairs.contains(&&comparison.backends) {
            pairs.push(&comparison.backends);
        }
        if !comparison.agrees() {
            differing(&mut text, comparison);
        }
    }
    for pair in pairs {
        let mine = || comparisons.iter().filter(|comparison| comparison.backends == *pair);
        let updates: f64 = mine().map(|comparison| comparison.updates).sum();
        let trajectories: u64 = mine().map(|comparison| comparison.trajectories).sum();
        let bits: u64 = mine().map(|comparison| comparison.differing_bits).sum();
        let equal = mine().filter(|comparison| comparison.agrees()).count();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{name}: {} and {}: {equal} of {} cases agree in every bit, {trajectories} trajectories, {updates:.3e} updates, \
             {bits} differing bits",
            pair[0],
            pair[1],
            mine().count()
        );
    }
    text
}

fn differing(text: &mut String, comparison: &Comparison) {
    let Comparison { case, backends: [a, b], digests, differing_bits, first_difference, .. } = comparison;
    let _ = writeln!(text, "{case}: {a} {}, {b} {}: {differing_bits} bits differ", digests[0], digests[1]);
    let _ = match first_difference {
        Some(first) => writeln!(
            text,
            "  first in trajectory {} after step {}, coordinate {}: {a} {:e} ({}), {b} {:e} ({})",
            first.trajectory,
            first.step,
            first.coordinate,
            first.values[0],
            first.bits[0],
            first.values[1],
            first.bits[1]
        ),
        None => writeln!(text, "  the final states agree: what is observed on the way differs"),
    };
}
