//! The schedules that an experiment file can name, on the core's.

use polyak_core::schedule::{self as core_schedule, Schedule as _};

use crate::experiment::model::Momentum;

/// A schedule as data.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// The same value at every step.
    Constant(f64),
    /// base · factor^(number of `at` ≤ k).
    Step {
        /// Value before the first decay.
        base: f64,
        /// Factor of each decay.
        factor: f64,
        /// Steps of the decays.
        at: Vec<u64>,
    },
    /// From `from` to `to` in `steps` steps.
    Linear {
        /// Value at 0.
        from: f64,
        /// Value from `steps` on.
        to: f64,
        /// Length.
        steps: u64,
    },
    /// Half a cosine from `from` to `to` in `steps` steps.
    Cosine {
        /// Value at 0.
        from: f64,
        /// Value from `steps` on.
        to: f64,
        /// Length.
        steps: u64,
    },
    /// base · factor^⌊(k − after)/every⌋.
    Exponential {
        /// Value before `after`.
        base: f64,
        /// Factor of each decay.
        factor: f64,
        /// Steps between decays.
        every: u64,
        /// First step counted.
        after: u64,
    },
    /// base / (1 + decay·k).
    InverseTime {
        /// Value at 0.
        base: f64,
        /// Rate of decay.
        decay: f64,
    },
    /// Values, the last one held.
    Table(Vec<f64>),
    /// Parts one after the other; the last one's length does not count.
    Join(Vec<Part>),
    /// The averaged schedule of MV theorem 3.5 (a learning rate).
    Averaged {
        /// η.
        learning_rate: Box<Schedule>,
        /// β.
        momentum: Box<Momentum>,
        /// η̄₀, η̄₁, … for the steps of the run.
        values: Vec<f64>,
    },
}

/// One part of a [`Schedule::Join`].
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// How long it lasts; `None` for the last.
    pub steps: Option<u64>,
    /// The schedule, from its own k = 0.
    pub schedule: Schedule,
}

impl core_schedule::Schedule for Schedule {
    fn at(&self, k: u64) -> f64 {
        match self {
            Self::Constant(value) => core_schedule::Constant(*value).at(k),
            Self::Step { base, factor, at } => {
                core_schedule::StepDecay { base: *base, factor: *factor, at }.at(k)
            }
            &Self::Linear { from, to, steps } => core_schedule::Linear { from, to, steps }.at(k),
            &Self::Cosine { from, to, steps } => core_schedule::Cosine { from, to, steps }.at(k),
            &Self::Exponential { base, factor, every, after } => {
                core_schedule::Exponential { base, factor, every, after }.at(k)
            }
            &Self::InverseTime { base, decay } => core_schedule::InverseTime { base, decay }.at(k),
            Self::Table(values) => core_schedule::Table(values).at(k),
            Self::Averaged { values, .. } => core_schedule::Table(values).at(k),
            Self::Join(parts) => part_at(parts, k).map_or(0.0, |(start, part)| part.schedule.at(k - start)),
        }
    }
}

impl Schedule {
    /// The schedule times a factor; of an averaged one the rate that is averaged, too.
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(value * factor),
            Self::Step { base, factor: decay, at } => {
                Self::Step { base: base * factor, factor: *decay, at: at.clone() }
            }
            &Self::Linear { from, to, steps } => Self::Linear { from: from * factor, to: to * factor, steps },
            &Self::Cosine { from, to, steps } => Self::Cosine { from: from * factor, to: to * factor, steps },
            &Self::Exponential { base, factor: decay, every, after } => {
                Self::Exponential { base: base * factor, factor: decay, every, after }
            }
            &Self::InverseTime { base, decay } => Self::InverseTime { base: base * factor, decay },
            Self::Table(values) => Self::Table(values.iter().map(|value| value * factor).collect()),
            Self::Join(parts) => {
                let of = |part: &Part| Part { steps: part.steps, schedule: part.schedule.scaled(factor) };
                Self::Join(parts.iter().map(of).collect())
            }
            Self::Averaged { learning_rate, momentum, values } => Self::Averaged {
                learning_rate: Box::new(learning_rate.scaled(factor)),
                momentum: momentum.clone(),
                values: values.iter().map(|value| value * factor).collect(),
            },
        }
    }

    /// The first step after `k` whose value may be another; `u64::MAX` if there is none.
    pub fn until(&self, k: u64) -> u64 {
        let next = k.saturating_add(1);
        match self {
            Self::Constant(_) => u64::MAX,
            Self::Step { at, .. } => at.iter().copied().filter(|&at| at > k).min().unwrap_or(u64::MAX),
            Self::Linear { steps, .. } | Self::Cosine { steps, .. } if k >= *steps => u64::MAX,
            Self::Linear { .. } | Self::Cosine { .. } | Self::InverseTime { .. } => next,
            &Self::Exponential { every, after, .. } => {
                let every = every.max(1);
                let decays = k.saturating_sub(after) / every;
                after.saturating_add((decays + 1).saturating_mul(every))
            }
            Self::Table(values) | Self::Averaged { values, .. } => {
                if next < values.len() as u64 {
                    next
                } else {
                    u64::MAX
                }
            }
            Self::Join(parts) => match part_at(parts, k) {
                Some((start, part)) => {
                    let end = part.steps.map_or(u64::MAX, |steps| start.saturating_add(steps));
                    end.min(start.saturating_add(part.schedule.until(k - start)))
                }
                None => u64::MAX,
            },
        }
    }
}

/// The part that step `k` is in, the last one whatever its length, and its first step.
fn part_at(parts: &[Part], k: u64) -> Option<(u64, &Part)> {
    let mut start = 0;
    for part in parts {
        match part.steps {
            Some(steps) if k - start >= steps => start += steps,
            _ => return Some((start, part)),
        }
    }
    parts.last().map(|part| (start, part))
}

impl Momentum {
    /// The first step after `k` whose β may be another, for the learning rate `rate`.
    pub fn until(&self, rate: &Schedule, k: u64) -> u64 {
        match self {
            Self::Schedule(schedule) => schedule.until(k),
            Self::Power { .. } | Self::FlatterFaster { .. } => rate.until(k),
        }
    }

    /// β_k, for the learning rate `rate`.
    pub fn at(&self, rate: &Schedule, k: u64) -> f64 {
        match self {
            Self::Schedule(schedule) => schedule.at(k),
            &Self::Power { lambda, alpha } => core_schedule::Power { rate, lambda, alpha }.at(k),
            &Self::FlatterFaster { constant } => {
                core_schedule::Power { rate, lambda: constant, alpha: 2.0 / 3.0 }.at(k)
            }
        }
    }
}
