//! What the terminal shows, and what a pipe gets.

use serde_json::Value;

use crate::harness::{EXAMPLE, Folder, Ran, small};

#[test]
fn json_prints_the_summary_and_nothing_else() {
    let folder = Folder::new();
    let ran = folder.done(&small(&["--json"]));
    assert_eq!(ran.err, "");
    assert_eq!(ran.out.trim_end(), folder.text("polyak-out/momentum-vs-sgd/summary.json").trim_end());
    let _: Value = serde_json::from_str(&ran.out).unwrap();
}

#[test]
fn quiet_prints_nothing() {
    let ran = Folder::new().done(&small(&["--quiet"]));
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn a_pipe_gets_a_plain_table() {
    let ran = Folder::new().done(&small(&[]));
    assert_eq!(ran.err, "", "no progress bar in a pipe");
    assert!(!ran.out.contains(['\x1b', '\r']), "no escape codes in a pipe");
    for line in
        ["Runs", "sgd after 50 steps, 600 trajectories", "sgdm, SVAG 4 after 200 steps, 600 trajectories"]
    {
        assert!(ran.out.lines().any(|found| found == line), "{line}:\n{}", ran.out);
    }
    let end = "Written to polyak-out/momentum-vs-sgd: summary.json, moments.csv, zscores.csv, paths.csv";
    assert_eq!(ran.out.lines().last(), Some(end));
}

/// A reader that stops reading, as `head -1` does: the results are on the disk and nobody is told of a fault.
#[test]
#[cfg(unix)]
fn a_reader_that_stops_reading_is_no_fault() {
    let folder = Folder::new();
    for arguments in [
        small(&[]),
        small(&["--json"]),
        vec!["theory", EXAMPLE],
        vec!["theory", EXAMPLE, "--json"],
        vec!["devices"],
    ] {
        let mut child = folder.command(&arguments).spawn().unwrap();
        drop(child.stdout.take());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
    assert!(folder.path("polyak-out/momentum-vs-sgd/summary.json").exists());
}

#[test]
fn theory_speaks_of_every_example() {
    let folder = Folder::new();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let mut count = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        count += 1;
        let (path, stem) = (path.to_str().unwrap(), path.file_stem().unwrap().to_str().unwrap());
        let ran = folder.done(&["theory", path]);
        assert!(ran.out.starts_with(&format!("{stem}: exact moments, d = ")), "{}", ran.out);
        assert!(ran.out.contains("\n  stable for curvature below "), "{}", ran.out);
        assert!(!ran.out.contains("NaN"), "{}", ran.out);
        let ran = folder.done(&["theory", path, "--json"]);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(report["experiment"], stem);
        assert!(!report["runs"].as_array().unwrap().is_empty());
    }
    assert!(count > 0);
    assert_eq!(folder.list("."), [""; 0], "theory writes no files");
}

#[test]
fn devices_names_the_cpu_and_says_what_is_with_gpus() {
    let folder = Folder::new();
    let ran = folder.done(&["devices"]);
    assert!(ran.out.starts_with("cpu: "), "{}", ran.out);
    assert!(
        ran.out.lines().any(|line| line.starts_with("gpu") || line.starts_with("no gpu: ")),
        "{}",
        ran.out
    );
    let devices: Value = serde_json::from_str(&folder.done(&["devices", "--json"]).out).unwrap();
    assert!(devices["cpu"]["threads"].as_u64().unwrap() > 0);
    assert!(!devices["cpu"]["instruction_sets"].as_array().unwrap().is_empty());
    assert!(devices["gpu"].is_object(), "{devices}");
}

#[test]
fn help_and_version() {
    let folder = Folder::new();
    assert_eq!(folder.done(&["--version"]).out, format!("polyak {}\n", env!("CARGO_PKG_VERSION")));
    let help = folder.done(&["--help"]).out;
    for command in ["run", "theory", "devices"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(command)), "{help}");
    }
    let help = folder.done(&["run", "--help"]).out;
    for flag in ["--backend", "--out", "--threads", "--set", "--quiet", "--json"] {
        assert!(help.contains(flag), "{help}");
    }
}
