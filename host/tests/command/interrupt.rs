//! Ctrl-C, kills and full disks: what is finished is kept, and the same command ends with the same numbers.
#![cfg(unix)]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{Folder, Ran, quadratic};
use crate::npy::Array;

/// Chunks of some milliseconds each.
fn long(folder: &Folder, seed: u32, trajectories: u64) {
    let top = format!("seed = {seed}\ntrajectories = {trajectories}\nsteps = 1000");
    let text = quadratic(&top, 2)
        + "[observe]\nevery = 100\nmoments = [6]\n[output]\nfinal_states = true\nplots = false\n";
    folder.write("long.toml", &text);
}

const RUN: [&str; 6] = ["run", "long.toml", "--out", "out", "--threads", "2"];

fn signal(child: &Child, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status().unwrap();
    assert!(sent.success());
}

fn stopped_after(folder: &Folder, delay: Duration, name: &str) -> Ran {
    let child = folder.command(&RUN).spawn().unwrap();
    std::thread::sleep(delay);
    signal(&child, name);
    Ran::from(child.wait_with_output().unwrap())
}

/// Interrupts a run somewhere on its way, however fast the machine is, from a guess of how long half of it takes.
fn interrupted(folder: &Folder, mut delay: Duration, name: &str) -> Ran {
    for _ in 0..12 {
        let ran = stopped_after(folder, delay, name);
        match ran.code {
            Some(130) if folder.path("out/checkpoint.json").exists() => return ran,
            // It was at its end already, or not yet at its first chunk (and perhaps not yet deaf to the signal).
            Some(0) => delay /= 2,
            _ => delay = delay * 3 / 2,
        }
    }
    panic!("it cannot be interrupted half-way");
}

/// The summary without what depends on the clock.
fn timeless(folder: &Folder) -> Value {
    let mut summary = folder.json("out/summary.json");
    for run in summary["runs"].as_array_mut().unwrap() {
        run.as_object_mut().unwrap().retain(|key, _| key != "seconds" && key != "updates_per_second");
    }
    summary
}

/// What a run that nobody disturbs leaves.
struct Whole {
    trajectories: u64,
    half: Duration,
    summary: Value,
    moments: String,
    states: Vec<u8>,
}

/// A run that takes more than a second.
fn undisturbed() -> Whole {
    let mut trajectories = 5_000;
    loop {
        let folder = Folder::new();
        long(&folder, 1, trajectories);
        let begun = Instant::now();
        folder.done(&RUN);
        if begun.elapsed() > Duration::from_secs(1) {
            return Whole {
                trajectories,
                half: begun.elapsed() / 2,
                summary: timeless(&folder),
                moments: folder.text("out/moments.csv"),
                states: Array::read(&folder.path("out/final-sgd.npy")).bytes,
            };
        }
        trajectories *= 3;
    }
}

fn check_same(folder: &Folder, whole: &Whole) {
    assert_eq!(timeless(folder), whole.summary);
    assert_eq!(folder.text("out/moments.csv"), whole.moments);
    assert!(Array::read(&folder.path("out/final-sgd.npy")).bytes == whole.states, "final states");
    let files = ["experiment.toml", "final-sgd.npy", "moments.csv", "summary.json", "zscores.csv"];
    assert_eq!(folder.list("out"), files);
}

/// What an interrupted run leaves in its folder.
const LEFT: [&str; 6] = [
    "checkpoint.json",
    "experiment.toml",
    "final-sgd.npy.part",
    "moments.csv",
    "summary.json",
    "zscores.csv",
];

/// Interrupts the run and looks at what it leaves; how many trajectories are done.
fn half_way(folder: &Folder, whole: &Whole) -> u64 {
    let all = whole.trajectories;
    let ran = interrupted(folder, whole.half, "INT");
    assert!(ran.err.contains("Stopping after the chunks under way; again to stop at once."), "{}", ran.err);
    let summary = folder.json("out/summary.json");
    assert_eq!(summary["interrupted"], true);
    let done = summary["trajectories"].as_u64().unwrap();
    assert!(done > 0 && done < all && done.is_multiple_of(256), "{done}");
    assert_eq!(summary["runs"][0]["final"]["count"], done);
    assert!(ran.out.contains(&format!("Interrupted after {done} of {all} trajectories")), "{}", ran.out);
    assert_eq!(folder.list("out"), LEFT);
    done
}

