//! How the time of a run grows with trajectories n, dimension d, steps K and threads, each over three decades, with the exponent of a power law
//! fitted to it; that of threads up to as many as the machine has cores: with more of them there is nothing to gain, and nothing should be lost.
//!
//!     cargo run --release -p polyak-bench --bin scaling -- bench/results/scaling.json > bench/results/scaling.md
//!
//! The job Q8 but for what is varied (with d = 8, n = 16 384, K = 1000, one thread; K with n = 4096); the best of five runs each. And what
//! comes before the first step: the experiment is rounded, the sums are laid out, and the first chunk asks for its first coefficients and for the
//! point that deviations are taken from.

use std::hint::black_box;
use std::time::Instant;

use polyak::backend::cpu::{Cpu, Width};
use polyak::engine::Progress;
use polyak::experiment::model::Experiment;
use polyak::job::Job;
use polyak_bench::variants::variants;
use polyak_bench::{Provenance, results_file, run, updates};
use serde_json::{Value, json};

/// What a run has, and how many threads run it.
#[derive(Clone, Copy)]
struct Size {
    trajectories: u64,
    dimension: usize,
    steps: u64,
    threads: usize,
}

const BASE: Size = Size { trajectories: 16_384, dimension: 8, steps: 1000, threads: 1 };

fn main() {
    let path = results_file("scaling");
    let provenance = Provenance::now();
    let program = "`cargo run --release -p polyak-bench --bin scaling`, the job Q8 but for what is varied (n = 16 384, K = 1000, one thread; d with \
                   n = 1024; K with n = 4096; threads with n = 262 144), the best of five runs each. A trajectory costs some time besides its steps, and a run its beginning: hence an exponent below 1 over K, whose first decade is mostly beginning and end";
    println!("{}\n", provenance.line(program));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cores = cores as u64;
    let threads: Vec<u64> = (0..=10).map(|i| 1 << i).collect();
    let all = u64::MAX;
    let series = [
        series("n", &[256, 1024, 4096, 16_384, 65_536, 262_144], all, |n| Size { trajectories: n, ..BASE }),
        series("d", &[1, 4, 16, 64, 256, 1024, 4096], all, |d| Size {
            dimension: d as usize,
            trajectories: 1024,
            ..BASE
        }),
        series("K", &[10, 100, 1000, 10_000, 100_000], all, |steps| Size {
            steps,
            trajectories: 4096,
            ..BASE
        }),
        series("threads", &threads, cores, |threads| Size {
            threads: threads as usize,
            trajectories: 262_144,
            ..BASE
        }),
    ];
    provenance.write(&path, json!({ "series": series, "start": start() }));
}

/// Times, of five the median, what Q8 and others of the table do before their first step.
fn start() -> Value {
    println!("| before the first step | d | K | milliseconds |\n| --- | ---: | ---: | ---: |");
    let all = variants();
    let cases = [("nothing", 8), ("cosine", 8), ("dense H", 1024)];
    let rows = cases.iter().flat_map(|&(name, d)| [1000, 100_000, 10_000_000].map(|steps| (name, d, steps)));
    let rows: Vec<Value> = rows
        .map(|(name, d, steps)| {
            let Some(variant) = all.iter().find(|variant| variant.name.starts_with(name)) else {
                panic!("no variant is called {name}");
            };
            let Some(mut experiment) = (variant.make)(d) else { panic!("{name} is not there for d = {d}") };
            experiment.observe.every = steps / 100;
            experiment.runs[0].steps = steps;
            let mut times: Vec<f64> = (0..5).map(|_| before_the_first_step(&experiment)).collect();
            times.sort_by(f64::total_cmp);
            println!("| {} | {d} | {steps} | {:.3} |", variant.name, 1e3 * times[2]);
            json!({ "varied": name, "dimension": d, "steps": steps, "seconds": times[2] })
        })
        .collect();
    println!();
    json!(rows)
}

fn before_the_first_step(experiment: &Experiment) -> f64 {
    let begun = Instant::now();
    let job = Job::<f32>::new(experiment);
    let progress = Progress::new(&job);
    let run = &job.runs[0];
    let mut x = vec![0.0; job.dimension];
    let asked = (run.centre.at(0, &mut x), run.steps.lots(0, 1).next(), progress);
    let seconds = begun.elapsed().as_secs_f64();
    black_box(asked);
    seconds
}

/// Times one series, prints it, and gives it as JSON; the exponent is that of the values up to `fitted`.
fn series(name: &str, values: &[u64], fitted: u64, size: impl Fn(u64) -> Size) -> Value {
    println!("| {name} | seconds | updates a second |\n| ---: | ---: | ---: |");
    let mut rows = Vec::new();
    for &value in values {
        let (seconds, updates) = time(size(value));
        println!("| {value} | {seconds:.3e} | {:.2e} |", updates as f64 / seconds);
        rows.push((value, seconds));
    }
    let within: Vec<(u64, f64)> = rows.iter().copied().filter(|&(value, _)| value <= fitted).collect();
    let exponent = exponent(&within);
    if let Some(exponent) = exponent {
        let range = if within.len() < rows.len() { format!(" up to {fitted}") } else { String::new() };
        println!("\nTime grows like {name}^{exponent:.3}{range}.\n");
    }
    let rows: Vec<Value> =
        rows.iter().map(|(value, seconds)| json!({ name: value, "seconds": seconds })).collect();
    json!({ "varied": name, "exponent": exponent, "rows": rows })
}

/// The best of five runs, and its updates.
fn time(size: Size) -> (f64, u64) {
    let base = variants().into_iter().next().and_then(|variant| (variant.make)(size.dimension));
    let Some(mut experiment) = base else { return (f64::NAN, 0) };
    experiment.trajectories = size.trajectories;
    experiment.observe.every = size.steps;
    for run in &mut experiment.runs {
        run.steps = size.steps;
    }
    let job = Job::<f32>::new(&experiment);
    let cpu = Cpu { width: Width::detect(), threads: size.threads };
    let seconds = |_| {
        let begun = Instant::now();
        run(&job, cpu);
        begun.elapsed().as_secs_f64()
    };
    ((0..5).map(seconds).fold(f64::INFINITY, f64::min), updates(&experiment))
}

/// Slope of log time over log value by least squares; none of fewer than two points.
fn exponent(rows: &[(u64, f64)]) -> Option<f64> {
    let n = rows.len() as f64;
    let points = || rows.iter().map(|&(value, seconds)| (libm::log(value as f64), libm::log(seconds)));
    let (x, y) = points().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (xy, xx) = points().fold((0.0, 0.0), |(a, b), (u, v)| (a + (u - x) * (v - y), b + (u - x) * (u - x)));
    (rows.len() > 1).then(|| xy / xx)
}
