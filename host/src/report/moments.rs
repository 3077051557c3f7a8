//! `moments.csv`: every estimate at every observation point, in long form.

use std::fmt::Write as _;

use super::RunResult;
use crate::statistics::Estimate;

/// The file's text: `run,step,time,quantity,index,value,std_error`.
///
/// Quantities: `mean`, `variance`, `skewness`, `excess_kurtosis`, `moment_<order>` (index: coordinate), `covariance` (index
/// `i:j`, the last step only), `loss`, `path_length`, `loss_variation`, `test_loss`, `test_accuracy`, `count` (no index).
pub fn csv(runs: &[RunResult]) -> String {
    let mut text = String::from("run,step,time,quantity,index,value,std_error\n");
    for run in runs {
        let name = quoted(&run.name);
        for ((point, step), time) in run.points.iter().zip(&run.observed).zip(&run.times) {
            let mut row = |quantity: &str, index: &str, estimate: &Estimate| {
                let Estimate { value, std_error } = estimate;
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{name},{step},{time},{quantity},{index},{value},{std_error}");
            };
            row("count", "", &Estimate { value: point.count as f64, std_error: 0.0 });
            let vectors = [
                ("mean", &point.mean),
                ("variance", &point.variance),
                ("skewness", &point.skewness),
                ("excess_kurtosis", &point.kurtosis),
            ];
            for (quantity, values) in vectors {
                for (i, estimate) in values.iter().enumerate() {
                    row(quantity, &i.to_string(), estimate);
                }
            }
            for (order, values) in &point.moments {
                for (i, estimate) in values.iter().enumerate() {
                    row(&format!("moment_{order}"), &i.to_string(), estimate);
                }
            }
            row("loss", "", &point.loss);
            if let Some(length) = &point.path_length {
                row("path_length", "", length);
            }
            if let Some(variation) = &point.loss_variation {
                row("loss_variation", "", variation);
            }
            if let Some(loss) = &point.test_loss {
                row("test_loss", "", loss);
            }
            if let Some(accuracy) = &point.test_accuracy {
                row("test_accuracy", "", accuracy);
            }
            if Some(step) == run.observed.last() {
                for (i, values) in run.covariance.iter().flatten().enumerate() {
                    for (j, estimate) in values.iter().enumerate().take(i) {
                        row("covariance", &format!("{i}:{j}"), estimate);
                    }
                }
            }
        }
    }
    text
}

/// A field as CSV wants it.
pub fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
