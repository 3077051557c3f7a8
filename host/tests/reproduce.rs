//! Every claim of the papers with a reduced sample: it holds for the program as it is, and fails for each of the claim's mutations.

use std::sync::atomic::AtomicBool;

use polyak::command::backend::BackendChoice;
use polyak::reproduce::{Budget, Claim, Laboratory, Mutation, Outcome, Verdict, claims};

/// The claim on the program as it is, or on one with a mistake until the first of so many checks fails.
fn reproduce(claim: &Claim, mistake: Option<(Mutation, usize)>) -> Outcome {
    let stop = AtomicBool::new(false);
    let laboratory = Laboratory::new(Budget::Reduced, 2, &stop);
    let laboratory = match mistake {
        None => laboratory,
        Some((mutation, checks)) => laboratory.mutated(mutation).until_failure(checks),
    };
    let (outcome, figure) = claim.reproduce(&laboratory).expect("nothing stops it");
    assert!(mistake.is_some() || figure.to_svg().is_ok(), "{}: the figure can be drawn", claim.name);
    outcome
}

fn told_apart(name: &str) {
    let claim = claims::all().iter().find(|claim| claim.name == name).expect("a claim of this name");
    let right = reproduce(claim, None);
    assert_eq!(right.verdict, Verdict::Holds, "{name}: {:#?}", right.checks);
    assert!(!claim.mutations.is_empty(), "{name} has a mutation");
    for &mutation in claim.mutations {
        let wrong = reproduce(claim, Some((mutation, right.checks.len())));
        assert_eq!(wrong.verdict, Verdict::Fails, "{name}, {mutation:?}: {:#?}", wrong.checks);
    }
}

macro_rules! claims {
    ($($test:ident: $name:literal,)*) => {
        $(#[test]
        fn $test() {
            told_apart($name);
        })*

        #[test]
        fn every_claim_is_tested() {
            let names: Vec<&str> = claims::all().iter().map(|claim| claim.name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

claims! {
    smoother_path: "smoother-path",
    loss_change: "loss-change",
    weak_error: "weak-error",
    averaged_schedule: "averaged-schedule",
    memory: "memory",
    noise_scale: "noise-scale",
    sde_limit: "sde-limit",
    svag_order: "svag-order",
    stationary_covariance: "stationary-covariance",
    slow_manifold: "slow-manifold",
    diagonal_network: "diagonal-network",
    svag_large_batch: "svag-large-batch",
    marginal_value: "marginal-value",
    few_shot: "few-shot",
    large_batch: "large-batch",
    summed_noise: "summed-noise",
    autoencoder: "autoencoder",
    momentum_optimum: "momentum-optimum",
    momentum_optimum_models: "momentum-optimum-models",
}

#[test]
fn results_do_not_depend_on_threads() {
    let claim = &claims::all()[0];
    let stop = AtomicBool::new(false);
    let [one, three] = [1, 3].map(|threads| {
        let (outcome, figure) = claim.reproduce(&Laboratory::new(Budget::Reduced, threads, &stop)).unwrap();
        (outcome.checks, outcome.updates, figure)
    });
    assert!(one == three);
}

#[test]
fn a_stop_interrupts() {
    let stop = AtomicBool::new(true);
    let result = claims::all()[0].reproduce(&Laboratory::new(Budget::Reduced, 1, &stop));
    assert_eq!(result.err().map(|failure| failure.to_string()).as_deref(), Some("interrupted"));
}

#[test]
fn the_back_end_leaves_the_bits_as_they_are() {
    let mut experiment = polyak::theory::example::experiment();
    experiment.trajectories = 300;
    let stop = AtomicBool::new(false);
    let [cpu, emulator] = [BackendChoice::Cpu, BackendChoice::Emulator].map(|backend| {
        let laboratory = Laboratory::new(Budget::Reduced, 2, &stop).on(backend);
        let mut ends = Vec::new();
        let ensemble = laboratory.ends(&experiment, |sample| ends.extend(sample.end(0).to_vec())).unwrap();
        let [device] = <[String; 1]>::try_from(laboratory.take_devices()).unwrap();
        // Paths are the CPU's.
        let mut paths = Vec::new();
        laboratory.sample(&experiment, |sample| paths.extend(sample.end(0).to_vec())).unwrap();
        assert!(paths == ends && laboratory.take_devices()[0].starts_with("cpu: "));
        let side_by_side = laboratory.each(&[experiment.clone(), experiment.clone()]).unwrap();
        assert!(side_by_side.iter().all(|each| each.runs[0].digest == ensemble.runs[0].digest));
        (device, ensemble.runs[0].digest.clone(), ends)
    });
    assert!(cpu.0.starts_with("cpu: ") && emulator.0.starts_with("emulator: "));
    assert!(cpu.2.len() == 300 && (cpu.1, cpu.2) == (emulator.1, emulator.2));
}
