//! `polyak reproduce`: the papers' claims, each checked and drawn.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::backend::{self, Selection};
use super::{CommandError, Outcome, say};
use crate::experiment::nearest;
use crate::report::write_atomically;
use crate::reproduce::store::{self, Stored};
use crate::reproduce::{Budget, Claim, Failure, Laboratory, Mutation, Verdict, claims, html};

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of claims.
    pub claims: Vec<String>,
    /// `--list`.
    pub list: bool,
    /// `--all`.
    pub all: bool,
    /// `--budget`.
    pub budget: BudgetChoice,
    /// `--backend` and `--device`.
    pub selection: Selection,
    /// `--seed`: added to the seed of every experiment.
    pub seed: u64,
    /// `--threads`; all cores by default.
    pub threads: Option<usize>,
    /// `--out`.
    pub out: Option<PathBuf>,
    /// `--fresh`: results on disk do not count.
    pub fresh: bool,
    /// `--mistake`, which is for tests: number of the claim's mutation that is made, from 1.
    pub mistake: Option<usize>,
    /// `--quiet`.
    pub quiet: bool,
    /// `--json`.
    pub json: bool,
}

/// `--budget`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum BudgetChoice {
    /// All claims on two cores in ten minutes.
    #[default]
    Quick,
    /// Larger samples, smaller rates: hours.
    Full,
}

impl From<BudgetChoice> for Budget {
    fn from(choice: BudgetChoice) -> Self {
        match choice {
            BudgetChoice::Quick => Self::Quick,
            BudgetChoice::Full => Self::Full,
        }
    }
}

/// Lists claims, or runs those that were named and leaves their results and a report in a folder. A claim whose result is there
/// already, by the same program and with the same budget, is not run again.
///
/// # Errors
/// Input: a name that no claim has, nothing named at all, a folder that cannot be written. Machine: a fault on the way; the claims
/// done before are on disk.
pub fn reproduce(options: &Options, stop: &AtomicBool) -> Result<Outcome, CommandError> {
    if options.list {
        return list(options.json);
    }
    let claims = chosen(options)?;
    let folder = options.out.clone().unwrap_or_else(|| Path::new("polyak-out").join("reproduce"));
    let threads =
        options.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    // A back end that is not there is said before anything runs, and no folder is left.
    backend::open::<f64>(&options.selection, threads)?;
    super::run::prepare(&folder)?;
    let right = || {
        Laboratory::new(options.budget.into(), threads, stop)
            .on(options.selection.clone())
            .seeded(options.seed)
    };
    let mut program = store::program();
    let mut results: Vec<Stored> = Vec::new();
    let mut interrupted = false;
    if let Some(number) = options.mistake {
        // Of another program, whose results are nobody else's.
        program += &format!(" with mistake {number}");
    }
    for claim in claims {
        let laboratory = match options.mistake {
            None => right(),
            Some(number) => right().mutated(mistake(claim, number)?),
        };
        let known = store::load(&folder, claim.name, (laboratory.budget, laboratory.seed), &program)
            .filter(|_| !options.fresh);
        let stored = match known {
            Some(stored) => stored,
            None => match compute(claim, &laboratory, &folder, &program) {
                Ok(stored) => stored,
                Err(Failure::Interrupted) => {
                    interrupted = true;
                    break;
                }
                Err(failure) => {
                    return Err(CommandError::Machine(format!("{}: {failure}", claim.name)));
                }
            },
        };
        if !options.json {
            say(&if options.quiet { line(&stored) } else { text(&stored) })?;
        }
        results.push(stored);
        // After each claim, so that an interruption leaves a report of what is done.
        write(&folder.join("report.html"), html::report(&results).as_bytes())?;
    }
    finish(options, &folder, &results, interrupted)
}

fn finish(
    options: &Options,
    folder: &Path,
    results: &[Stored],
    interrupted: bool,
) -> Result<Outcome, CommandError> {
    if options.json {
        let outcomes: Vec<_> = results.iter().map(|stored| &stored.outcome).collect();
        let json = serde_json::to_string_pretty(&outcomes)
            .map_err(|error| CommandError::Machine(error.to_string()))?;
        say(&(json + "\n"))?;
    } else if !options.quiet {
        if !results.is_empty() {
            say(&format!("Written to {}: report.html, and a .json, .svg and .png each\n", folder.display()))?;
        }
        if interrupted {
            say("Interrupted: the same command goes on with the next claim.\n")?;
        }
    }
    let failed = results.iter().any(|stored| stored.outcome.verdict == Verdict::Fails);
    Ok(match (interrupted, failed) {
        (true, _) => Outcome::Interrupted,
        (false, true) => Outcome::No,
        (false, false) => Outcome::Done,
    })
}

