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

/// The progress in `folder`, or nothing where there is none.
///
/// # Errors
/// Why the checkpoint that is there cannot be gone on from, in words.
pub fn load<S: Scalar>(
    folder: &Path,
    experiment: &str,
    job: &Job<S>,
) -> Result<Option<Progress>, &'static str> {
    let Ok(text) = std::fs::read(path(folder)) else { return Ok(None) };
    let Ok(checkpoint) = serde_json::from_slice::<Checkpoint>(&text) else {
        return Err("cannot be read");
    };
    if checkpoint.polyak != env!("CARGO_PKG_VERSION") {
        return Err("is of another version of polyak");
    }
    if checkpoint.experiment != experiment {
        return Err("is of another experiment");
    }
    if !checkpoint.progress.fits(job) {
        return Err("does not fit the experiment");
    }
    Ok(Some(checkpoint.progress))
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
