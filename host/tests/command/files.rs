//! The files of a run: whole, in the promised form, and in agreement with each other.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fnv::fnv1a;
use crate::harness::{Folder, digests, quadratic, small};
use crate::npy::Array;

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap_or_else(|| panic!("{value}"));
    numbers.iter().map(|number| number.as_f64().unwrap_or_else(|| panic!("{number}"))).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (p, q) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - p) * (b - q)).sum::<f64>() / (a.len() - 1) as f64
}

/// The sums are of f32 within a chunk: a few hundred roundings of numbers of size 1.
fn close(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() < 2e-5 * (1.0 + b.abs()), "{what}: {a} is not {b}");
}

/// Everything in `summary.json` that DESIGN promises, and the final states against it.
fn check_run(run: &Value, states: &Array, n: usize, d: usize) {
    let name = run["name"].as_str().unwrap();
    assert_eq!((states.rows, states.columns), (n, d), "{name}");
    assert_eq!(run["digest"], format!("{:016x}", fnv1a(&states.bytes)), "{name}");
    assert_eq!(run["diverged"], 0);
    assert!(run["steps"].as_u64().unwrap() > 0);
    assert!(run["seconds"].as_f64().unwrap() > 0.0);
    assert!(run["updates_per_second"].as_f64().unwrap() > 0.0);
    let last = &run["final"];
    assert_eq!(last["count"], n);
    let loss = &last["loss"];
    assert!(loss["mean"].as_f64().unwrap() > 0.0 && loss["std_error"].as_f64().unwrap() > 0.0);
    let columns: Vec<Vec<f64>> = (0..d).map(|i| states.column(i)).collect();
    let means = numbers(&last["mean"]);
    assert_eq!(means.len(), d);
    for (i, column) in columns.iter().enumerate() {
        close(means[i], mean(column), &format!("{name}: mean {i}"));
    }
    for key in ["mean_std_error", "variance_std_error", "skewness", "excess_kurtosis"] {
        assert_eq!(numbers(&last[key]).len(), d, "{key}");
    }
    if d <= 64 {
        assert!(last.get("variance").is_none());
        let rows = last["covariance"].as_array().unwrap();
        assert_eq!(rows.len(), d);
        for (i, row) in rows.iter().map(numbers).enumerate() {
            assert_eq!(row.len(), d);
            for (j, &value) in row.iter().enumerate() {
                close(value, covariance(&columns[i], &columns[j]), &format!("{name}: covariance {i} {j}"));
            }
        }
    } else {
        assert!(last.get("covariance").is_none());
        let variance = numbers(&last["variance"]);
        assert_eq!(variance.len(), d);
        for (i, column) in columns.iter().enumerate() {
            close(variance[i], covariance(column, column), &format!("{name}: variance {i}"));
        }
    }
}

#[test]
fn every_file_of_the_example_is_whole_and_agrees_with_the_final_states() {
    let folder = Folder::new();
    folder.done(&small(&["--set", "output.final_states=true", "--set", "output.plots=true", "--quiet"]));
    let place = "polyak-out/momentum-vs-sgd";
    let arrays = ["sgd", "sgdm", "sgd--SVAG-4", "sgdm--SVAG-4"].map(|name| format!("final-{name}.npy"));
    let mut expected: BTreeSet<String> = arrays.iter().cloned().collect();
    expected.extend(
        [
            "experiment.toml",
            "summary.json",
            "moments.csv",
            "paths.csv",
            "zscores.csv",
            "figure.svg",
            "figure.png",
        ]
        .map(str::to_owned),
    );
    assert_eq!(folder.list(place).into_iter().collect::<BTreeSet<_>>(), expected);

    let summary = folder.json(&format!("{place}/summary.json"));
    assert_eq!(summary["experiment"], "momentum-vs-sgd");
    assert_eq!((&summary["seed"], &summary["trajectories"]), (&1.into(), &600.into()));
    assert_eq!((&summary["precision"], &summary["interrupted"]), (&"f32".into(), &false.into()));
    assert_eq!(summary["backend"]["kind"], "cpu");
    assert!(summary["backend"]["device"].is_string());
    assert!(summary["backend"]["threads"].as_u64().unwrap() > 0);
    let runs = summary["runs"].as_array().unwrap();
    let names: Vec<&str> = runs.iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["sgd", "sgdm", "sgd, SVAG 4", "sgdm, SVAG 4"]);
    for (run, array) in runs.iter().zip(&arrays) {
        let states = Array::read(&folder.path(&format!("{place}/{array}")));
        assert_eq!(states.size, 4);
        check_run(run, &states, 600, 8);
        // 595 moments of 11 observation points, and no run is far from the theory.
        assert!(run["theory"]["largest_z"].as_f64().unwrap().abs() < 6.0, "{}", run["theory"]);
    }
    assert_eq!(runs[0]["steps"], 50);
    assert_eq!(runs[2]["steps"], 200);
    // Each pair of four runs, on the same streams.
    assert_eq!(summary["paired"].as_array().unwrap().len(), 6);

    check_moments(&folder.text(&format!("{place}/moments.csv")), runs);
    for (run, array) in runs.iter().zip(&arrays) {
        let states = Array::read(&folder.path(&format!("{place}/{array}")));
        check_paths(&folder.text(&format!("{place}/paths.csv")), run, &states);
    }
    check_zscores(&folder.text(&format!("{place}/zscores.csv")), runs);
    let svg = folder.text(&format!("{place}/figure.svg"));
    assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"), "{}", &svg[..40]);
    assert!(svg.trim_end().ends_with("</svg>"));
    let png = std::fs::read(folder.path(&format!("{place}/figure.png"))).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(&png[png.len() - 8..png.len() - 4], b"IEND");

    // The filled-in copy is an experiment of its own and gives the same bits, and the same copy.
    let copy = format!("{place}/experiment.toml");
    folder.done(&["run", &copy, "--out", "again", "--quiet"]);
    assert_eq!(digests(&folder.json("again/summary.json")), digests(&summary));
    assert_eq!(folder.text("again/experiment.toml"), folder.text(&copy));
    // And it may run where it is.
    folder.done(&["run", &copy, "--quiet"]);
    assert_eq!(digests(&folder.json(&format!("{place}/summary.json"))), digests(&summary));
}

