//! How much memory a run takes: it does not grow with the ensemble.

use std::process::Stdio;
use std::time::Duration;

use crate::harness::{Folder, quadratic};

/// The most memory, in MB, that a run of so many trajectories had when it was last looked at, a moment before it ended.
fn peak(trajectories: u64) -> f64 {
    let folder = Folder::new();
    let top =
        format!("trajectories = {trajectories}\nsteps = 3\n[observe]\nevery = 3\n[output]\nplots = false");
    folder.write("e.toml", &quadratic(&top, 2));
    let mut command = folder.command(&["run", "e.toml", "--backend", "cpu", "--threads", "2", "--quiet"]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0.0;
    let code = loop {
        // Of a process that has ended and waits to be asked for its code there are no such lines.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(line) = line {
            let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().unwrap();
            most = kilobytes * 1024.0 / 1e6;
        }
        match child.try_wait().unwrap() {
            Some(code) => break code,
            None => std::thread::sleep(Duration::from_micros(200)),
        }
    };
    assert!(code.success(), "{code}");
    assert!(most > 1.0, "its memory was not seen");
    most
}

#[test]
fn memory_does_not_grow_with_the_ensemble() {
    let [few, many] = [100_000, 4_000_000].map(peak);
    // Of the 3.9 million more there would be 31 MB in positions alone.
    assert!(many < 200.0 && many - few < 20.0, "{few} MB for 1e5 trajectories, {many} MB for 4e6");
}
