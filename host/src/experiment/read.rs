//! The whole file.

use std::path::Path;

use toml_edit::Document;

use super::document::{Data, Node};
use super::error::{ExperimentError, Place, Problem};
use super::landscape::landscape;
use super::model::{Experiment, Noise, Precision, Rng, Run};
use super::noise::{noise, scale};
use super::observe::{observe, output};
use super::overrides::Override;
use super::reader::{Field, Section, Source};
use super::run::{Surroundings, run};
use super::sweep::{Expanded, expand};

impl Experiment {
    /// Reads an experiment file, with the values of the command line in place of its own.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, each with file, line, field, value and what is allowed.
    pub fn read(path: &Path, overrides: &[Override]) -> Result<Self, ExperimentError> {
        let fault = |line, message| {
            let place = Place::File { path: path.to_path_buf(), line, column: None };
            let problem = Problem { place, field: String::new(), value: None, message };
            ExperimentError { problems: vec![problem] }
        };
        let bytes = std::fs::read(path).map_err(|error| fault(None, format!("cannot be read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(good).filter(|&&byte| byte == b'\n').count() + 1;
            fault(Some(line), "is not UTF-8 text".to_owned())
        })?;
        Self::parse(&text, path, overrides)
    }

    /// Parses the text of an experiment file; `path` names it in messages, gives the default name and the folder of its data.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    ///
    /// ```
    /// use polyak::experiment::model::Experiment;
    /// let text = "trajectories = 8\nsteps = 9\n[landscape]\nkind = \"valley\"\nstart = 1.0\n\
    ///             [[run]]\noptimizer = \"sgdm\"\nlearning_rate = 0.1\nmomentum = 1.2\n";
    /// let error = Experiment::parse(text, "x.toml".as_ref(), &[]).unwrap_err();
    /// assert_eq!(error.to_string(), "x.toml:9: run.momentum = 1.2: must be at least 0 and below 1");
    /// ```
    pub fn parse(text: &str, path: &Path, overrides: &[Override]) -> Result<Self, ExperimentError> {
        let source = Source::new(path, text);
        let read = parse(&source, overrides);
        let problems = source.problems.into_inner();
        match read {
            Some(experiment) if problems.is_empty() => Ok(experiment),
            _ => Err(ExperimentError { problems }),
        }
    }
}

fn parse(source: &Source, overrides: &[Override]) -> Option<Experiment> {
    let document = match Document::parse(source.text) {
        Ok(document) => document,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            source.report(&super::document::Origin::File(span), "", None, message);
            return None;
        }
    };
    let mut root = Node::from_item(document.as_item(), &(0..0));
    for set in overrides {
        set.apply(&mut root, source);
    }
    let top = Section::new(source, &root, "")?;
    let name = match top.get("name") {
        Some(field) => field.text().and_then(|text| usable(&field, text, true)),
        None => {
            Some(source.path.file_stem().map_or("experiment".into(), |stem| stem.to_string_lossy()).into())
        }
    };
    let seed = top.or("seed", 1, |field| field.count(0, u64::MAX));
    let trajectories = top.require("trajectories", "a whole number above 0");
    let trajectories = trajectories.and_then(|field| field.count(1, u64::MAX));
    let precisions = [("f32", Precision::F32), ("f64", Precision::F64)];
    let precision = top.or("precision", Precision::F32, |field| field.choice(&precisions));
    let generators = [("pcg32", Rng::Pcg32), ("philox", Rng::Philox)];
    let rng = top.or("rng", Rng::Pcg32, |field| field.choice(&generators));
    let steps_field = top.get("steps");
    let steps = steps_field.as_ref().and_then(|field| field.count(1, u64::MAX));

    let place = top.require("landscape", "a table [landscape]").and_then(|field| field.section());
    let place = place.and_then(|section| landscape(&section));
    let dimension = place.as_ref().map(|(_, start)| start.len());
    let noise_field = top.get("noise");
    let noise_section = noise_field.and_then(|field| field.section());
    let noise = match (&noise_section, &place) {
        (Some(section), Some((landscape, start))) => noise(section, landscape, start.len()),
        (None, _) if top.has("noise") => None,
        (None, _) => Some(Noise::None),
        (Some(_), None) => None,
    };
    let given = match (&noise, &noise_section) {
        (Some(Noise::Additive { .. } | Noise::Label { .. }), Some(section)) => section.get("scale"),
        _ => None,
    };
    let scale = given.and_then(|field| scale(&field));
    let around = Surroundings { dimension, noise, noise_section, scale, steps };
    let runs = runs(&top, source, &root, &around, steps_field.is_some());
    let longest = runs.iter().flatten().map(|run| run.steps).max().or(steps).unwrap_or(1);

