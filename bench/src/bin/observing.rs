//! What observing every 10 steps costs, for every landscape, noise, law, optimiser, schedule and generator, one varied at a time from the job Q8, at
//! d = 1, 8, 64 and 1024 and in both precisions:
//!
//!     cargo run --release -p polyak-bench --bin observing -- bench/results/observing.json > bench/results/observing.md
//!
//! Each is run in turn observed at its two ends and every 10 steps, eleven times, of at least 30 ms each. A neighbour of a virtual machine can only make a
//! run slower, so the fastest of each are compared. All times go to the file, in seconds.

use std::time::Instant;

use polyak::backend::cpu::{Cpu, LaneScalar, Width};
use polyak::experiment::model::{Experiment, Precision};
use polyak::job::Job;
use polyak_bench::{Provenance, results_file, run, variants};
use serde_json::json;

const ROUNDS: usize = 11;
const SHORTEST: f64 = 0.03;
/// Steps between two observations.
const EVERY: u64 = 10;

fn main() {
    let path = results_file("observing");
    let provenance = Provenance::now();
    println!(
        "{}\n",
        provenance.line(&format!(
            "`cargo run --release -p polyak-bench --bin observing`, the fastest of {ROUNDS} runs each, in turn"
        ))
    );
    println!(
        "What observing every {EVERY} steps (mean, variance, third and fourth moments of every coordinate, mean and variance of the loss) adds to the time of a run observed at its ends, on one core; f32 / f64.\n"
    );
    let mut rows = Vec::new();
    variants::table(|name, _, experiment| {
        let [seldom, often] = match experiment.precision {
            Precision::F32 => times::<f32>(experiment),
            Precision::F64 => times::<f64>(experiment),
        };
        let fastest = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
        let cell = format!("{:.1} %", 100.0 * (fastest(&often) / fastest(&seldom) - 1.0));
        rows.push(json!({
            "varied": name,
            "dimension": experiment.dimension(),
            "precision": variants::precision(experiment),
            "trajectories": experiment.trajectories,
            "steps": experiment.runs[0].steps,
            "seconds": seldom,
            "seconds_observed_often": often,
        }));
        cell
    });
    provenance.write(&path, json!(rows));
}

/// Seconds of each round, observed at the ends and often. First steps are doubled, from 1000 of them on trajectories, until a run takes long enough.
fn times<S: LaneScalar>(experiment: &mut Experiment) -> [Vec<f64>; 2] {
    let cpu = Cpu { width: Width::detect(), threads: 1 };
    let time = |job: &Job<S>| {
        let begun = Instant::now();
        run(job, cpu);
        begun.elapsed().as_secs_f64()
    };
    experiment.trajectories = 256;
    experiment.runs[0].steps = 5 * EVERY;
    let seldom = loop {
        experiment.observe.every = experiment.runs[0].steps;
        let seldom = Job::<S>::new(experiment);
        if time(&seldom).min(time(&seldom)) > SHORTEST {
            break seldom;
        }
        if experiment.runs[0].steps < 1000 {
            experiment.runs[0].steps *= 2;
        } else {
            experiment.trajectories *= 2;
        }
    };
    experiment.observe.every = EVERY;
    let often = Job::<S>::new(experiment);
    let mut seconds = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        for (seconds, job) in seconds.iter_mut().zip([&seldom, &often]) {
            seconds.push(time(job));
        }
    }
    seconds
}
