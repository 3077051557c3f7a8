//! Writes the words of many streams, woven into one, to standard output without end: what TestU01 reads.
//!
//! `words (pcg32|philox) (trajectories|seeds|swapped|short|reversed)`
//!
//! * trajectories: word k of the trajectories 0 … 4095 of seed 1, then word k + 1 of each, …
//! * seeds: the same over the seeds 0 … 4095 of trajectory 0.
//! * swapped: (seed, trajectory) and (trajectory, seed) side by side, 2048 pairs.
//! * short: the first 16 words of trajectory 0, then of trajectory 1, 2, …: what a short experiment draws.
//! * reversed: as trajectories, each word with its bits in reverse, as most tests look at the upper ones.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use polyak_core::random::{PcgLane, PhiloxLane};
use rand_core::Rng;

const STREAMS: u64 = 4096;

fn weave<R: Rng>(mut streams: Vec<R>, word: impl Fn(u32) -> u32) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    loop {
        for stream in &mut streams {
            out.write_all(&word(stream.next_u32()).to_le_bytes())?;
        }
    }
}

fn write<R: Rng>(arrangement: &str, new: fn(u64, u64) -> R) -> Option<std::io::Result<()>> {
    let same = |word| word;
    Some(match arrangement {
        "trajectories" => weave((0..STREAMS).map(|i| new(1, i)).collect(), same),
        "seeds" => weave((0..STREAMS).map(|seed| new(seed, 0)).collect(), same),
        "swapped" => weave(
            (0..STREAMS).map(|i| if i % 2 == 0 { new(i, i + 1) } else { new(i, i - 1) }).collect(),
            same,
        ),
        "reversed" => weave((0..STREAMS).map(|i| new(1, i)).collect(), u32::reverse_bits),
        "short" => {
            let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
            (0..u64::MAX).try_for_each(|i| {
                let mut stream = new(1, i);
                (0..16).try_for_each(|_| out.write_all(&stream.next_u32().to_le_bytes()))
            })
        }
        _ => return None,
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["pcg32", arrangement] => write(arrangement, PcgLane::new),
        ["philox", arrangement] => write(arrangement, PhiloxLane::new),
        _ => None,
    };
    // The reader closes the pipe when it has seen enough, so an error here is the usual end.
    if done.is_none() {
        eprintln!("usage: words (pcg32|philox) (trajectories|seeds|swapped|short|reversed)");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}
