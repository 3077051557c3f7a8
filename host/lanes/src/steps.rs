//! The coefficients of a run.

use polyak_core::optimizer::Coefficients;
use polyak_core::real::Scalar;

/// Coefficients of every step, equal neighbours stored once.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps<S> {
    /// (first step that no longer uses them, coefficients), ascending.
    segments: Vec<(u64, Coefficients<S>)>,
}

impl<S> Default for Steps<S> {
    /// No step.
    fn default() -> Self {
        Self { segments: Vec::new() }
    }
}

impl<S: Scalar> Steps<S> {
    /// The steps from the last one so far up to `end`, which is not among them, take `coefficients`.
    pub fn extend_to(&mut self, end: u64, coefficients: Coefficients<S>) {
        match self.segments.last_mut() {
            Some((last_end, last)) if *last == coefficients => *last_end = end,
            _ => self.segments.push((end, coefficients)),
        }
    }

    /// The segments: the first step that no longer has the coefficients, and these.
    pub fn segments(&self) -> &[(u64, Coefficients<S>)] {
        &self.segments
    }

    /// The steps `from..to`.
    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = Coefficients<S>> {
        let first = self.segments.partition_point(|(end, _)| *end <= from);
        let mut segments = self.segments[first..].iter();
        let mut current = segments.next();
        (from..to).map_while(move |k| {
            if current.is_some_and(|(end, _)| *end <= k) {
                current = segments.next();
            }
            current.map(|(_, coefficients)| *coefficients)
        })
    }
}
