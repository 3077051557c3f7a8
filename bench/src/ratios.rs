//! What criterion measured last, read back from its folder, so that a figure is printed with its ratio to a limit of the same run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Elements or bytes a second by group and function.
#[derive(Debug, Default)]
pub struct Measured(HashMap<(String, String), f64>);

impl Measured {
    /// Reads criterion's folder, `CRITERION_HOME` if that is set; nothing where there is none, as when benches are only tested.
    pub fn read() -> Option<Self> {
        if let Some(home) = std::env::var_os("CRITERION_HOME") {
            return Self::under(Path::new(&home));
        }
        let mut folder = std::env::current_exe().ok()?;
        // target/release/deps/name
        while folder.file_name()?.to_str()? != "deps" {
            folder.pop();
        }
        Self::under(&folder.parent()?.parent()?.join("criterion"))
    }

    /// Reads every `new` below a folder.
    fn under(folder: &Path) -> Option<Self> {
        let mut measured = Self::default();
        let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            if folder.ends_with("new") {
                measured.take(&folder);
                continue;
            }
            let entries = std::fs::read_dir(&folder).ok()?;
            folders.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()));
        }
        Some(measured)
    }

    /// The function of one folder, if it has a throughput.
    fn take(&mut self, folder: &Path) -> Option<()> {
        let read = |name: &str| -> Option<Value> {
            serde_json::from_str(&std::fs::read_to_string(folder.join(name)).ok()?).ok()
        };
        let (benchmark, estimates) = (read("benchmark.json")?, read("estimates.json")?);
        let amount = benchmark["throughput"].as_object()?.values().next()?.as_f64()?;
        let nanoseconds = estimates["median"]["point_estimate"].as_f64()?;
        let text = |field: &str| benchmark[field].as_str().unwrap_or_default().to_owned();
        self.0.insert((text("group_id"), text("function_id")), amount / nanoseconds * 1e9);
        Some(())
    }

    /// The functions of a group by name, each with what it does in a second.
    pub fn group(&self, group: &str) -> Vec<(&str, f64)> {
        let members = self.0.iter().filter(|((of, _), _)| of == group);
        let mut members: Vec<(&str, f64)> = members.map(|((_, name), rate)| (name.as_str(), *rate)).collect();
        members.sort_by_key(|(name, _)| *name);
        members
    }

    /// What a function of a group does in a second: the median.
    pub fn rate(&self, group: &str, function: &str) -> Option<f64> {
        self.0.get(&(group.to_owned(), function.to_owned())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_elements_over_the_median() {
        let folder = std::env::temp_dir().join(format!("polyak-ratios-{}", std::process::id()));
        let new = folder.join("group/function/7/new");
        std::fs::create_dir_all(&new).unwrap();
        let benchmark =
            r#"{"group_id":"group","function_id":"function","value_str":"7","throughput":{"Elements":300}}"#;
        std::fs::write(new.join("benchmark.json"), benchmark).unwrap();
        std::fs::write(new.join("estimates.json"), r#"{"median":{"point_estimate":150.0}}"#).unwrap();
        let measured = Measured::under(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(measured.rate("group", "function"), Some(2e9));
        assert_eq!(measured.rate("group", "other"), None);
        assert_eq!(measured.group("group"), [("function", 2e9)]);
    }
}
