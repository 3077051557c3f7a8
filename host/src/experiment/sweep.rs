//! `[sweep]`: every run expanded over the product of its lists.

use std::rc::Rc;

use super::document::{Data, Entry, Node};
use super::reader::{Field, Section, Source};
use super::run::{KEYS, takes};

/// Most runs that a sweep may make.
const RUNS: usize = 10_000;

/// A run of the file after the sweep: its table and what is appended to its name.
pub struct Expanded {
    /// The table.
    pub node: Node,
    /// Path of the run it comes from.
    pub path: String,
    /// ` key=value` for each swept key; empty without a sweep.
    pub suffix: String,
}

/// Expands each run over the lists of `sweep`, the first key slowest.
///
/// A run leaves out the keys that its optimizer does not have, so that a sweep of momenta keeps one SGD to compare with. A
/// run must not give a swept key itself.
pub fn expand(source: &Source, runs: Vec<Expanded>, sweep: Option<&Node>) -> Option<Vec<Expanded>> {
    let Some(sweep) = sweep else { return Some(runs) };
    let section = Section::new(source, sweep, "sweep")?;
    let mut runs = runs;
    let mut sound = true;
    let mut axes: Vec<(&'static str, Field)> =
        KEYS.into_iter().filter_map(|key| Some((key, section.get(key)?))).collect();
    section.finish();
    // In the order of the file, but the optimizer first: the other keys depend on it.
    if let Data::Table(entries) = &sweep.data {
        let place = |key: &str| entries.iter().position(|entry| entry.key == key);
        axes.sort_by_key(|&(key, _)| (key != "optimizer", place(key)));
    }
    for (key, field) in axes {
        match axis(key, &field, runs) {
            Ok(more) => runs = more,
            Err(before) => (runs, sound) = (before, false),
        }
    }
    sound.then_some(runs)
}

fn axis(key: &'static str, field: &Field, runs: Vec<Expanded>) -> Result<Vec<Expanded>, Vec<Expanded>> {
    let Some(values) = field.list() else { return Err(runs) };
    if values.is_empty() {
        field.fail::<()>("must not be empty");
        return Err(runs);
    }
    let applies = |run: &Expanded| match run.node.get("optimizer").map(|node| &node.data) {
        Some(Data::Text(optimizer)) => takes(optimizer, key),
        _ => true,
    };
    let count = runs.iter().filter(|run| applies(run)).count();
    if count == 0 {
        field.fail::<()>("no run has this key");
        return Err(runs);
    }
    if let Some(run) = runs.iter().find(|run| run.node.get(key).is_some()) {
        let message = format!("is given in {} as well; must stand in one place", run.path);
        field.source.report(&field.node.origin, &field.path, None, message);
        return Err(runs);
    }
    if count.saturating_mul(values.len()) > RUNS {
        field.fail::<()>(format!("makes more than {RUNS} runs"));
        return Err(runs);
    }
    let labels = labels(&values);
    let mut expanded = Vec::new();
    for run in runs {
        if !applies(&run) {
            expanded.push(run);
            continue;
        }
        for (value, label) in values.iter().zip(&labels) {
            let mut node = run.node.clone();
            if let Data::Table(entries) = &mut node.data {
                let mut swept = value.node.clone();
                swept.path = Some(Rc::from(value.path.as_str()));
                let origin = swept.origin.clone();
                entries.push(Entry { key: key.to_owned(), origin, node: swept });
            }
            let suffix = format!("{} {key}={label}", run.suffix);
            expanded.push(Expanded { node, path: run.path.clone(), suffix });
        }
    }
    Ok(expanded)
}

/// What the names say of each value: the value, of a table its kind, and its place in the list where that is not enough.
fn labels(values: &[Field]) -> Vec<String> {
    let label = |field: &Field| match &field.node.data {
        Data::Integer(number) => number.to_string(),
        Data::Float(number) => format!("{number:?}"),
        Data::Boolean(boolean) => boolean.to_string(),
        Data::Text(text) => text.clone(),
        Data::Date => "date".to_owned(),
        Data::Array(_) => "list".to_owned(),
        Data::Table(_) => match field.node.get("kind").map(|kind| &kind.data) {
            Some(Data::Text(kind)) => kind.clone(),
            _ => "table".to_owned(),
        },
    };
    let labels: Vec<String> = values.iter().map(label).collect();
    let numbered = |(i, text): (usize, &String)| {
        let compound = values.get(i).is_some_and(|field| field.is_table() || field.is_list());
        let again = labels.iter().filter(|other| *other == text).count() > 1;
        if compound && again { format!("{text}#{i}") } else { text.clone() }
    };
    labels.iter().enumerate().map(numbered).collect()
}
