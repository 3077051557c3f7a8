//! `[[run]]`: one optimiser with its hyperparameters.

use polyak_core::real::double::pow;
use polyak_core::schedule::Schedule as _;

use super::model::{InitialMomentum, Momentum, Noise, Optimizer, Run, Svag, SvagMomentum};
use super::noise::{Scale, scale};
use super::reader::{Field, Section};
use super::schedule::{learning_rate, momentum};
use crate::schedule::Schedule;

/// What a run takes from the rest of the file; `None` where that could not be read.
pub struct Surroundings<'a> {
    /// Dimension d.
    pub dimension: Option<usize>,
    /// The oracle.
    pub noise: Option<Noise>,
    /// `[noise]`, where there is one.
    pub noise_section: Option<Section<'a>>,
    /// Its `scale`, if it gives one.
    pub scale: Option<Scale>,
    /// `steps` of the experiment, if it gives them.
    pub steps: Option<u64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Sgd,
    Sgdm,
    HeavyBall,
    Qhm,
}

const KINDS: [(&str, Kind); 4] =
    [("sgd", Kind::Sgd), ("sgdm", Kind::Sgdm), ("heavy-ball", Kind::HeavyBall), ("qhm", Kind::Qhm)];

/// Keys of a run that a sweep may vary.
pub const KEYS: [&str; 14] = [
    "optimizer",
    "learning_rate",
    "momentum",
    "nu",
    "dampening",
    "nesterov",
    "first_step",
    "weight_decay",
    "maximize",
    "initial_momentum",
    "svag",
    "svag_momentum",
    "steps",
    "noise_scale",
];

/// Whether runs of `optimizer` have `key` at all: SGD has no momentum, only QHM has ν.
pub fn takes(optimizer: &str, key: &str) -> bool {
    match key {
        "momentum" | "initial_momentum" | "svag_momentum" => optimizer != "sgd",
        "nu" => optimizer == "qhm",
        "dampening" | "nesterov" | "first_step" => optimizer == "heavy-ball",
        _ => true,
    }
}

/// A run, checked at every step it takes.
///
/// `optimizer` = "sgd", "sgdm", "heavy-ball" or "qhm" (`nu` in \[0, 1\]); `learning_rate`; `momentum` (not for SGD);
/// `dampening` = 0, `nesterov` = false (needs momentum above 0 and dampening 0, as in PyTorch) and `first_step` = true for the heavy
/// ball; `weight_decay` = 0; `maximize` = false; `initial_momentum` = "zero", a number, a vector, or "stationary" (sgdm and qhm
/// under additive noise); `svag` = ℓ ≥ ½ with `svag_momentum` = "keep" or "scale"; `steps`; `noise_scale`.
pub fn run(section: &Section, name: String, around: &Surroundings) -> Option<Run> {
    section.get("name");
    let kinds: Vec<_> = KINDS.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let kind = section.require("optimizer", &kinds.join(", "))?.choice(&KINDS)?;
    let steps = match (section.get("steps"), around.steps) {
        (Some(field), _) => field.count(1, u64::MAX),
        (None, Some(steps)) => Some(steps),
        (None, None) => Some(1),
    };
    let horizon = steps.unwrap_or(1);
    let rate = section.require("learning_rate", "a number >= 0 or a schedule");
    let rate = rate.and_then(|field| learning_rate(&field, horizon));
    let svag = svag(section, kind);
    let momentum = match kind {
        Kind::Sgd => Some(Momentum::Schedule(Schedule::Constant(0.0))),
        _ => {
            let field = section.require("momentum", "a number at least 0 and below 1, or a schedule");
            // 1 − (1 − β)/ℓ must not fall below 0 either.
            let least = match svag {
                Some(Some(Svag { ell, momentum: SvagMomentum::Scale })) if ell < 1.0 => 1.0 - ell,
                _ => 0.0,
            };
            let heavy = kind == Kind::HeavyBall;
            field.and_then(|field| momentum(&field, rate.as_ref()?, horizon, least, heavy))
        }
    };
    let optimizer = optimizer(section, kind, momentum.as_ref());
    let weight_decay = section.or("weight_decay", 0.0, Field::non_negative);
    let maximize = section.or("maximize", false, Field::boolean);
    let initial_momentum = match kind {
        Kind::Sgd => Some(InitialMomentum::Zero),
        _ => section
            .or("initial_momentum", InitialMomentum::Zero, |field| initial(field, kind, optimizer, around)),
    };
    let noise_scale = noise_scale(section, rate.as_ref(), around);
    if kind == Kind::Sgd && section.has("momentum") {
        // More help than an unknown key.
        section
            .get("momentum")?
            .fail("\"sgd\" has no momentum; use optimizer = \"sgdm\" or \"heavy-ball\"")?;
    }
    section.finish();
    Some(Run {
        name,
        optimizer: optimizer?,
        learning_rate: rate?,
        momentum: momentum?,
        weight_decay: weight_decay?,
        maximize: maximize?,
        initial_momentum: initial_momentum?,
        svag: svag?,
        steps: steps?,
        noise_scale: noise_scale?,
    })
}