fn list(json: bool) -> Result<Outcome, CommandError> {
    let claims = claims::all();
    let text = if json {
        let entry = |claim: &Claim| {
            serde_json::json!({
                "claim": claim.name, "source": claim.source,
                "statement": claim.statement, "hypothesis": claim.hypothesis,
            })
        };
        format!("{:#}\n", serde_json::Value::Array(claims.iter().map(entry).collect()))
    } else {
        let mut text = String::new();
        for claim in claims {
            let _ = writeln!(text, "{} ({})\n    {}", claim.name, claim.source, claim.statement);
        }
        text
    };
    say(&text)?;
    Ok(Outcome::Done)
}

/// The claims that were asked for, each once, in the order of the list.
fn chosen(options: &Options) -> Result<Vec<&'static Claim>, CommandError> {
    let all = claims::all();
    if options.all && !options.claims.is_empty() {
        return Err(CommandError::Input("--all is every claim: give names or --all, not both".to_owned()));
    }
    if options.all {
        return Ok(all.iter().collect());
    }
    for name in &options.claims {
        if !all.iter().any(|claim| claim.name == name) {
            let meant = nearest(name, all.iter().map(|claim| claim.name))
                .map_or(String::new(), |near| format!(", did you mean {near}?"));
            return Err(CommandError::Input(format!(
                "no claim is named {name}{meant}; `polyak reproduce --list` names them all"
            )));
        }
    }
    if options.claims.is_empty() {
        return Err(CommandError::Input(
            "no claim is named: give names, --all, or --list to see them".to_owned(),
        ));
    }
    Ok(all.iter().filter(|claim| options.claims.iter().any(|name| name == claim.name)).collect())
}

/// The claim's mutation of this number, from 1.
fn mistake(claim: &Claim, number: usize) -> Result<Mutation, CommandError> {
    let found = number.checked_sub(1).and_then(|place| claim.mutations.get(place));
    found.copied().ok_or_else(|| {
        let count = claim.mutations.len();
        CommandError::Input(format!("--mistake: {} has the mistakes 1 to {count}", claim.name))
    })
}

fn compute(
    claim: &Claim,
    laboratory: &Laboratory<'_>,
    folder: &Path,
    program: &str,
) -> Result<Stored, Failure> {
    let (mut outcome, figure) = claim.reproduce(laboratory)?;
    if let Some(mutation) = laboratory.mutation {
        outcome.notes.insert(0, format!("Of a program that is wrong on purpose: {mutation:?}."));
    }
    figure.write(folder.join(claim.name))?;
    let stored = Stored { program: program.to_owned(), outcome, svg: figure.to_svg()? };
    store::save(folder, &stored)
        .map_err(|error| Failure::Fault(format!("cannot write to {}: {error}", folder.display())))?;
    Ok(stored)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    write_atomically(path, bytes)
        .map_err(|error| CommandError::Machine(format!("cannot write {}: {error}", path.display())))
}

fn line(stored: &Stored) -> String {
    format!("{:<24}{}\n", stored.outcome.claim, stored.outcome.verdict)
}

fn text(stored: &Stored) -> String {
    let outcome = &stored.outcome;
    let mut text = format!(
        "{} ({}): {}   [{:.1e} updates, {:.1} s on {}]\n",
        outcome.claim,
        outcome.source,
        outcome.verdict,
        outcome.updates as f64,
        outcome.seconds,
        outcome.devices.join(" and ")
    );
    for check in &outcome.checks {
        let _ = writeln!(
            text,
            "  {:<9}  {}: {}, expected {} in {}",
            check.verdict.to_string(),
            check.name,
            html::measured(check),
            html::number(Some(check.expected)),
            html::region(check)
        );
    }
    for note in &outcome.notes {
        let _ = writeln!(text, "  {note}");
    }
    text + "\n"
}
