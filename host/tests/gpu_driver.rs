//! The CUDA driver is opened at run time: with none, with a broken one, and with one made for this test.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use polyak::backend::gpu::device::devices;
use serde_json::Value;

/// What a fresh process finds whose loader looks in `library_folder` first.
fn report(library_folder: &Path, environment: &[(&str, &str)]) -> Value {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["print_the_report", "--exact", "--nocapture"])
        .env("LD_LIBRARY_PATH", library_folder)
        .env("PRINT_THE_REPORT", "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("report ")).unwrap_or_else(|| panic!("{text}"));
    serde_json::from_str(line).unwrap()
}

/// The other tests run this one in a process of its own. By itself it says what this machine has.
#[test]
fn print_the_report() {
    let report = devices();
    assert_eq!(report.reason.is_none(), report.usable().next().is_some());
    let sentences = report.to_string();
    let out_of_memory = cust::error::CudaError::OutOfMemory.to_string();
    let missing = cust::context::CurrentContext::synchronize().err().map(|error| error as u32);
    let mut value = serde_json::to_value(&report).unwrap();
    value["sentences"] = sentences.into();
    value["out of memory"] = out_of_memory.into();
    value["missing"] = missing.into();
    if std::env::var_os("PRINT_THE_REPORT").is_some() {
        println!("\nreport {value}");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// `cc` is there wherever Rust can link a program.
fn fake_driver(name: &str) -> PathBuf {
    let folder = folder(name);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake_driver/libcuda.c");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(folder.join("libcuda.so.1")).arg(source);
    assert!(compiler.status().unwrap().success());
    folder
}

#[test]
fn a_library_that_cannot_be_opened_is_no_driver() {
    let folder = folder("broken driver");
    fs::write(folder.join("libcuda.so.1"), "").unwrap();
    let report = report(&folder, &[]);
    assert_eq!(report["reason"]["cause"], "no-driver", "{report}");
    assert!(report["sentences"].as_str().unwrap().contains("libcuda.so.1"), "{report}");
    assert_eq!(report["missing"], 100, "a call without a driver");
    assert!(report["out of memory"].as_str().unwrap().len() > 2, "{report}");
}

#[test]
fn devices_of_a_driver_are_listed() {
    let report = report(&fake_driver("driver"), &[]);
    assert_eq!(report["driver"]["major"], 12);
    assert_eq!(report["driver"]["minor"], 4);
    assert_eq!(report["reason"], Value::Null, "{report}");
    let [zero, one] = report["devices"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!(zero["name"], "Fake Zero");
    assert_eq!(zero["capability"]["major"], 9);
    assert_eq!(zero["memory"], 1u64 << 33);
    assert_eq!(zero["multiprocessors"], 132);
    assert_eq!(one["memory"], 2u64 << 33);
    let sentences = report["sentences"].as_str().unwrap();
    assert!(
        sentences.contains("gpu 0: Fake Zero, compute capability 9.1, 8.0 GiB, 132 multi"),
        "{sentences}"
    );
    assert!(sentences.contains("too old: the kernels need compute capability 7.5"), "{sentences}");
    assert_eq!(report["missing"], 302, "a function that this driver lacks");
}

#[test]
fn each_reason_for_no_device_is_told_apart() {
    let folder = fake_driver("driver without a device");
    for (environment, cause, words) in [
        (("FAKE_VERSION", "9020"), "driver-too-old", "supports CUDA 9.2, the kernels need 10.0"),
        (("FAKE_INIT", "100"), "no-device", "(CUDA 12.4) finds no device"),
        (("FAKE_COUNT", "0"), "no-device", "finds no device"),
        (("FAKE_INIT", "803"), "fault", "restart the machine (CUDA error 803)"),
        (("FAKE_INIT", "912"), "fault", "words of the driver (CUDA error 912)"),
        (("FAKE_INIT", "9999"), "fault", "a code that this program does not know (CUDA error 9999)"),
        (("FAKE_MAJOR", "7"), "devices-too-old", "no device has compute capability 7.5"),
    ] {
        let report = report(&folder, &[environment]);
        assert_eq!(report["reason"]["cause"], cause, "{report}");
        assert!(report["sentences"].as_str().unwrap().contains(words), "{report}");
    }
}
