//! `polyak run`: an experiment from its file to numbers, files and a picture.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use polyak_core::real::Scalar;

use super::backend::{self, Opened, Selection, open};
use super::recorder::{self, Recorder, trajectories};
use super::{CommandError, Outcome, memory, say};
use crate::checkpoint;
use crate::engine::{self, Progress};
use crate::experiment::model::Experiment;
use crate::experiment::model::Precision;
use crate::job::Job;
use crate::report::comparison::{self, Comparison, compare};
use crate::report::summary::{Backend, Paired, Summary};
use crate::report::{RunResult, figure, moments, paths, table, write_atomically};

/// What the command line says beside the experiment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The experiment file, which is never overwritten.
    pub experiment: Option<PathBuf>,
    /// `--backend` and `--device`.
    pub selection: Selection,
    /// `--out`.
    pub out: Option<PathBuf>,
    /// `--threads`; all cores by default.
    pub threads: Option<usize>,
    /// `--quiet`: no progress, no table.
    pub quiet: bool,
    /// `--json`: the summary on standard output and nothing else.
    pub json: bool,
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

fn run_in<S: backend::Precision>(
    experiment: &Experiment,
    options: &Options,
    stop: &AtomicBool,
) -> Result<Outcome, CommandError> {
    let threads =
        options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let folder = folder(experiment, options);
    let source = experiment.to_toml();
    spare(&folder, options, &source)?;
    // Before the folder is made: where there is nothing to run on, none is left.
    let Opened { executor, backend, note } = open::<S>(&options.selection, threads)?;
    memory::enough(experiment, threads, S::BYTES, backend.kind == "cpu")?;
    prepare(&folder)?;
    let _lock = lock(&folder)?;

    let job = Job::<S>::new(experiment);
    let talk = !options.quiet && !options.json;
    if let (Some(note), true) = (note, talk) {
        say(&format!("{note}\n"))?;
    }
    let open = |progress: &Progress| Recorder::open(experiment, &job, &folder, &source, progress, talk);
    let (mut progress, mut recorder) = match resume(&folder, &source, &job, open) {
        Ok(Some(resumed)) => {
            if talk {
                let (done, all) = (trajectories(&resumed.0, experiment), experiment.trajectories);
                say(&format!("Going on from trajectory {done} of {all} in {}\n", folder.display()))?;
            }
            resumed
        }
        nothing => {
            if let (Err(reason), true) = (nothing, talk) {
                say(&format!("Starting over: {reason} in {}\n", folder.display()))?;
            }
            let progress = Progress::new(&job);
            let recorder = open(&progress).map_err(|error| cannot_write(&folder, &error))?;
            (progress, recorder)
        }
    };
    let driven = engine::drive(&job, executor.as_ref(), &mut progress, &mut recorder, stop);
    let ended = recorder.finish(&progress).map_err(|error| cannot_write(&folder, &error));
    let done = trajectories(&progress, experiment);
    if let Err(fault) = driven.map_err(|fault| CommandError::Machine(fault.0)).and(ended) {
        let saved = recorder.cut();
        let reported = done > 0
            && report((experiment, &source), &job, &progress, backend, &folder, options, false).is_ok();
        let results = if reported {
            format!(
                "the results of {done} of {} trajectories are in {}",
                experiment.trajectories,
                folder.display()
            )
        } else {
            "no results could be written".to_owned()
        };
        let next = match saved {
            0 => "the same command starts again".to_owned(),
            _ => format!("the same command goes on from trajectory {saved}"),
        };
        return Err(CommandError::Machine(format!("{fault}; {results}, and {next}")));
    }
    if done == 0 {
        recorder.cut();
        if talk {
            say("Interrupted before the first trajectories were done: the same command starts again.\n")?;
        }
        return Ok(Outcome::Interrupted);
    }
    let whole = done == experiment.trajectories;
    report((experiment, &source), &job, &progress, backend, &folder, options, whole)?;
    if !whole {
        if talk {
            let all = experiment.trajectories;
            say(&format!(
                "Interrupted after {done} of {all} trajectories: the same command goes on from here.\n"
            ))?;
        }
        return Ok(Outcome::Interrupted);
    }
    checkpoint::remove(&folder).map_err(|error| cannot_write(&folder, &error))?;
    Ok(Outcome::Done)
}

fn cannot_write(folder: &Path, error: &std::io::Error) -> CommandError {
    CommandError::Machine(format!("cannot write to {}: {error}", folder.display()))
}

