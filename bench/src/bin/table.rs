//! Updates per second on one core for every landscape, noise, law, optimiser, schedule and generator, one varied at a time from the job
//! Q8, at d = 1, 8, 64 and 1024 and in both precisions:
//!
//!     cargo run --release -p polyak-bench --bin table -- bench/results/cpu-table.json > bench/results/cpu-table.md
//!
//! The best of five runs of at least 50 ms and 16 steps each, of at most 1024 steps: in a hundred thousand without noise a point in `f32` falls below
//! 10⁻³⁸, where some processors take 25 times as long for a number. JSON to the file, a table in Markdown to standard output.

use std::time::Instant;

use polyak::backend::cpu::{Cpu, LaneScalar, Width};
use polyak::experiment::model::{Experiment, Precision};
use polyak::job::Job;
use polyak_bench::variants::{self, NETWORK, network_products};
use polyak_bench::{Provenance, peak, results_file, run, updates};
use serde_json::json;

fn main() {
    let path = results_file("table");
    let width = Width::detect();
    let peak = peak::multiply_add();
    let (mut rows, mut shares) = (Vec::new(), Vec::new());
    let provenance = Provenance::now();
    println!(
        "{}\n",
        provenance.line(
            "`cargo run --release -p polyak-bench --bin table`, why the slow rows are slow: `bench/NOTES.md`"
        )
    );
    println!("Updates per second on one core ({}), in 10⁶; f32 / f64.\n", width.name());
    variants::table(|name, d, experiment| {
        let (speed, peak) = match experiment.precision {
            Precision::F32 => (speed::<f32>(experiment, width), peak.map(|(single, _)| single)),
            Precision::F64 => (speed::<f64>(experiment, width), peak.map(|(_, double)| double)),
        };
        let (size, precision) = (experiment.dimension(), variants::precision(experiment));
        if let (Some(products), Some(peak)) = (products(name, d, size), peak) {
            shares.push(format!("{name}, d = {size}, {precision} {:.2}", speed * products / peak));
        }
        rows.push(json!({
            "varied": name,
            "dimension": size,
            "precision": precision,
            "updates_per_second": speed,
        }));
        format!("{:.0}", speed / 1e6)
    });
    let result = json!({
        "unfused_multiply_add_per_second": peak.map(|(single, double)| json!({ "f32": single, "f64": double })),
        "rows": rows,
    });
    if let Some((single, double)) = peak {
        let (single, double) = (single / 1e9, double / 1e9);
        println!(
            "\nPeak of unfused multiply-add in the same run: {single:.0}·10⁹ a second in f32, {double:.0}·10⁹ in f64. Multiply-adds of the products alone, with dense matrices and in networks, as a part of it: {}.",
            shares.join("; ")
        );
    }
    provenance.write(&path, result);
}

/// Multiply-adds of products that an update takes, in the column `d` where the point has `size` coordinates: d with H, (d + 1)/2 with the triangle
/// of Σ, those of a network's gradient over its parameters.
fn products(name: &str, d: usize, size: usize) -> Option<f64> {
    let (hessian, triangle) = (d as f64, (d + 1) as f64 / 2.0);
    let products = match name {
        "dense H" => hessian,
        "dense Σ" => triangle,
        "dense H and Σ" => hessian + triangle,
        NETWORK => network_products(d)? / size as f64,
        _ => return None,
    };
    (d >= 64).then_some(products)
}

/// Updates per second, the best of five runs: steps, and from 1024 of them on trajectories, are doubled until there are 16 steps and a run takes 50 ms.
fn speed<S: LaneScalar>(experiment: &Experiment, width: Width) -> f64 {
    let mut experiment = experiment.clone();
    let cpu = Cpu { width, threads: 1 };
    loop {
        for run in &mut experiment.runs {
            run.steps = experiment.observe.every;
        }
        let job = Job::<S>::new(&experiment);
        let time = || {
            let begun = Instant::now();
            run(&job, cpu);
            begun.elapsed().as_secs_f64()
        };
        let seconds = time().min(time());
        // With fewer steps, what is summed before the first and after the last would be much of it.
        if seconds > 0.05 && experiment.observe.every >= 16 {
            let best = (0..3).map(|_| time()).fold(seconds, f64::min);
            return updates(&experiment) as f64 / best;
        }
        // One step of the largest takes long enough by itself.
        let times = if seconds < 0.01 { 8 } else { 2 };
        if experiment.observe.every < 1024 {
            experiment.observe.every *= times;
        } else {
            experiment.trajectories *= times;
        }
    }
}
