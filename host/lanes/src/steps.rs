//! The coefficients of a run.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use polyak_core::optimizer::Coefficients;
use polyak_core::real::Scalar;

/// The coefficients of each step of a run, rounded to its precision.
pub trait Rule<S>: Debug + Send + Sync {
    /// Those of step `k`, and the first step after `k` that may have others.
    fn at(&self, k: u64) -> (Coefficients<S>, u64);
}

/// Steps that share coefficients: the first one that no longer has them, and these.
type Segment<S> = (u64, Coefficients<S>);

/// The segments of [`BLOCK`] steps, made when one of them is taken.
type Block<S> = OnceLock<Box<[Segment<S>]>>;

/// Steps whose coefficients are made at a time.
const BLOCK: u64 = 4096;

/// Steps whose coefficients are kept once they are made, which is 32 MB in `f32`. Those of later steps are made anew for every chunk, at 35 to
/// 85 ns a step, so that a run of any length fits into the memory.
pub const KEPT_STEPS: u64 = 1 << 20;

/// Coefficients of every step, made when a step is first taken.
#[derive(Debug, Clone)]
pub struct Steps<S> {
    rule: Arc<dyn Rule<S>>,
    total: u64,
    kept: Arc<[Block<S>]>,
}

impl<S: Scalar> Steps<S> {
    /// The steps 0..`total` of a rule.
    pub fn new(rule: Arc<dyn Rule<S>>, total: u64) -> Self {
        let kept = (0..total.div_ceil(BLOCK).min(KEPT_STEPS / BLOCK)).map(|_| Block::new()).collect();
        Self { rule, total, kept }
    }

    /// The steps `from..to`, which must not go beyond the last one, as many together as have the same coefficients, within a block: these, and
    /// how many.
    pub fn lots(&self, from: u64, to: u64) -> Lots<'_, S> {
        Lots { steps: self, at: from, to: to.min(self.total), block: &[] }
    }

    /// The steps `from..to` one by one.
    pub fn range(&self, from: u64, to: u64) -> impl Iterator<Item = Coefficients<S>> {
        self.lots(from, to).flat_map(|(coefficients, count)| std::iter::repeat_n(coefficients, count))
    }

    /// All steps, equal neighbours together: the first step that no longer has the coefficients, and these.
    pub fn segments(&self) -> Vec<(u64, Coefficients<S>)> {
        let mut segments: Vec<Segment<S>> = Vec::new();
        let mut end = 0;
        for (coefficients, count) in self.lots(0, self.total) {
            end += count as u64;
            match segments.last_mut() {
                Some((last_end, last)) if *last == coefficients => *last_end = end,
                _ => segments.push((end, coefficients)),
            }
        }
        segments
    }

    /// The segments of the block of step `at` from this step on, if the block is one that is kept.
    fn block(&self, at: u64) -> Option<&[Segment<S>]> {
        let number = at / BLOCK;
        let block = self.kept.get(usize::try_from(number).ok()?)?.get_or_init(|| {
            let (mut k, end) = (number * BLOCK, ((number + 1) * BLOCK).min(self.total));
            let mut segments = Vec::new();
            while k < end {
                let (coefficients, until) = self.rule.at(k);
                k = until.clamp(k + 1, end);
                segments.push((k, coefficients));
            }
            segments.into()
        });
        Some(&block[block.partition_point(|(end, _)| *end <= at)..])
    }
}

/// An iterator over lots of steps: as many together as have the same coefficients within a block, these, and how many.
#[derive(Debug)]
pub struct Lots<'a, S> {
    steps: &'a Steps<S>,
    at: u64,
    to: u64,
    /// What is left of the block of step `at`, from its segment on; nothing before it is looked up.
    block: &'a [Segment<S>],
}

impl<'a, S: Scalar> Lots<'a, S> {
    /// Whether step `to` is the next one, or there is none before it.
    pub fn is_at(&self, to: u64) -> bool {
        self.at >= to.min(self.to)
    }

    /// Appends the lots before step `to`, until there are `limit` of them. The iterator goes on behind them.
    pub fn append(&mut self, to: u64, limit: usize, lots: &mut Vec<(Coefficients<S>, usize)>) {
        let to = to.min(self.to);
        while self.at < to && lots.len() < limit {
            match self.segment() {
                Some((until, coefficients)) => {
                    // Counted first, then copied from where it is kept: a copy that is written in small parts and read in large ones, a
                    // processor waits for.
                    let count = self.take(*until, to);
                    lots.push((*coefficients, count));
                }
                None => lots.push(self.made(to)),
            }
        }
    }