/// What an interrupted run of the same experiment left in the folder, and the recorder that goes on from it.
///
/// # Errors
/// Why what is there cannot be gone on from.
fn resume<'a, S: Scalar>(
    folder: &Path,
    source: &str,
    job: &Job<S>,
    open: impl Fn(&Progress) -> std::io::Result<Recorder<'a>>,
) -> Result<Option<(Progress, Recorder<'a>)>, String> {
    let progress = match checkpoint::load(folder, source, job) {
        Ok(Some(progress)) if progress.chunks > 0 => progress,
        Ok(_) => return Ok(None),
        Err(reason) => return Err(format!("checkpoint.json {reason}")),
    };
    match open(&progress) {
        Ok(recorder) => Ok(Some((progress, recorder))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {
            Err("final states that checkpoint.json counts on are missing".to_owned())
        }
        Err(error) => Err(format!("cannot go on with the final states ({error})")),
    }
}

/// Refuses to put the filled-in copy in the place of the experiment file itself, which may have comments and sweeps.
fn spare(folder: &Path, options: &Options, source: &str) -> Result<(), CommandError> {
    let copy = folder.join("experiment.toml");
    let same = |file: &Path| Some(file.canonicalize().ok()? == copy.canonicalize().ok()?);
    let itself = options.experiment.as_deref().and_then(same) == Some(true);
    if itself && std::fs::read(&copy).is_ok_and(|text| text != source.as_bytes()) {
        return Err(CommandError::Input(format!(
            "output folder {}: its experiment.toml is the experiment itself, which the copy with every default filled in \
             would replace; give another folder with --out",
            folder.display()
        )));
    }
    Ok(())
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
pub(super) fn prepare(folder: &Path) -> Result<(), CommandError> {
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

/// Keeps other runs out of the folder until it is dropped. Where folders cannot be locked (Windows) nobody is kept out.
fn lock(folder: &Path) -> Result<Option<File>, CommandError> {
    let Ok(handle) = File::open(folder) else { return Ok(None) };
    match handle.try_lock() {
        Err(TryLockError::WouldBlock) => Err(CommandError::Input(format!(
            "output folder {}: another run is writing there; wait for its end, or give another folder with --out",
            folder.display()
        ))),
        _ => Ok(Some(handle)),
    }
}

/// The processor's name, as Linux says, else its architecture.
pub fn cpu_name() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':'))
        .map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// Writes everything that can be said of what is merged, and prints the table. `whole`: all is merged and the final states are on
/// the disk.
fn report<S: Scalar>(
    (experiment, source): (&Experiment, &str),
    job: &Job<S>,
    progress: &Progress,
    backend: Backend,
    folder: &Path,
    options: &Options,
    whole: bool,
) -> Result<(), CommandError> {
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
    let write = |name: &str, text: &str| {
        write_atomically(&folder.join(name), text.as_bytes()).map_err(|error| cannot_write(folder, &error))
    };
    write("experiment.toml", source)?;
    write("moments.csv", &moments::csv(&results))?;
    let mut files = vec!["summary.json".to_owned(), "moments.csv".to_owned()];
    let mut stale: Vec<PathBuf> = Vec::new();
    let named: Vec<(String, Vec<Comparison>)> =
        results.iter().map(|run| run.name.clone()).zip(compared.iter().cloned()).collect();
    if named.iter().any(|(_, comparisons)| !comparisons.is_empty()) {
        write("zscores.csv", &comparison::csv(&named))?;
        files.push("zscores.csv".to_owned());
    } else {
        stale.push("zscores.csv".into());
    }
    match paths::csv(&results, experiment.dimension()) {
        Some(text) => {
            write("paths.csv", &text)?;
            files.push("paths.csv".to_owned());
        }
        None => stale.push("paths.csv".into()),
    }
    if experiment.output.plots {
        figure::figure(experiment, &results)
            .write(folder.join("figure"))
            .map_err(|error| CommandError::Machine(format!("figure in {}: {error}", folder.display())))?;
        files.push("figure.svg and .png".to_owned());
    } else {
        stale.extend(["figure.svg".into(), "figure.png".into()]);
    }
    let results: Vec<(RunResult, Vec<Comparison>)> = results.into_iter().zip(compared).collect();
    let trajectories = progress.runs.first().map_or(0, |run| run.trajectories);
    let summary = Summary::new(experiment, trajectories, backend, &results, paired.clone());
    let json = serde_json::to_string_pretty(&summary)
        .map_err(|error| CommandError::Machine(format!("summary.json: {error}")))?;
    write("summary.json", &json)?;
    if experiment.output.final_states && whole {
        files.push("final states as .npy".to_owned());
    }
    tidy(experiment, folder, stale, whole);
    if options.json {
        say(&format!("{json}\n"))
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
        say(&format!("{header}{table}\nWritten to {}: {}\n", folder.display(), files.join(", ")))
    }
}

/// Removes what an earlier run left in the folder and this one does not replace: it would be taken for a result of this one.
fn tidy(experiment: &Experiment, folder: &Path, mut stale: Vec<PathBuf>, whole: bool) {
    let ours = recorder::final_states(experiment);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = PathBuf::from(entry.file_name());
        let text = name.to_string_lossy();
        let array = text.strip_suffix(".part").unwrap_or(&text);
        let replaced = ours.contains(&PathBuf::from(array)) && whole == (array == text);
        if array.starts_with("final-") && array.ends_with(".npy") && !replaced {
            stale.push(name);
        }
    }
    for name in stale {
        // It may well not be there.
        let _ = std::fs::remove_file(folder.join(name));
    }
}

fn run_result<S: Scalar>(
    experiment: &Experiment,
    job: &Job<S>,
    progress: &Progress,
    index: usize,
) -> RunResult {
    let layout = job.layout();
    let (run, plan, merged) = (&experiment.runs[index], &job.runs[index].plan, &progress.runs[index]);
    let mut times = Vec::with_capacity(plan.observed.len());
    let (mut time, mut done) = (0.0, 0);
    for &step in plan.observed.iter() {
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
        digest: experiment.output.digest.then(|| merged.digest.to_string()),
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
        observed: plan.observed.to_vec(),
        times,
    }
}
