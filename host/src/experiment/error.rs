//! What is wrong with an experiment, said so that it can be mended without reading the source.

use std::fmt;
use std::path::PathBuf;

/// Everything that was found wrong with an experiment file, at least one problem.
///
/// Displayed one problem a line: `examples/x.toml:12: run.momentum = 1.2: must be at least 0 and below 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperimentError {
    /// The problems, in the order of the file's sections.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written.
    pub place: Place,
    /// Path of the field, such as `run.momentum`; empty where no field can be named.
    pub field: String,
    /// The value as it was written, shortened; `None` where there is none.
    pub value: Option<String>,
    /// What is wrong and what is allowed.
    pub message: String,
}

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1; `None` where the whole file is meant.
        line: Option<usize>,
        /// Column in characters, from 1.
        column: Option<usize>,
    },
    /// In a `--set` of the command line.
    Set {
        /// `KEY=VALUE` as given.
        text: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line: None, .. } => write!(f, "{}", path.display()),
            Self::File { path, line: Some(line), .. } => write!(f, "{}:{line}", path.display()),
            Self::Set { text } => write!(f, "--set {text}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place)?;
        match (&self.place, self.field.as_str()) {
            // Without a field the column is all that says where in the line to look.
            (Place::File { column: Some(column), .. }, "") => write!(f, ":{column}")?,
            (_, "") => {}
            (_, field) => write!(f, ": {field}")?,
        }
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl fmt::Display for ExperimentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.problems.iter().enumerate() {
            let end = if i == 0 { "" } else { "\n" };
            write!(f, "{end}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ExperimentError {}

/// Of `known`, the word that `word` was most likely meant to be: the nearest within a third of its length.
///
/// ```
/// use polyak::experiment::nearest;
/// assert_eq!(nearest("momentun", ["momentum", "maximize"]), Some("momentum"));
/// assert_eq!(nearest("zzz", ["momentum", "maximize"]), None);
/// ```
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |other: &str| strsim::osa_distance(&word.to_lowercase(), other);
    let (distance, best) = known.into_iter().map(|other| (distance(other), other)).min_by_key(|&(d, _)| d)?;
    (distance <= best.len().max(3) / 3).then_some(best)
}