/// The same number; serde_json reads the last digit one off at times.
fn same(a: f64, b: &Value) {
    let b = b.as_f64().unwrap();
    assert!((a - b).abs() <= 2.0 * f64::EPSILON * b.abs(), "{a} is not {b}");
}

/// `moments.csv` in long form; its last step says what `summary.json` says.
fn check_moments(text: &str, runs: &[Value]) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = vec!["run", "step", "time", "quantity", "index", "value", "std_error"];
    assert_eq!(reader.headers().unwrap(), header);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for run in runs {
        let steps = run["steps"].to_string();
        let of = |quantity: &str, index: &str| -> (f64, f64) {
            let row = rows.iter().find(|row| {
                row[0] == *run["name"].as_str().unwrap()
                    && row[1] == steps
                    && row[3] == *quantity
                    && row[4] == *index
            });
            let row = row.unwrap_or_else(|| panic!("{} {quantity} {index}", run["name"]));
            (row[5].parse().unwrap(), row[6].parse().unwrap())
        };
        let last = &run["final"];
        for i in 0..8 {
            let index = i.to_string();
            same(of("mean", &index).0, &last["mean"][i]);
            same(of("mean", &index).1, &last["mean_std_error"][i]);
            same(of("variance", &index).0, &last["covariance"][i][i]);
            same(of("variance", &index).1, &last["variance_std_error"][i]);
            same(of("skewness", &index).0, &last["skewness"][i]);
            same(of("excess_kurtosis", &index).0, &last["excess_kurtosis"][i]);
            for j in 0..i {
                same(of("covariance", &format!("{i}:{j}")).0, &last["covariance"][i][j]);
            }
        }
        same(of("loss", "").0, &last["loss"]["mean"]);
        same(of("path_length", "").0, &last["path_length"]["mean"]);
        assert_eq!(of("count", "").0, 600.0);
        // Times are sums of learning rates.
        let row = rows.iter().rfind(|row| row[0] == *run["name"].as_str().unwrap()).unwrap();
        close(row[2].parse().unwrap(), 0.5, "time");
    }
    // The observation points of every run: 0, 1, …, 50, as `every` is 1 for short runs.
    let steps: BTreeSet<u64> =
        rows.iter().filter(|row| &row[0] == "sgd").map(|row| row[1].parse().unwrap()).collect();
    assert_eq!(steps, (0..=50).collect());
}

/// `paths.csv` has the first eight trajectories from the start to their final states.
fn check_paths(text: &str, run: &Value, states: &Array) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = "run,trajectory,step,time,x0,x1,x2,x3,x4,x5,x6,x7";
    assert_eq!(reader.headers().unwrap(), header.split(',').collect::<Vec<_>>());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of = |trajectory: usize, step: &str| {
        let mut rows = rows.iter().filter(|row| {
            row[0] == *run["name"].as_str().unwrap() && row[1] == trajectory.to_string() && row[2] == *step
        });
        let x: Vec<f64> = rows.next().unwrap().iter().skip(4).map(|x| x.parse().unwrap()).collect();
        assert!(rows.next().is_none() && x.len() == 8);
        x
    };
    for trajectory in 0..8 {
        let (start, end) = (of(trajectory, "0"), of(trajectory, &run["steps"].to_string()));
        assert!(start.iter().all(|x| *x == start[0]));
        for (i, x) in end.into_iter().enumerate() {
            assert_eq!(x, states.column(i)[trajectory]);
        }
    }
}

