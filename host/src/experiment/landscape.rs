//! `[landscape]`: the loss, its dimension and the start.

use polyak_core::real::double::pow;

use super::MAX_DIMENSION;
use super::data::{data, sensing};
use super::model::Landscape;
use super::network::network;
use super::reader::{Field, Section};

#[derive(Clone, Copy)]
enum Kind {
    Linear,
    Quadratic,
    Valley,
    Hyperbola,
    Rosenbrock,
    DoubleWell,
    DiagonalNetwork,
    LeastSquares,
    MatrixSensing,
    Network,
}

const KINDS: [(&str, Kind); 10] = [
    ("linear", Kind::Linear),
    ("quadratic", Kind::Quadratic),
    ("valley", Kind::Valley),
    ("hyperbola", Kind::Hyperbola),
    ("rosenbrock", Kind::Rosenbrock),
    ("double-well", Kind::DoubleWell),
    ("diagonal-network", Kind::DiagonalNetwork),
    ("least-squares", Kind::LeastSquares),
    ("matrix-sensing", Kind::MatrixSensing),
    ("network", Kind::Network),
];

/// The loss and x₀.
///
/// `kind` = "linear" (`gradient`), "quadratic" (`curvature`, or `hessian`, symmetric; either may be indefinite), "valley",
/// "hyperbola", "rosenbrock" (`a` = 1, `b` = 100), "double-well" (`width` = 1), "diagonal-network" or "least-squares"
/// ([`data`]), "matrix-sensing" (`rank`, [`sensing`]) or "network" ([`network`]). `curvature` is a number, a vector or `{ from, to, spacing = "log" }` with both ends taken. `start` is a
/// number, which stands for every coordinate, or a vector. `dimension` (1 to 4096) is needed only where no vector or
/// matrix says it.
pub fn landscape(section: &Section) -> Option<(Landscape, Vec<f64>)> {
    let names: Vec<_> = KINDS.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let kind = section.require("kind", &names.join(", ")).and_then(|kind| kind.choice(&KINDS));
    let dimension = section.get("dimension");
    let given = match &dimension {
        Some(field) => Some(field.size(1, MAX_DIMENSION)?),
        None => None,
    };
    let start = match kind {
        Some(Kind::Network) => section.get("start"),
        _ => section.require("start", "a number or an array: x at step 0"),
    };
    let kind = kind?;
    let guess = given.or_else(|| length(start.as_ref()?));
    let landscape = read(section, kind, guess);
    section.finish();
    let (landscape, d) = landscape?;
    if let (Some(field), Some(given)) = (&dimension, given)
        && given != d
    {
        return field.fail(format!("must be {d}, the dimension of the landscape"));
    }
    if d > MAX_DIMENSION {
        return section.fail(format!("has dimension {d}; must be at most {MAX_DIMENSION}"));
    }
    let start = match &landscape {
        Landscape::Network(network) => super::network::start(network, d, start.as_ref())?,
        _ => start?.coordinates(d)?,
    };
    Some((landscape, start))
}

fn read(section: &Section, kind: Kind, guess: Option<usize>) -> Option<(Landscape, usize)> {
    let free = || match guess {
        Some(d) => Some(d),
        None => section.require("dimension", "a whole number from 1 to 4096").and(None),
    };
    Some(match kind {
        Kind::Valley => (Landscape::Valley, 2),
        Kind::Hyperbola => (Landscape::Hyperbola, 2),
        Kind::Linear => {
            let field = section.require("gradient", "a number or an array")?;
            let d = length(&field).or_else(free)?;
            (Landscape::Linear { gradient: field.coordinates(d)? }, d)
        }
        Kind::Quadratic => quadratic(section, &free)?,
        Kind::Rosenbrock => {
            let a = section.or("a", 1.0, Field::number);
            let b = section.or("b", 100.0, Field::number);
            let d = free()?;
            if d < 2 {
                return section.fail("has dimension 1; \"rosenbrock\" needs at least 2");
            }
            (Landscape::Rosenbrock { a: a?, b: b? }, d)
        }
        Kind::DoubleWell => {
            let width = section.or("width", 1.0, Field::positive);
            let d = free()?;
            (Landscape::DoubleWell { width: width? }, d)
        }
        Kind::DiagonalNetwork => {
            let data = data(section)?;
            let d = data.inputs.columns;
            (Landscape::DiagonalNetwork(data), d)
        }
        Kind::LeastSquares => {
            let data = data(section)?;
            let d = data.inputs.columns;
            (Landscape::LeastSquares(data), d)
        }
        Kind::MatrixSensing => {
            let rank = section.require("rank", "a whole number above 0: columns of U");
            let rank = rank.and_then(|field| field.size(1, MAX_DIMENSION));
            let (data, side) = sensing(section)?;
            let rank = rank?;
            (Landscape::MatrixSensing { data, rank }, side.saturating_mul(rank))
        }
        Kind::Network => {
            let (network, d) = network(section)?;
            (Landscape::Network(network), d)
        }
    })
}

fn quadratic(section: &Section, free: &dyn Fn() -> Option<usize>) -> Option<(Landscape, usize)> {
    if let Some(field) = section.get("hessian") {
        if section.has("curvature") {
            return section.fail("has both `curvature` and `hessian`; must have one of them");
        }
        let hessian = field.symmetric(None)?;
        let d = hessian.rows;
        return Some((Landscape::Dense { hessian }, d));
    }
    let field =
        section.require("curvature", "a number, an array or { from, to }; or `hessian` in its place")?;
    let d = length(&field).or_else(free)?;
    let curvature = if field.is_table() { spread(&field, d)? } else { field.coordinates(d)? };
    Some((Landscape::Diagonal { curvature }, d))
}

/// `{ from, to, spacing }`: d values, from · (to/from)^{i/(d−1)} or evenly spaced, both ends exact; one value is `from`.
fn spread(field: &Field, d: usize) -> Option<Vec<f64>> {
    let section = field.section()?;
    let spacing = section.or("spacing", true, |field| field.choice(&[("log", true), ("linear", false)]));
    let end = |key| {
        let field = section.require(key, "a number")?;
        if spacing == Some(true) { field.positive() } else { field.number() }
    };
    let (from, to) = (end("from"), end("to"));
    section.finish();
    let (from, to, log) = (from?, to?, spacing?);
    let value = |i: usize| {
        let part = i as f64 / (d - 1).max(1) as f64;
        match i {
            0 => from,
            _ if i + 1 == d => to,
            _ if log => from * pow(to / from, part),
            _ => from + (to - from) * part,
        }
    };
    Some((0..d).map(value).collect())
}

fn length(field: &Field) -> Option<usize> {
    match &field.node.data {
        super::document::Data::Array(nodes) => Some(nodes.len()),
        _ => None,
    }
}
