//! The digits of `examples/data` as bytes: pixels row by row, and classes.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    for name in ["digits", "digits-test"] {
        let csv = format!("../../data/{name}.csv");
        println!("cargo::rerun-if-changed={csv}");
        let text = fs::read_to_string(&csv).expect("the data lie in examples/data");
        let (mut pixels, mut classes) = (Vec::new(), Vec::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let row: Vec<u8> = line.split(',').map(|number| number.parse().expect("a byte")).collect();
            pixels.extend_from_slice(&row[..64]);
            classes.push(row[64]);
        }
        fs::write(out.join(format!("{name}.pixels")), pixels).expect("OUT_DIR can be written");
        fs::write(out.join(format!("{name}.classes")), classes).expect("OUT_DIR can be written");
    }
}
