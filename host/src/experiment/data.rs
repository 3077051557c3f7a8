//! Data sets: written out, from a file of numbers, or generated.

use std::path::Path;

use polyak_core::random::{FromRng, Law, PcgLane, Stream};

use super::model::{Data, Matrix};
use super::reader::{Field, Section};

/// Most numbers of a data set: 2 GiB of them.
const ENTRIES: usize = 1 << 28;

/// The data of a finite sum: `inputs` (N × d) and `targets` (N), or `data` = a file of comma-separated numbers (the last
/// column the targets, `#` comments, a first line without any number is a header) relative to the experiment
/// file, or `data = { examples, dimension, nonzero, seed = 1, label_noise = 0 }` ([`planted`]).
pub fn data(section: &Section) -> Option<Data> {
    match section.get("data") {
        Some(field) if field.is_text() => file(section, &field),
        Some(field) => generated(&field),
        None => written(section, ["inputs", "targets"]),
    }
}

/// Data written out under the keys of the inputs and of the targets.
pub fn written(section: &Section, [inputs, targets]: [&'static str; 2]) -> Option<Data> {
    let known = "an array of rows, or `data` in its place";
    let inputs = section.require(inputs, known).and_then(|field| field.matrix());
    let targets = section.require(targets, "an array, one number an example");
    let (inputs, targets) = (inputs?, targets?);
    let values = targets.vector()?;
    if values.len() != inputs.rows {
        let message =
            format!("has {} numbers; must have {}, one for each row of inputs", values.len(), inputs.rows);
        return targets.fail(message);
    }
    Some(Data { inputs, targets: values })
}

/// Data of a file of comma-separated numbers, relative to the experiment file.
pub fn file(section: &Section, field: &Field) -> Option<Data> {
    let name = field.text()?;
    let folder = section.source.path.parent().unwrap_or(Path::new(""));
    read(field, &folder.join(name))
}

/// The data of matrix sensing, and p: as [`data`], a row of inputs being the p² numbers of a symmetric matrix; or
/// `data = { examples, side, rank, seed = 1 }` ([`sensed`]).
pub fn sensing(section: &Section) -> Option<(Data, usize)> {
    let data = match section.get("data") {
        Some(field) if field.is_text() => file(section, &field)?,
        Some(field) => return measured(&field),
        None => written(section, ["inputs", "targets"])?,
    };
    let field = section.get("data").or_else(|| section.get("inputs"))?;
    let side = data.inputs.columns.isqrt();
    if side * side != data.inputs.columns || side == 0 {
        let columns = data.inputs.columns;
        return field.fail(format!("has rows of {columns} numbers; must have p x p, a matrix a row"));
    }
    for (j, matrix) in data.inputs.entries.chunks_exact(side * side).enumerate() {
        let crossed = (0..side * side).find(|i| matrix[*i] != matrix[i % side * side + i / side]);
        if let Some(i) = crossed {
            let ([a, b], mirrored) = ([i / side, i % side], matrix[i % side * side + i / side]);
            return field.fail(format!(
                "row {j} must be a symmetric matrix: entry [{a}][{b}] is {} and [{b}][{a}] is {mirrored}",
                matrix[i]
            ));
        }
    }
    Some((data, side))
}

fn measured(field: &Field) -> Option<(Data, usize)> {
    let section = field.section()?;
    let size = |key| {
        let field = section.require(key, "a whole number above 0");
        field.and_then(|field| field.size(1, super::MAX_DIMENSION))
    };
    let (examples, side) = (size("examples"), size("side"));
    let rank = section.require("rank", "the rank of the matrix that is sensed");
    let rank = side.and_then(|side| rank?.size(0, side));
    let seed = section.or("seed", 1, |field| field.count(0, u64::MAX));
    section.finish();
    let (examples, side) = (examples?, side?);
    let entries = examples.saturating_mul(side.saturating_mul(side));
    if entries > ENTRIES {
        return field.fail(format!("has {entries} numbers; must have at most {ENTRIES}"));
    }
    Some((sensed(examples, side, rank?, seed?), side))
}

/// `examples` matrices Aⱼ = (Gⱼ + Gⱼᵀ)/2 of `side` × `side`, Gⱼ Gaussian, and targets ⟨Aⱼ, M⟩, M = 1 in the first `rank` places of the
/// diagonal and 0 elsewhere; by the symmetry of the Gaussian law any M of these eigenvalues.
///
/// Gⱼ is drawn from the PCG stream (`seed`, j), row by row.
///
/// ```
/// let data = polyak::experiment::sensed(3, 2, 1, 1);
/// let matrix = &data.inputs.entries[..4];
/// assert_eq!((matrix[1], data.targets[0]), (matrix[2], matrix[0]));
/// ```
pub fn sensed(examples: usize, side: usize, rank: usize, seed: u64) -> Data {
    let mut entries = Vec::with_capacity(examples * side * side);
    let mut targets = Vec::with_capacity(examples);
    for j in 0..examples {
        let mut stream = Stream::<f64, _>::new(FromRng(PcgLane::new(seed, j as u64)));
        let mut matrix = vec![0.0; side * side];
        stream.draw(Law::Gaussian, side * side, &mut |i, number| matrix[i] = number);
        let symmetric = |i: usize| 0.5 * (matrix[i] + matrix[i % side * side + i / side]);
        targets.push((0..rank).map(|a| matrix[a * (side + 1)]).sum());
        entries.extend((0..side * side).map(symmetric));
    }
    Data { inputs: Matrix { rows: examples, columns: side * side, entries }, targets }
}

fn generated(field: &Field) -> Option<Data> {
    let section = field.section()?;
    let size =
        |key, most| section.require(key, "a whole number above 0").and_then(|field| field.size(1, most));
    let (examples, dimension) = (size("examples", ENTRIES), size("dimension", super::MAX_DIMENSION));
    let nonzero = section.require("nonzero", "how many coordinates of the planted vector are 1");
    let nonzero = dimension.and_then(|d| nonzero?.size(0, d));
    let seed = section.or("seed", 1, |field| field.count(0, u64::MAX));
    let label_noise = section.or("label_noise", 0.0, |field| field.non_negative());
    section.finish();
    let (examples, dimension) = (examples?, dimension?);
    if examples.saturating_mul(dimension) > ENTRIES {
        return field.fail(format!("has {examples} x {dimension} numbers; must have at most {ENTRIES}"));
    }
    Some(planted(examples, dimension, nonzero?, seed?, label_noise?))
}

/// `examples` Gaussian inputs aⱼ of `dimension` and targets yⱼ = ⟨w*, aⱼ⟩ + `label_noise`·ξⱼ, w* = 1 in the first `nonzero`
/// coordinates and 0 elsewhere: the regression of HaoChen et al. (2020), for which v⊙v = w* fits.
///
/// Example j is drawn from the PCG stream (`seed`, j): its inputs first, then ξⱼ.
///
/// ```
/// let data = polyak::experiment::planted(3, 4, 2, 1, 0.0);
/// let row = &data.inputs.entries[..4];
/// assert_eq!(data.targets[0], row[0] + row[1]);
/// ```
pub fn planted(examples: usize, dimension: usize, nonzero: usize, seed: u64, label_noise: f64) -> Data {
    let mut entries = Vec::with_capacity(examples * dimension);
    let mut targets = Vec::with_capacity(examples);
    for j in 0..examples {
        let mut stream = Stream::<f64, _>::new(FromRng(PcgLane::new(seed, j as u64)));
        let (mut target, mut noise) = (0.0, 0.0);
        stream.draw(Law::Gaussian, dimension, &mut |i, input| {
            if i < nonzero {
                target += input;
            }
            entries.push(input);
        });
        stream.draw(Law::Gaussian, 1, &mut |_, xi| noise = xi);
        targets.push(target + label_noise * noise);
    }
    Data { inputs: Matrix { rows: examples, columns: dimension, entries }, targets }
}

fn read(field: &Field, path: &Path) -> Option<Data> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return field.fail(format!("cannot be read: {error}")),
    };
    match table(&text) {
        Ok(data) => Some(data),
        Err((line, message)) => {
            field.source.report_file(path.to_path_buf(), line, message);
            None
        }
    }
}

