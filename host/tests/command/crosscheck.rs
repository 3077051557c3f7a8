//! `polyak crosscheck` as a user meets it. What it says of back ends that differ is in `gpu_emulated.rs`.

use serde_json::Value;

use crate::harness::{Folder, quadratic};

fn experiment() -> Folder {
    let folder = Folder::new();
    folder.write("small.toml", &quadratic("trajectories = 300\nsteps = 6", 2));
    folder
}

#[test]
fn an_experiment_that_agrees_is_a_line_and_exit_code_0() {
    let ran = experiment().done(&["crosscheck", "small.toml", "--backends", "cpu,emulator"]);
    assert_eq!(
        ran.out,
        "small: cpu and emulator: 1 of 1 cases agree in every bit, 300 trajectories, 3.600e3 updates, 0 differing bits\n"
    );
    assert_eq!(ran.err, "");
}

#[test]
fn json_has_an_object_for_each_case_and_pair() {
    let folder = experiment();
    let arguments = ["crosscheck", "small.toml", "--backends", "cpu,emulator", "--json", "--set", "seed=3"];
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&folder.done(arguments).out).unwrap() };
    let found = json(&arguments);
    let [comparison] = &found.as_array().unwrap()[..] else { panic!("{found}") };
    let mut keys: Vec<&String> = comparison.as_object().unwrap().keys().collect();
    keys.sort();
    let expected = "backends case differing_bits digests first_difference trajectories updates";
    assert_eq!(keys, expected.split(' ').collect::<Vec<_>>());
    assert_eq!(comparison["backends"], serde_json::json!(["cpu", "emulator"]));
    assert_eq!(comparison["updates"], 3600.0);
    assert_eq!(comparison["differing_bits"], 0);
    assert_eq!(comparison["first_difference"], Value::Null);
    // `--set` is heard: the digest is that of the same experiment run, with this seed and no other.
    let digest = &comparison["digests"][0];
    assert_eq!(digest, &comparison["digests"][1]);
    let run = ["run", "small.toml", "--json", "--backend", "cpu", "--set", "output.plots=false", "--set"];
    assert_eq!(&json(&[&run[..], &["seed=3"]].concat())["runs"][0]["digest"], digest);
    assert_ne!(&json(&[&run[..], &["seed=4"]].concat())["runs"][0]["digest"], digest);
    // Nothing is left behind.
    assert_eq!(folder.list("."), ["polyak-out", "small.toml"]);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = experiment();
    for (backends, words) in [
        ("cpu", "--backends: needs two that differ, as in cpu,gpu"),
        ("cpu,cpu", "--backends: needs two that differ, as in cpu,gpu"),
        ("cpu,auto", "--backends auto: give the back ends by name: cpu, gpu, emulator"),
        ("cpu,tpu", "invalid value 'tpu' for '--backends <BACKENDS>'"),
    ] {
        let ran = folder.polyak(&["crosscheck", "small.toml", "--backends", backends]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{backends}: {}", ran.err);
        assert!(ran.err.contains(words), "{backends}: {}", ran.err);
    }
    let ran = folder.polyak(&["crosscheck", "small.toml", "--set", "seed=none"]);
    assert_eq!(ran.code, Some(2), "{}", ran.err);
    assert!(ran.err.contains("--set seed=none: seed"), "{}", ran.err);
    let ran = folder.polyak(&["crosscheck", "--set", "seed=1"]);
    assert_eq!(ran.code, Some(2), "--set without an experiment: {}", ran.err);
}

#[test]
fn the_matrix_takes_any_number_of_trajectories_from_1_on() {
    let folder = Folder::new();
    let matrix = |count: &'static str| {
        ["crosscheck", "--backends", "cpu,emulator", "--reduced", "--trajectories", count]
    };
    let ran = folder.done(&matrix("1"));
    assert!(ran.out.starts_with("the built-in matrix: cpu and emulator: "), "{}", ran.out);
    for count in ["0", "1000000000001", "-1", "some"] {
        let ran = folder.polyak(&matrix(count));
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{count}: {}", ran.err);
        let refused =
            ran.err.contains(&format!("'{count}' for '--trajectories <N>'")) || ran.err.contains("'-1'");
        assert!(refused, "{count}: {}", ran.err);
    }
    let ran = folder.polyak(&matrix("0"));
    assert!(ran.err.contains("0 is not in 1..=1000000000000"), "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_gpu_the_reason_is_said_and_no_folder_is_left() {
    let folder = experiment();
    // A library that is no driver stands before any that there may be.
    folder.write("libcuda.so.1", "");
    for arguments in [
        &["run", "small.toml", "--backend", "gpu", "--out", "results"][..],
        &["run", "small.toml", "--backend", "gpu"],
        &["crosscheck", "small.toml", "--backends", "cpu,gpu"],
    ] {
        let mut command = folder.command(arguments);
        command.env("LD_LIBRARY_PATH", folder.path("."));
        let ran = crate::harness::Ran::of(command);
        assert_eq!((ran.code, ran.out.as_str()), (Some(3), ""), "{arguments:?}: {}", ran.err);
        assert!(ran.err.starts_with("error: no GPU to run on: no NVIDIA driver: "), "{}", ran.err);
        assert_eq!(folder.list("."), ["libcuda.so.1", "small.toml"], "{arguments:?}");
    }
}
