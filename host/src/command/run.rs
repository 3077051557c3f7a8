//! `polyak run`: an experiment from its file to numbers, files and a picture.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use polyak_core::observe::CHUNK;

use super::{CommandError, Outcome};
use crate::backend::cpu::{Cpu, LaneScalar, Width};
use crate::backend::{ChunkResult, Layout};
use crate::checkpoint;
use crate::engine::{self, Executor, Fault, Listener, Progress};
use crate::experiment::model::Experiment;
use crate::experiment::model::Precision;
use crate::job::Job;
use crate::report::comparison::{self, Comparison, compare};
use crate::report::npy::NpyWriter;
use crate::report::summary::{Backend, Paired, Summary};
use crate::report::{RunResult, figure, moments, table, write_atomically};

/// What the command line says beside the experiment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--backend`.
    pub backend: BackendChoice,
    /// `--out`.
    pub out: Option<PathBuf>,
    /// `--threads`; all cores by default.
    pub threads: Option<usize>,
    /// `--quiet`: no progress, no table.
    pub quiet: bool,
    /// `--json`: the summary on standard output and nothing else.
    pub json: bool,
}

/// `--backend`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum BackendChoice {
    /// The fastest there is.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
}

/// Runs an experiment and leaves its results in a folder.
///
/// `stop` is set from outside (Ctrl-C): what is finished by then is written, and the next run of the same experiment into the same
/// folder goes on from there.
///
/// # Errors
/// Input: a folder that cannot be written, more memory than there is. Machine: a fault on the way; what was finished is on disk.
pub fn run(experiment: &Experiment, options: &Options, stop: &AtomicBool) -> Result<Outcome, CommandError> {
    match experiment.precision {
        Precision::F32 => run_in::<f32>(experiment, options, stop),
        Precision::F64 => run_in::<f64>(experiment, options, stop),
    }
}

fn run_in<S: LaneScalar>(
    experiment: &Experiment,
    options: &Options,
    stop: &AtomicBool,
) -> Result<Outcome, CommandError> {
    let threads =
        options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let folder = folder(experiment, options);
    enough_memory(experiment, threads, S::BYTES)?;
    prepare(&folder)?;
    let cannot_write = |error: std::io::Error| {
        CommandError::Machine(format!("cannot write to {}: {error}", folder.display()))
    };
    let source = experiment.to_toml();
    write_atomically(&folder.join("experiment.toml"), source.as_bytes()).map_err(cannot_write)?;

    let job = Job::<S>::new(experiment);
    let mut progress = checkpoint::load(&folder, &source, &job).unwrap_or_else(|| Progress::new(&job));
    let cpu = Cpu { width: Width::detect(), threads };
    let backend = Backend { kind: "cpu", device: format!("{} ({})", cpu_name(), cpu.width.name()), threads };
    let talk = !options.quiet && !options.json;
    if talk && progress.chunks > 0 {
        let done = progress.chunks * CHUNK as u64;
        println!("Going on from trajectory {done} of {} in {}", experiment.trajectories, folder.display());
    }
    let mut recorder =
        Recorder::open(experiment, &job, &folder, &source, &progress, talk).map_err(cannot_write)?;
    let outcome = engine::drive(&job, &cpu as &dyn Executor<S>, &mut progress, &mut recorder, stop);
    recorder.finish(&progress).map_err(cannot_write)?;
    let finished = progress.chunks == engine::chunks(experiment.trajectories);
    if progress.chunks > 0 {
        report(experiment, &job, &progress, backend, &folder, options)?;
    }
    if let Err(fault) = outcome {
        return Err(CommandError::Machine(format!(
            "{fault}; {} of {} trajectories are in {}, and the same command goes on from there",
            (progress.chunks * CHUNK as u64).min(experiment.trajectories),
            experiment.trajectories,
            folder.display()
        )));
    }
    if finished {
        checkpoint::remove(&folder).map_err(cannot_write)?;
        Ok(Outcome::Done)
    } else {
        if talk {
            println!("Interrupted: the same command goes on from here.");
        }
        Ok(Outcome::Interrupted)
    }
}

/// The output folder: `--out`, the file's `output.directory`, or `polyak-out/<name>`.
fn folder(experiment: &Experiment, options: &Options) -> PathBuf {
    options
        .out
        .clone()
        .or_else(|| experiment.output.directory.clone())
        .unwrap_or_else(|| Path::new("polyak-out").join(&experiment.name))
}

/// Makes the folder and sees that it can be written, before anything is computed.
fn prepare(folder: &Path) -> Result<(), CommandError> {
    let attempt = || {
        std::fs::create_dir_all(folder)?;
        let probe = folder.join(".writable.part");
        std::fs::write(&probe, b"")?;
        std::fs::remove_file(probe)
    };
    attempt().map_err(|error| {
        CommandError::Input(format!(
            "output folder {}: {error}; give a folder that can be made and written with --out",
            folder.display()
        ))
    })
}

