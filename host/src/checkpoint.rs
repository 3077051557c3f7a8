//! What an interrupted run leaves to go on from.

use std::path::{Path, PathBuf};

use polyak_core::real::Scalar;
use serde::{Deserialize, Serialize};

use crate::engine::Progress;
use crate::job::Job;
use crate::report::write_atomically;

/// The file: which program and which experiment it belongs to, and what is merged.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    polyak: String,
    experiment: String,
    progress: Progress,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("checkpoint.json")
}

/// Writes the checkpoint of `experiment` (its filled-in text).
///
/// # Errors
/// If the folder cannot be written.
pub fn save(folder: &Path, experiment: &str, progress: &Progress) -> std::io::Result<()> {
    let checkpoint = Checkpoint {
        polyak: env!("CARGO_PKG_VERSION").to_owned(),
        experiment: experiment.to_owned(),
        progress: progress.clone(),
    };
    write_atomically(&path(folder), &serde_json::to_vec(&checkpoint)?)
}

/// The progress in `folder`, if there is one and it belongs to this program and this very experiment.
pub fn load<S: Scalar>(folder: &Path, experiment: &str, job: &Job<S>) -> Option<Progress> {
    let text = std::fs::read(path(folder)).ok()?;
    let checkpoint: Checkpoint = serde_json::from_slice(&text).ok()?;
    let same = checkpoint.polyak == env!("CARGO_PKG_VERSION") && checkpoint.experiment == experiment;
    (same && checkpoint.progress.fits(job)).then_some(checkpoint.progress)
}

/// Removes the checkpoint of a finished run.
///
/// # Errors
/// If it is there and cannot be removed.
pub fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path(folder)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
