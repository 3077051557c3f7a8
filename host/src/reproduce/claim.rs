//! What a claim is, and what comes out of it.

use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::check::{Check, Finding, FirstFailure, Hypothesis, Verdict};
use super::laboratory::{Failure, Laboratory};
use super::mutation::Mutation;
use crate::plot::{Figure, PlotError};
use crate::statistics::Estimate;

/// How much is spent on a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// A sample just large enough to tell a right program from a mutated one: for tests.
    Reduced,
    /// All claims on two cores in ten minutes.
    Quick,
    /// As good as it gets in some hours.
    Full,
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.pick("reduced", "quick", "full"))
    }
}

impl Budget {
    /// The number that belongs to this budget.
    pub fn pick<T>(self, reduced: T, quick: T, full: T) -> T {
        match self {
            Self::Reduced => reduced,
            Self::Quick => quick,
            Self::Full => full,
        }
    }

    /// `quick` trajectories, a fraction of them reduced and many times as many in full.
    pub fn trajectories(self, reduced: u64, quick: u64) -> u64 {
        self.pick(reduced, quick, quick.saturating_mul(16))
    }
}

/// A statement of a paper that can turn out wrong.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Its name on the command line.
    pub name: &'static str,
    /// Paper and place.
    pub source: &'static str,
    /// What the paper says, in one or two sentences.
    pub statement: &'static str,
    /// What is checked, and when it would be wrong.
    pub hypothesis: &'static str,
    /// The experiment.
    pub experiment: fn(&Laboratory<'_>) -> Result<Findings, Failure>,
    /// Wrong programs that it must tell from the right one.
    pub mutations: &'static [Mutation],
}

/// What an experiment found.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The checks; the first one is the claim's headline.
    pub checks: Vec<Check>,
    /// The picture.
    pub figure: Figure,
    /// What else there is to say: what the paper used and what this is.
    pub notes: Vec<String>,
    /// Where the first check that fails is left, if that is the end.
    pub(super) first_failure: Option<Arc<FirstFailure>>,
}

impl Findings {
    /// Nothing found yet, with the picture's title; [`Laboratory::findings`] is what a claim begins with.
    pub fn new(title: &str) -> Self {
        Self { figure: Figure::new(title), ..Self::default() }
    }

    /// One more check, its error that of a large sample; 0 for a number that was computed exactly.
    pub fn check(&mut self, name: impl Into<String>, measured: Estimate, hypothesis: Hypothesis) {
        self.push(Check { name: name.into(), measured, degrees: None, hypothesis });
    }

    fn push(&mut self, check: Check) {
        if let Some(first) = &self.first_failure {
            first.see(&check);
        }
        self.checks.push(check);
    }

    /// One more check, its error from a few batches.
    pub fn check_batches(
        &mut self,
        name: impl Into<String>,
        (measured, degrees): (Estimate, f64),
        hypothesis: Hypothesis,
    ) {
        self.push(Check { name: name.into(), measured, degrees: Some(degrees), hypothesis });
    }

    /// One more check, its error from batches where there are degrees of freedom.
    pub fn check_either(
        &mut self,
        name: impl Into<String>,
        (measured, degrees): (Estimate, Option<f64>),
        hypothesis: Hypothesis,
    ) {
        self.push(Check { name: name.into(), measured, degrees, hypothesis });
    }

    /// One more check of a number without a sampling error.
    pub fn check_exact(&mut self, name: impl Into<String>, value: f64, hypothesis: Hypothesis) {
        self.check(name, Estimate { value, std_error: 0.0 }, hypothesis);
    }

    /// One more remark.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
}

/// A claim with its verdict, as it is stored and printed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Name of the claim.
    pub claim: String,
    /// Paper and place.
    pub source: String,
    /// What the paper says.
    pub statement: String,
    /// What was checked.
    pub hypothesis: String,
    /// The headline number.
    pub measured: Option<f64>,
    /// Its standard error.
    pub error: Option<f64>,
    /// The paper's or exact number.
    pub expected: Option<f64>,
    /// What came out.
    pub verdict: Verdict,
    /// Every check.
    pub checks: Vec<Finding>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Budget it was run with.
    pub budget: Budget,
    /// What was added to its experiments' seeds.
    pub seed: u64,
    /// Updates computed: trajectories × coordinates × steps.
    pub updates: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Where its experiments ran.
    pub devices: Vec<String>,
}

impl Claim {
    /// Runs the claim and decides.
    ///
    /// # Errors
    /// [`Failure`]: interrupted, or a fault of the machine.
    pub fn reproduce(&self, laboratory: &Laboratory<'_>) -> Result<(Outcome, Figure), Failure> {
        let (start, before) = (Instant::now(), laboratory.updates());
        laboratory.take_devices();
        let found = match (self.experiment)(laboratory) {
            Err(Failure::Decided) => Findings::default(),
            found => found?,
        };
        let first = laboratory.first_failure.as_ref().and_then(|first| first.found());
        let checks: Vec<Finding> = match first {
            Some(first) => vec![first.clone()],
            None => found.checks.iter().map(|check| check.find(found.checks.len())).collect(),
        };
        let headline = checks.first();
        let outcome = Outcome {
            claim: self.name.to_owned(),
            source: self.source.to_owned(),
            statement: self.statement.to_owned(),
            hypothesis: self.hypothesis.to_owned(),
            measured: headline.and_then(|check| check.measured),
            error: headline.and_then(|check| check.error),
            expected: headline.map(|check| check.expected),
            verdict: checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Undecided),
            checks,
            notes: found.notes,
            budget: laboratory.budget,
            seed: laboratory.seed,
            updates: laboratory.updates() - before,
            seconds: start.elapsed().as_secs_f64(),
            devices: laboratory.take_devices(),
        };
        Ok((outcome, found.figure))
    }
}

impl From<PlotError> for Failure {
    fn from(error: PlotError) -> Self {
        Self::Fault(error.to_string())
    }
}
