//! A measured number against a hypothesis about it.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::statistics::{Estimate, Interval};

/// How a hypothesis came out.
///
/// With I the confidence interval of the measured number and R the region of the hypothesis: *holds* if I lies in R, *fails* if
/// I and R have no point in common, else *undecided*: the sample is too small to say. A number that is not there is undecided.
///
/// A claim makes several checks; its intervals are those of level 1 − 0.01/(number of checks), so that a claim that is true fails
/// with probability below 1 % (Bonferroni). It fails if one check fails, and is undecided if none fails and one is undecided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The hypothesis is right as far as the sample can say.
    Holds,
    /// The sample cannot decide.
    Undecided,
    /// The hypothesis is wrong.
    Fails,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Holds => "holds",
            Self::Undecided => "undecided",
            Self::Fails => "fails",
        })
    }
}

/// Probability that the intervals of a claim are all right.
const LEVEL: f64 = 0.99;

/// Where a number should lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hypothesis {
    /// In expected ± tolerance.
    Near {
        /// The paper's or exact number.
        expected: f64,
        /// How far off still counts as the same.
        tolerance: f64,
    },
    /// Between two bounds.
    Between {
        /// The paper's or exact number.
        expected: f64,
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// At most the expected number.
    AtMost(f64),
    /// At least the expected number.
    AtLeast(f64),
}

impl Hypothesis {
    /// Within the fraction `relative` of `expected`.
    pub fn about(expected: f64, relative: f64) -> Self {
        Self::Near { expected, tolerance: relative * expected.abs() }
    }

    /// The paper's or exact number.
    pub fn expected(&self) -> f64 {
        match *self {
            Self::Near { expected, .. }
            | Self::Between { expected, .. }
            | Self::AtMost(expected)
            | Self::AtLeast(expected) => expected,
        }
    }

    /// The region, its ends taken.
    pub fn region(&self) -> Interval {
        match *self {
            Self::Near { expected, tolerance } => {
                Interval { low: expected - tolerance, high: expected + tolerance }
            }
            Self::Between { low, high, .. } => Interval { low, high },
            Self::AtMost(high) => Interval { low: f64::NEG_INFINITY, high },
            Self::AtLeast(low) => Interval { low, high: f64::INFINITY },
        }
    }

    /// The verdict on a number with this interval.
    ///
    /// ```
    /// use polyak::reproduce::{Hypothesis, Verdict};
    /// use polyak::statistics::Interval;
    /// let half = Hypothesis::Near { expected: 0.5, tolerance: 0.1 };
    /// let verdict = |low, high| half.verdict(&Interval { low, high });
    /// assert_eq!(verdict(0.45, 0.55), Verdict::Holds);
    /// assert_eq!(verdict(0.35, 0.55), Verdict::Undecided);
    /// assert_eq!(verdict(0.61, 0.65), Verdict::Fails);
    /// ```
    pub fn verdict(&self, interval: &Interval) -> Verdict {
        let region = self.region();
        if region.contains(interval.low) && region.contains(interval.high) {
            Verdict::Holds
        } else if interval.high < region.low || interval.low > region.high {
            Verdict::Fails
        } else {
            Verdict::Undecided
        }
    }
}

/// A measured number before its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What was measured, in words and formulas.
    pub name: String,
    /// The number.
    pub measured: Estimate,
    /// Degrees of freedom of its error, where that comes from few batches.
    pub degrees: Option<f64>,
    /// What is said of it.
    pub hypothesis: Hypothesis,
}

/// A measured number with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was measured.
    pub name: String,
    /// The number.
    pub measured: Option<f64>,
    /// Its standard error; 0 if it was computed exactly.
    pub error: Option<f64>,
    /// The paper's or exact number.
    pub expected: f64,
    /// The region of the hypothesis; `null` at an end without bound.
    pub region: [Option<f64>; 2],
    /// The confidence interval.
    pub interval: [Option<f64>; 2],
    /// What came out.
    pub verdict: Verdict,
}

impl Check {
    /// The finding where the claim makes `checks` checks.
    pub fn find(&self, checks: usize) -> Finding {
        let level = 1.0 - (1.0 - LEVEL) / checks.max(1) as f64;
        let interval = Interval::of(&self.measured, self.degrees, level);
        let region = self.hypothesis.region();
        let finite = |x: f64| x.is_finite().then_some(x);
        Finding {
            name: self.name.clone(),
            measured: finite(self.measured.value),
            error: finite(self.measured.std_error),
            expected: self.hypothesis.expected(),
            region: [finite(region.low), finite(region.high)],
            interval: [finite(interval.low), finite(interval.high)],
            verdict: self.hypothesis.verdict(&interval),
        }
    }
}

/// Holds the first check that fails, of a claim that makes so many.
#[derive(Debug)]
pub struct FirstFailure {
    checks: usize,
    found: OnceLock<Finding>,
}

impl FirstFailure {
    /// None yet, of `checks` checks.
    pub fn new(checks: usize) -> Self {
        Self { checks, found: OnceLock::new() }
    }

    /// Keeps the check if it fails and none has before.
    pub fn see(&self, check: &Check) {
        let finding = check.find(self.checks);
        if finding.verdict == Verdict::Fails {
            // A later one does not count.
            let _ = self.found.set(finding);
        }
    }

    /// The check that failed.
    pub fn found(&self) -> Option<&Finding> {
        self.found.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, std_error: f64, hypothesis: Hypothesis) -> Finding {
        Check { name: String::new(), measured: Estimate { value, std_error }, degrees: None, hypothesis }
            .find(1)
    }

    #[test]
    fn the_rule_is_that_of_intervals() {
        let near = Hypothesis::about(2.0, 0.01);
        assert_eq!(check(2.0, 0.001, near).verdict, Verdict::Holds);
        assert_eq!(check(2.0, 0.1, near).verdict, Verdict::Undecided);
        assert_eq!(check(2.1, 0.001, near).verdict, Verdict::Fails);
        assert_eq!(check(2.02, 0.0, near).verdict, Verdict::Holds);
        assert_eq!(check(f64::NAN, 0.0, near).verdict, Verdict::Undecided);
        assert_eq!(check(1.0, f64::NAN, near).verdict, Verdict::Undecided);
        assert_eq!(check(1.0, 0.1, Hypothesis::AtMost(2.0)).verdict, Verdict::Holds);
        assert_eq!(check(f64::INFINITY, 0.0, Hypothesis::AtMost(2.0)).verdict, Verdict::Fails);
        assert_eq!(check(1.0, 0.1, Hypothesis::AtLeast(2.0)).verdict, Verdict::Fails);
        assert_eq!(check(1.9, 0.1, Hypothesis::AtLeast(2.0)).verdict, Verdict::Undecided);
    }

    #[test]
    fn more_checks_ask_for_wider_intervals() {
        let one = Check {
            name: String::new(),
            measured: Estimate { value: 0.0, std_error: 1.0 },
            degrees: None,
            hypothesis: Hypothesis::AtMost(3.0),
        };
        assert_eq!(one.find(1).verdict, Verdict::Holds);
        assert_eq!(one.find(100).verdict, Verdict::Undecided);
    }
}
