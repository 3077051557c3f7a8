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
    pub fn lots(&self, from: u64, to: u64) -> impl Iterator<Item = (Coefficients<S>, usize)> {
        Lots { steps: self, at: from, to: to.min(self.total), block: &[] }
    }

    /// Appends [`lots`](Self::lots) until there are `limit` of them; the first step that is not in one.
    pub fn append(
        &self,
        mut from: u64,
        to: u64,
        limit: usize,
        lots: &mut Vec<(Coefficients<S>, usize)>,
    ) -> u64 {
        // Not by the iterator: what that gives is written in small parts and read in large ones, which a processor waits for.
        let (to, mut block) = (to.min(self.total), &[][..]);
        while from < to && lots.len() < limit {
            let (coefficients, count) = self.lot(from, to, &mut block);
            from += count as u64;
            lots.push((coefficients, count));
        }
        from
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

    /// As many steps from `at` on, before `to`, as have the same coefficients within a block: these, and how many. `block` is what is left of the block
    /// of step `at`; nothing before it is looked up.
    #[inline(always)]
    fn lot<'a>(&'a self, at: u64, to: u64, block: &mut &'a [Segment<S>]) -> (Coefficients<S>, usize) {
        if block.is_empty() {
            *block = self.block(at).unwrap_or_default();
        }
        let (coefficients, until) = match block.split_first() {
            Some((&(end, coefficients), rest)) => {
                *block = rest;
                (coefficients, end)
            }
            None => self.rule.at(at),
        };
        (coefficients, until.min(to).saturating_sub(at).max(1) as usize)
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

/// An iterator over lots of steps.
struct Lots<'a, S> {
    steps: &'a Steps<S>,
    at: u64,
    to: u64,
    /// As of [`Steps::lot`].
    block: &'a [Segment<S>],
}

impl<S: Scalar> Iterator for Lots<'_, S> {
    type Item = (Coefficients<S>, usize);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.to {
            return None;
        }
        let (coefficients, count) = self.steps.lot(self.at, self.to, &mut self.block);
        self.at += count as u64;
        Some((coefficients, count))
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
    fn equal_steps_are_one_lot_however_many() {
        let steps = Steps::<f64>::new(Arc::new(Ramp { changing: 0 }), 1 << 60);
        let lots: Vec<usize> = steps.lots(0, 1 << 60).map(|(_, count)| count).collect();
        assert_eq!(lots.len() as u64, KEPT_STEPS / BLOCK + 1);
        assert_eq!(lots.iter().sum::<usize>(), 1 << 60);
        assert_eq!(steps.segments().len(), 1);
    }
}
