//! Typed access to a document: a wrong value is reported with its place, its path and what would be right.
//!
//! Every getter returns `None` after it has reported a problem, so that one reading finds all independent problems of a file.

use std::cell::RefCell;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::document::{Data, Entry, Node, Origin};
use super::error::{Place, Problem, nearest};
use super::model::Matrix;

/// The file being read and what was found wrong with it.
pub struct Source<'a> {
    /// Path, as the messages name it.
    pub path: &'a Path,
    /// Content.
    pub text: &'a str,
    /// What was found so far.
    pub problems: RefCell<Vec<Problem>>,
}

impl<'a> Source<'a> {
    /// A file in which nothing wrong was found yet.
    pub fn new(path: &'a Path, text: &'a str) -> Self {
        Self { path, text, problems: RefCell::default() }
    }

    /// Adds a problem.
    pub fn report(&self, origin: &Origin, field: &str, value: Option<String>, message: impl Display) {
        let problem = Problem {
            place: self.place(origin),
            field: field.to_owned(),
            value,
            message: message.to_string(),
        };
        // A value that a sweep put into many runs is wrong once.
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Adds a problem of another file.
    pub fn report_file(&self, path: PathBuf, line: Option<usize>, message: impl Display) {
        self.problems.borrow_mut().push(Problem {
            place: Place::File { path, line, column: None },
            field: String::new(),
            value: None,
            message: message.to_string(),
        });
    }

    fn place(&self, origin: &Origin) -> Place {
        match origin {
            Origin::Set(text) => Place::Set { text: text.to_string() },
            Origin::File(span) => {
                let before = self.text.get(..span.start).unwrap_or(self.text);
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
                Place::File { path: self.path.to_path_buf(), line: Some(line), column: Some(column) }
            }
        }
    }

    /// The value as written, on one line and not too long.
    fn shown(&self, node: &Node) -> Option<String> {
        let text = match &node.origin {
            // The command line shows the whole override already.
            Origin::Set(_) => return None,
            Origin::File(span) => self.text.get(span.clone())?,
        };
        if let (Data::Table(_), false) = (&node.data, text.starts_with('{')) {
            return None;
        }
        let mut short = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if short.chars().count() > 60 {
            short = short.chars().take(59).chain(['…']).collect();
        }
        Some(short)
    }
}

/// A table being read; it remembers which keys it was asked for, so that [`finish`](Self::finish) can report the others.
pub struct Section<'a> {
    /// The file.
    pub source: &'a Source<'a>,
    /// Path of the table, empty at the top.
    pub path: String,
    origin: &'a Origin,
    entries: &'a [Entry],
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// The table `node` at `path`; reports a value that is no table.
    pub fn new(source: &'a Source<'a>, node: &'a Node, path: &str) -> Option<Self> {
        Field { source, node, path: path.to_owned() }.section()
    }

    /// The value of an optional key.
    pub fn get(&self, key: &'static str) -> Option<Field<'a>> {
        self.known.borrow_mut().push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        let path = entry.node.path.as_deref().map_or_else(|| self.child(key), str::to_owned);
        Some(Field { source: self.source, node: &entry.node, path })
    }

    /// The value of a key that must be there; `allowed` says what it should hold.
    pub fn require(&self, key: &'static str, allowed: &str) -> Option<Field<'a>> {
        let field = self.get(key);
        if field.is_none() {
            let message = format!("is missing: {allowed}");
            self.source.report(self.origin, &self.child(key), None, message);
        }
        field
    }

    /// Reads an optional key; absent it is `default`.
    pub fn or<T>(
        &self,
        key: &'static str,
        default: T,
        read: impl FnOnce(&Field<'a>) -> Option<T>,
    ) -> Option<T> {
        self.get(key).map_or(Some(default), |field| read(&field))
    }

    /// Whether the table has `key`, without taking it as known.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    /// Reports a problem of the table as a whole.
    pub fn fail<T>(&self, message: impl Display) -> Option<T> {
        self.source.report(self.origin, &self.path, None, message);
        None
    }

    /// Reports every key that nobody asked for.
    pub fn finish(&self) {
        let known = self.known.borrow();
        for entry in self.entries {
            if known.contains(&entry.key.as_str()) {
                continue;
            }
            let message = match nearest(&entry.key, known.iter().copied()) {
                Some(near) => format!("unknown key; did you mean `{near}`?"),
                None => format!("unknown key; allowed here: {}", known.join(", ")),
            };
            let path = entry.node.path.as_deref().map_or_else(|| self.child(&entry.key), str::to_owned);
            self.source.report(&entry.origin, &path, None, message);
        }
    }

    fn child(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// A value being read.
pub struct Field<'a> {
    /// The file.
    pub source: &'a Source<'a>,
    /// The value.
    pub node: &'a Node,
    /// Its path.
    pub path: String,
}

impl<'a> Field<'a> {
    /// Reports that the value is wrong: `message` says what is allowed.
    pub fn fail<T>(&self, message: impl Display) -> Option<T> {
        self.source.report(&self.node.origin, &self.path, self.source.shown(self.node), message);
        None
    }

    fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        self.fail(format!("must be {expected}, not {}", self.node.kind()))
    }

    /// A finite number; an integer is one too.
    pub fn number(&self) -> Option<f64> {
        let number = match self.node.data {
            Data::Integer(number) => number as f64,
            Data::Float(number) => number,
            _ => return self.wrong_type("a number"),
        };
        if number.is_finite() { Some(number) } else { self.fail("must be finite") }
    }

    /// A finite number for which `holds`; `allowed` says which those are.
    pub fn number_where(&self, holds: impl Fn(f64) -> bool, allowed: &str) -> Option<f64> {
        let number = self.number()?;
        if holds(number) { Some(number) } else { self.fail(allowed) }
    }

    /// A finite number ≥ 0.
    pub fn non_negative(&self) -> Option<f64> {
        self.number_where(|number| number >= 0.0, "must be at least 0")
    }

    /// A finite number > 0.
    pub fn positive(&self) -> Option<f64> {
        self.number_where(|number| number > 0.0, "must be above 0")
    }

    /// A whole number from `min` to `max`; 1e6 counts as one.
    pub fn count(&self, min: u64, max: u64) -> Option<u64> {
        let number = match self.node.data {
            Data::Integer(number) => u64::try_from(number).ok(),
            // Above 2⁵³ a float does not say which integer is meant.
            Data::Float(number) if number.trunc() == number && number.abs() <= 9_007_199_254_740_992.0 => {
                (number >= 0.0).then_some(number as u64)
            }
            Data::Float(_) => return self.fail("must be a whole number"),
            _ => return self.wrong_type("a whole number"),
        };
        match number {
            Some(number) if (min..=max).contains(&number) => Some(number),
            _ if max >= i64::MAX as u64 => self.fail(format!("must be at least {min}")),
            _ => self.fail(format!("must be from {min} to {max}")),
        }
    }

    /// [`count`](Self::count) as an index or a length.
    pub fn size(&self, min: usize, max: usize) -> Option<usize> {
        self.count(min as u64, max as u64).map(|size| size as usize)
    }

    /// True or false.
    pub fn boolean(&self) -> Option<bool> {
        match self.node.data {
            Data::Boolean(boolean) => Some(boolean),
            _ => self.wrong_type("true or false"),
        }
    }

    /// A string.
    pub fn text(&self) -> Option<&'a str> {
        match &self.node.data {
            Data::Text(text) => Some(text),
            _ => self.wrong_type("a string"),
        }
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(*choice);
        }
        let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
        let list = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        match nearest(text, words) {
            Some(near) => self.fail(format!("must be one of {list}; did you mean \"{near}\"?")),
            None => self.fail(format!("must be one of {list}")),
        }
    }

    /// A table.
    pub fn section(&self) -> Option<Section<'a>> {
        match &self.node.data {
            Data::Table(entries) => Some(Section {
                source: self.source,
                path: self.path.clone(),
                origin: &self.node.origin,
                entries,
                known: RefCell::default(),
            }),
            _ => self.wrong_type("a table"),
        }
    }