#[test]
fn an_interrupted_run_goes_on_to_the_very_same_numbers() {
    let whole = undisturbed();
    let folder = Folder::new();
    let all = whole.trajectories;
    long(&folder, 1, all);

    // Killed on the way, it goes on from the checkpoint that was there.
    let mut delay = whole.half / 4;
    let done = loop {
        let done = half_way(&folder, &whole);
        match stopped_after(&folder, delay, "KILL").code {
            None => break done,
            // It was at its end already: the machine has become faster, or little was left.
            code => assert_eq!(code, Some(0)),
        }
        delay /= 2;
    };
    assert_eq!(folder.list("out"), LEFT);

    let ran = folder.done(&RUN);
    assert!(
        ran.out.starts_with(&format!("Going on from trajectory {done} of {all} in out\n")),
        "{}",
        ran.out
    );
    check_same(&folder, &whole);

    // What cannot be gone on from is not: a checkpoint that is not whole, or final states that are missing.
    interrupted(&folder, whole.half, "TERM");
    let checkpoint = folder.text("out/checkpoint.json");
    folder.write("out/checkpoint.json", &checkpoint[..checkpoint.len() / 2]);
    let ran = folder.done(&RUN);
    assert!(ran.out.starts_with("Starting over: checkpoint.json cannot be read in out\n"), "{}", ran.out);
    check_same(&folder, &whole);
    folder.write("out/checkpoint.json", &checkpoint);
    let ran = folder.done(&RUN);
    let missing = "Starting over: final states that checkpoint.json counts on are missing in out\n";
    assert!(ran.out.starts_with(missing), "{}", ran.out);
    check_same(&folder, &whole);

    // Nor is the checkpoint of another experiment.
    long(&folder, 2, all);
    interrupted(&folder, whole.half, "INT");
    long(&folder, 1, all);
    let ran = folder.done(&RUN);
    assert!(
        ran.out.starts_with("Starting over: checkpoint.json is of another experiment in out\n"),
        "{}",
        ran.out
    );
    check_same(&folder, &whole);
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let folder = Folder::new();
    // The one chunk takes many seconds.
    let text = quadratic("trajectories = 256\nsteps = 20000000", 2);
    folder.write(
        "long.toml",
        &(text + "[output]\nfinal_states = true\nplots = false\n[observe]\nevery = 10000000\n"),
    );
    let mut child = folder.command(&RUN).spawn().unwrap();
    let begun = Instant::now();
    // Its files are opened before its first step.
    while !folder.path("out/final-sgd.npy.part").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(20));
    }
    // Meanwhile nobody else writes there.
    let other = folder.polyak(&RUN);
    assert_eq!(other.code, Some(2), "{}", other.err);
    assert!(
        other.err.starts_with("error: output folder out: another run is writing there;"),
        "{}",
        other.err
    );
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "the first one waits for the chunk under way");
    signal(&child, "INT");
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{}", ran.err);
    assert!(!folder.path("out/summary.json").exists());
}

/// A limit on the size of files stands for a disk that fills up: the run ends with what was finished, and goes on later.
#[test]
fn a_disk_that_fills_up_is_told_and_costs_only_what_was_not_finished() {
    let folder = Folder::new();
    // 20 000 trajectories are 2 · 8 · 20 000 = 320 kB of final states; 128 blocks are 64 or 128 kB, depending on the shell.
    let text = quadratic("trajectories = 20000\nsteps = 5\nprecision = \"f64\"", 2);
    folder.write("disk.toml", &(text + "[output]\nfinal_states = true\nplots = false\n"));
    let run = format!(
        "trap '' XFSZ; ulimit -f 128; exec '{}' run disk.toml --out out",
        env!("CARGO_BIN_EXE_polyak")
    );
    let mut limited = Command::new("sh");
    limited.args(["-c", &run]).current_dir(folder.path("."));
    let ran = Ran::of(limited);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let sentence =
        "; the results of 20000 of 20000 trajectories are in out, and the same command starts again\n";
    assert!(
        ran.err.starts_with("error: cannot write to out: ") && ran.err.ends_with(sentence),
        "{}",
        ran.err
    );
    assert_eq!(folder.list("out"), ["experiment.toml", "moments.csv", "summary.json", "zscores.csv"]);
    folder.done(&["run", "disk.toml", "--out", "out"]);
    assert_eq!(Array::read(&folder.path("out/final-sgd.npy")).rows, 20000);
}

#[test]
fn a_device_that_takes_nothing_is_told_before_anything_is_computed() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        eprintln!("not tested: there is no /dev/full here");
        return;
    }
    let folder = Folder::new();
    long(&folder, 1, 1000);
    std::fs::create_dir(folder.path("out")).unwrap();
    std::os::unix::fs::symlink(full, folder.path("out/final-sgd.npy.part")).unwrap();
    let ran = folder.polyak(&RUN);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.starts_with("error: cannot write to out: "), "{}", ran.err);
    assert_eq!(ran.out, "");
}
