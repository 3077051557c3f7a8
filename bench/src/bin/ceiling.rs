//! How near polyak comes to what the processor can do: Q8, Q1, SVAG4 and Q8 with Philox on one core, each beside a prototype in AVX-512
//! intrinsics with fused multiply-add (`polyak_bench::ceiling`), and both on two cores beside one:
//!
//!     cargo run --release -p polyak-bench --bin ceiling -- bench/results/ceiling.json > bench/results/ceiling.md
//!
//! All are run in turn, fifteen times each, a tenth of a second to two seconds a time. A neighbour of a virtual machine can only make a run slower, so the fastest of each are
//! compared; the ratio of the medians is beside it.

use std::time::Instant;

use polyak::backend::cpu::{Cpu, Width};
use polyak::job::Job;
use polyak::theory;
use polyak_bench::ceiling::{self, Ceiling};
use polyak_bench::{Provenance, job, results_file, run, updates};
use serde_json::json;

const ROUNDS: usize = 15;
const STEPS: u64 = 1000;
/// The jobs, and trajectories of each.
const JOBS: [(&str, Ceiling, u64); 6] = [
    ("Q8", Ceiling::Q8, 131_072),
    ("Q1", Ceiling::Q1, 131_072),
    ("SVAG4", Ceiling::Svag4, 131_072),
    ("Q8-philox", Ceiling::Q8Philox, 131_072),
    ("Q1-philox", Ceiling::Q1Philox, 131_072),
    ("SVAG4-philox", Ceiling::Svag4Philox, 131_072),
];

fn main() {
    let path = results_file("ceiling");
    let width = Width::detect();
    let mut rows = Vec::new();
    let provenance = Provenance::now();
    let program = format!(
        "`cargo run --release -p polyak-bench --bin ceiling`, whole ensembles through the engine, the fastest of {ROUNDS} runs each, updates a second. The \
         ceiling is a prototype in fused AVX-512 intrinsics, on two cores as two threads with half of the trajectories each"
    );
    println!("{}\n", provenance.line(&program));
    println!(
        "| job | ceiling | polyak, one core | of the ceiling | of the medians | polyak, two cores | times one | ceiling, two cores times one |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (name, which, trajectories) in JOBS {
        let experiment = job(name, trajectories, STEPS);
        let work = updates(&experiment) as f64;
        let polyak = Job::<f32>::new(&experiment);
        let exact = match theory::exact(&experiment, &experiment.runs[0], &[experiment.runs[0].total_steps()])
        {
            Ok(exact) => exact.moments[0].variance.clone(),
            Err(unsolvable) => panic!("{name}: {unsolvable}"),
        };
        let ceiling =
            || check(name, &exact, ceiling::run(which, trajectories as usize, STEPS as usize).as_deref());
        if !ceiling() {
            eprintln!("{name}: the ceiling needs AVX-512");
            std::process::exit(1);
        }
        let mut speeds = [const { Vec::new() }; 4];
        for _ in 0..ROUNDS {
            let contenders: [&dyn Fn(); 4] = [
                &|| {
                    ceiling();
                },
                &|| {
                    run(&polyak, Cpu { width, threads: 1 });
                },
                &|| {
                    run(&polyak, Cpu { width, threads: 2 });
                },
                &|| {
                    std::thread::scope(|scope| {
                        for _ in 0..2 {
                            scope.spawn(|| ceiling::run(which, trajectories as usize / 2, STEPS as usize));
                        }
                    });
                },
            ];
            for (speeds, contender) in speeds.iter_mut().zip(contenders) {
                let begun = Instant::now();
                contender();
                speeds.push(work / begun.elapsed().as_secs_f64());
            }
        }
        for speeds in &mut speeds {
            speeds.sort_by(f64::total_cmp);
        }
        let [ceiling, one, two, ceilings] = [0, 1, 2, 3].map(|i| speeds[i][ROUNDS - 1]);
        let medians = speeds[1][ROUNDS / 2] / speeds[0][ROUNDS / 2];
        println!(
            "| {name} | {ceiling:.2e} | {one:.2e} | {:.2} | {medians:.2} | {two:.2e} | {:.2} | {:.2} |",
            one / ceiling,
            two / one,
            ceilings / ceiling
        );
        let [a, b, c, d] = speeds;
        rows.push(
            json!({ "job": name, "ceiling": a, "one_core": b, "two_cores": c, "ceiling_two_cores": d }),
        );
    }
    provenance.write(&path, json!(rows));
}

/// Whether there is a ceiling; a prototype that does not do the work is none, so the variance of each coordinate at the end must be within 2 % of
/// the exact one (standard error: 0.4 %).
///
/// # Panics
/// If it is not.
fn check(name: &str, exact: &[f64], moments: Option<&[[f64; 2]]>) -> bool {
    let Some(moments) = moments else { return false };
    for (i, ([_, variance], exact)) in moments.iter().zip(exact).enumerate() {
        assert!((variance / exact - 1.0).abs() < 0.02, "{name}: variance {i} is {variance}, not {exact}");
    }
    true
}
