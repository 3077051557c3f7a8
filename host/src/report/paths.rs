//! `paths.csv`: the recorded trajectories.

use std::fmt::Write as _;

use super::RunResult;
use super::moments::quoted;

/// The file's text, `run,trajectory,step,time,x0,x1,…`: a row for each recorded trajectory at each observation point; nothing where
/// none was recorded.
pub fn csv(runs: &[RunResult], dimension: usize) -> Option<String> {
    let mut text = String::from("run,trajectory,step,time");
    for i in 0..dimension {
        // Writing to a String cannot fail.
        let _ = write!(text, ",x{i}");
    }
    text.push('\n');
    let header = text.len();
    for run in runs {
        let name = quoted(&run.name);
        let recorded = run.paths.len() / (run.observed.len() * dimension).max(1);
        for trajectory in 0..recorded {
            let points = run.paths.chunks_exact(recorded * dimension);
            for ((point, step), time) in points.zip(&run.observed).zip(&run.times) {
                let _ = write!(text, "{name},{trajectory},{step},{time}");
                for x in &point[trajectory * dimension..][..dimension] {
                    let _ = write!(text, ",{x}");
                }
                text.push('\n');
            }
        }
    }
    (text.len() > header).then_some(text)
}
