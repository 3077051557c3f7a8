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

    /// The steps `from..to`, as many together as have the same coefficients: these, and how many.
    pub fn lots(&self, from: u64, to: u64) -> impl Iterator<Item = (Coefficients<S>, usize)> {
        let first = self.segments.partition_point(|(end, _)| *end <= from);
        let mut done = from;
        self.segments[first..].iter().map_while(move |&(end, coefficients)| {
            let count = end.min(to).saturating_sub(done);
            done += count;
            (count > 0).then_some((coefficients, count as usize))
        })
    }

    /// The steps `from..to` one by one.
    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = Coefficients<S>> {
        self.lots(from, to).flat_map(|(coefficients, count)| std::iter::repeat_n(coefficients, count))
    }
}
