//! A release build of `polyak-core`, linked as a board would, cannot panic and does not allocate: the symbols that either
//! would need are not in the object code.

use std::path::{Path, PathBuf};
use std::process::Command;

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};

/// What a panic or an allocation would leave in a symbol's name, in either mangling scheme.
const FORBIDDEN: [&str; 8] = [
    "panic",
    "unwrap_failed",
    "expect_failed",
    "slice_index_fail",
    "__rust_alloc",
    "__rg_alloc",
    "5alloc",
    "malloc",
];

/// Builds `source` as a static library against `polyak-core`, everything in one object.
fn build(name: &str, source: &Path, optimisation: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = format!(
        r#"[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[lib]
path = {source:?}
crate-type = ["staticlib"]

[dependencies]
polyak-core = {{ path = {:?} }}

[profile.release]
opt-level = {optimisation}
panic = "abort"
lto = "fat"
codegen-units = 1

[workspace]
"#,
        tests.join("../core")
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(tests.join("../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = folder.join("target");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--offline", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    target.join("release").join(format!("lib{}.a", name.replace('-', "_")))
}

/// The exported functions of the library, and the symbols in its code that a panic or an allocation would need. The
/// archive also carries the toolchain's `compiler_builtins`, which nothing here calls for either.
fn inspect(library: &Path, name: &str) -> (Vec<String>, Vec<String>) {
    let bytes = std::fs::read(library).unwrap();
    let archive = ArchiveFile::parse(bytes.as_slice()).unwrap();
    let (mut exported, mut forbidden) = (Vec::new(), Vec::new());
    for member in archive.members() {
        let member = member.unwrap();
        if !String::from_utf8_lossy(member.name()).starts_with(&name.replace('-', "_")) {
            continue;
        }
        let file = object::File::parse(member.data(bytes.as_slice()).unwrap()).unwrap();
        for symbol in file.symbols() {
            let symbol_name = symbol.name().unwrap().to_string();
            if FORBIDDEN.iter().any(|word| symbol_name.contains(word)) {
                forbidden.push(symbol_name);
            } else if symbol.is_global() && symbol.is_definition() {
                exported.push(symbol_name);
            }
        }
    }
    (exported, forbidden)
}

const EXPORTS: [&str; 18] = [
    "landscapes_single",
    "landscapes_double",
    "landscapes_lanes",
    "networks_single",
    "networks_double",
    "networks_lanes",
    "oracles_single",
    "oracles_double",
    "oracles_lanes",
    "any_oracle_single",
    "any_oracle_double",
    "streams_single",
    "streams_double",
    "checkpoints_single",
    "checkpoints_double",
    "functions_single",
    "functions_double",
    "schedules",
];

fn check(name: &str, optimisation: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("no-panic/exports.rs");
    let (exported, forbidden) = inspect(&build(name, &source, optimisation), name);
    assert_eq!(forbidden, Vec::<String>::new());
    for function in EXPORTS {
        assert!(exported.iter().any(|name| name == function), "{function} is not in {exported:?}");
    }
}

#[test]
fn core_optimised_for_speed_has_no_panic_and_no_allocation() {
    check("polyak-speed", "3");
}

#[test]
fn core_optimised_for_size_has_no_panic_and_no_allocation() {
    check("polyak-size", "\"s\"");
}

/// The check itself: an index that the compiler cannot bound is found.
#[test]
fn a_panic_is_found() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("no-panic/panics.rs");
    let (_, forbidden) = inspect(&build("polyak-index", &source, "3"), "polyak-index");
    assert!(forbidden.iter().any(|name| name.contains("panic_bounds_check")), "{forbidden:?}");
}
