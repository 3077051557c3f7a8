//! Every claim of the papers with a reduced sample: it holds for the program as it is, and fails for each of the claim's mutations.

use std::sync::atomic::AtomicBool;

use polyak::reproduce::{Budget, Claim, Laboratory, Mutation, Outcome, Verdict, claims};

fn reproduce(claim: &Claim, mutation: Option<Mutation>) -> Outcome {
    let stop = AtomicBool::new(false);
    let laboratory = Laboratory::new(Budget::Reduced, 2, &stop);
    let laboratory = match mutation {
        None => laboratory,
        Some(mutation) => laboratory.mutated(mutation),
    };
    let (outcome, figure) = claim.reproduce(&laboratory).expect("nothing stops it");
    assert!(figure.to_svg().is_ok(), "{}: the figure can be drawn", claim.name);
    outcome
}

fn told_apart(name: &str) {
    let claim = claims::all().iter().find(|claim| claim.name == name).expect("a claim of this name");
    let right = reproduce(claim, None);
    assert_eq!(right.verdict, Verdict::Holds, "{name}: {:#?}", right.checks);
    assert!(!claim.mutations.is_empty(), "{name} has a mutation");
    for &mutation in claim.mutations {
        let wrong = reproduce(claim, Some(mutation));
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
    noise_scale: "noise-scale",
    sde_limit: "sde-limit",
    svag_order: "svag-order",
    stationary_covariance: "stationary-covariance",
    slow_manifold: "slow-manifold",
    diagonal_network: "diagonal-network",
    large_batch: "large-batch",
    momentum_optimum: "momentum-optimum",
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
