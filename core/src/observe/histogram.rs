//! A histogram in the caller's memory.

/// Counts of numbers in equal bins, and of those below and above: integers, so no order of counting matters.
///
/// ```
/// use polyak_core::observe::Histogram;
/// let mut histogram = Histogram::new(0.0, 1.0, [0; 4]);
/// [-1.0, 0.0, 0.3, 0.99, 1.0, f64::NAN].map(|x| histogram.count(x));
/// assert_eq!((histogram.below, histogram.bins, histogram.above), (1, [1, 1, 0, 1], 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Histogram<B> {
    /// Lower edge of the first bin.
    pub from: f64,
    /// Upper edge of the last bin.
    pub to: f64,
    /// Numbers below `from`.
    pub below: u64,
    /// Numbers in each bin: bin b is \[from + b·w, from + (b+1)·w) with w = (to − from)/bins.
    pub bins: B,
    /// Numbers from `to` on.
    pub above: u64,
}

impl<B: AsMut<[u64]>> Histogram<B> {
    /// A histogram from `from` to `to` with the counts in `bins`.
    pub fn new(from: f64, to: f64, bins: B) -> Self {
        Self { from, to, below: 0, bins, above: 0 }
    }

    /// Counts a number; a NaN is in no bin.
    #[inline]
    pub fn count(&mut self, x: f64) {
        if x < self.from {
            self.below = self.below.saturating_add(1);
        } else if x >= self.to {
            self.above = self.above.saturating_add(1);
        } else if x >= self.from {
            let bins = self.bins.as_mut();
            let share = (x - self.from) / (self.to - self.from);
            // Rounding can carry a number just below the upper edge to the edge itself.
            let bin = ((share * bins.len() as f64) as usize).min(bins.len().saturating_sub(1));
            if let Some(count) = bins.get_mut(bin) {
                *count = count.saturating_add(1);
            }
        }
    }
}
