//! The fixed set of `examples/c/replay.c`, computed by the Rust core itself; prints the same lines.

mod networks;
mod schedules;
mod streams;
mod trajectories;

use polyak_core::random::{Pcg32, Philox};
use polyak_replay::Digest;

/// A line as C prints it.
fn line(what: &str, run: impl FnOnce(&mut Digest)) {
    let mut digest = Digest::default();
    run(&mut digest);
    println!("{what} {:016x}", digest.value());
}

fn main() {
    line("schedules", schedules::all);
    line("streams f32", streams::all::<f32>);
    line("streams f64", streams::all::<f64>);
    line("trajectories f32 pcg32", |digest| trajectories::all(Pcg32::<f32>::new, digest));
    line("trajectories f32 philox", |digest| trajectories::all(Philox::<f32>::new, digest));
    line("trajectories f64 pcg32", |digest| trajectories::all(Pcg32::<f64>::new, digest));
    line("trajectories f64 philox", |digest| trajectories::all(Philox::<f64>::new, digest));
    line("networks f32 pcg32", |digest| networks::all(Pcg32::<f32>::new, digest));
    line("networks f32 philox", |digest| networks::all(Philox::<f32>::new, digest));
    line("networks f64 pcg32", |digest| networks::all(Pcg32::<f64>::new, digest));
    line("networks f64 philox", |digest| networks::all(Philox::<f64>::new, digest));
}
