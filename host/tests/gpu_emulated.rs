//! The GPU back end through `cust` and a driver that emulates: memory, launches, streams, several devices, and what goes wrong.
//!
//! The driver is `polyak-driver`, a shared library that this test puts where the loader looks first.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const EXPERIMENT: &str = r#"
trajectories = 1500
steps = 12
[landscape]
kind = "quadratic"
curvature = [0.1, 0.3, 1.0]
start = 1.0
[noise]
kind = "gaussian"
scale = 0.5
[observe]
every = 5
paths = 2
[[run]]
name = "sgdm"
optimizer = "sgdm"
learning_rate = 0.1
momentum = 0.9
[[run]]
name = "svag"
optimizer = "sgd"
learning_rate = 0.1
svag = 2
[[run]]
name = "short"
optimizer = "heavy-ball"
learning_rate = { kind = "cosine", from = 0.1, to = 0.0, steps = 7 }
momentum = 0.5
steps = 7
"#;

/// A folder with the driver and the experiment.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_polyak"));
    let driver = program.parent().unwrap().join("deps/libpolyak_driver.so");
    fs::copy(&driver, folder.join("libcuda.so.1")).unwrap();
    fs::write(folder.join("experiment.toml"), EXPERIMENT).unwrap();
    folder
}

fn polyak(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_polyak"))
        .current_dir(folder)
        .args(arguments)
        .env("LD_LIBRARY_PATH", folder)
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn digests(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", text(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = summary["runs"].as_array().unwrap();
    runs.iter().map(|run| run["digest"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn one_gpu_and_several_give_the_bits_of_the_cpu() {
    let folder = folder("emulated gpus");
    // Little memory, so that there are batches of a chunk or two.
    for environment in [&[("FAKE_DEVICES", "1")][..], &[("FAKE_DEVICES", "2"), ("FAKE_FREE", "250000")]] {
        let arguments = ["crosscheck", "experiment.toml", "--backends", "cpu,gpu", "--json"];
        let output = polyak(&folder, &arguments, environment);
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        let comparisons: Value = serde_json::from_slice(&output.stdout).unwrap();
        let comparisons = comparisons.as_array().unwrap();
        assert_eq!(comparisons.len(), 3);
        for comparison in comparisons {
            assert_eq!(comparison["differing_bits"], 0, "{comparison}");
            assert_eq!(comparison["backends"], serde_json::json!(["cpu", "gpu"]));
        }
    }
}

#[test]
fn a_gpu_that_computes_something_else_is_found_out() {
    let folder = folder("emulated difference");
    // The first run takes the kernel of quadratics; the second does not.
    let broken = [("FAKE_PTX", "quadratic_f32_pcg32_3_momentum:sub.rn.f32:add.rn.f32")];
    let arguments = ["crosscheck", "experiment.toml", "--backends", "cpu,gpu"];
    let output = polyak(&folder, &arguments, &broken);
    let (said, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((output.status.code(), error.as_str()), (Some(1), ""), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    // sgdm and short take the broken kernel, svag takes the one for all problems of three coordinates.
    let [sgdm, first, short, _, all] = lines[..] else { panic!("{said}") };
    assert!(sgdm.starts_with("experiment: sgdm: cpu ") && sgdm.ends_with(" bits differ"), "{said}");
    assert!(short.starts_with("experiment: short: cpu "), "{said}");
    assert!(first.starts_with("  first in trajectory 0 after step 1, coordinate 0: cpu "), "{said}");
    assert!(
        all.starts_with("experiment: cpu and gpu: 1 of 3 cases agree in every bit, 4500 trajectories, "),
        "{said}"
    );

    let output = polyak(&folder, &[&arguments[..], &["--json"]].concat(), &broken);
    assert_eq!(output.status.code(), Some(1));
    let comparisons: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [sgdm, svag, _] = &comparisons.as_array().unwrap()[..] else { panic!("{comparisons}") };
    let first = &sgdm["first_difference"];
    assert_eq!((&first["trajectory"], &first["step"]), (&0.into(), &1.into()), "{sgdm}");
    for side in 0..2 {
        // The value is the number whose bits are given.
        let bits = u32::from_str_radix(first["bits"][side].as_str().unwrap(), 16).unwrap();
        let value = first["values"][side].as_f64().unwrap();
        // As f32, which the parser of JSON does not miss by its last place of f64.
        assert_eq!(value as f32, f32::from_bits(bits), "{first}");
    }
    assert_ne!(first["bits"][0], first["bits"][1]);
    assert_ne!(sgdm["digests"][0], sgdm["digests"][1]);
    assert!(sgdm["differing_bits"].as_u64().unwrap() > 1000, "{sgdm}");
    assert_eq!((&svag["differing_bits"], &svag["first_difference"]), (&0.into(), &Value::Null));
}

#[test]
fn final_states_come_back_only_when_they_are_used() {
    let folder = folder("emulated states");
    let one = EXPERIMENT.split("[[run]]").take(2).collect::<Vec<_>>().join("[[run]]");
    fs::write(folder.join("one.toml"), one).unwrap();
    // Bytes of each copy from the device, and the summary.
    let copies = |name: &str, more: &[&str]| -> (Vec<u64>, Value) {
        let log = folder.join(format!("{name}.log"));
        let _ = fs::remove_file(&log);
        let arguments =
            ["run", "one.toml", "--json", "--backend", "gpu", "--out", name, "--set", "output.plots=false"];
        let environment = [("FAKE_LOG", log.to_str().unwrap())];
        let output = polyak(&folder, &[&arguments[..], more].concat(), &environment);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let log = fs::read_to_string(log).unwrap();
        let bytes =
            log.lines().filter_map(|line| line.strip_prefix("copy ")).map(|bytes| bytes.parse().unwrap());
        (bytes.collect(), serde_json::from_slice(&output.stdout).unwrap())
    };
    let states = 1500 * 3 * 4;
    let (with, spoken) = copies("with", &[]);
    assert!(with.iter().sum::<u64>() >= states, "{with:?}");
    let (without, silent) = copies("without", &["--set", "output.digest=false"]);
    assert!(without.iter().sum::<u64>() < states / 4, "{without:?}");
    for asked in ["output.final_states=true", "observe.histograms=[{coordinate=0, from=-1.0, to=1.0}]"] {
        let (copied, _) = copies("asked", &["--set", "output.digest=false", "--set", asked]);
        assert!(copied.iter().sum::<u64>() >= states, "{asked}: {copied:?}");
    }
    // What is left says the same.
    let (spoken, silent) = (&spoken["runs"][0], &silent["runs"][0]);
    assert!(spoken["digest"].is_string() && silent["digest"].is_null(), "{silent}");
    assert_eq!((&spoken["final"], &spoken["diverged"]), (&silent["final"], &silent["diverged"]));
    let moments = |name: &str| fs::read(folder.join(name).join("moments.csv")).unwrap();
    assert_eq!(moments("with"), moments("without"));
}

/// The launches of a run with more arguments: kernel, blocks in y, device.
fn launches(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Vec<(String, u32, u32)> {
    let log = folder.join("launches.log");
    let _ = fs::remove_file(&log);
    // What is there already would not be computed again.
    let _ = fs::remove_dir_all(folder.join("polyak-out"));
    let always = ["run", "experiment.toml", "--json", "--backend", "gpu", "--set", "output.plots=false"];
    let logged = [environment, &[("FAKE_LOG", log.to_str().unwrap())]].concat();
    digests(&polyak(folder, &[&always[..], arguments].concat(), &logged));
    let log = fs::read_to_string(log).unwrap();
    let launch = |line: &str| match line.split(' ').collect::<Vec<_>>()[..] {
        ["launch", kernel, _, rows, device] => {
            Some((kernel.to_owned(), rows.parse().unwrap(), device.parse().unwrap()))
        }
        _ => None,
    };
    log.lines().filter_map(launch).collect()
}

#[test]
fn a_whole_sweep_is_one_launch_for_each_observation_point() {
    let folder = folder("emulated sweep");
    let one = EXPERIMENT.split("[[run]]").next().unwrap();
    let sweep = "[[run]]\noptimizer = \"sgdm\"\n[sweep]\nlearning_rate = [0.1, 0.05, 0.02]\nmomentum = [0.9, 0.8, 0.7, 0.5]\n";
    fs::write(folder.join("experiment.toml"), format!("{one}{sweep}")).unwrap();
    // One chunk, so one batch.
    let launches = launches(&folder, &["--set", "trajectories=256"], &[]);
    // Observed after 0, 5, 10 and 12 steps; at each, one launch moves the trajectories of all twelve runs and one sums.
    let kernels: Vec<&str> = launches.iter().map(|(kernel, ..)| kernel.as_str()).collect();
    assert_eq!(kernels, ["quadratic_f32_pcg32_3_momentum", "sums_f32"].repeat(4));
    assert!(launches.iter().all(|&(_, rows, _)| rows == 12), "{launches:?}");
}

#[test]
fn chunks_are_dealt_to_all_gpus() {
    let folder = folder("emulated deal");
    let environment = [("FAKE_DEVICES", "3"), ("FAKE_FREE", "250000")];
    let launches = launches(&folder, &[], &environment);
    for device in 0..3 {
        assert!(launches.iter().any(|&(_, _, on)| on == device), "{device}: {launches:?}");
    }
}

#[test]
fn the_gpus_that_are_named_compute_and_no_others() {
    let folder = folder("emulated choice");
    let three = [("FAKE_DEVICES", "3"), ("FAKE_FREE", "250000")];
    for (named, expected) in [("1", &[1][..]), ("2,0", &[0, 2]), ("0,1,2", &[0, 1, 2])] {
        let launches = launches(&folder, &["--device", named], &three);
        let mut devices: Vec<u32> = launches.iter().map(|&(_, _, device)| device).collect();
        devices.sort_unstable();
        devices.dedup();
        assert_eq!(devices, expected, "{named}");
    }
    let run = |arguments: &[&str]| {
        let always = ["run", "experiment.toml", "--json", "--set", "output.plots=false"];
        let output = polyak(&folder, &[&always[..], arguments].concat(), &three);
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        (digests(&output), summary["backend"]["device"].clone())
    };
    let (cpu, _) = run(&["--backend", "cpu", "--out", "cpu"]);
    // Who names a GPU has chosen the back end.
    assert_eq!(run(&["--device", "2", "--out", "two"]), (cpu.clone(), "Emulated 2".into()));
    let both = ["--backend", "gpu", "--device", "2,1", "--out", "both"];
    assert_eq!(run(&both), (cpu, "Emulated 1, Emulated 2".into()));

    let log = folder.join("crosscheck.log");
    let environment = [("FAKE_DEVICES", "3"), ("FAKE_LOG", log.to_str().unwrap())];
    let _ = fs::remove_file(&log);
    let output = polyak(&folder, &["crosscheck", "experiment.toml", "--device", "1"], &environment);
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("cpu and gpu: 3 of 3 cases agree in every bit"));
    let log = fs::read_to_string(log).unwrap();
    let launched: Vec<&str> = log.lines().filter(|line| line.starts_with("launch ")).collect();
    assert!(!launched.is_empty() && launched.iter().all(|line| line.ends_with(" 1")), "{log}");
}

#[test]
fn a_gpu_that_cannot_be_had_is_refused() {
    let folder = folder("emulated refusal");
    let two = ("FAKE_DEVICES", "2");
    let none = ("FAKE_DEVICES", "0");
    let no_gpu = "to compute; the back end must be gpu";
    for (arguments, environment, code, words) in [
        (
            &["run", "--device", "2"][..],
            two,
            2,
            "--device 2: there is no GPU of that number; it can be 0 or 1",
        ),
        (
            &["run", "--device", "0,7", "--backend", "gpu"],
            two,
            2,
            "--device 7: there is no GPU of that number",
        ),
        (&["run", "--device", "1,1"], two, 2, "--device 1: that GPU is named twice; it can be 0 or 1"),
        (&["run", "--device", "first"], two, 2, "invalid value 'first' for '--device <N,...>'"),
        (&["run", "--device", "0", "--backend", "cpu"], two, 2, no_gpu),
        (&["run", "--device", "0", "--backend", "emulator"], two, 2, no_gpu),
        (&["crosscheck", "--device", "0", "--backends", "cpu,emulator"], two, 2, no_gpu),
        (
            &["crosscheck", "--device", "5"],
            two,
            2,
            "--device 5: there is no GPU of that number; it can be 0 or 1",
        ),
        // Whoever names a GPU does not want the CPU instead.
        (
            &["run", "--device", "0"],
            none,
            3,
            "no GPU to run on: the NVIDIA driver (CUDA 13.0) finds no device",
        ),
        (&["crosscheck", "--device", "0"], none, 3, "no GPU to run on: "),
    ] {
        let arguments = [&arguments[..1], &["experiment.toml"], &arguments[1..]].concat();
        let output = polyak(&folder, &arguments, &[environment]);
        let error = text(&output.stderr);
        assert!(output.status.code() == Some(code) && error.contains(words), "{arguments:?}: {error}");
        assert!(!folder.join("polyak-out").exists(), "{arguments:?}");
    }
    let claims = ["reproduce", "--device", "4", "weak-error", "--out", "claims"];
    let output = polyak(&folder, &claims, &[two]);
    assert!(
        text(&output.stderr).contains("--device 4: there is no GPU of that number"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_kernel_is_compiled_once_for_each_stream_that_uses_it() {
    let folder = folder("emulated modules");
    let log = folder.join("modules.log");
    let _ = fs::remove_file(&log);
    // One chunk a batch, so that every stream has several.
    let environment = [("FAKE_FREE", "250000"), ("FAKE_LOG", log.to_str().unwrap())];
    let arguments = ["run", "experiment.toml", "--json", "--backend", "gpu", "--out", "modules"];
    let output = polyak(&folder, &arguments, &environment);
    let log = fs::read_to_string(log).unwrap();
    let lines = |kind: &str| -> Vec<&str> { log.lines().filter(|line| line.starts_with(kind)).collect() };
    let loaded = lines("load ");
    let mut kernels = loaded.clone();
    kernels.sort_unstable();
    kernels.dedup();
    assert_eq!(
        kernels,
        ["load quadratic_f32_pcg32_3_momentum 0", "load small_f32_pcg32_3 0", "load sums_f32 0"]
    );
    for kernel in kernels {
        let times = loaded.iter().filter(|line| **line == kernel).count();
        assert!((1..=2).contains(&times), "{kernel}: {times}");
    }
    assert!(lines("launch ").len() > 4 * loaded.len(), "{log}");
    digests(&output);
}

#[test]
fn seconds_are_those_of_the_device_s_clock_each_counted_once() {
    let folder = folder("emulated clock");
    // One chunk, which one of a device's two streams computes; and batches of a chunk on both streams, and on two devices.
    for (trajectories, devices) in [("256", "1"), ("3000", "1"), ("3000", "2")] {
        let log = folder.join("clock.log");
        let _ = fs::remove_file(&log);
        let _ = fs::remove_dir_all(folder.join("clock"));
        let environment =
            [("FAKE_DEVICES", devices), ("FAKE_FREE", "250000"), ("FAKE_LOG", log.to_str().unwrap())];
        let trajectories = format!("trajectories={trajectories}");
        let arguments = [
            "run",
            "experiment.toml",
            "--json",
            "--backend",
            "gpu",
            "--out",
            "clock",
            "--set",
            &trajectories,
        ];
        let output = polyak(&folder, &arguments, &environment);
        digests(&output);
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        let runs = summary["runs"].as_array().unwrap();
        let seconds: f64 = runs.iter().map(|run| run["seconds"].as_f64().unwrap()).sum();
        let log = fs::read_to_string(log).unwrap();
        if trajectories == "trajectories=256" {
            // Compiling kernels takes longer than many a job: it comes before the clock is read.
            let compiled = log.rfind("load ").unwrap();
            assert!(log.find("record ").is_some_and(|first| compiled < first), "{log}");
        }
        // A launch takes a millisecond.
        let launches = log.lines().filter(|line| line.starts_with("launch ")).count();
        let expected = 1e-3 * launches as f64 / devices.parse::<f64>().unwrap();
        assert!(launches >= 8 && (seconds - expected).abs() < 1e-6, "{launches} launches, {seconds} s");
    }
}

#[test]
fn auto_takes_the_gpu_and_says_so() {
    let folder = folder("emulated auto");
    let run = |arguments: &[&str]| polyak(&folder, &[&["run", "experiment.toml"], arguments].concat(), &[]);
    let output = run(&["--out", "spoken"]);
    assert!(text(&output.stdout).starts_with("Running on the GPU: Emulated 0\n"), "{}", text(&output.stdout));
    let gpu = run(&["--out", "gpu", "--json"]);
    assert_eq!(digests(&gpu), digests(&run(&["--out", "cpu", "--json", "--backend", "cpu"])));
    let summary: Value = serde_json::from_slice(&gpu.stdout).unwrap();
    assert_eq!(
        (&summary["backend"]["kind"], &summary["backend"]["device"]),
        (&"gpu".into(), &"Emulated 0".into())
    );
    // Everything but the back end and the time is the same, to the last digit of every moment.
    assert_eq!(
        fs::read(folder.join("gpu/moments.csv")).unwrap(),
        fs::read(folder.join("cpu/moments.csv")).unwrap()
    );
}

#[test]
fn without_a_gpu_devices_auto_and_gpu_say_why() {
    let folder = folder("emulated none");
    let none = folder.join("no library");
    fs::create_dir_all(&none).unwrap();
    let none = ("LD_LIBRARY_PATH", none.to_str().unwrap());
    for (environment, words, driver) in [
        (none, "no NVIDIA driver: ", false),
        (("FAKE_DEVICES", "0"), "the NVIDIA driver (CUDA 13.0) finds no device", true),
        (("FAKE_FAULT", "cuInit:100:1"), "the NVIDIA driver (CUDA 13.0) finds no device", true),
        (
            ("FAKE_VERSION", "9020"),
            "the NVIDIA driver is too old: it supports CUDA 9.2, the kernels need 10.0",
            true,
        ),
        (("FAKE_FAULT", "cuInit:803:1"), "restart the machine (CUDA error 803)", true),
    ] {
        let say = |arguments: &[&str]| polyak(&folder, arguments, &[environment]);
        let devices = say(&["devices"]);
        let said = text(&devices.stdout);
        assert!(devices.status.success() && said.contains("no gpu: ") && said.contains(words), "{said}");
        let auto = say(&["run", "experiment.toml", "--out", "auto"]);
        let said = text(&auto.stdout);
        assert!(auto.status.success(), "{}", text(&auto.stderr));
        // Where there is no driver, nobody expects a GPU.
        assert_eq!(said.starts_with("Running on the CPU: ") && said.contains(words), driver, "{said}");
        let gpu = say(&["run", "experiment.toml", "--backend", "gpu"]);
        let error = text(&gpu.stderr);
        assert!(gpu.status.code() == Some(3) && error.contains(words), "{error}");
    }
}

#[test]
fn batches_are_halved_until_they_fit() {
    let folder = folder("emulated halves");
    let cpu = digests(&polyak(&folder, &["run", "experiment.toml", "--json", "--backend", "cpu"], &[]));
    // The driver says that there is room for all chunks, and gives no more than one at a time.
    let environment = [("FAKE_MEMORY", "1200000"), ("FAKE_FREE", "100000000")];
    let gpu = polyak(&folder, &["run", "experiment.toml", "--json", "--backend", "gpu"], &environment);
    assert_eq!(digests(&gpu), cpu);
    let output = polyak(&folder, &["run", "experiment.toml", "--backend", "gpu"], &[("FAKE_MEMORY", "1000")]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(
        error.contains("could not allocate 0.00 GiB on the device: the device has not enough free memory"),
        "{error}"
    );
}

#[test]
fn a_fault_is_a_sentence_and_finished_batches_are_kept() {
    let folder = folder("emulated faults");
    let faults = [
        ("cuLaunchKernel:719:1", "could not launch the kernel"),
        ("cuEventSynchronize:700:1", "could not finish the kernels: a kernel went wrong"),
        (
            "cuModuleLoadDataEx:222:1",
            "the driver is too old for the version of the kernels' PTX (CUDA error 222)",
        ),
        (
            "cuDevicePrimaryCtxRetain:46:1",
            "no GPU to run on: could not open the device: the device is used by another program",
        ),
        ("cuMemAlloc_v2:999:1", "could not allocate"),
        (
            "cuMemAllocHost_v2:2:1",
            "could not allocate page-locked memory: the device has not enough free memory (CUDA error 2)",
        ),
        ("cuStreamCreateWithPriority:2:1", "could not make a stream"),
        ("cuEventRecord:700:1", "could not record an event: a kernel went wrong"),
        (
            "cuMemcpyHtoDAsync_v2:719:1",
            "could not copy to the device: a kernel failed; the device must be opened anew",
        ),
        (
            "cuMemcpyDtoHAsync_v2:214:1",
            "could not finish the kernels and copy from the device: the device found an error in its memory",
        ),
    ];
    for (fault, words) in faults {
        let arguments = ["run", "experiment.toml", "--backend", "gpu", "--out", "faults"];
        let output = polyak(&folder, &arguments, &[("FAKE_FAULT", fault)]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{fault}: {error}");
        assert!(error.contains(words), "{fault}: {error}");
    }
    // Devices that are lost in the second batch of each thread, whichever comes first: what was finished is there, and the same command
    // goes on on the CPU to the same bits.
    let few = [("FAKE_FREE", "250000"), ("FAKE_FAULT", "cuEventSynchronize:700:2")];
    let arguments = ["run", "experiment.toml", "--out", "kept", "--backend"];
    let output = polyak(&folder, &[&arguments[..], &["gpu"]].concat(), &few);
    let error = text(&output.stderr);
    assert!(output.status.code() == Some(3) && error.contains("of 1500 trajectories are in kept"), "{error}");
    let resumed = polyak(&folder, &[&arguments[..], &["cpu", "--json"]].concat(), &[]);
    let whole =
        polyak(&folder, &["run", "experiment.toml", "--out", "whole", "--backend", "cpu", "--json"], &[]);
    assert_eq!(digests(&resumed), digests(&whole));
}
