//! A TOML file as a tree in which every value remembers where it was written.

use std::ops::Range;
use std::rc::Rc;

use toml_edit::{Item, TableLike, Value};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Bytes of the file.
    File(Range<usize>),
    /// A `--set`, as given.
    Set(Rc<str>),
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub data: Data,
    /// Where it was written.
    pub origin: Origin,
    /// Its path, where that is not the place it is read at: a swept value stands in `[sweep]`.
    pub path: Option<Rc<str>>,
}

/// What a TOML value is.
#[derive(Debug, Clone)]
pub enum Data {
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// A string.
    Text(String),
    /// A date or a time: nothing takes one.
    Date,
    /// An array, of tables too.
    Array(Vec<Node>),
    /// A table, inline or not.
    Table(Vec<Entry>),
}

/// A key of a table and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key was written.
    pub origin: Origin,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The tree of a parsed file; `at` stands in where the parser kept no position.
    pub fn from_item(item: &Item, at: &Range<usize>) -> Self {
        let span = item.span().unwrap_or_else(|| at.clone());
        let data = match item {
            Item::None => Data::Table(Vec::new()),
            Item::Value(value) => return Self::from_value(value, at),
            Item::Table(table) => Data::Table(entries(table, &span)),
            Item::ArrayOfTables(tables) => {
                let table = |table: &toml_edit::Table| {
                    let span = table.span().unwrap_or_else(|| span.clone());
                    Self { data: Data::Table(entries(table, &span)), origin: Origin::File(span), path: None }
                };
                Data::Array(tables.iter().map(table).collect())
            }
        };
        Self { data, origin: Origin::File(span), path: None }
    }

    /// The tree of a value.
    pub fn from_value(value: &Value, at: &Range<usize>) -> Self {
        let span = value.span().unwrap_or_else(|| at.clone());
        let data = match value {
            Value::String(text) => Data::Text(text.value().clone()),
            Value::Integer(number) => Data::Integer(*number.value()),
            Value::Float(number) => Data::Float(*number.value()),
            Value::Boolean(boolean) => Data::Boolean(*boolean.value()),
            Value::Datetime(_) => Data::Date,
            Value::Array(array) => {
                Data::Array(array.iter().map(|value| Self::from_value(value, &span)).collect())
            }
            Value::InlineTable(table) => Data::Table(entries(table, &span)),
        };
        Self { data, origin: Origin::File(span), path: None }
    }

    /// The same tree, every part of it from `origin`.
    pub fn moved(mut self, origin: &Origin) -> Self {
        self.origin = origin.clone();
        match &mut self.data {
            Data::Array(nodes) => {
                *nodes = std::mem::take(nodes).into_iter().map(|node| node.moved(origin)).collect();
            }
            Data::Table(entries) => {
                let moved = |entry: Entry| Entry {
                    key: entry.key,
                    origin: origin.clone(),
                    node: entry.node.moved(origin),
                };
                *entries = std::mem::take(entries).into_iter().map(moved).collect();
            }
            _ => {}
        }
        self
    }

    /// The value of `key`, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Table(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node),
            _ => None,
        }
    }

    /// What kind of value it is, in TOML's words.
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Integer(_) => "an integer",
            Data::Float(_) => "a number",
            Data::Boolean(_) => "true or false",
            Data::Text(_) => "a string",
            Data::Date => "a date",
            Data::Array(_) => "an array",
            Data::Table(_) => "a table",
        }
    }
}

fn entries(table: &dyn TableLike, span: &Range<usize>) -> Vec<Entry> {
    let entry = |(key, item): (&str, &Item)| {
        let at = table.key(key).and_then(|key| key.span()).unwrap_or_else(|| span.clone());
        Entry { key: key.to_owned(), node: Node::from_item(item, &at), origin: Origin::File(at) }
    };
    table.iter().map(entry).collect()
}
