//! What the shorthands of the file stand for.

use std::path::Path;

use polyak::experiment::model::{Experiment, InitialMomentum, Landscape, Momentum, Optimizer};
use polyak::experiment::planted;
use polyak::schedule::Schedule;

fn read(text: &str, overrides: &[&str]) -> Experiment {
    let overrides: Vec<_> = overrides.iter().map(|text| text.parse().unwrap()).collect();
    Experiment::parse(text, Path::new("folder/x.toml"), &overrides).unwrap_or_else(|error| panic!("{error}"))
}

const FILE: &str = r#"
trajectories = 1e3
steps = 1000
[landscape]
kind = "quadratic"
dimension = 3
curvature = { from = 0.01, to = 1.0 }
start = 2
[noise]
kind = "gaussian"
scale = { factor = 2.0, learning_rate_power = -0.5 }
[[run]]
optimizer = "sgd"
[[run]]
optimizer = "sgdm"
[sweep]
learning_rate = [0.25, 0.0625]
momentum = [0.5, 0.9]
"#;

#[test]
fn defaults_and_shorthands() {
    let experiment = read(FILE, &[]);
    assert_eq!((experiment.name.as_str(), experiment.seed, experiment.trajectories), ("x", 1, 1000));
    assert_eq!((experiment.observe.every, experiment.output.plots), (10, true));
    assert_eq!(experiment.start, [2.0; 3]);
    let Landscape::Diagonal { curvature } = &experiment.landscape else { panic!() };
    assert_eq!((curvature[0], curvature[2]), (0.01, 1.0));
    assert!((curvature[1] - 0.1).abs() < 1e-15);
}

#[test]
fn a_sweep_is_a_product_but_sgd_has_no_momentum() {
    let experiment = read(FILE, &[]);
    let names: Vec<_> = experiment.runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "sgd learning_rate=0.25",
            "sgd learning_rate=0.0625",
            "sgdm learning_rate=0.25 momentum=0.5",
            "sgdm learning_rate=0.25 momentum=0.9",
            "sgdm learning_rate=0.0625 momentum=0.5",
            "sgdm learning_rate=0.0625 momentum=0.9",
        ]
    );
    let scales: Vec<_> = experiment.runs.iter().map(|run| run.noise_scale).collect();
    assert_eq!(scales, [4.0, 8.0, 4.0, 4.0, 8.0, 8.0]);
    assert_eq!(experiment.runs[3].momentum, Momentum::Schedule(Schedule::Constant(0.9)));
}

#[test]
fn overrides_reach_every_part() {
    let sets =
        ["seed=7", "landscape.start=[1, 2, 3]", "run.sgd.noise_scale=0.5", "run.1.optimizer=heavy-ball"];
    let experiment = read(FILE, &sets);
    assert_eq!((experiment.seed, experiment.start.as_slice()), (7, &[1.0, 2.0, 3.0][..]));
    assert_eq!((experiment.runs[0].noise_scale, experiment.runs[3].noise_scale), (0.5, 4.0));
    assert!(matches!(experiment.runs[2].optimizer, Optimizer::HeavyBall { first_step: true, .. }));
    let experiment = read(FILE, &["observe.paths=3", "sweep.momentum=[0.0]"]);
    assert_eq!((experiment.observe.paths, experiment.runs.len()), (3, 4));
    assert_eq!(experiment.runs[2].initial_momentum, InitialMomentum::Zero);
}

#[test]
fn planted_examples_do_not_depend_on_how_many_there_are() {
    let (few, many) = (planted(2, 5, 2, 3, 0.5), planted(9, 5, 2, 3, 0.5));
    assert_eq!(few.inputs.entries, many.inputs.entries[..10]);
    assert_eq!(few.targets, many.targets[..2]);
    let silent = planted(9, 5, 2, 3, 0.0);
    assert_eq!(silent.inputs, many.inputs);
    for (row, target) in silent.inputs.entries.chunks(5).zip(&silent.targets) {
        assert_eq!(*target, row[0] + row[1]);
    }
}