    let observe_field = top.get("observe");
    let observe_section = observe_field.as_ref().and_then(Field::section);
    let measured = observe(observe_section.as_ref(), dimension, trajectories.unwrap_or(u64::MAX), longest);
    let output_field = top.get("output");
    let output_section = output_field.as_ref().and_then(Field::section);
    let output = output(output_section.as_ref());
    top.finish();
    let (landscape, start) = place?;
    Some(Experiment {
        name: name?,
        seed: seed?,
        trajectories: trajectories?,
        precision: precision?,
        rng: rng?,
        landscape,
        start,
        noise: around.noise?,
        runs: runs?,
        observe: measured?,
        output: output?,
    })
}

/// A name that can stand in a table, a file and, if `file`, be a folder's name.
fn usable(field: &Field, text: &str, file: bool) -> Option<String> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return field.fail("must be a line of text, not empty");
    }
    if file && (text.contains(['/', '\\']) || text.trim_matches('.').is_empty()) {
        return field.fail("must be usable as a file name: no / or \\");
    }
    Some(text.to_owned())
}

fn runs(top: &Section, source: &Source, root: &Node, around: &Surroundings, steps: bool) -> Option<Vec<Run>> {
    top.get("sweep");
    let sweep = root.get("sweep");
    let field = top.require("run", "at least one table [[run]]")?;
    if field.is_table() {
        return field.fail("must be an array of tables: write [[run]]");
    }
    let list = field.list()?;
    if list.is_empty() {
        return field.fail("must have at least one run");
    }
    if !steps && list.iter().any(|run| run.node.get("steps").is_none()) {
        top.require("steps", "a whole number above 0");
    }
    let one = list.len() == 1;
    let path = |i: usize| if one { "run".to_owned() } else { format!("run.{i}") };
    let plain = |(i, field): (usize, &Field)| Expanded {
        node: field.node.clone(),
        path: path(i),
        suffix: String::new(),
    };
    let names = base_names(&list);
    // Remember which run of the file each one comes from by its path.
    let expanded = expand(source, list.iter().enumerate().map(plain).collect(), sweep)?;
    let mut runs: Vec<Run> = Vec::new();
    let count = expanded.len();
    for wide in &expanded {
        let at = (0..list.len()).find(|&i| path(i) == wide.path);
        let base = at.and_then(|i| names.get(i)).cloned().unwrap_or_default();
        let Some(section) = Section::new(source, &wide.node, &wide.path) else { continue };
        if let Some(field) = section.get("name") {
            field.text().and_then(|text| usable(&field, text, false));
        }
        let Some(read) = run(&section, format!("{base}{}", wide.suffix), around) else { continue };
        if runs.iter().any(|other| other.name == read.name) {
            let message = format!("is called \"{}\" as another run; names must be unique", read.name);
            match section.get("name") {
                Some(field) => field.fail(message),
                None => section.fail::<()>(message),
            };
        }
        runs.push(read);
    }
    (runs.len() == count).then_some(runs)
}

/// The names of the file's runs; one without is called by its optimizer and SVAG level, and numbered from the second on.
fn base_names(runs: &[Field]) -> Vec<String> {
    let text = |node: Option<&Node>| match node.map(|node| &node.data) {
        Some(Data::Text(text)) => Some(text.clone()),
        Some(Data::Integer(number)) => Some(number.to_string()),
        Some(Data::Float(number)) => Some(format!("{number:?}")),
        _ => None,
    };
    let mut names: Vec<String> = Vec::new();
    for run in runs {
        if let Some(name) = text(run.node.get("name")) {
            names.push(name);
            continue;
        }
        let mut base = text(run.node.get("optimizer")).unwrap_or("run".into());
        if let Some(ell) = text(run.node.get("svag")) {
            base = format!("{base}, SVAG {ell}");
        }
        let mut name = base.clone();
        for number in 2.. {
            if !names.contains(&name) {
                break;
            }
            name = format!("{base} {number}");
        }
        names.push(name);
    }
    names
}
