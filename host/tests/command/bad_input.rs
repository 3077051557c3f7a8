//! Bad input: exit code 2, a message that says where, what and what would be right, and nothing written.

use crate::harness::{EXAMPLE, Folder, small};

/// An experiment with nothing wrong.
const GOOD: &str = "trajectories = 10
steps = 5
[landscape]
kind = \"quadratic\"
curvature = [0.5, 1.0]
start = [1.0, 1.0]
[noise]
kind = \"gaussian\"
scale = 1.0
covariance = [[1.0, 0.5], [0.5, 1.0]]
[[run]]
optimizer = \"sgdm\"
learning_rate = 0.1
momentum = 0.9
svag = 2
";

/// [`GOOD`] with another line in the place of its line number `line`.
fn bad(line: usize, replacement: &str) -> String {
    let mut lines: Vec<&str> = GOOD.lines().collect();
    lines[line - 1] = replacement;
    lines.join("\n")
}

fn refused(folder: &Folder, arguments: &[&str]) -> String {
    let ran = folder.polyak(arguments);
    assert_eq!(ran.code, Some(2), "{arguments:?}: {}{}", ran.out, ran.err);
    assert_eq!(ran.out, "");
    ran.err
}

#[test]
fn every_wrong_field_is_named_with_line_value_and_what_is_allowed() {
    let cases = [
        (1, "trajectories = 0", "1: trajectories = 0: must be at least 1"),
        (2, "steps = 0", "2: steps = 0: must be at least 1"),
        (2, "steps = 2.5", "2: steps = 2.5: must be a whole number"),
        (2, "steps = \"many\"", "2: steps = \"many\": must be a whole number, not a string"),
        (
            4,
            "kind = \"quadradic\"",
            "4: landscape.kind = \"quadradic\": must be one of \"linear\", \"quadratic\", \"valley\", \"hyperbola\", \"rosenbrock\", \"double-well\", \"diagonal-network\", \"least-squares\", \"matrix-sensing\", \"network\"; did you mean \"quadratic\"?",
        ),
        (
            6,
            "start = [1.0]",
            "6: landscape.start = [1.0]: has 1 numbers; must have 2, the dimension of the landscape",
        ),
        (9, "scale = -1", "9: noise.scale = -1: must be at least 0"),
        (
            10,
            "covariance = [1.0, -2.0]",
            "10: noise.covariance = [1.0, -2.0]: entry [1] is negative; every variance must be at least 0",
        ),
        (
            10,
            "covariance = [[1.0, 0.5], [0.25, 1.0]]",
            "10: noise.covariance = [[1.0, 0.5], [0.25, 1.0]]: must be symmetric: entry [1][0] is 0.25 and [0][1] is 0.5",
        ),
        (
            10,
            "covariance = [[1.0, 2.0], [2.0, 1.0]]",
            "10: noise.covariance = [[1.0, 2.0], [2.0, 1.0]]: must be positive semidefinite: entry [1][0] = 2 is larger than the square root of [1][1] times [0][0]",
        ),
        (10, "covariance = [[1.0]]", "10: noise.covariance = [[1.0]]: is 1 x 1; must be 2 x 2"),
        (
            12,
            "optimizer = \"adam\"",
            "12: run.optimizer = \"adam\": must be one of \"sgd\", \"sgdm\", \"heavy-ball\", \"qhm\"",
        ),
        (13, "learning_rate = -0.1", "13: run.learning_rate = -0.1: must be at least 0"),
        (13, "learning_rate = nan", "13: run.learning_rate = nan: must be finite"),
        (13, "learning_rate = inf", "13: run.learning_rate = inf: must be finite"),
        (13, "learning_rte = 0.1", "13: run.learning_rte: unknown key; did you mean `learning_rate`?"),
        (14, "momentum = 1", "14: run.momentum = 1: must be at least 0 and below 1"),
        (14, "momentum = -0.1", "14: run.momentum = -0.1: must be at least 0 and below 1"),
        (15, "svag = 0.25", "15: run.svag = 0.25: must be at least 0.5, as 2 svag - 1 is under a root"),
    ];
    let folder = Folder::new();
    let mut wrong = Vec::new();
    for (line, replacement, message) in cases {
        folder.write("x.toml", &bad(line, replacement));
        let said = refused(&folder, &["run", "x.toml"]);
        if !said.lines().any(|said| said.trim_start_matches("error: ") == format!("x.toml:{message}")) {
            wrong.push(format!("expected x.toml:{message}\nfound    {said}"));
        }
        assert_eq!(said, refused(&folder, &["theory", "x.toml"]), "theory says the same");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(folder.list("."), ["x.toml"], "nothing is written");
    folder.write("x.toml", GOOD);
    folder.done(&["run", "x.toml", "--quiet", "--set=output.plots=false"]);
}

#[test]
fn all_independent_mistakes_are_told_at_once() {
    let folder = Folder::new();
    folder.write("x.toml", &bad(14, "momentum = 2").replace("steps = 5", "steps = 0"));
    let said = refused(&folder, &["run", "x.toml", "--set", "seed=-1"]);
    let expected = "error: --set seed=-1: seed: must be at least 0\nx.toml:2: steps = 0: must be at least 1\n\
                    x.toml:14: run.momentum = 2: must be at least 0 and below 1\n";
    assert_eq!(said, expected);
}

#[test]
fn files_that_are_no_experiments() {
    let folder = Folder::new();
    let said = refused(&folder, &["run", "missing.toml"]);
    assert_eq!(said, "error: missing.toml: cannot be read: No such file or directory (os error 2)\n");
    assert!(refused(&folder, &["run", "."]).starts_with("error: .: cannot be read: "));
    folder.write("empty.toml", "");
    let said = refused(&folder, &["run", "empty.toml"]);
    for missing in ["trajectories", "landscape", "run"] {
        assert!(said.contains(&format!("empty.toml:1: {missing}: is missing: ")), "{said}");
    }
    folder.write("broken.toml", "trajectories = 10\nsteps = = 5\n");
    assert!(refused(&folder, &["run", "broken.toml"]).starts_with("error: broken.toml:2:9: "));
    std::fs::write(folder.path("bytes.toml"), b"seed = 1\nname = \"\xff\"\n").unwrap();
    assert_eq!(refused(&folder, &["run", "bytes.toml"]), "error: bytes.toml:2: is not UTF-8 text\n");
    folder.write(
        "twice.toml",
        &format!("{GOOD}[[run]]\nname = \"sgdm, SVAG 2\"\noptimizer = \"sgd\"\nlearning_rate = 0.1\n"),
    );
    let said = refused(&folder, &["run", "twice.toml"]);
    assert!(said.contains("names must be unique"), "{said}");
}

#[test]
fn an_output_folder_that_cannot_be_made() {
    let folder = Folder::new();
    folder.write("file", "in the way");
    for out in ["file", "file/below", "file/far/below"] {
        let said = refused(&folder, &small(&["--out", out]));
        assert!(said.starts_with(&format!("error: output folder {out}: ")), "{said}");
        assert!(said.ends_with("give a folder that can be made and written with --out\n"), "{said}");
    }
    let said = refused(&folder, &small(&["--out", ""]));
    assert!(said.starts_with("error: a value is required for '--out <DIR>'"), "{said}");
    let said = refused(&folder, &small(&["--set", "output.directory=''"]));
    assert_eq!(said, "error: --set output.directory='': output.directory: must not be empty\n");
    assert_eq!(folder.list("."), ["file"]);
    assert_eq!(folder.text("file"), "in the way");
}

#[test]
fn more_memory_than_there_is() {
    let folder = Folder::new();
    let much = ["run", EXAMPLE, "--set", "steps=1000000000000000", "--set", "observe.every=1"];
    let said = refused(&folder, &much);
    assert!(
        said.starts_with("error: this experiment needs about ") && said.contains(" are free: "),
        "{said}"
    );
    // As much as a file can ask for: no overflow.
    let most = i64::MAX.to_string();
    let (steps, every) = (format!("steps={most}"), format!("trajectories={most}"));
    let said =
        refused(&folder, &["run", EXAMPLE, "--set", &steps, "--set", &every, "--set", "observe.every=1"]);
    assert!(said.starts_with("error: this experiment needs about "), "{said}");
    assert!(folder.list(".").is_empty());
}

#[test]
fn usage() {
    let folder = Folder::new();
    for arguments in [
        &["run"][..],
        &["run", EXAMPLE, "--fast"],
        &["run", EXAMPLE, "--threads", "0"],
        &["run", EXAMPLE, "--threads", "many"],
        &["run", EXAMPLE, "--backend", "abacus"],
        &["walk"],
        &[],
    ] {
        let said = refused(&folder, arguments);
        assert!(said.contains("Usage: ") || said.contains("--help"), "{said}");
    }
    let said = refused(&folder, &["run", EXAMPLE, "--set", "seed"]);
    assert_eq!(said, "error: \"seed\" must be KEY=VALUE, as landscape.start=2 or run.0.momentum=0.8\n");
    let said = refused(&folder, &["run", EXAMPLE, "--set", "run.adam.momentum=0.5"]);
    assert_eq!(
        said,
        "error: --set run.adam.momentum=0.5: run: no `adam` there; must be an index below 4 or a name\n"
    );
    assert!(folder.list(".").is_empty());
}

#[test]
fn the_experiment_file_is_not_overwritten_by_its_copy() {
    let folder = Folder::new();
    let text = format!("# A comment.\n{GOOD}");
    folder.write("experiment.toml", &text);
    let said = refused(&folder, &["run", "experiment.toml", "--out", "."]);
    assert!(
        said.starts_with("error: output folder .: its experiment.toml is the experiment itself"),
        "{said}"
    );
    assert_eq!(folder.list("."), ["experiment.toml"]);
    assert_eq!(folder.text("experiment.toml"), text);
}
