//! What the kernels do for an update, counted in the emulator: instructions of PTX, and loads and stores of the device's memory.
//!
//! `POLYAK_WORK=write cargo test --test kernel_work` writes the table anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use polyak::backend::emulator::{Emulator, Module, Stats};
use polyak::backend::kernels::KernelScalar;
use polyak::crosscheck::{Case, Matrix, cases};
use polyak::experiment::model::Precision;
use polyak::job::Job;
use polyak_kernels::PTX;
use polyak_lanes::Centre;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cuda-kernels/work.tsv");

/// A number of trajectories, all in one chunk.
const TRAJECTORIES: u64 = 24;

/// What the kernels that move trajectories do on a run that is observed at its two ends, after `steps` steps; and their name.
fn work<S: KernelScalar>(job: &Job<S>, run: usize, steps: u64, module: &Module) -> (String, Stats) {
    let mut short = Job { runs: vec![job.runs[run].clone()], trajectories: TRAJECTORIES, ..job.clone() };
    let alone = &mut short.runs[0];
    alone.plan.observed = [0, steps].into();
    alone.plan.steps = steps;
    alone.centre = Centre::zero(job.dimension, Arc::clone(&alone.plan.observed));
    let (_, stats) = Emulator::with_module(module, 1).run_counted(&short, 0..1).unwrap();
    let movers: Vec<(String, Stats)> =
        stats.into_iter().filter(|(kernel, _)| !kernel.starts_with("sums_")).collect();
    let [mover] = &movers[..] else { panic!("{movers:?}") };
    mover.clone()
}

/// Instructions, loads and stores that four times `STEPS` steps take beyond `STEPS`, of all threads.
fn of_steps<S: KernelScalar>(case: &Case, run: usize, module: &Module) -> (String, [u64; 3], u64) {
    const STEPS: u64 = 4;
    let job = Job::<S>::new(&case.experiment);
    let (kernel, few) = work(&job, run, STEPS, module);
    let (_, many) = work(&job, run, 4 * STEPS, module);
    let counts = |stats: Stats| [stats.instructions, stats.loads, stats.stores];
    let (few, many) = (counts(few), counts(many));
    (kernel, std::array::from_fn(|i| many[i] - few[i]), 3 * STEPS * TRAJECTORIES * job.dimension as u64)
}

fn counted(case: &Case, run: usize, module: &Module) -> (String, [u64; 3], u64) {
    match case.experiment.precision {
        Precision::F32 => of_steps::<f32>(case, run, module),
        Precision::F64 => of_steps::<f64>(case, run, module),
    }
}

fn names(case: &Case) -> Vec<&str> {
    case.experiment.runs.iter().map(|run| run.name.as_str()).collect()
}

#[test]
fn a_small_point_is_in_registers() {
    let module = Module::parse(PTX).unwrap();
    let mut seen = BTreeMap::<String, usize>::new();
    for case in cases(Matrix::Reduced, TRAJECTORIES).unwrap() {
        // The matrix is long: some of its runs here, all in the crosscheck.
        let runs = names(&case);
        let chosen = ["sgdm", "sgdm, svag 4", "nesterov, weight decay"];
        for run in (0..runs.len()).filter(|&run| chosen.contains(&runs[run])) {
            let (kernel, [_, _, stores], _) = counted(&case, run, &module);
            let name = format!("{}, {}", case.name, runs[run]);
            let (d, wide) = (case.experiment.dimension(), case.experiment.precision == Precision::F64);
            let small = [1, 2, 3, 4].contains(&d) || d == 8 && !wide;
            // Decks and units of a network are in memory.
            let besides = ["without replacement", "epochs", "dense network"]
                .iter()
                .any(|word| case.name.contains(word));
            if !small {
                assert!(stores > 0 && !kernel.starts_with("small_"), "{name}: {kernel}");
            } else {
                assert!(kernel.starts_with("small_") || kernel.starts_with("quadratic_"), "{name}: {kernel}");
                assert!(stores == 0 || besides, "{name}: {kernel} stores {stores} numbers");
                *seen.entry(kernel).or_default() += 1;
            }
        }
    }
    let count = |family| seen.keys().filter(|kernel| kernel.starts_with(family)).count();
    assert!(
        count("small_f") >= 10 && count("small_sensing_f") >= 4 && count("small_network_f") >= 3,
        "{seen:?}"
    );
}

/// The problems of the table, and the run.
const PROBLEMS: [&str; 12] = [
    "quadratic, d = 1",
    "quadratic, d = 8",
    "quadratic, d = 67",
    "dense quadratic, dense covariance",
    "valley, gaussian",
    "rosenbrock, d = 8",
    "double well, d = 4",
    "double well, d = 8",
    "network, label on one",
    "least squares, d = 8, with replacement",
    "matrix sensing, 2 x 2, label on one",
    "dense network, d = 4, tanh, squared, label on all",
];

/// The PTX in which the kernel for any problem, its point in memory, has the name of one with the point in registers.
fn in_memory(kernel: &str) -> Option<Module> {
    let (family, dimension) = kernel.rsplit_once('_')?;
    dimension.parse::<u32>().ok()?;
    let own =
        |name: &str| name.replacen("small_sensing", "sensing", 1).replacen("small_network", "network", 1);
    let any = own(family).replacen("small", "advance", 1);
    let text =
        PTX.replace(&format!("{kernel}("), "unused(").replace(&format!("{any}("), &format!("{kernel}("));
    Module::parse(&text).ok()
}

#[test]
fn the_work_of_an_update_is_what_the_table_says() {
    let module = Module::parse(PTX).unwrap();
    let mut table = String::from(
        "# What one update takes, counted by the emulator: instructions of PTX, loads and stores of the device's memory; and the same with\n\
         # the point in memory. host/tests/kernel_work.rs writes it: POLYAK_WORK=write cargo test --package polyak --test kernel_work\n\
         problem\trun\tkernel\tinstructions\tloads\tstores\tin memory: instructions\tloads\tstores\n",
    );
    let cases = cases(Matrix::Whole, TRAJECTORIES).unwrap();
    for case in cases.iter().filter(|case| {
        case.name.strip_suffix(", f32, pcg32").is_some_and(|problem| PROBLEMS.contains(&problem))
    }) {
        for wanted in ["sgdm", "sgdm, svag 4", "nesterov, weight decay"] {
            let run = names(case).iter().position(|name| *name == wanted).unwrap();
            let (kernel, counts, updates) = counted(case, run, &module);
            let each = |counts: [u64; 3]| counts.map(|count| format!("{:.1}", count as f64 / updates as f64));
            let mut fields = vec![case.name.clone(), wanted.to_owned(), kernel.clone()];
            fields.extend(each(counts));
            match kernel.starts_with("small_").then(|| in_memory(&kernel)).flatten() {
                Some(other) => fields.extend(each(counted(case, run, &other).1)),
                None => fields.extend(["-"; 3].map(str::to_owned)),
            }
            writeln!(table, "{}", fields.join("\t")).unwrap();
        }
    }
    if std::env::var_os("POLYAK_WORK").is_some_and(|wanted| wanted == "write") {
        std::fs::write(Path::new(TABLE), table).unwrap();
        return;
    }
    assert_eq!(std::fs::read_to_string(TABLE).unwrap(), table, "if that is meant: POLYAK_WORK=write");
}
