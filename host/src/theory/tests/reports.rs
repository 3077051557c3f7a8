//! The report says what the functions say, as text and as JSON.

use super::{experiment, optimizers, run};
use crate::experiment::model::{Covariance, Landscape, Law, Noise};
use crate::schedule::Schedule;
use crate::theory::stationary::stationary;
use crate::theory::{exact, report};

fn noise() -> Noise {
    Noise::Additive { law: Law::Rademacher, covariance: Covariance::Identity }
}

#[test]
fn quadratic_report_has_every_answer() {
    let mut experiment = experiment(Landscape::Diagonal { curvature: vec![0.5, 2.0] }, &[1.0, 1.0], noise());
    experiment.runs = optimizers()
        .into_iter()
        .map(|optimizer| run(optimizer, Schedule::Constant(0.1), Schedule::Constant(0.5), 30))
        .collect();
    let report = report(&experiment);
    assert_eq!(report.rate_threshold, Some(0.5));
    for (run, said) in experiment.runs.iter().zip(&report.runs) {
        let end = &exact(&experiment, run, &[30]).unwrap().moments[0];
        let limit = stationary(&experiment, run).unwrap();
        let (known, settled) = (said.exact.known().unwrap(), said.stationary.known().unwrap());
        assert_eq!((&known.variance, known.loss), (&end.variance, end.loss));
        assert_eq!((&settled.variance, settled.settling), (&limit.variance, limit.settling));
        assert!(said.kurtosis.known().unwrap().iter().all(|k| (-2.0..0.0).contains(k)));
        assert!(said.limit.known().is_some() && said.spectral_radius.unwrap() < 1.0);
    }
    let json = serde_json::to_value(&report).unwrap();
    let variance = report.runs[1].exact.known().unwrap().variance[1];
    assert_eq!(json["runs"][1]["exact"]["variance"][1], variance);
    let text = report.to_string();
    let limit = report.runs[1].limit.known().unwrap();
    let settled = &report.runs[1].stationary.known().unwrap().variance;
    for shown in [limit.mean[0], limit.variance[1], limit.loss, settled[1]] {
        assert!(text.contains(&format!("{shown:.4e}")), "{shown} in {text}");
    }
    assert!(text.contains("1/h_max = 0.5000") && text.contains(&format!("{variance:.4e}")), "{text}");
}

#[test]
fn what_has_no_answer_has_a_reason() {
    let valley = report(&experiment(Landscape::Valley, &[1.0, 1.0], noise()));
    let reason = valley.runs[0].exact.reason().unwrap();
    assert!(reason.contains("valley") && valley.to_string().contains(reason));
    assert_eq!((valley.rate_threshold, valley.runs[0].spectral_radius), (None, None));
    let json = serde_json::to_value(&valley).unwrap();
    assert_eq!(json["runs"][0]["exact"]["reason"], reason);

    let linear = report(&experiment(Landscape::Linear { gradient: vec![1.0] }, &[0.0], noise()));
    assert!(linear.runs[0].exact.known().is_some());
    assert!(linear.runs[0].stationary.reason().unwrap().contains("does not contract"));
}