/// Refuses an experiment whose results and working memory are larger than what the machine has free.
fn enough_memory(experiment: &Experiment, threads: usize, bytes: usize) -> Result<(), CommandError> {
    let needed = memory_needed(experiment, threads, bytes);
    match memory_available() {
        Some(available) if needed > available => Err(CommandError::Input(format!(
            "this experiment needs about {} of memory and {} are free: fewer observation points (observe.every), \
             recorded paths, runs or threads need less",
            bytes_in_words(needed),
            bytes_in_words(available)
        ))),
        _ => Ok(()),
    }
}

/// An upper estimate in bytes: coefficients, sums and estimates of every run, and each worker's chunks of all runs.
fn memory_needed(experiment: &Experiment, threads: usize, bytes: usize) -> u128 {
    let d = experiment.dimension() as u128;
    let bytes = bytes as u128;
    let powers = u128::from(experiment.observe.moments.iter().copied().max().unwrap_or(4).max(4));
    let mut results = 0;
    let mut per_chunk = 3 * d * CHUNK as u128 * bytes;
    for run in &experiment.runs {
        let steps = u128::from(run.total_steps());
        let points = u128::from(run.steps / experiment.observe.every.max(1)) + 2;
        let pairs = d.min(64) * d.min(64);
        let sums = points * (d * powers + 8) + pairs;
        let paths = points * d * u128::from(experiment.observe.paths);
        let constant = matches!(run.learning_rate, crate::schedule::Schedule::Constant(_));
        results += sums * 100 + paths * 8 + if constant { 0 } else { steps * (5 * bytes + 8) };
        per_chunk += (sums + d * CHUNK as u128 + paths) * bytes;
    }
    results + per_chunk * (3 * threads as u128 + 1)
}

/// Bytes that a new program can have, as Linux says; `None` elsewhere.
fn memory_available() -> Option<u128> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
    let kibibytes: u128 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

fn bytes_in_words(bytes: u128) -> String {
    let bytes = bytes as f64;
    match bytes {
        b if b >= 1e12 => format!("{:.1} TB", b / 1e12),
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b => format!("{:.1} MB", b / 1e6),
    }
}

/// The processor's name, as Linux says, else its architecture.
pub fn cpu_name() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':'))
        .map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// Writes final states and checkpoints, and shows how far it is, while the workers compute.
struct Recorder<'a> {
    folder: &'a Path,
    source: &'a str,
    trajectories: u64,
    updates_per_chunk: u64,
    writers: Vec<NpyWriter>,
    bar: ProgressBar,
    saved: Instant,
}

/// Time between checkpoints.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(20);

impl<'a> Recorder<'a> {
    fn open<S: LaneScalar>(
        experiment: &Experiment,
        job: &Job<S>,
        folder: &'a Path,
        source: &'a str,
        progress: &Progress,
        talk: bool,
    ) -> std::io::Result<Self> {
        let done = (progress.chunks * CHUNK as u64).min(experiment.trajectories);
        let mut writers = Vec::new();
        if experiment.output.final_states {
            for run in &experiment.runs {
                let path = folder.join(format!("final-{}.npy", file_name(&run.name)));
                writers.push(NpyWriter::open::<S>(&path, experiment.trajectories, job.dimension, done)?);
            }
        }
        let steps: u64 = job.runs.iter().map(|run| run.plan.steps).sum();
        let updates_per_chunk = steps * job.dimension as u64 * CHUNK as u64;
        let total = engine::chunks(experiment.trajectories);
        let bar = if talk && std::io::stderr().is_terminal() {
            ProgressBar::new(total * updates_per_chunk).with_style(
                ProgressStyle::with_template(
                    "{bar:40} {percent:>3} %  {human_pos} of {human_len} updates, {per_sec}, {eta} left",
                )
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        } else {
            ProgressBar::hidden()
        };
        bar.set_position(progress.chunks * updates_per_chunk);
        bar.reset_eta();
        Ok(Self {
            folder,
            source,
            trajectories: experiment.trajectories,
            updates_per_chunk,
            writers,
            bar,
            saved: Instant::now(),
        })
    }

    /// Ends the bar and the files. An unfinished run leaves a checkpoint.
    fn finish(mut self, progress: &Progress) -> std::io::Result<()> {
        self.bar.finish_and_clear();
        if progress.chunks == engine::chunks(self.trajectories) {
            for writer in self.writers {
                writer.finish()?;
            }
        } else if progress.chunks > 0 {
            self.checkpoint(progress)?;
        }
        Ok(())
    }

    /// Final states first: a checkpoint must not be ahead of them.
    fn checkpoint(&mut self, progress: &Progress) -> std::io::Result<()> {
        for writer in &mut self.writers {
            writer.flush()?;
        }
        checkpoint::save(self.folder, self.source, progress)?;
        self.saved = Instant::now();
        Ok(())
    }
}

impl<S: LaneScalar> Listener<S> for Recorder<'_> {
    fn merged(&mut self, progress: &Progress, chunk: &[ChunkResult<S>]) -> Result<(), Fault> {
        self.bar.set_position(progress.chunks * self.updates_per_chunk);
        let mut write = || {
            for (writer, result) in self.writers.iter_mut().zip(chunk) {
                writer.append(&result.final_states)?;
            }
            if self.saved.elapsed() > CHECKPOINT_EVERY {
                self.checkpoint(progress)?;
            }
            Ok::<(), std::io::Error>(())
        };
        write().map_err(|error| Fault(format!("cannot write to {}: {error}", self.folder.display())))
    }
}