    /// The segment of the next step, if its block is one that is kept.
    #[inline(always)]
    fn segment(&mut self) -> Option<&'a Segment<S>> {
        if self.block.is_empty() {
            self.block = self.steps.block(self.at).unwrap_or_default();
        }
        self.block.first()
    }

    /// The lot that begins with the next step, which must be before `to`, its coefficients made anew.
    #[inline(never)]
    fn made(&mut self, to: u64) -> (Coefficients<S>, usize) {
        let (coefficients, until) = self.steps.rule.at(self.at);
        (coefficients, self.take(until, to))
    }

    /// Goes to step `until`, where a segment ends, or to `to` if that comes first; how many steps these are.
    #[inline(always)]
    fn take(&mut self, until: u64, to: u64) -> usize {
        let end = until.min(to).max(self.at + 1);
        if end >= until {
            self.block = self.block.get(1..).unwrap_or_default();
        }
        let count = end - self.at;
        self.at = end;
        count as usize
    }
}

impl<S: Scalar> Iterator for Lots<'_, S> {
    type Item = (Coefficients<S>, usize);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.to {
            return None;
        }
        match self.segment() {
            Some((until, coefficients)) => Some((*coefficients, self.take(*until, self.to))),
            None => Some(self.made(self.to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gain k up to step `changing`, then always the same.
    #[derive(Debug)]
    struct Ramp {
        changing: u64,
    }

    impl Rule<f64> for Ramp {
        fn at(&self, k: u64) -> (Coefficients<f64>, u64) {
            let (gain, until) = if k < self.changing { (k, k + 1) } else { (self.changing, u64::MAX) };
            let gain = gain as f64;
            (Coefficients { decay: 0.5, gain, gradient_step: 0.0, momentum_step: 1.0, noise: 1.0 }, until)
        }
    }

    #[test]
    fn every_step_has_the_coefficients_of_its_rule() {
        // Within a block, over several, up to the last that is kept and beyond it.
        let beyond = KEPT_STEPS + 3 * BLOCK / 2;
        for (changing, total) in [(0, 10), (5, 10), (BLOCK + 7, 3 * BLOCK), (beyond, beyond + 100)] {
            let steps = Steps::new(Arc::new(Ramp { changing }), total);
            for (from, to) in [(0, 1), (0, total), (total / 3, total / 2), (total - 1, total), (total, total)]
            {
                let gains = steps.range(from, to).map(|c| c.gain);
                assert!(
                    gains.eq((from..to).map(|k| k.min(changing) as f64)),
                    "{changing}, {total}: {from}..{to}"
                );
            }
            let segments = steps.segments();
            assert_eq!(segments.len() as u64, changing.min(total - 1) + 1);
            assert_eq!(segments.last().map(|(end, _)| *end), Some(total));
        }
    }

    #[test]
    fn appended_lots_go_on_where_they_stopped() {
        for (changing, total) in [(0, 10), (5, 1000), (BLOCK + 7, 3 * BLOCK), (40, KEPT_STEPS + 100)] {
            let steps = Steps::new(Arc::new(Ramp { changing }), total);
            for stride in [1, 7, BLOCK, total] {
                let (mut coming, mut lots, mut k) = (steps.lots(0, u64::MAX), Vec::new(), 0);
                for stop in (0..total).step_by(stride as usize).chain([total, total + 5]) {
                    while k < stop.min(total) {
                        assert!(!coming.is_at(stop));
                        lots.clear();
                        coming.append(stop, 3, &mut lots);
                        assert!((1..=3).contains(&lots.len()), "{changing}, {total}: {k} to {stop}");
                        for &(coefficients, count) in &lots {
                            let gains = steps.range(k, k + count as u64).map(|c| c.gain);
                            assert!(gains.eq((0..count).map(|_| coefficients.gain)));
                            k += count as u64;
                        }
                        assert!(k <= stop.min(total));
                    }
                    assert!(coming.is_at(stop));
                    lots.clear();
                    coming.append(stop, 3, &mut lots);
                    assert_eq!(lots.len(), 0);
                }
                assert_eq!(k, total);
            }
        }
    }

    #[test]
    fn equal_steps_are_one_lot_however_many() {
        let steps = Steps::<f64>::new(Arc::new(Ramp { changing: 0 }), 1 << 60);
        let lots: Vec<usize> = steps.lots(0, 1 << 60).map(|(_, count)| count).collect();
        assert_eq!(lots.len() as u64, KEPT_STEPS / BLOCK + 1);
        assert_eq!(lots.iter().sum::<usize>(), 1 << 60);
        assert_eq!(steps.segments().len(), 1);
    }
}
