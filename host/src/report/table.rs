//! The table on the terminal.

use std::fmt::Write as _;

use super::RunResult;
use super::comparison::Comparison;
use super::summary::{Paired, largest_z};
use crate::statistics::Estimate;

/// Up to this dimension every coordinate has its line.
const MOST_LINES: usize = 16;

/// A number with its error, to two digits of the error: `0.3827(16)`-like precision in plain form.
pub fn with_error(estimate: &Estimate) -> String {
    let Estimate { value, std_error } = *estimate;
    if !value.is_finite() {
        return "–".to_owned();
    }
    let plain = value == 0.0 || (1e-4..1e6).contains(&value.abs());
    if !(std_error.is_finite() && std_error > 0.0) {
        return if plain { format!("{value:.6}") } else { format!("{value:.3e}") };
    }
    let digits = (1.0 - libm::floor(libm::log10(std_error))).clamp(0.0, 12.0) as usize;
    if !plain {
        return format!("{value:.3e} ± {std_error:.1e}");
    }
    format!("{value:.digits$} ± {std_error:.digits$}")
}

/// Aligned columns: the first to the left, the others to the right.
fn align(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from(" ");
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            let _ = if column == 0 { write!(line, " {cell}{pad}") } else { write!(line, "  {pad}{cell}") };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The runs, their moments against theory, and their paired differences.
pub fn table(results: &[(RunResult, Vec<Comparison>)], paired: &[Paired]) -> String {
    let mut text = String::from("Runs\n");
    let mut rows = vec![
        ["run", "steps", "time", "diverged", "loss", "max |z|", "updates/s"].map(str::to_owned).to_vec(),
    ];
    for (run, comparisons) in results {
        rows.push(vec![
            run.name.clone(),
            run.steps.to_string(),
            format!("{:.6}", run.times.last().copied().unwrap_or(0.0)),
            run.diverged.to_string(),
            with_error(&run.last().loss),
            largest_z(comparisons)
                .map_or("–".to_owned(), |z| format!("{:.2} of {}", z.abs(), comparisons.len())),
            format!("{:.2e}", run.updates_per_second),
        ]);
    }
    text += &align(&rows);
    for (run, comparisons) in results {
        text += &final_moments(run, comparisons);
    }
    if !paired.is_empty() {
        text += "\nPaired differences at the end (second − first, same streams)\n";
        let mut rows =
            vec![["runs", "loss", "largest mean difference", "rms distance"].map(str::to_owned).to_vec()];
        for Paired { from, to, difference } in paired {
            let score = |mean: &Estimate| (mean.value / mean.std_error).abs();
            let scored = difference.mean.iter().enumerate().filter(|(_, mean)| score(mean).is_finite());
            let largest = scored.max_by(|a, b| score(a.1).total_cmp(&score(b.1)));
            let distance = difference.mean_square.iter().sum::<f64>().sqrt();
            rows.push(vec![
                format!("{to} − {from}"),
                with_error(&difference.loss),
                largest.map_or("–".to_owned(), |(i, mean)| format!("x{i}: {}", with_error(mean))),
                with_error(&Estimate { value: distance, std_error: f64::NAN }),
            ]);
        }
        text += &align(&rows);
    }
    text
}

fn final_moments(run: &RunResult, comparisons: &[Comparison]) -> String {
    let last = run.last();
    let step = run.observed.last().copied().unwrap_or(0);
    let mut text = format!("\n{} after {step} steps, {} trajectories\n", run.name, last.count);
    if let Err(reason) = &run.theory {
        let _ = writeln!(text, "  no exact moments: {reason}");
    }
    if let Some(length) = &last.path_length {
        let _ = writeln!(text, "  path length {}", with_error(length));
    }
    if let Some(variation) = &last.loss_variation {
        let _ = writeln!(text, "  loss variation {}", with_error(variation));
    }
    if let (Some(loss), Some(accuracy)) = (&last.test_loss, &last.test_accuracy) {
        let _ = writeln!(text, "  held out: loss {}, accuracy {}", with_error(loss), with_error(accuracy));
    }
    if let Some((passed, steps)) = &run.passage {
        let _ = writeln!(text, "  first passage: {passed} trajectories, mean step {}", with_error(steps));
    }
    let mut rows = vec![["", "mean", "exact", "z", "variance", "exact", "z"].map(str::to_owned).to_vec()];
    if run.theory.is_err() {
        rows[0] = ["", "mean", "variance"].map(str::to_owned).to_vec();
    }
    let shown = last.mean.len().min(MOST_LINES);
    for i in 0..shown {
        let mut row = vec![format!("x{i}")];
        for (quantity, estimate) in [("mean", &last.mean[i]), ("variance", &last.variance[i])] {
            row.push(with_error(estimate));
            if run.theory.is_ok() {
                let index = i.to_string();
                let found =
                    comparisons.iter().find(|c| c.step == step && c.quantity == quantity && c.index == index);
                row.push(found.map_or("–".to_owned(), |c| format!("{:.5}", c.exact)));
                row.push(found.map_or("–".to_owned(), |c| format!("{:+.2}", c.z)));
            }
        }
        rows.push(row);
    }
    text += &align(&rows);
    if shown < last.mean.len() {
        let _ = writeln!(text, "  … and {} more coordinates in moments.csv", last.mean.len() - shown);
    }
    text
}
