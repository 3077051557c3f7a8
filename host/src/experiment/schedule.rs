//! Schedules and momenta from their tables.

use polyak_core::schedule::{Schedule as _, averaged};

use super::model::Momentum;
use super::reader::{Field, Section};
use crate::schedule::{Part, Schedule};

/// Most steps of a run with an averaged schedule, which keeps one number a step.
const AVERAGED_STEPS: u64 = 100_000_000;

/// A learning rate: a number or a table with `kind` = "constant" (`value`), "step" (`base`, `factor`, `at`), "linear" and
/// "cosine" (`from`, `to`, `steps`), "exponential" (`base`, `factor`, `every`, `after` = 0), "inverse-time" (`base`,
/// `decay`), "table" (`values`), "join" (`parts` of `steps` and `schedule`, no `steps` in the last) or "averaged"
/// (`learning_rate`, `momentum`: MV theorem 3.5 over the steps of the run).
///
/// It must be finite and at least 0 at each of the `steps` steps of the run.
pub fn learning_rate(field: &Field, steps: u64) -> Option<Schedule> {
    let schedule = schedule(field, steps, true)?;
    in_range(field, &schedule, steps, "must be at least 0", |rate| rate >= 0.0)?;
    Some(schedule)
}

/// A momentum: a schedule with values in \[`least`, 1), or `{ kind = "power", lambda, alpha }`, 1 − β = λη^α (MV 3.1), or, where
/// `flatter_faster` holds, `{ kind = "flatter-faster", constant }`, 1 − β = Cγ^{2/3}. The last two must leave 1 − β at most 1.
///
/// `least` is 0 but for SVAG(ℓ < 1) that scales 1 − β by 1/ℓ.
pub fn momentum(
    field: &Field,
    rate: &Schedule,
    steps: u64,
    least: f64,
    flatter_faster: bool,
) -> Option<Momentum> {
    let kind = kind_of(field);
    let momentum = match kind {
        Some("power") => {
            let section = field.section()?;
            section.get("kind");
            let lambda = section.require("lambda", "lambda of 1 - beta = lambda eta^alpha");
            let lambda = lambda.and_then(|field| field.positive());
            let alpha = section.require("alpha", "alpha of 1 - beta = lambda eta^alpha, from 0 to 1");
            let in_unit = |alpha| (0.0..=1.0).contains(&alpha);
            let alpha = alpha.and_then(|field| field.number_where(in_unit, "must be from 0 to 1"));
            section.finish();
            Momentum::Power { lambda: lambda?, alpha: alpha? }
        }
        Some("flatter-faster") => {
            let section = field.section()?;
            section.get("kind");
            let constant = section.require("constant", "C of 1 - beta = C gamma^(2/3), above 0");
            let constant = constant.and_then(|field| field.positive());
            section.finish();
            if !flatter_faster {
                return field.fail(
                    "\"flatter-faster\" is a law of the heavy ball's rate: needs optimizer = \"heavy-ball\"",
                );
            }
            Momentum::FlatterFaster { constant: constant? }
        }
        _ => {
            let schedule = schedule(field, steps, false)?;
            let allowed = if least > 0.0 {
                format!("must be at least 1 - svag = {least} and below 1, as svag_momentum = \"scale\"")
            } else {
                "must be at least 0 and below 1".to_owned()
            };
            in_range(field, &schedule, steps, &allowed, |beta| beta >= least && beta < 1.0)?;
            return Some(Momentum::Schedule(schedule));
        }
    };
    // β is clamped to [0, 1); a law that asks for less than 0 is a mistake in its constant.
    let (lambda, alpha) = match momentum {
        Momentum::Power { lambda, alpha } => (lambda, alpha),
        Momentum::FlatterFaster { constant } => (constant, 2.0 / 3.0),
        Momentum::Schedule(_) => return Some(momentum),
    };
    for (k, rate) in extremes(rate, 0, steps) {
        let gain = lambda * polyak_core::real::double::pow(rate, alpha);
        if gain.is_nan() || 1.0 - gain < least {
            let message = format!(
                "makes 1 - beta = {gain} at step {k}, where the learning rate is {rate}; must be at most {}",
                1.0 - least
            );
            return field.fail(message);
        }
    }
    Some(momentum)
}

fn kind_of<'a>(field: &Field<'a>) -> Option<&'a str> {
    match &field.node.get("kind")?.data {
        super::document::Data::Text(kind) => Some(kind),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Constant,
    Step,
    Linear,
    Cosine,
    Exponential,
    InverseTime,
    Table,
    Join,
    Averaged,
}

const KINDS: [(&str, Kind); 9] = [
    ("constant", Kind::Constant),
    ("step", Kind::Step),
    ("linear", Kind::Linear),
    ("cosine", Kind::Cosine),
    ("exponential", Kind::Exponential),
    ("inverse-time", Kind::InverseTime),
    ("table", Kind::Table),
    ("join", Kind::Join),
    ("averaged", Kind::Averaged),
];

