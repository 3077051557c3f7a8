//! Runs the executable and keeps its files apart.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("command-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The path of `name` in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Reads a file.
    pub fn text(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Reads a JSON file.
    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    /// Names of what is in a folder in it, sorted; empty if it is not there.
    pub fn list(&self, name: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(name)).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// `polyak` with these arguments, working here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_polyak"));
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `polyak` with these arguments here.
    pub fn polyak(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }

    /// The same, which must end well.
    pub fn done(&self, arguments: &[&str]) -> Ran {
        let ran = self.polyak(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.err);
        ran
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// What a command said.
#[derive(Debug)]
pub struct Ran {
    /// Exit code, if it ended by itself.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Runs a command to its end. Whatever it was asked, it must not have panicked.
    pub fn of(mut command: Command) -> Self {
        Self::from(command.output().unwrap())
    }
}

impl From<std::process::Output> for Ran {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ran = Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        ran
    }
}

/// The example of the README.
pub const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/momentum-vs-sgd.toml");

/// Arguments that make it small: 600 trajectories are two chunks and a part of one.
pub const SMALL: [&str; 7] =
    ["run", EXAMPLE, "--set", "trajectories=600", "--set", "steps=50", "--set=output.plots=false"];

/// [`SMALL`] and more.
pub fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&SMALL, more].concat()
}

/// One run of SGD on a quadratic with `top` before its tables.
pub fn quadratic(top: &str, dimension: usize) -> String {
    format!(
        "{top}\n[landscape]\nkind = \"quadratic\"\ndimension = {dimension}\ncurvature = 0.5\nstart = 1.0\n\
         [noise]\nkind = \"gaussian\"\nscale = 1.0\n\
         [[run]]\noptimizer = \"sgd\"\nlearning_rate = 0.1\n"
    )
}

/// Digests of all runs of a summary.
pub fn digests(summary: &Value) -> Vec<String> {
    let runs = summary["runs"].as_array().unwrap();
    runs.iter().map(|run| run["digest"].as_str().unwrap().to_owned()).collect()
}
