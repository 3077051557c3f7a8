//! The command `polyak`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Parser, Subcommand};
use polyak::command::backend::{BackendChoice, Devices, Selection};
use polyak::command::reproduce::{self, BudgetChoice};
use polyak::command::run::Options;
use polyak::command::{CommandError, Outcome, crosscheck, devices, run, say};
use polyak::experiment::{Override, model::Experiment};

/// Ensembles of SGD and momentum trajectories, with error bars and the same bits everywhere.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run an experiment: a table here, numbers and a picture in a folder.
    Run {
        /// The experiment file.
        experiment: PathBuf,
        #[command(flatten)]
        selection: Selection,
        /// Folder of the results; polyak-out/<name of the experiment> by default.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Threads; all cores by default. The results do not depend on it.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=4096))]
        threads: Option<u64>,
        /// Change a field of the experiment, such as run.sgdm.momentum=0.8; may be repeated.
        #[arg(long = "set", value_name = "KEY=VALUE")]
        overrides: Vec<String>,
        /// No progress bar and no table.
        #[arg(long)]
        quiet: bool,
        /// Print summary.json and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Exact moments, thresholds and limits of an experiment, without running it.
    Theory {
        /// The experiment file.
        experiment: PathBuf,
        /// Change a field of the experiment; may be repeated.
        #[arg(long = "set", value_name = "KEY=VALUE")]
        overrides: Vec<String>,
        /// Print JSON and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// The papers' claims, each checked and drawn: a verdict for each, and a report in a folder.
    Reproduce {
        /// Names of claims.
        claims: Vec<String>,
        /// Name the claims and what they say.
        #[arg(long)]
        list: bool,
        /// All claims.
        #[arg(long)]
        all: bool,
        /// How much to spend.
        #[arg(long, value_enum, default_value_t)]
        budget: BudgetChoice,
        #[command(flatten)]
        selection: Selection,
        /// Folder of the results; polyak-out/reproduce by default.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Threads; all cores by default. The results do not depend on it.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=4096))]
        threads: Option<u64>,
        /// Added to the seed of every experiment: the same claims on other random numbers.
        #[arg(long, value_name = "N", default_value_t)]
        seed: u64,
        /// Run again what is in the folder already.
        #[arg(long)]
        fresh: bool,
        /// Make a claim's mistake of this number, from 1, as its tests do: it must fail.
        #[arg(long, value_name = "N", hide = true)]
        mistake: Option<usize>,
        /// One line a claim.
        #[arg(long)]
        quiet: bool,
        /// Print JSON, an array with an object for each claim, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// Whether back ends agree in every bit; exit code 0 only if all do.
    Crosscheck {
        /// An experiment file; without one, a built-in matrix of thousands of cases.
        experiment: Option<PathBuf>,
        /// Which back ends; by default the CPU and the GPU, or the emulator where there is no GPU.
        #[arg(long, value_enum, value_delimiter = ',')]
        backends: Vec<BackendChoice>,
        #[command(flatten)]
        devices: Devices,
        /// An eighth of the matrix: every problem with every run, each in one precision with one generator.
        #[arg(long, conflicts_with = "experiment")]
        reduced: bool,
        /// Trajectories of each case of the matrix; by default 20 000, where the emulator is 24 or 260.
        #[arg(long, value_name = "N", conflicts_with = "experiment", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
        trajectories: Option<u64>,
        /// Threads of the CPU; all cores by default.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=4096))]
        threads: Option<u64>,
        /// Change a field of the experiment; may be repeated.
        #[arg(long = "set", value_name = "KEY=VALUE", requires = "experiment")]
        overrides: Vec<String>,
        /// Print JSON, one object for each case and pair of back ends, and nothing else.
        #[arg(long)]
        json: bool,
    },
    /// What it can run on here, and why not.
    Devices {
        /// Print JSON and nothing else.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    match execute(Arguments::parse().command) {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            // Where nobody listens the exit code still tells.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn execute(command: Command) -> Result<Outcome, CommandError> {
    match command {
        Command::Run { experiment, selection, out, threads, overrides, quiet, json } => {
            let file = Some(experiment.clone());
            let experiment = read(&experiment, &overrides)?;
            let threads = threads.and_then(|threads| usize::try_from(threads).ok());
            let options = Options { experiment: file, selection, out, threads, quiet, json };
            run::run(&experiment, &options, interruptible()?.as_ref())
        }
        Command::Theory { experiment, overrides, json } => {
            let report = polyak::theory::report(&read(&experiment, &overrides)?);
            print(&report, json)
        }
        Command::Crosscheck {
            experiment,
            backends,
            devices,
            reduced,
            trajectories,
            threads,
            overrides,
            json,
        } => {
            let experiment = experiment.map(|file| read(&file, &overrides)).transpose()?;
            let threads = threads.and_then(|threads| usize::try_from(threads).ok());
            let options = crosscheck::Options { backends, devices, reduced, trajectories, threads, json };
            crosscheck::run(experiment, &options)
        }
        Command::Reproduce {
            claims,
            list,
            all,
            budget,
            selection,
            out,
            threads,
            seed,
            fresh,
            mistake,
            quiet,
            json,
        } => {
            let threads = threads.and_then(|threads| usize::try_from(threads).ok());
            let options = reproduce::Options {
                claims,
                list,
                all,
                budget,
                selection,
                seed,
                threads,
                out,
                fresh,
                mistake,
                quiet,
                json,
            };
            reproduce::reproduce(&options, interruptible()?.as_ref())
        }
        Command::Devices { json } => print(&devices::look(), json),
    }
}

fn read(path: &std::path::Path, overrides: &[String]) -> Result<Experiment, CommandError> {
    let input = |error: &dyn std::fmt::Display| CommandError::Input(error.to_string());
    let overrides: Result<Vec<Override>, _> = overrides.iter().map(|text| text.parse()).collect();
    Experiment::read(path, &overrides.map_err(|error| input(&error))?).map_err(|error| input(&error))
}

fn print<T: std::fmt::Display + serde::Serialize>(report: &T, json: bool) -> Result<Outcome, CommandError> {
    let text = if json {
        serde_json::to_string_pretty(report).map_err(|error| CommandError::Machine(error.to_string()))? + "\n"
    } else {
        report.to_string()
    };
    say(&text)?;
    Ok(Outcome::Done)
}

/// A flag that the first Ctrl-C sets; the second one ends the program at once.
fn interruptible() -> Result<Arc<AtomicBool>, CommandError> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Outcome::Interrupted.exit_code()));
        }
        let _ = writeln!(std::io::stderr(), "\nStopping after the chunks under way; again to stop at once.");
    })
    .map_err(|error| CommandError::Machine(format!("cannot catch Ctrl-C: {error}")))?;
    Ok(stop)
}