fn schedule(field: &Field, steps: u64, rate: bool) -> Option<Schedule> {
    if !field.is_table() {
        return field.number().map(Schedule::Constant);
    }
    let section = field.section()?;
    let kinds = if rate { &KINDS[..] } else { &KINDS[..8] };
    let kind = section
        .require("kind", "\"constant\", \"step\", \"linear\", …")
        .and_then(|kind| kind.choice(kinds))?;
    let number = |key| section.require(key, "a number").and_then(|field| field.number());
    let factor = || section.require("factor", "a number >= 0").and_then(|field| field.non_negative());
    let length = |key| section.require(key, "a number of steps").and_then(|field| field.count(1, u64::MAX));
    let schedule = match kind {
        Kind::Constant => number("value").map(Schedule::Constant),
        Kind::Step => {
            let base = number("base");
            let factor = factor();
            let at = section.require("at", "an array of steps");
            let at = at.and_then(|field| field.each(|step| step.count(0, u64::MAX)));
            (|| Some(Schedule::Step { base: base?, factor: factor?, at: at? }))()
        }
        Kind::Linear => {
            let (from, to, steps) = (number("from"), number("to"), length("steps"));
            (|| Some(Schedule::Linear { from: from?, to: to?, steps: steps? }))()
        }
        Kind::Cosine => {
            let (from, to, steps) = (number("from"), number("to"), length("steps"));
            (|| Some(Schedule::Cosine { from: from?, to: to?, steps: steps? }))()
        }
        Kind::Exponential => {
            let (base, factor, every) = (number("base"), factor(), length("every"));
            let after = section.or("after", 0, |field| field.count(0, u64::MAX));
            (|| Some(Schedule::Exponential { base: base?, factor: factor?, every: every?, after: after? }))()
        }
        Kind::InverseTime => {
            let base = number("base");
            let decay = section.require("decay", "a number >= 0").and_then(|field| field.non_negative());
            (|| Some(Schedule::InverseTime { base: base?, decay: decay? }))()
        }
        Kind::Table => {
            let values = section.require("values", "an array of numbers");
            values.and_then(|field| field.vector()).map(Schedule::Table)
        }
        Kind::Join => {
            let parts = section.require("parts", "an array of { steps = .., schedule = .. }");
            parts.and_then(|field| parts_of(&field, steps, rate)).map(Schedule::Join)
        }
        Kind::Averaged => averaged_rate(&section, steps),
    };
    section.finish();
    schedule
}

fn parts_of(field: &Field, steps: u64, rate: bool) -> Option<Vec<Part>> {
    let list = field.list()?;
    let count = list.len();
    if count == 0 {
        return field.fail("must not be empty");
    }
    let part = |(i, field): (usize, &Field)| {
        let section = field.section()?;
        let inner = section.require("schedule", "a number or a schedule");
        let inner = inner.and_then(|field| schedule(&field, steps, rate));
        let last = i + 1 == count;
        let length = if last {
            match section.get("steps") {
                Some(field) => field.fail("the last part has no `steps`: it lasts to the end"),
                None => Some(None),
            }
        } else {
            let length = section.require("steps", "how long this part lasts");
            length.and_then(|field| field.count(1, u64::MAX)).map(Some)
        };
        section.finish();
        Some(Part { steps: length?, schedule: inner? })
    };
    let parts: Vec<Part> = list.iter().enumerate().filter_map(part).collect();
    (parts.len() == count).then_some(parts)
}

fn averaged_rate(section: &Section, steps: u64) -> Option<Schedule> {
    // The sum of the averaged schedule looks beyond the end of the run.
    let beyond = steps.saturating_add(50_000_000);
    let rate = section
        .require("learning_rate", "the rate to average")
        .and_then(|field| learning_rate(&field, beyond));
    let field = section.require("momentum", "the momentum to average with");
    let momentum = field.and_then(|field| momentum(&field, rate.as_ref()?, beyond, 0.0, true));
    let (rate, momentum) = (rate?, momentum?);
    if steps > AVERAGED_STEPS {
        return section.fail(format!("averages over {steps} steps; must be at most {AVERAGED_STEPS}"));
    }
    let mut values = vec![0.0; steps as usize];
    averaged(&rate, &Along { momentum: &momentum, rate: &rate }, &mut values);
    Some(Schedule::Averaged { learning_rate: Box::new(rate), momentum: Box::new(momentum), values })
}

/// A momentum with its rate, as a schedule.
struct Along<'a> {
    momentum: &'a Momentum,
    rate: &'a Schedule,
}

impl polyak_core::schedule::Schedule for Along<'_> {
    fn at(&self, k: u64) -> f64 {
        self.momentum.at(self.rate, k)
    }
}

fn in_range(
    field: &Field,
    schedule: &Schedule,
    steps: u64,
    allowed: &str,
    holds: impl Fn(f64) -> bool,
) -> Option<()> {
    if let &Schedule::Constant(value) = schedule {
        return if holds(value) { Some(()) } else { field.fail(allowed) };
    }
    let bad = extremes(schedule, 0, steps).into_iter().find(|&(_, v)| !(v.is_finite() && holds(v)));
    match bad {
        None => Some(()),
        Some((k, value)) => field.fail(format!("is {value} at step {k}; {allowed} and finite")),
    }
}

/// Steps of the run at which a schedule takes its largest and smallest values, with the values: every schedule is
/// monotone between them, so that what holds there holds at each of the `steps` steps from `start` on.
fn extremes(schedule: &Schedule, start: u64, steps: u64) -> Vec<(u64, f64)> {
    let value = |k| (start.saturating_add(k), schedule.at(k));
    let last = steps.saturating_sub(1);
    match schedule {
        Schedule::Constant(_) => vec![value(0)],
        Schedule::Table(values) | Schedule::Averaged { values, .. } => {
            let count = (values.len() as u64).min(steps);
            (0..count).map(value).collect()
        }
        Schedule::Join(parts) => {
            let (mut at, mut left, mut all) = (start, steps, Vec::new());
            for part in parts {
                let length = part.steps.map_or(left, |steps| steps.min(left));
                if length > 0 {
                    all.extend(extremes(&part.schedule, at, length));
                }
                at = at.saturating_add(length);
                left -= length;
            }
            all
        }
        _ => vec![value(0), value(last)],
    }
}
