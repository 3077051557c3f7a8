//! Every way in which an experiment can be wrong, with the whole message.

use std::path::Path;

use polyak::experiment::Override;
use polyak::experiment::model::Experiment;

/// A sound experiment, one line an entry, so that a test replaces line n (from 1).
const SOUND: [&str; 16] = [
    "seed = 1",
    "trajectories = 8",
    "steps = 10",
    "[landscape]",
    "kind = \"quadratic\"",
    "curvature = [0.1, 1.0]",
    "start = 1.0",
    "[noise]",
    "kind = \"gaussian\"",
    "scale = 1.0",
    "[[run]]",
    "name = \"a\"",
    "optimizer = \"sgdm\"",
    "learning_rate = 0.1",
    "momentum = 0.9",
    "",
];

fn with(changes: &[(usize, &str)]) -> String {
    let mut lines = SOUND.map(str::to_owned);
    for (line, text) in changes {
        lines[line - 1] = (*text).to_owned();
    }
    lines.join("\n")
}

fn message(text: &str, overrides: &[&str]) -> String {
    let overrides: Vec<Override> = overrides.iter().map(|text| text.parse().unwrap()).collect();
    match Experiment::parse(text, Path::new("x.toml"), &overrides) {
        Ok(_) => "sound".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn one_wrong_line_gives_one_message() {
    assert_eq!(message(&with(&[]), &[]), "sound");
    let table: [(usize, &str, &str); 44] = [
        (1, "sed = 1", "x.toml:1: sed: unknown key; did you mean `seed`?"),
        (
            1,
            "colour = 1",
            "x.toml:1: colour: unknown key; allowed here: name, seed, trajectories, precision, rng, steps, landscape, noise, sweep, run, observe, output",
        ),
        (1, "seed = -1", "x.toml:1: seed = -1: must be at least 0"),
        (1, "name = \"a/b\"", "x.toml:1: name = \"a/b\": must be usable as a file name: no / or \\"),
        (
            1,
            "precision = \"f23\"",
            "x.toml:1: precision = \"f23\": must be one of \"f32\", \"f64\"; did you mean \"f32\"?",
        ),
        (1, "rng = 3", "x.toml:1: rng = 3: must be a string, not an integer"),
        (2, "trajectories = 0", "x.toml:2: trajectories = 0: must be at least 1"),
        (2, "trajectories = 1.5", "x.toml:2: trajectories = 1.5: must be a whole number"),
        (2, "", "x.toml:1: trajectories: is missing: a whole number above 0"),
        (3, "steps = 0", "x.toml:3: steps = 0: must be at least 1"),
        (3, "steps = \"ten\"", "x.toml:3: steps = \"ten\": must be a whole number, not a string"),
        (3, "", "x.toml:1: steps: is missing: a whole number above 0"),
        (3, "steps = ", "x.toml:3:9: string values must be quoted, expected literal string"),
        (
            5,
            "kind = \"quadratc\"",
            "x.toml:5: landscape.kind = \"quadratc\": must be one of \"linear\", \"quadratic\", \"valley\", \"hyperbola\", \"rosenbrock\", \"double-well\", \"diagonal-network\", \"least-squares\", \"matrix-sensing\", \"network\"; did you mean \"quadratic\"?",
        ),
        (6, "curvature = []", "x.toml:6: landscape.curvature = []: must not be empty"),
        (
            6,
            "curvature = [0.1, \"a\"]",
            "x.toml:6: landscape.curvature[1] = \"a\": must be a number, not a string",
        ),
        (6, "curvature = 1.0", "x.toml:4: landscape.dimension: is missing: a whole number from 1 to 4096"),
        (
            6,
            "curvature = { from = 0, to = 1 }\ndimension = 2",
            "x.toml:6: landscape.curvature.from = 0: must be above 0",
        ),
        (
            6,
            "curvature = 1\ndimension = 5000",
            "x.toml:7: landscape.dimension = 5000: must be from 1 to 4096",
        ),
        (
            6,
            "hessian = [[1, 2], [3, 1]]",
            "x.toml:6: landscape.hessian = [[1, 2], [3, 1]]: must be symmetric: entry [1][0] is 3 and [0][1] is 2",
        ),
        (
            6,
            "hessian = [[1, 2], [3]]",
            "x.toml:6: landscape.hessian = [[1, 2], [3]]: row 1 has 1 numbers; must have 2 as row 0",
        ),
        (
            6,
            "curvature = [1, 2]\ndimension = 3",
            "x.toml:7: landscape.dimension = 3: must be 2, the dimension of the landscape",
        ),
        (
            7,
            "start = [1, 2, 3]",
            "x.toml:7: landscape.start = [1, 2, 3]: has 3 numbers; must have 2, the dimension of the landscape",
        ),
        (7, "start = nan", "x.toml:7: landscape.start = nan: must be finite"),
        (9, "kind = \"student-t\"", "x.toml:8: noise.degrees_of_freedom: is missing: a number above 2"),
        (
            9,
            "kind = \"student-t\"\ndegrees_of_freedom = 2",
            "x.toml:10: noise.degrees_of_freedom = 2: must be above 2, as the variance must be finite",
        ),
        (
            9,
            "kind = \"label\"",
            "x.toml:9: noise.kind = \"label\": needs targets: landscape \"hyperbola\", \"least-squares\", \"diagonal-network\", \"matrix-sensing\" or \"network\"",
        ),
        (
            9,
            "kind = \"mini-batch\"",
            "x.toml:9: noise.kind = \"mini-batch\": needs a data set: landscape \"least-squares\", \"diagonal-network\", \"matrix-sensing\" or \"network\"",
        ),
        (10, "scale = -1.0", "x.toml:10: noise.scale = -1.0: must be at least 0"),
        (
            10,
            "",
            "x.toml:8: noise.scale: is missing: a number >= 0, { factor, learning_rate_power }, or `noise_scale` in every run",
        ),
        (
            10,
            "scale = 1\ncovariance = [1, -1]",
            "x.toml:11: noise.covariance = [1, -1]: entry [1] is negative; every variance must be at least 0",
        ),
        (
            10,
            "scale = 1\ncovariance = [[1, 2], [2, 1]]",
            "x.toml:11: noise.covariance = [[1, 2], [2, 1]]: must be positive semidefinite: entry [1][0] = 2 is larger than the square root of [1][1] times [0][0]",
        ),
        (
            13,
            "optimizer = \"sdg\"",
            "x.toml:13: run.optimizer = \"sdg\": must be one of \"sgd\", \"sgdm\", \"heavy-ball\", \"qhm\"; did you mean \"sgd\"?",
        ),
        (
            13,
            "optimizer = \"sgd\"",
            "x.toml:15: run.momentum = 0.9: \"sgd\" has no momentum; use optimizer = \"sgdm\" or \"heavy-ball\"",
        ),
        (14, "learning_rate = -0.1", "x.toml:14: run.learning_rate = -0.1: must be at least 0"),
        (14, "learning_rate = inf", "x.toml:14: run.learning_rate = inf: must be finite"),
        (
            14,
            "learning_rate = { kind = \"linear\", from = 0.1, to = -0.1, steps = 5 }",
            "x.toml:14: run.learning_rate = { kind = \"linear\", from = 0.1, to = -0.1, steps = 5 }: is -0.1 at step 9; must be at least 0 and finite",
        ),
        (
            14,
            "learning_rate = { kind = \"linear\", from = 0.1, two = 0.2, steps = 5 }",
            "x.toml:14: run.learning_rate.to: is missing: a number\nx.toml:14: run.learning_rate.two: unknown key; did you mean `to`?",
        ),
        (15, "momentum = 1.0", "x.toml:15: run.momentum = 1.0: must be at least 0 and below 1"),
        (
            15,
            "momentum = { kind = \"table\", values = [0.5, 1.5] }",
            "x.toml:15: run.momentum = { kind = \"table\", values = [0.5, 1.5] }: is 1.5 at step 1; must be at least 0 and below 1 and finite",
        ),
        (
            15,
            "momentum = { kind = \"power\", lambda = 20, alpha = 1 }",
            "x.toml:15: run.momentum = { kind = \"power\", lambda = 20, alpha = 1 }: makes 1 - beta = 2 at step 0, where the learning rate is 0.1; must be at most 1",
        ),
        (16, "momentun = 0.9", "x.toml:16: run.momentun: unknown key; did you mean `momentum`?"),
        (16, "svag = 0.4", "x.toml:16: run.svag = 0.4: must be at least 0.5, as 2 svag - 1 is under a root"),
        (
            16,
            "initial_momentum = [1]",
            "x.toml:16: run.initial_momentum = [1]: has 1 numbers; must have 2, the dimension of the landscape",
        ),
    ];
    let mut wrong = Vec::new();
    for (line, text, expected) in table {
        let found = message(&with(&[(line, text)]), &[]);
        if found != expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_takes_more_than_one_line() {
    let three = (6, "curvature = [1, 1, 1]");
    let indefinite = (10, "scale = 1\ncovariance = [[1, -0.6, -0.6], [-0.6, 1, -0.6], [-0.6, -0.6, 1]]");
    let data = [
        (5, "kind = \"least-squares\""),
        (6, "inputs = [[1], [2], [3], [4]]\ntargets = [1, 2, 3, 4]"),
        (9, "kind = \"mini-batch\""),
    ];
    let batch = |text| message(&with(&[data[0], data[1], data[2], (10, text)]), &[]);
    assert_eq!(
        message(&with(&[three, indefinite]), &[]),
        "x.toml:11: noise.covariance = [[1, -0.6, -0.6], [-0.6, 1, -0.6], [-0.6, -0.6, 1]]: must be positive semidefinite: its smallest eigenvalue is -0.200000"
    );
    assert_eq!(batch("batch = 2"), "sound");
    assert_eq!(batch("batch = 5"), "x.toml:11: noise.batch = 5: must be from 1 to 4");
    assert_eq!(batch("batch = 0"), "x.toml:11: noise.batch = 0: must be from 1 to 4");
    assert_eq!(
        batch("batch = 3\nsampling = \"epochs\""),
        "x.toml:11: noise.batch = 3: must divide 4, the number of examples, as sampling = \"epochs\""
    );
    assert_eq!(
        message(&with(&[data[0], (6, "inputs = [[1], [2]]\ntargets = [1]")]), &[]),
        "x.toml:7: landscape.targets = [1]: has 1 numbers; must have 2, one for each row of inputs"
    );
    let heavy = (13, "optimizer = \"heavy-ball\"");
    assert_eq!(
        message(&with(&[heavy, (16, "nesterov = true\ndampening = 0.5")]), &[]),
        "x.toml:16: run.nesterov = true: needs a momentum above 0 and dampening 0"
    );
    assert_eq!(
        message(&with(&[heavy, (16, "initial_momentum = 1.0")]), &[]),
        "x.toml:16: run.initial_momentum = 1.0: is overwritten by the first step; needs first_step = false"
    );
    let again = "[[run]]\nname = \"a\"\noptimizer = \"sgd\"\nlearning_rate = 0.1";
    assert_eq!(
        message(&with(&[(16, again)]), &[]),
        "x.toml:17: run.1.name = \"a\": is called \"a\" as another run; names must be unique"
    );
    // Independent problems are all named, in the order of the file's sections.
    assert_eq!(
        message(&with(&[(2, "trajectories = 0"), (14, "learning_rate = -1"), (15, "momentum = 2")]), &[]),
        "x.toml:2: trajectories = 0: must be at least 1\nx.toml:14: run.learning_rate = -1: must be at least 0"
    );
}

#[test]
fn sweeps_and_overrides_name_themselves() {
    let swept = with(&[(15, ""), (16, "[sweep]\nmomentum = [0.5, 1.5]")]);
    assert_eq!(message(&swept, &[]), "x.toml:17: sweep.momentum[1] = 1.5: must be at least 0 and below 1");
    assert_eq!(
        message(&with(&[(16, "[sweep]\nmomentum = [0.5]")]), &[]),
        "x.toml:17: sweep.momentum: is given in run as well; must stand in one place"
    );
    assert_eq!(
        message(&with(&[(16, "[sweep]\nmomentm = [0.5]")]), &[]),
        "x.toml:17: sweep.momentm: unknown key; did you mean `momentum`?"
    );
    assert_eq!(
        message(&with(&[(16, "[sweep]\nnu = [0.5]")]), &[]),
        "x.toml:17: sweep.nu = [0.5]: no run has this key"
    );
    assert_eq!(
        message(&with(&[]), &["run.a.momentum=1.2"]),
        "--set run.a.momentum=1.2: run.momentum: must be at least 0 and below 1"
    );
    assert_eq!(
        message(&with(&[]), &["run.b.momentum=0.5"]),
        "--set run.b.momentum=0.5: run: no `b` there; must be an index below 1 or a name"
    );
    assert_eq!(
        message(&with(&[]), &["landscape.strat=0.5"]),
        "--set landscape.strat=0.5: landscape.strat: unknown key; did you mean `start`?"
    );
    assert_eq!(
        message(&with(&[]), &["seed.x=1"]),
        "--set seed.x=1: seed: is no table; `x` cannot be set in it"
    );
    assert!("seed".parse::<Override>().unwrap_err().contains("KEY=VALUE"));
}

#[test]
fn matrices_that_are_sensed_are_symmetric() {
    let noise = (9, "kind = \"none\"");
    let sensing = |text| message(&with(&[(5, "kind = \"matrix-sensing\""), (6, text), noise, (10, "")]), &[]);
    let data = "data = { examples = 3, side = 2, rank = 1 }\nrank = 2";
    assert_eq!(sensing(data), "sound");
    assert_eq!(sensing("inputs = [[1, 2, 2, 3]]\ntargets = [1]\nrank = 3"), "sound");
    assert_eq!(
        sensing("inputs = [[1, 2, 3]]\ntargets = [1]\nrank = 1"),
        "x.toml:6: landscape.inputs = [[1, 2, 3]]: has rows of 3 numbers; must have p x p, a matrix a row"
    );
    assert_eq!(
        sensing("inputs = [[1, 2, 2, 3], [1, 2, 4, 3]]\ntargets = [1, 1]\nrank = 1"),
        "x.toml:6: landscape.inputs = [[1, 2, 2, 3], [1, 2, 4, 3]]: row 1 must be a symmetric matrix: entry [0][1] is 2 and [1][0] is 4"
    );
    assert_eq!(
        sensing("data = { examples = 3, side = 2, rank = 3 }\nrank = 1"),
        "x.toml:6: landscape.data.rank = 3: must be from 0 to 2"
    );
    assert_eq!(
        sensing("data = { examples = 3, side = 2, rank = 1 }\nrank = 0"),
        "x.toml:7: landscape.rank = 0: must be from 1 to 4096"
    );
}

#[test]
fn data_files_have_lines_of_their_own() {
    let folder = std::env::temp_dir().join(format!("polyak-data-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = with(&[(5, "kind = \"least-squares\""), (6, "data = \"d.csv\"")]);
    let read = |content: Option<&str>| {
        let path = folder.join("d.csv");
        match content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let read = Experiment::parse(&text, &folder.join("x.toml"), &[]);
        read.map(|experiment| experiment.dimension())
            .map_err(|error| error.to_string().replace(&format!("{}/", folder.display()), ""))
    };
    assert_eq!(read(Some("a,b,y\n1,2,3\n# comment\n4,5,6\n")), Ok(2));
    assert_eq!(
        read(Some("1,2,3\n4,5\n")),
        Err("d.csv:2: has 2 numbers; must have 3 as the first line".into())
    );
    assert_eq!(read(Some("1,2\n1,x\n")), Err("d.csv:2: column 2 is \"x\"; must be a finite number".into()));
    assert_eq!(
        read(Some("1,2\n\n1,inf\n")),
        Err("d.csv:3: column 2 is \"inf\"; must be a finite number".into())
    );
    assert_eq!(read(Some("a,b\n")), Err("d.csv: has no line of numbers".into()));
    assert_eq!(
        read(Some("1\n2\n")),
        Err("d.csv: has one column; must have inputs and, last, a target".into())
    );
    let missing = read(None).unwrap_err();
    assert!(missing.starts_with("x.toml:6: landscape.data = \"d.csv\": cannot be read: "), "{missing}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn files_that_cannot_be_read() {
    let missing = Experiment::read(Path::new("no/such.toml"), &[]).unwrap_err().to_string();
    assert!(missing.starts_with("no/such.toml: cannot be read: "), "{missing}");
    let path = std::env::temp_dir().join(format!("polyak-latin1-{}.toml", std::process::id()));
    std::fs::write(&path, b"seed = 1\nname = \"\xe9\"\n").unwrap();
    let error = Experiment::read(&path, &[]).unwrap_err().to_string();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(error, format!("{}:2: is not UTF-8 text", path.display()));
}
