//! `polyak-decode ELF < FRAMES`: one line a message, `<level> <text>`; exit 1 if anything is left over.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use defmt_decoder::{DecodeError, Table};

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("usage: polyak-decode ELF < FRAMES")?;
    let table = Table::parse(&std::fs::read(path)?)?.context("the firmware has no defmt data")?;
    let mut frames = Vec::new();
    std::io::stdin().read_to_end(&mut frames)?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(&frames);
    loop {
        match decoder.decode() {
            Ok(frame) => {
                let level = frame.level().map_or("-", |level| level.as_str());
                println!("{level} {}", frame.display_message());
            }
            Err(DecodeError::UnexpectedEof) => return Ok(()),
            Err(DecodeError::Malformed) => bail!("the log has a frame that cannot be decoded"),
        }
    }
}