fn check_zscores(text: &str, runs: &[Value]) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["run", "step", "quantity", "index", "value", "std_error", "exact", "z"]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for run in runs {
        let of = rows.iter().filter(|row| row[0] == *run["name"].as_str().unwrap());
        let z: Vec<f64> = of.map(|row| row[7].parse().unwrap()).collect();
        assert_eq!(z.len() as u64, run["theory"]["moments"].as_u64().unwrap());
        let largest = z.iter().fold(0.0, |largest: f64, z| largest.max(z.abs()));
        same(largest, &run["theory"]["largest_z"].as_f64().unwrap().abs().into());
    }
}

#[test]
fn double_precision_and_variances_above_64_dimensions() {
    let folder = Folder::new();
    folder.write("wide.toml", &quadratic("trajectories = 300\nsteps = 20\nprecision = \"f64\"", 65));
    folder.done(&[
        "run",
        "wide.toml",
        "--set",
        "output.final_states=true",
        "--set",
        "output.plots=false",
        "--quiet",
    ]);
    let summary = folder.json("polyak-out/wide/summary.json");
    assert_eq!(summary["precision"], "f64");
    let states = Array::read(&folder.path("polyak-out/wide/final-sgd.npy"));
    assert_eq!(states.size, 8);
    check_run(&summary["runs"][0], &states, 300, 65);

    folder.write("square.toml", &quadratic("trajectories = 300\nsteps = 20", 64));
    folder.done(&[
        "run",
        "square.toml",
        "--set",
        "output.final_states=true",
        "--set",
        "output.plots=false",
        "--quiet",
    ]);
    let summary = folder.json("polyak-out/square/summary.json");
    let states = Array::read(&folder.path("polyak-out/square/final-sgd.npy"));
    check_run(&summary["runs"][0], &states, 300, 64);
}

#[test]
fn digests_do_not_depend_on_threads_but_on_the_seed() {
    let folder = Folder::new();
    let digests = |more: &[&str]| {
        let ran = folder.done(&small(&[&["--json", "--out", "out"], more].concat()));
        digests(&serde_json::from_str(&ran.out).unwrap())
    };
    let one = digests(&["--threads", "1"]);
    assert_eq!(one, digests(&["--threads", "2"]));
    assert_eq!(one, digests(&["--threads", "5"]));
    assert_ne!(one, digests(&["--set", "seed=2"]));
    assert_ne!(one, digests(&["--set", "rng=philox"]));
    assert_ne!(one[0], one[1]);
}

#[test]
fn a_second_experiment_in_the_same_folder_leaves_nothing_of_the_first() {
    let folder = Folder::new();
    folder.done(&small(&[
        "--out",
        "out",
        "--quiet",
        "--set=output.plots=true",
        "--set=output.final_states=true",
    ]));
    folder.write("out/note.txt", "mine");
    folder.write(
        "valley.toml",
        "trajectories = 10\nsteps = 5\n[landscape]\nkind = \"valley\"\nstart = 1.0\n\
         [noise]\nkind = \"gaussian\"\nscale = 1.0\n[[run]]\noptimizer = \"sgd\"\nlearning_rate = 0.1\n",
    );
    folder.done(&["run", "valley.toml", "--out", "out", "--quiet", "--set=output.plots=false"]);
    assert_eq!(folder.list("out"), ["experiment.toml", "moments.csv", "note.txt", "summary.json"]);
}

#[test]
fn runs_whose_names_make_the_same_file_name_have_their_own_files() {
    let folder = Folder::new();
    let run = |name: &str, rate: f64| {
        format!("[[run]]\nname = \"{name}\"\noptimizer = \"sgd\"\nlearning_rate = {rate}\n")
    };
    let text = quadratic("trajectories = 10\nsteps = 5", 2);
    let long = "very ".repeat(80);
    let runs = [run("a b", 0.1), run("a/b", 0.2), run("A b", 0.3), run(&long, 0.4)].concat();
    folder.write("names.toml", &format!("{text}{runs}"));
    folder.done(&[
        "run",
        "names.toml",
        "--set=output.final_states=true",
        "--set=output.plots=false",
        "--quiet",
    ]);
    let summary = folder.json("polyak-out/names/summary.json");
    let names = ["final-sgd", "final-a-b", "final-a-b-2", "final-A-b-3"];
    for (run, name) in summary["runs"].as_array().unwrap().iter().zip(names) {
        let states = Array::read(&folder.path(&format!("polyak-out/names/{name}.npy")));
        assert_eq!(run["digest"], format!("{:016x}", fnv1a(&states.bytes)), "{name}");
    }
    let arrays = folder.list("polyak-out/names").iter().filter(|name| name.ends_with(".npy")).count();
    assert_eq!(arrays, 5);
}
