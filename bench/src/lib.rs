//! The jobs that benchmarks time, as experiments, and the limits that they are held against.

pub mod ceiling;
pub mod kernels;
pub mod peak;
pub mod ratios;
pub mod samplers;
pub mod variants;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

use polyak::backend::ChunkResult;
use polyak::backend::cpu::{Cpu, LaneScalar, Width};
use polyak::engine::{self, Executor, Fault, Listener, Progress};
use polyak::experiment::model::Experiment;
use polyak::job::Job;
use polyak_core::real::Scalar;
use serde_json::{Value, json};

/// The file that raw results go to: the only argument of the command line. Without it, or with anything else, says how `program` is called and ends
/// with exit code 2.
pub fn results_file(program: &str) -> String {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(path), None) if !path.starts_with('-') => path,
        _ => {
            eprintln!("usage: {program} FILE.json");
            std::process::exit(2);
        }
    }
}

/// Where and of what a measurement is: the day, the commit (with a `+` where the tree has changes besides), the processor and its cores, and the
/// widest instruction set that lanes take there.
#[derive(Debug, Clone)]
pub struct Provenance {
    date: String,
    commit: String,
    processor: String,
    cores: usize,
    instruction_set: &'static str,
}

impl Provenance {
    /// Of this moment.
    pub fn now() -> Self {
        let said = |program: &str, arguments: &[&str]| {
            let output =
                Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
            let output = output.ok().filter(|output| output.status.success());
            output.map_or("unknown".to_owned(), |output| {
                String::from_utf8_lossy(&output.stdout).trim().to_owned()
            })
        };
        // The results themselves change while they are measured.
        let changes = said("git", &["status", "--porcelain", "--", ":/", ":(top,exclude)bench/results"]);
        let changes = if changes.is_empty() { "" } else { "+" };
        Self {
            date: said("date", &["-u", "+%Y-%m-%d"]),
            commit: said("git", &["rev-parse", "--short", "HEAD"]) + changes,
            processor: polyak::command::run::cpu_name(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            instruction_set: Width::detect().name(),
        }
    }

    /// As the first line of a table, with the program that made it.
    pub fn line(&self, program: &str) -> String {
        let Self { date, commit, processor, cores, instruction_set } = self;
        format!("{processor} ({instruction_set}), {cores} cores, {date}, commit {commit}: {program}.")
    }

    /// Writes raw results with it to a file; ends the program with exit code 3 where that cannot be done.
    pub fn write(&self, path: &str, results: Value) {
        let Self { date, commit, processor, cores, instruction_set } = self;
        let text = json!({
            "date": date, "commit": commit, "processor": processor, "cores": cores, "instruction_set": instruction_set, "results": results,
        });
        if let Err(error) = std::fs::write(path, format!("{text:#}\n")) {
            eprintln!("{path}: {error}");
            std::process::exit(3);
        }
    }
}

/// A job of the speed table by its name.
///
/// * `Q8`: d = 8, diagonal curvature log-spaced 0.1 … 1, σ = 1/√η, η = 0.01, β = 0.9, SGDM, Gaussian noise, f32, 1000 steps.
/// * `Q1`: the same with d = 1, h = 1; `Q64`: with d = 64.
/// * `SVAG4`: Q8 under SVAG(4).
/// * `Q8-f64`, `Q8-sgd`: Q8 with that one thing changed; any of them with `-philox` behind it: on the other generator.
///
/// # Panics
/// On a name that is not in the list: a mistake in a benchmark.
pub fn job(name: &str, trajectories: u64, steps: u64) -> Experiment {
    let (name, rng) = match name.strip_suffix("-philox") {
        Some(name) => (name, "rng = \"philox\""),
        None => (name, ""),
    };
    let curvature = match name {
        "Q1" => "dimension = 1\ncurvature = 1.0",
        "Q64" => "dimension = 64\ncurvature = { from = 0.1, to = 1.0, spacing = \"log\" }",
        _ => "dimension = 8\ncurvature = { from = 0.1, to = 1.0, spacing = \"log\" }",
    };
    let top = match name {
        "Q8-f64" => "precision = \"f64\"",
        "Q8" | "Q1" | "Q64" | "SVAG4" | "Q8-sgd" => "",
        _ => panic!("no job is called {name}"),
    };
    let run = match name {
        "SVAG4" => "optimizer = \"sgdm\"\nmomentum = 0.9\nsvag = 4",
        "Q8-sgd" => "optimizer = \"sgd\"",
        _ => "optimizer = \"sgdm\"\nmomentum = 0.9",
    };
    let text = format!(
        "trajectories = {trajectories}\nsteps = {steps}\n{rng}\n{top}\n\
         [landscape]\nkind = \"quadratic\"\nstart = 1.0\n{curvature}\n\
         [noise]\nkind = \"gaussian\"\nscale = 10.0\n\
         [[run]]\nlearning_rate = 0.01\n{run}\n\
         [observe]\nevery = {steps}\n"
    );
    match Experiment::parse(&text, Path::new(name), &[]) {
        Ok(experiment) => experiment,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// The training of a 64-32-10 network (ReLU, softmax cross-entropy) on 1440 digits, by SGDM with mini-batches of `batch` examples, from the
/// same weights in every trajectory; seen only at its ends.
///
/// # Panics
/// Where the repository's examples are not beside this crate.
pub fn network(batch: usize, trajectories: u64, steps: u64) -> Experiment {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/digits.csv");
    let text = format!(
        "trajectories = {trajectories}\nsteps = {steps}\n\
         [landscape]\nkind = \"network\"\nlayers = [64, 32, 10]\nactivation = \"relu\"\nloss = \"cross-entropy\"\n\
         data = {data:?}\nscale = 0.0625\nstart = {{ kind = \"he\", seed = 1 }}\n\
         [noise]\nkind = \"mini-batch\"\nbatch = {batch}\nsampling = \"epochs\"\n\
         [[run]]\noptimizer = \"sgdm\"\nlearning_rate = 0.01\nmomentum = 0.9\n\
         [observe]\nevery = {steps}\n"
    );
    match Experiment::parse(&text, Path::new("network"), &[]) {
        Ok(experiment) => experiment,
        Err(error) => panic!("network: {error}"),
    }
}

/// Updates of an experiment: n · d · K over its runs.
pub fn updates(experiment: &Experiment) -> u64 {
    let steps: u64 = experiment.runs.iter().map(|run| run.total_steps()).sum();
    experiment.trajectories * experiment.dimension() as u64 * steps
}

/// Runs a job to its end and gives the digest of its first run, so that nothing is optimised away.
///
/// # Panics
/// On a fault of the CPU back end, which has none.
pub fn run<S: LaneScalar>(job: &Job<S>, cpu: Cpu) -> String {
    drive(job, &cpu)
}

/// As [`run`], on any back end.
///
/// # Panics
/// On a fault of the back end.
pub fn drive<S: Scalar>(job: &Job<S>, executor: &dyn Executor<S>) -> String {
    let mut progress = Progress::new(job);
    let stop = AtomicBool::new(false);
    if let Err(fault) = engine::drive(job, executor, &mut progress, &mut Silent, &stop) {
        panic!("{fault}");
    }
    progress.runs[0].digest.to_string()
}

/// A listener that writes nothing.
struct Silent;

impl<S> Listener<S> for Silent {
    fn merged(&mut self, _: &Progress, _: &[ChunkResult<S>]) -> Result<(), Fault> {
        Ok(())
    }
}