    /// An array.
    pub fn list(&self) -> Option<Vec<Field<'a>>> {
        let Data::Array(nodes) = &self.node.data else { return self.wrong_type("an array") };
        let field = |(i, node)| Field { source: self.source, node, path: format!("{}[{i}]", self.path) };
        Some(nodes.iter().enumerate().map(field).collect())
    }

    /// Whether it is an array.
    pub fn is_list(&self) -> bool {
        matches!(self.node.data, Data::Array(_))
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.node.data, Data::Table(_))
    }

    /// Whether it is a string.
    pub fn is_text(&self) -> bool {
        matches!(self.node.data, Data::Text(_))
    }

    /// Every element of an array by `read`; all the elements are looked at even if one is wrong.
    pub fn each<T>(&self, read: impl Fn(&Field<'a>) -> Option<T>) -> Option<Vec<T>> {
        let list = self.list()?;
        let length = list.len();
        let read: Vec<T> = list.iter().filter_map(read).collect();
        (read.len() == length).then_some(read)
    }

    /// A vector of finite numbers, at least one.
    pub fn vector(&self) -> Option<Vec<f64>> {
        let vector = self.each(Field::number)?;
        if vector.is_empty() { self.fail("must not be empty") } else { Some(vector) }
    }

    /// A vector of dimension `d`; a number stands for that number in every coordinate.
    pub fn coordinates(&self, d: usize) -> Option<Vec<f64>> {
        if !self.is_list() {
            let allowed = format!("a number or an array of {d}");
            return match self.node.data {
                Data::Integer(_) | Data::Float(_) => Some(vec![self.number()?; d]),
                _ => self.wrong_type(&allowed),
            };
        }
        let vector = self.vector()?;
        if vector.len() == d {
            return Some(vector);
        }
        self.fail(format!("has {} numbers; must have {d}, the dimension of the landscape", vector.len()))
    }

    /// A matrix: an array of rows of equal length.
    pub fn matrix(&self) -> Option<Matrix> {
        let rows = self.each(Field::vector)?;
        let Some(first) = rows.first() else { return self.fail("must not be empty") };
        let columns = first.len();
        if let Some(i) = rows.iter().position(|row| row.len() != columns) {
            let found = rows.get(i).map_or(0, Vec::len);
            return self.fail(format!("row {i} has {found} numbers; must have {columns} as row 0"));
        }
        Some(Matrix { rows: rows.len(), columns, entries: rows.concat() })
    }

    /// A symmetric matrix d × d.
    pub fn symmetric(&self, d: Option<usize>) -> Option<Matrix> {
        let matrix = self.matrix()?;
        let d = d.unwrap_or(matrix.columns);
        if (matrix.rows, matrix.columns) != (d, d) {
            let (rows, columns) = (matrix.rows, matrix.columns);
            return self.fail(format!("is {rows} x {columns}; must be {d} x {d}"));
        }
        let at = |i: usize, j: usize| matrix.entries.get(i * d + j).copied().unwrap_or(0.0);
        for i in 0..d {
            for j in 0..i {
                if at(i, j) != at(j, i) {
                    let message = format!(
                        "must be symmetric: entry [{i}][{j}] is {} and [{j}][{i}] is {}",
                        at(i, j),
                        at(j, i)
                    );
                    return self.fail(message);
                }
            }
        }
        Some(matrix)
    }
}
