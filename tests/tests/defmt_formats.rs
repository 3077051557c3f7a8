//! Every public type of `polyak-core` can be logged on a board: it has `defmt::Format`, derived or written, under the feature
//! `defmt`. What the formats say is decoded by `examples/firmware/run`.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The public structs and enums of a source, and whether each has a format.
fn types(text: &str) -> Vec<(String, bool)> {
    const DERIVED: &str = "#[cfg_attr(feature = \"defmt\", derive(defmt::Format))]";
    let lines: Vec<&str> = text.lines().collect();
    let mut types = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let rest = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
        let Some(rest) = rest else { continue };
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
        let attributes =
            lines[..i].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        let written = format!(" defmt::Format for {name}");
        let has = attributes.clone().any(|line| *line == DERIVED)
            || lines.iter().any(|line| {
                let end = line.find(&written).map(|at| &line[at + written.len()..]);
                end.is_some_and(|end| end.starts_with(['<', ' ']))
            });
        types.push((name, has));
    }
    types
}

#[test]
fn every_public_type_has_a_format() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src"), &mut files);
    let types: Vec<_> =
        files.iter().flat_map(|path| types(&std::fs::read_to_string(path).unwrap())).collect();
    assert!(types.len() > 60, "{types:?}");
    let without: Vec<_> = types.iter().filter(|(_, has)| !has).collect();
    assert!(without.is_empty(), "without defmt::Format: {without:?}");
}

#[test]
fn a_type_without_one_is_found() {
    let text = "/// A.\n#[cfg_attr(feature = \"defmt\", derive(defmt::Format))]\npub struct A;\n\
                /// B.\n#[derive(Debug)]\npub struct B<F>(F);\npub enum C {}\n\
                impl<F> defmt::Format for C {\nimpl defmt::Format for Bee {";
    let expected = [("A", true), ("B", false), ("C", true)];
    assert_eq!(types(text), expected.map(|(name, has)| (name.to_owned(), has)));
}
