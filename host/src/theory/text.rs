//! A report as text for the terminal.

use std::fmt::{self, Display, Formatter};

use super::report::{Answer, Report, RunReport};

/// Coordinates that a table shows.
const ROWS: usize = 8;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: exact moments, d = {}", self.experiment, self.dimension)?;
        if let Some(threshold) = self.rate_threshold {
            write!(f, "; SGD oscillates above rate 1/h_max = {threshold:.4}")?;
        }
        writeln!(f)?;
        self.runs.iter().try_for_each(|run| write!(f, "\n{run}"))
    }
}

impl Display for RunReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [from, to] = self.thresholds.oscillates;
        writeln!(
            f,
            "{}: {} steps, effective rate {:.4} at the end",
            self.name, self.steps, self.effective_rate
        )?;
        writeln!(
            f,
            "  stable for curvature below {:.4}, complex eigenvalues between {from:.4} and {to:.4}",
            self.thresholds.stable_below
        )?;
        if let Some(radius) = self.spectral_radius {
            let oscillating = self.modes.iter().filter(|mode| mode.oscillates).count();
            let unstable = self.modes.iter().filter(|mode| !mode.stable).count();
            writeln!(
                f,
                "  spectral radius {radius:.6}; of {} directions shown {oscillating} oscillate, {unstable} do not contract",
                self.modes.len()
            )?;
        }
        if let Some(stationary) = self.stationary.known() {
            writeln!(
                f,
                "  variance within 1 % of stationary after {} steps (slowest direction)",
                stationary.settling
            )?;
        }
        if let Some(reason) = self.exact.reason() {
            return writeln!(f, "  no exact moments: {reason}");
        }
        self.table(f)?;
        for (what, reason) in [
            ("stationary moments", self.stationary.reason()),
            ("SDE limit", self.limit.reason()),
            ("kurtosis", self.kurtosis.reason()),
        ] {
            if let Some(reason) = reason {
                writeln!(f, "  no {what}: {reason}")?;
            }
        }
        Ok(())
    }
}

impl RunReport {
    fn table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(exact) = self.exact.known() else { return Ok(()) };
        writeln!(
            f,
            "  {:>10} {:>12} {:>12} {:>12} {:>12} {:>12} {:>10}",
            "coordinate", "mean", "SDE mean", "variance", "stationary", "SDE variance", "kurtosis"
        )?;
        let limit = self.limit.known();
        let stationary = self.stationary.known();
        for (i, (mean, variance)) in exact.mean.iter().zip(&exact.variance).enumerate().take(ROWS) {
            writeln!(
                f,
                "  {i:>10} {} {} {} {} {} {}",
                cell(Some(*mean), 12),
                cell(limit.map(|limit| limit.mean[i]), 12),
                cell(Some(*variance), 12),
                cell(stationary.map(|stationary| stationary.variance[i]), 12),
                cell(limit.map(|limit| limit.variance[i]), 12),
                match &self.kurtosis {
                    Answer::Known(kurtosis) if kurtosis[i].is_finite() => format!("{:>10.4}", kurtosis[i]),
                    _ => format!("{:>10}", "-"),
                },
            )?;
        }
        if exact.mean.len() > ROWS {
            writeln!(f, "  {:>10} ({} more in --json)", "…", exact.mean.len() - ROWS)?;
        }
        writeln!(
            f,
            "  {:>10} {:>12} {:>12} {} {} {}",
            "loss",
            "",
            "",
            cell(Some(exact.loss), 12),
            cell(stationary.map(|stationary| stationary.loss), 12),
            cell(limit.map(|limit| limit.loss), 12),
        )
    }
}

/// A number in its column; a dash for none, and for one beyond what `f64` holds, as an unstable run comes to.
fn cell(value: Option<f64>, width: usize) -> String {
    value
        .filter(|value| value.is_finite())
        .map_or_else(|| format!("{:>width$}", "-"), |value| format!("{value:>width$.4e}"))
}
