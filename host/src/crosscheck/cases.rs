//! The built-in matrix: every landscape, oracle, law, covariance, optimiser, schedule and option that a file can name, in both
//! precisions, with both generators, watched and not, in dimensions small and large. `problems.toml` and `runs.toml` are its text.

use std::collections::BTreeSet;
use std::path::Path;

use crate::backend::kernels::kernels_of;
use crate::experiment::ExperimentError;
use crate::experiment::model::{Experiment, Precision};
use crate::job::Job;

/// How much of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matrix {
    /// Everything.
    Whole,
    /// Every problem with every run, but in one precision, with one generator, watched or not, in turn.
    Reduced,
}

/// Trajectories of a case where the emulator is not among the back ends.
pub const FOR_THE_GPU: u64 = 20_000;

/// One experiment of the matrix: each of its runs is a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The experiment.
    pub experiment: Experiment,
}

/// The matrix where the emulator is, which is slow: more than a chunk of trajectories, and not a multiple of one, in the first case of each
/// kernel and in every eleventh; a few in the others.
///
/// # Errors
/// As [`cases`].
pub fn cases_for_the_emulator(matrix: Matrix) -> Result<Vec<Case>, ExperimentError> {
    let mut cases = cases(matrix, 24)?;
    let mut seen = BTreeSet::new();
    for (index, Case { experiment, .. }) in cases.iter_mut().enumerate() {
        let kernels = match experiment.precision {
            Precision::F32 => kernels_of(&Job::<f32>::new(experiment)),
            Precision::F64 => kernels_of(&Job::<f64>::new(experiment)),
        };
        let known = seen.len();
        seen.extend(kernels);
        if seen.len() > known || index.is_multiple_of(11) {
            experiment.trajectories = 260;
        }
    }
    Ok(cases)
}

/// The matrix; `trajectories` are those of each case, at least 1.
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
                let paths = trajectories.min(3);
                format!(
                    "every = 6\npath_length = true\nloss_variation = true\nloss_below = 0.1\nmoments = [6]\npaths = {paths}"
                )
            } else {
                "every = 7".to_owned()
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

    /// As a comparison counts them: n·d·K of each run.
    #[test]
    fn a_gpu_is_compared_on_more_than_a_thousand_million_updates() {
        let of_case = |Case { experiment, .. }: &Case| {
            let steps: u64 = match experiment.precision {
                Precision::F32 => Job::<f32>::new(experiment).runs.iter().map(|run| run.plan.steps).sum(),
                Precision::F64 => Job::<f64>::new(experiment).runs.iter().map(|run| run.plan.steps).sum(),
            };
            experiment.trajectories * experiment.dimension() as u64 * steps
        };
        let whole = cases(Matrix::Whole, FOR_THE_GPU).unwrap();
        let runs: usize = whole.iter().map(|case| case.experiment.runs.len()).sum();
        let updates: u64 = whole.iter().map(of_case).sum();
        println!("{runs} cases, {updates} updates");
        assert!(updates >= 1_000_000_000, "{updates}");
        // What bench/gpu/README.md says.
        let said = format!("{runs} cases and {:.1}·10¹⁰ updates", updates as f64 / 1e10);
        assert!(include_str!("../../../bench/gpu/README.md").contains(&said), "{said}");
    }

    #[test]
    fn every_kernel_is_in_the_matrix_on_more_than_a_chunk() {
        let mut taken: BTreeSet<String> = ["sums_f32", "sums_f64"].map(str::to_owned).into();
        let whole = cases_for_the_emulator(Matrix::Whole).unwrap();
        // Of more than one chunk.
        for case in whole.iter().filter(|case| case.experiment.trajectories > 256) {
            taken.extend(match case.experiment.precision {
                Precision::F32 => kernels_of(&Job::<f32>::new(&case.experiment)),
                Precision::F64 => kernels_of(&Job::<f64>::new(&case.experiment)),
            });
        }
        let entries: BTreeSet<String> =
            polyak_kernels::names(polyak_kernels::PTX).map(str::to_owned).collect();
        let missing: Vec<&String> = entries.symmetric_difference(&taken).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_matrix_is_there_for_the_smallest_ensembles() {
        for trajectories in 1..4 {
            let cases = cases(Matrix::Whole, trajectories).unwrap();
            assert!(cases.iter().all(|case| case.experiment.trajectories == trajectories));
        }
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