/// Data of comma-separated numbers, a line an example, the target last. `#` comments and a first line without any number are left out.
///
/// # Errors
/// The line, if it is one's fault, and what is wrong.
pub fn table(text: &str) -> Result<Data, (Option<usize>, String)> {
    let (mut entries, mut targets, mut columns) = (Vec::new(), Vec::new(), None);
    let lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
    let lines = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    for (i, (line, number)) in lines.enumerate() {
        let row: Vec<&str> = line.split(',').map(str::trim).collect();
        if i == 0 && row.iter().all(|text| text.parse::<f64>().is_err()) {
            continue;
        }
        let width = *columns.get_or_insert(row.len());
        if row.len() != width {
            let message = format!("has {} numbers; must have {width} as the first line", row.len());
            return Err((Some(number), message));
        }
        for (column, text) in row.iter().enumerate() {
            let Some(value) = text.parse::<f64>().ok().filter(|value| value.is_finite()) else {
                let message = format!("column {} is \"{text}\"; must be a finite number", column + 1);
                return Err((Some(number), message));
            };
            if column + 1 == width { targets.push(value) } else { entries.push(value) }
        }
        if entries.len() > ENTRIES {
            return Err((Some(number), format!("too large: must have at most {ENTRIES} numbers")));
        }
    }
    match columns {
        None => Err((None, "has no line of numbers".to_owned())),
        Some(1) => Err((None, "has one column; must have inputs and, last, a target".to_owned())),
        Some(width) => {
            let inputs = Matrix { rows: targets.len(), columns: width - 1, entries };
            Ok(Data { inputs, targets })
        }
    }
}
