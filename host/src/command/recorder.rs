//! What is written and shown while the workers compute: final states, checkpoints, the progress bar.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use polyak_core::observe::CHUNK;
use polyak_core::real::Scalar;

use crate::backend::ChunkResult;
use crate::checkpoint;
use crate::engine::{self, Fault, Listener, Progress};
use crate::experiment::model::Experiment;
use crate::job::Job;
use crate::report::npy::NpyWriter;

/// Writes final states and checkpoints, and shows how far it is.
pub struct Recorder<'a> {
    folder: &'a Path,
    source: &'a str,
    trajectories: u64,
    updates_per_chunk: u64,
    writers: Vec<NpyWriter>,
    bar: ProgressBar,
    saved_at: Instant,
    /// Trajectories that the last checkpoint holds.
    saved: u64,
    /// Final states are missing in a file: no checkpoint may be made any more.
    broken: bool,
}

/// Time between checkpoints.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(20);

impl<'a> Recorder<'a> {
    /// Opens the files of final states, if they are asked for, and the bar, if it is `shown` and there is a terminal.
    ///
    /// `source` is the filled-in experiment, which a checkpoint names.
    ///
    /// # Errors
    /// As [`NpyWriter::open`].
    pub fn open<S: Scalar>(
        experiment: &Experiment,
        job: &Job<S>,
        folder: &'a Path,
        source: &'a str,
        progress: &Progress,
        shown: bool,
    ) -> std::io::Result<Self> {
        let done = trajectories(progress, experiment);
        let mut writers = Vec::new();
        for name in final_states(experiment) {
            writers.push(NpyWriter::open::<S>(
                &folder.join(name),
                experiment.trajectories,
                job.dimension,
                done,
            )?);
        }
        let steps = job.runs.iter().fold(0u64, |sum, run| sum.saturating_add(run.plan.steps));
        let updates_per_chunk = steps.saturating_mul(job.dimension as u64).saturating_mul(CHUNK as u64);
        let total = engine::chunks(experiment.trajectories);
        let bar = if shown && std::io::stderr().is_terminal() {
            ProgressBar::new(total.saturating_mul(updates_per_chunk)).with_style(
                ProgressStyle::with_template(
                    "{bar:40} {percent:>3} %  {human_pos} of {human_len} updates, {per_sec}, {eta} left",
                )
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        } else {
            ProgressBar::hidden()
        };
        bar.set_position(progress.chunks.saturating_mul(updates_per_chunk));
        bar.reset_eta();
        Ok(Self {
            folder,
            source,
            trajectories: experiment.trajectories,
            updates_per_chunk,
            writers,
            bar,
            saved_at: Instant::now(),
            saved: done,
            broken: false,
        })
    }

    /// Ends the bar and the files: whole arrays get their names, an unfinished run leaves a checkpoint.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn finish(&mut self, progress: &Progress) -> std::io::Result<()> {
        self.bar.finish_and_clear();
        if self.broken {
            return Ok(());
        }
        if progress.chunks < engine::chunks(self.trajectories) {
            return if progress.chunks > 0 { self.checkpoint(progress) } else { Ok(()) };
        }
        for writer in &mut self.writers {
            writer.flush()?;
        }
        self.writers.iter_mut().try_for_each(NpyWriter::finish)
    }

    /// Gives up what no checkpoint knows of, and the room it takes. Returns how many trajectories one can go on from.
    pub fn cut(self) -> u64 {
        for writer in self.writers {
            writer.cut(self.saved);
        }
        self.saved
    }

    /// Final states first: a checkpoint must not be ahead of them.
    fn checkpoint(&mut self, progress: &Progress) -> std::io::Result<()> {
        for writer in &mut self.writers {
            writer.flush()?;
        }
        checkpoint::save(self.folder, self.source, progress)?;
        self.saved_at = Instant::now();
        self.saved = progress.chunks.saturating_mul(CHUNK as u64).min(self.trajectories);
        Ok(())
    }
}

impl<S: Scalar> Listener<S> for Recorder<'_> {
    fn merged(&mut self, progress: &Progress, chunk: &[ChunkResult<S>]) -> Result<(), Fault> {
        self.bar.set_position(progress.chunks.saturating_mul(self.updates_per_chunk));
        let mut write = || {
            for (writer, result) in self.writers.iter_mut().zip(chunk) {
                writer.append(&result.final_states)?;
            }
            if self.saved_at.elapsed() > CHECKPOINT_EVERY {
                self.checkpoint(progress)?;
            }
            Ok::<(), std::io::Error>(())
        };
        write().map_err(|error| {
            self.broken = true;
            Fault(format!("cannot write to {}: {error}", self.folder.display()))
        })
    }
}

/// Trajectories that are merged.
pub fn trajectories(progress: &Progress, experiment: &Experiment) -> u64 {
    progress.chunks.saturating_mul(CHUNK as u64).min(experiment.trajectories)
}

/// Names of the files of final states, one for each run: `final-<run>.npy`, where letters, digits, `.`, `_` and `-` stay and all
/// else becomes `-`; none if they are not asked for.
pub fn final_states(experiment: &Experiment) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = Vec::new();
    if !experiment.output.final_states {
        return names;
    }
    for run in &experiment.runs {
        let keep = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
        // File systems have names of at most 255 bytes.
        let stem: String = run.name.chars().map(keep).take(200).collect();
        let mut name = PathBuf::from(format!("final-{stem}.npy"));
        // Two names may differ only in what became `-`, or in case, which some file systems do not tell apart.
        let same = |a: &Path, b: &Path| a.to_string_lossy().eq_ignore_ascii_case(&b.to_string_lossy());
        for number in 2.. {
            if !names.iter().any(|other| same(other, &name)) {
                break;
            }
            name = PathBuf::from(format!("final-{stem}-{number}.npy"));
        }
        names.push(name);
    }
    names
}