fn svag(section: &Section, kind: Kind) -> Option<Option<Svag>> {
    let field = section.get("svag");
    let choices = [("keep", SvagMomentum::Keep), ("scale", SvagMomentum::Scale)];
    let momentum = match kind {
        Kind::Sgd => Some(SvagMomentum::Keep),
        _ => match section.get("svag_momentum") {
            Some(field) if !section.has("svag") => field.fail("needs `svag`"),
            Some(field) => field.choice(&choices),
            None => Some(SvagMomentum::Keep),
        },
    };
    let Some(field) = field else { return momentum.map(|_| None) };
    let allowed = "must be at least 0.5, as 2 svag - 1 is under a root";
    let ell = field.number_where(|ell| ell >= 0.5, allowed);
    Some(Some(Svag { ell: ell?, momentum: momentum? }))
}

fn optimizer(section: &Section, kind: Kind, momentum: Option<&Momentum>) -> Option<Optimizer> {
    match kind {
        Kind::Sgd => Some(Optimizer::Sgd),
        Kind::Sgdm => Some(Optimizer::Sgdm),
        Kind::Qhm => {
            let field = section.require("nu", "a number from 0 to 1")?;
            let nu = field.number_where(|nu| (0.0..=1.0).contains(&nu), "must be from 0 to 1")?;
            Some(Optimizer::Qhm { nu })
        }
        Kind::HeavyBall => {
            let dampening = section.or("dampening", 0.0, Field::number);
            let nesterov = section.or("nesterov", false, Field::boolean);
            let first_step = section.or("first_step", true, Field::boolean);
            let (dampening, nesterov, first_step) = (dampening?, nesterov?, first_step?);
            let none = momentum == Some(&Momentum::Schedule(Schedule::Constant(0.0)));
            if nesterov && (none || dampening != 0.0) {
                return section.get("nesterov")?.fail("needs a momentum above 0 and dampening 0");
            }
            if none && dampening != 0.0 {
                let message = "must be 0 where the momentum is 0: PyTorch then leaves it out";
                return section.get("dampening")?.fail(message);
            }
            Some(Optimizer::HeavyBall { dampening, nesterov, first_step })
        }
    }
}

fn initial(
    field: &Field,
    kind: Kind,
    optimizer: Option<Optimizer>,
    around: &Surroundings,
) -> Option<InitialMomentum> {
    let initial = if field.is_text() {
        field
            .choice(&[("zero", InitialMomentumKind::Zero), ("stationary", InitialMomentumKind::Stationary)])?
    } else {
        InitialMomentumKind::Given
    };
    match initial {
        InitialMomentumKind::Zero => Some(InitialMomentum::Zero),
        InitialMomentumKind::Stationary => {
            if kind == Kind::HeavyBall {
                return field
                    .fail("\"stationary\" is the law of MV 3.1: needs optimizer = \"sgdm\" or \"qhm\"");
            }
            if let Some(Noise::Label { .. } | Noise::MiniBatch { .. }) = around.noise {
                return field.fail("\"stationary\" needs additive noise, or none");
            }
            Some(InitialMomentum::Stationary)
        }
        InitialMomentumKind::Given => {
            if let Some(Optimizer::HeavyBall { first_step: true, .. }) = optimizer {
                return field.fail("is overwritten by the first step; needs first_step = false");
            }
            match around.dimension {
                Some(d) => field.coordinates(d).map(InitialMomentum::Given),
                None => None,
            }
        }
    }
}

#[derive(Clone, Copy)]
enum InitialMomentumKind {
    Zero,
    Stationary,
    Given,
}

/// σ of the run: its own `noise_scale`, else the `scale` of `[noise]`, worked out at the run's own rate.
fn noise_scale(section: &Section, rate: Option<&Schedule>, around: &Surroundings) -> Option<f64> {
    let own = section.get("noise_scale");
    match (&around.noise, &own) {
        (None, _) => return None,
        (Some(Noise::None | Noise::MiniBatch { .. }), None) => return Some(0.0),
        (Some(Noise::None | Noise::MiniBatch { .. }), Some(field)) => {
            return field.fail("needs a noise with a scale: not \"none\", nor \"mini-batch\"");
        }
        _ => {}
    }
    let (field, read) = match own {
        Some(field) => {
            let read = scale(&field)?;
            (field, read)
        }
        None => {
            let noise = around.noise_section.as_ref()?;
            let allowed = "a number >= 0, { factor, learning_rate_power }, or `noise_scale` in every run";
            (noise.require("scale", allowed)?, around.scale?)
        }
    };
    let sigma = if read.learning_rate_power == 0.0 {
        read.factor
    } else {
        read.factor * pow(rate?.at(0), read.learning_rate_power)
    };
    if sigma.is_finite() {
        return Some(sigma);
    }
    field.fail(format!("is {sigma} for the learning rate {} at step 0; must be finite", rate?.at(0)))
}
