//! The built-in matrix: every landscape, oracle, law, covariance, optimiser, schedule and option that a file can name, in both
//! precisions, with both generators, watched and not, in dimensions small and large. `problems.toml` and `runs.toml` are its text.

use std::path::Path;

use crate::experiment::ExperimentError;
use crate::experiment::model::Experiment;

/// How much of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matrix {
    /// Everything.
    Whole,
    /// Every problem with every run, but in one precision, with one generator, watched or not, in turn.
    Reduced,
}

/// One experiment of the matrix: each of its runs is a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The experiment.
    pub experiment: Experiment,
}

/// The matrix with ensembles of `trajectories`.
///
/// # Errors
/// If a text of the matrix is not an experiment, which is a fault of this program.
pub fn cases(matrix: Matrix, trajectories: u64) -> Result<Vec<Case>, ExperimentError> {
    let mut cases = Vec::new();
    for (index, (problem, text)) in parts(include_str!("problems.toml")).enumerate() {
        for variant in 0..8 {
            // Odd steps through 8 variants, so that the reduced matrix has all of them.
            if matrix == Matrix::Reduced && (index * 3) % 8 != variant {
                continue;
            }
            let precision = ["f32", "f64"][variant & 1];
            let rng = ["pcg32", "philox"][variant >> 1 & 1];
            let watched = variant >> 2 == 1;
            let observe = if watched {
                "every = 6\npath_length = true\nloss_variation = true\nloss_below = 0.1\nmoments = [6]\npaths = 3"
            } else {
                "every = 7"
            };
            let runs: String = parts(include_str!("runs.toml"))
                .filter(|run| allowed(text, run.1))
                .map(|(_, run)| run)
                .collect();
            let text = format!(
                "seed = {}\ntrajectories = {trajectories}\nsteps = 20\nprecision = \"{precision}\"\nrng = \"{rng}\"\n\
                 {text}\n[observe]\n{observe}\n{runs}",
                7 + index
            );
            let name = format!("{problem}, {precision}, {rng}{}", if watched { ", watched" } else { "" });
            let experiment = Experiment::parse(&text, Path::new(&name), &[])?;
            cases.push(Case { name, experiment });
        }
    }
    Ok(cases)
}

/// The parts of a text, each after a line `## name`.
fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("## ").skip(1).filter_map(|part| part.split_once('\n'))
}

/// The stationary law of m₀ is that of additive noise.
fn allowed(problem: &str, run: &str) -> bool {
    let additive = !problem.contains("mini-batch") && !problem.contains("\"label\"");
    additive || !run.contains("stationary")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_has_hundreds_of_cases() {
        let count =
            |matrix| cases(matrix, 10).unwrap().iter().map(|case| case.experiment.runs.len()).sum::<usize>();
        assert_eq!(count(Matrix::Whole), 8 * count(Matrix::Reduced));
        assert!(count(Matrix::Reduced) > 400);
    }

    #[test]
    fn the_reduced_matrix_has_every_variant() {
        let cases = cases(Matrix::Reduced, 10).unwrap();
        for precision in ["f32", "f64"] {
            for rng in ["pcg32", "philox"] {
                for watched in [true, false] {
                    let is = |case: &Case| {
                        case.name.contains(precision)
                            && case.name.contains(rng)
                            && case.name.ends_with("watched") == watched
                    };
                    assert!(cases.iter().any(is), "{precision} {rng} {watched}");
                }
            }
        }
    }
}
