//! `--set KEY=VALUE`: values of the command line in place of those of the file.

use std::rc::Rc;
use std::str::FromStr;

use toml_edit::{Key, Value};

use super::document::{Data, Entry, Node, Origin};
use super::reader::Source;

/// One `--set KEY=VALUE`.
///
/// KEY is a dotted path as in TOML; a run is named by its index or its name: `landscape.start`, `run.0.momentum`,
/// `run."sgd, SVAG 4".svag`. VALUE is a TOML value, or else a string without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    text: String,
    path: Vec<String>,
    value: String,
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" must be KEY=VALUE, as landscape.start=2 or run.0.momentum=0.8");
        // A quoted key may hold an equals sign.
        let at = text
            .match_indices('=')
            .find_map(|(at, _)| Key::parse(text.get(..at)?).ok().map(|keys| (keys, at)));
        let (keys, at) = at.ok_or_else(wrong)?;
        let path: Vec<String> = keys.iter().map(|key| key.get().to_owned()).collect();
        let value = text.get(at + 1..).unwrap_or("").trim().to_owned();
        if path.is_empty() || value.is_empty() {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), path, value })
    }
}

impl Override {
    /// Puts the value into the tree; a table on the way that is not there is made.
    pub(super) fn apply(&self, root: &mut Node, source: &Source) {
        let origin = Origin::Set(Rc::from(self.text.as_str()));
        let value = match self.value.parse::<Value>() {
            Ok(value) => Node::from_value(&value, &(0..0)).moved(&origin),
            Err(_) => Node { data: Data::Text(self.value.clone()), origin: origin.clone(), path: None },
        };
        let mut node = root;
        let mut walked = String::new();
        for (i, key) in self.path.iter().enumerate() {
            let last = i + 1 == self.path.len();
            node = match &mut node.data {
                Data::Table(entries) => {
                    let at = match entries.iter().position(|entry| entry.key == *key) {
                        Some(at) => at,
                        None => {
                            let empty =
                                Node { data: Data::Table(Vec::new()), origin: origin.clone(), path: None };
                            entries.push(Entry { key: key.clone(), origin: origin.clone(), node: empty });
                            entries.len() - 1
                        }
                    };
                    let Some(entry) = entries.get_mut(at) else { return };
                    if last {
                        entry.origin = origin.clone();
                    }
                    &mut entry.node
                }
                Data::Array(nodes) => {
                    let count = nodes.len();
                    let is = |node: &Node, part: &str| matches!(node.get(part).map(|node| &node.data), Some(Data::Text(text)) if text == key);
                    let named = nodes.iter().position(|node| is(node, "name"));
                    // A run without a name is called by its optimizer.
                    let unnamed =
                        nodes.iter().position(|node| node.get("name").is_none() && is(node, "optimizer"));
                    match named.or_else(|| key.parse().ok()).or(unnamed).filter(|&at| at < count) {
                        Some(at) => match nodes.get_mut(at) {
                            Some(node) => node,
                            None => return,
                        },
                        None => {
                            let message =
                                format!("no `{key}` there; must be an index below {count} or a name");
                            source.report(&origin, &walked, None, message);
                            return;
                        }
                    }
                }
                _ => {
                    let message = format!("is no table; `{key}` cannot be set in it");
                    source.report(&origin, &walked, None, message);
                    return;
                }
            };
            walked = if walked.is_empty() { key.clone() } else { format!("{walked}.{key}") };
        }
        *node = value;
    }
}
