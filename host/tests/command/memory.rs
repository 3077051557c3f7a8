//! How much memory a run takes: it grows neither with the ensemble nor with the steps.

use std::process::Stdio;
use std::time::Duration;

use crate::harness::{Folder, quadratic};

/// The most memory, in MB, that a run of so many trajectories and steps had when it was last looked at, a moment before it ended. Its rate is
/// another at every step.
fn peak(trajectories: u64, steps: u64) -> f64 {
    let folder = Folder::new();
    let top = format!(
        "trajectories = {trajectories}\nsteps = {steps}\n[observe]\nevery = {steps}\n[output]\nplots = false"
    );
    folder.write("e.toml", &quadratic(&top, 2));
    let rate = format!("run.0.learning_rate={{ kind = 'linear', from = 0.1, to = 0.01, steps = {steps} }}");
    let arguments = ["run", "e.toml", "--backend", "cpu", "--threads", "2", "--quiet", "--set", &rate];
    let mut command = folder.command(&arguments);
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
    let [few, many] = [100_000, 4_000_000].map(|trajectories| peak(trajectories, 3));
    // Of the 3.9 million more there would be 31 MB in positions alone.
    assert!(many < 200.0 && many - few < 20.0, "{few} MB for 1e5 trajectories, {many} MB for 4e6");
}

#[test]
fn memory_does_not_grow_with_the_steps() {
    let [few, many] = [1_500_000, 6_000_000].map(|steps| peak(1, steps));
    // Coefficients of the 4.5 million steps more would be 144 MB.
    assert!(many < 200.0 && many - few < 20.0, "{few} MB for 1.5e6 steps, {many} MB for 6e6");
}
