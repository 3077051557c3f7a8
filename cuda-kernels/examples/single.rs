//! Writes each kernel of a PTX file into a folder as the driver is given it, by itself with the functions that it calls:
//! `cargo run --package polyak-kernels --example single -- FILE.ptx FOLDER`

use std::error::Error;
use std::fs;
use std::path::Path;

use polyak_kernels::{names, single};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder] = arguments.as_slice() else {
        return Err("usage: single FILE.ptx FOLDER".into());
    };
    let text = fs::read_to_string(file)?;
    for name in names(&text) {
        let kernel = single(&text, name).ok_or_else(|| format!("{file}: {name} does not end"))?;
        fs::write(Path::new(folder).join(format!("{name}.ptx")), kernel)?;
    }
    Ok(())
}
