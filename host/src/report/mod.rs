//! What a finished (or interrupted) run leaves: files, a table, pictures.

pub mod comparison;
pub mod figure;
pub mod moments;
pub mod npy;
pub mod paths;
pub mod summary;
pub mod table;

use std::io::Write as _;
use std::path::Path;

use crate::statistics::{Counts, Estimate, PointEstimates};

/// Results of one run as the reports need them.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// Name of the run.
    pub name: String,
    /// Steps taken.
    pub steps: u64,
    /// Digest of the final states, 16 hex digits; `None` if it is not asked for.
    pub digest: Option<String>,
    /// Trajectories that ended not finite.
    pub diverged: u64,
    /// Steps of the observation points.
    pub observed: Vec<u64>,
    /// Times t = Σ η of the observation points.
    pub times: Vec<f64>,
    /// Estimates at the observation points; never empty.
    pub points: Vec<PointEstimates>,
    /// Final covariance.
    pub covariance: Option<Vec<Vec<Estimate>>>,
    /// The histograms.
    pub histograms: Vec<Counts>,
    /// Trajectories that passed below the loss asked for, and their mean step.
    pub passage: Option<(u64, Estimate)>,
    /// Recorded paths: observation point, trajectory, coordinate.
    pub paths: Vec<f64>,
    /// A few final states for the picture, d numbers each.
    pub cloud: Vec<f64>,
    /// Wall-clock seconds of this run, all workers.
    pub seconds: f64,
    /// Updates per second.
    pub updates_per_second: f64,
    /// Exact moments at the observation points, or why there are none.
    pub theory: Result<Vec<crate::theory::Moments>, String>,
}

impl RunResult {
    /// The estimates at the end.
    pub fn last(&self) -> &PointEstimates {
        &self.points[self.points.len() - 1]
    }
}

/// Writes a whole file or none: first beside it, then renamed, so that an interruption leaves no half.
pub fn write_atomically(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let write = || {
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(contents)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    };
    write().inspect_err(|_| {
        // What is left of it takes room that the next attempt may need.
        let _ = std::fs::remove_file(&beside);
    })
}