/// A run's name as part of a file name: letters, digits, `.`, `_` and `-` stay, all else becomes `-`.
fn file_name(name: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    name.chars().map(keep).collect()
}

/// Writes everything that can be said of what is merged, and prints the table.
fn report<S: LaneScalar>(
    experiment: &Experiment,
    job: &Job<S>,
    progress: &Progress,
    backend: Backend,
    folder: &Path,
    options: &Options,
) -> Result<(), CommandError> {
    let cannot_write = |error: std::io::Error| {
        CommandError::Machine(format!("cannot write to {}: {error}", folder.display()))
    };
    let results: Vec<RunResult> =
        (0..job.runs.len()).map(|run| run_result(experiment, job, progress, run)).collect();
    let epsilon = if S::BYTES == 4 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let compared: Vec<Vec<Comparison>> = results.iter().map(|run| compare(run, epsilon)).collect();
    let paired: Vec<Paired> = progress
        .pairs
        .iter()
        .map(|pair| Paired {
            from: experiment.runs[pair.first].name.clone(),
            to: experiment.runs[pair.second].name.clone(),
            difference: pair.estimates(),
        })
        .collect();
    write_atomically(&folder.join("moments.csv"), moments::csv(&results).as_bytes()).map_err(cannot_write)?;
    let named: Vec<(String, Vec<Comparison>)> =
        results.iter().map(|run| run.name.clone()).zip(compared.iter().cloned()).collect();
    if named.iter().any(|(_, comparisons)| !comparisons.is_empty()) {
        let text = comparison::csv(&named);
        write_atomically(&folder.join("zscores.csv"), text.as_bytes()).map_err(cannot_write)?;
    }
    let mut files = vec!["summary.json", "moments.csv"];
    if experiment.output.plots {
        figure::figure(experiment, &results)
            .write(folder.join("figure"))
            .map_err(|error| CommandError::Machine(format!("figure in {}: {error}", folder.display())))?;
        files.push("figure.svg and .png");
    }
    let results: Vec<(RunResult, Vec<Comparison>)> = results.into_iter().zip(compared).collect();
    let trajectories = progress.runs.first().map_or(0, |run| run.trajectories);
    let summary = Summary::new(experiment, trajectories, backend, &results, paired.clone());
    let json = serde_json::to_string_pretty(&summary)
        .map_err(|error| CommandError::Machine(format!("summary.json: {error}")))?;
    write_atomically(&folder.join("summary.json"), json.as_bytes()).map_err(cannot_write)?;
    let mut out = std::io::stdout().lock();
    let said = if options.json {
        writeln!(out, "{json}")
    } else if options.quiet {
        Ok(())
    } else {
        let Backend { kind, device, threads } = &summary.backend;
        let header = format!(
            "{}: {trajectories} trajectories, d = {}, {}, on {kind}: {device}, {threads} threads\n\n",
            experiment.name,
            experiment.dimension(),
            summary.precision
        );
        let table = table::table(&results, &paired);
        writeln!(out, "{header}{table}\nWritten to {}: {}", folder.display(), files.join(", "))
    };
    match said {
        // Whoever reads the table may stop reading it.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CommandError::Machine(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

fn run_result<S: LaneScalar>(
    experiment: &Experiment,
    job: &Job<S>,
    progress: &Progress,
    index: usize,
) -> RunResult {
    let layout = Layout::new(job);
    let (run, plan, merged) = (&experiment.runs[index], &job.runs[index].plan, &progress.runs[index]);
    let mut times = Vec::with_capacity(plan.observed.len());
    let (mut time, mut done) = (0.0, 0);
    for &step in &plan.observed {
        for k in done..step {
            time += run.time_step(k);
        }
        done = step;
        times.push(time);
    }
    let updates = (merged.trajectories as f64) * (job.dimension as f64) * (plan.steps as f64);
    RunResult {
        name: run.name.clone(),
        steps: plan.steps,
        digest: merged.digest.to_string(),
        diverged: merged.diverged,
        points: merged.estimates(&layout, &job.runs[index], &job.observe.moments),
        covariance: merged.covariance(&layout, &job.runs[index]),
        histograms: merged.histograms.clone(),
        passage: job.observe.loss_below.map(|_| (merged.passed, merged.passage())),
        paths: progress.paths[index].0.clone(),
        cloud: progress.clouds[index].0.clone(),
        seconds: merged.seconds,
        updates_per_second: updates / merged.seconds,
        theory: crate::theory::exact(experiment, run, &plan.observed)
            .map(|exact| exact.moments)
            .map_err(|reason| reason.to_string()),
        observed: plan.observed.clone(),
        times,
    }
}
