//! Ensembles at the edge: diverging, of one trajectory, of one step, of one and of 4096 dimensions.

use serde_json::Value;

use crate::harness::{Folder, quadratic};

fn run(folder: &Folder, text: &str) -> (Value, String) {
    folder.write("edge.toml", text);
    let ran = folder.done(&["run", "edge.toml"]);
    let summary = folder.text("polyak-out/edge/summary.json");
    assert!(!summary.contains("NaN") && !summary.contains("inf"), "{summary}");
    (serde_json::from_str(&summary).unwrap(), ran.out)
}

/// SGD on a double well under noise with heavy tails: whoever is thrown too far never comes back.
#[test]
fn diverged_trajectories_are_counted_and_left_out() {
    let folder = Folder::new();
    let (summary, table) = run(
        &folder,
        "trajectories = 600\nsteps = 40\n[landscape]\nkind = \"double-well\"\ndimension = 2\nstart = 0.5\n\
         [noise]\nkind = \"student-t\"\ndegrees_of_freedom = 2.5\nscale = 1.0\n\
         [[run]]\noptimizer = \"sgd\"\nlearning_rate = 0.3\n[observe]\nmoments = [6]\n[output]\nfinal_states = true\n",
    );
    let run = &summary["runs"][0];
    let diverged = run["diverged"].as_u64().unwrap();
    assert!((1..600).contains(&diverged), "{diverged}");
    assert_eq!(run["final"]["count"].as_u64(), Some(600 - diverged));
    let states = crate::npy::Array::read(&folder.path("polyak-out/edge/final-sgd.npy"));
    let (x, y) = (states.column(0), states.column(1));
    let alive: Vec<f64> =
        x.iter().zip(&y).filter(|(x, y)| x.is_finite() && y.is_finite()).map(|(x, _)| *x).collect();
    assert_eq!(alive.len() as u64, 600 - diverged);
    let mean = alive.iter().sum::<f64>() / alive.len() as f64;
    assert!((run["final"]["mean"][0].as_f64().unwrap() - mean).abs() < 1e-5, "{mean}");
    let row = table.lines().find(|line| line.starts_with("  sgd ")).unwrap();
    assert_eq!(row.split_whitespace().nth(3), Some(diverged.to_string().as_str()), "{table}");
}

/// 10³⁸ is a number of f32, and the sum of four is none.
#[test]
fn trajectories_whose_sum_is_not_finite_count() {
    let (summary, table) = run(
        &Folder::new(),
        "trajectories = 300\nsteps = 1\n[landscape]\nkind = \"linear\"\ndimension = 1\ngradient = 0.0\nstart = 0.0\n\
         [noise]\nkind = \"rademacher\"\nscale = 1e38\n\
         [[run]]\noptimizer = \"sgd\"\nlearning_rate = 1.0\n[observe]\nevery = 1\n",
    );
    let run = &summary["runs"][0];
    assert_eq!((&run["diverged"], &run["final"]["count"]), (&0.into(), &300.into()));
    assert!(run["final"]["mean"][0].is_null(), "{run}");
    assert!(!table.contains("NaN"), "{table}");
}

#[test]
fn where_all_diverge_there_are_no_moments() {
    let folder = Folder::new();
    let text = quadratic("trajectories = 300\nsteps = 400", 2).replace("= 0.1", "= 50.0");
    let (summary, table) = run(&folder, &text);
    let run = &summary["runs"][0];
    assert_eq!((&run["diverged"], &run["final"]["count"]), (&300.into(), &0.into()));
    assert_eq!(run["final"]["mean"], serde_json::json!([null, null]));
    assert_eq!(run["final"]["covariance"], serde_json::json!([[null, null], [null, null]]));
    assert!(run["final"]["loss"]["mean"].is_null());
    assert!(!table.contains("NaN") && !table.contains("inf"), "{table}");
}

#[test]
fn one_trajectory_has_a_mean_and_no_variance() {
    let (summary, table) = run(&Folder::new(), &quadratic("trajectories = 1\nsteps = 1", 1));
    let last = &summary["runs"][0]["final"];
    assert!(last["mean"][0].is_f64());
    assert!(last["mean_std_error"][0].is_null() && last["covariance"][0][0].is_null());
    assert!(summary["runs"][0]["theory"].get("largest_z").is_none(), "{summary}");
    assert!(!table.contains("NaN") && !table.contains("inf"), "{table}");
}

#[test]
fn one_step_in_one_dimension() {
    let folder = Folder::new();
    let (summary, _) = run(&folder, &quadratic("trajectories = 1000\nsteps = 1", 1));
    // x₁ = (1 − ηh) − ησv with η = 0.1, h = 0.5: mean 0.95, variance 0.01; five standard errors.
    let last = &summary["runs"][0]["final"];
    assert!((last["mean"][0].as_f64().unwrap() - 0.95).abs() < 5.0 * 0.1 / 1000f64.sqrt());
    assert!(
        (last["covariance"][0][0].as_f64().unwrap() - 0.01).abs() < 5.0 * 0.01 * (2.0f64 / 1000.0).sqrt()
    );
    assert!(folder.path("polyak-out/edge/figure.png").exists());
}

#[test]
fn four_thousand_and_ninety_six_dimensions() {
    let (summary, table) = run(&Folder::new(), &quadratic("trajectories = 3\nsteps = 2", 4096));
    let last = &summary["runs"][0]["final"];
    assert_eq!(last["mean"].as_array().unwrap().len(), 4096);
    assert_eq!(last["variance"].as_array().unwrap().len(), 4096);
    assert!(table.contains("… and 4080 more coordinates in moments.csv"), "{table}");
}

/// Noise of no size: every path is the same, to the last bit, and the exact one up to rounding.
#[test]
fn without_noise_all_trajectories_are_one() {
    let text = quadratic("trajectories = 300\nsteps = 10\nprecision = \"f64\"", 2)
        .replace("scale = 1.0", "scale = 0.0");
    let (summary, table) = run(&Folder::new(), &text);
    let last = &summary["runs"][0]["final"];
    assert!((last["mean"][1].as_f64().unwrap() - (0..10).fold(1.0, |power, _| power * 0.95)).abs() < 1e-14);
    assert_eq!(last["covariance"], serde_json::json!([[0.0, 0.0], [0.0, 0.0]]));
    assert!(!table.contains("NaN") && !table.contains("inf"), "{table}");
}
