//! Networks in experiment files: what is read, and how what is wrong is answered.

use std::path::Path;

use polyak::experiment::model::{Activation, Experiment, Landscape, NetworkLoss};

/// A sound experiment, one line an entry, so that a test replaces line n (from 1).
const SOUND: [&str; 17] = [
    "trajectories = 8",
    "steps = 10",
    "[landscape]",
    "kind = \"network\"",
    "layers = [2, 3, 2]",
    "inputs = [[0, 0], [0, 4], [4, 0], [4, 4]]",
    "targets = [0, 1, 1, 0]",
    "",
    "",
    "",
    "[noise]",
    "kind = \"mini-batch\"",
    "batch = 2",
    "[[run]]",
    "optimizer = \"sgd\"",
    "learning_rate = 0.1",
    "",
];

fn parse(changes: &[(usize, &str)]) -> Result<Experiment, String> {
    let mut lines = SOUND.map(str::to_owned);
    for (line, text) in changes {
        lines[line - 1] = (*text).to_owned();
    }
    Experiment::parse(&lines.join("\n"), Path::new("x.toml"), &[]).map_err(|error| error.to_string())
}

#[test]
fn what_is_read() {
    let experiment = parse(&[(8, "scale = 0.25"), (9, "test_inputs = [[2, 4]]"), (10, "test_targets = [1]")]);
    let experiment = experiment.unwrap();
    let Landscape::Network(network) = &experiment.landscape else { panic!() };
    assert_eq!((network.activation, network.loss), (Activation::Relu, NetworkLoss::CrossEntropy));
    assert_eq!(network.data.inputs.entries, [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
    let test = network.test.as_ref().unwrap();
    assert_eq!((test.inputs.entries.as_slice(), test.targets.as_slice()), (&[0.5, 1.0][..], &[1.0][..]));
    // He's weights of seed 1 with biases of 0, unless the file says otherwise.
    assert_eq!(experiment.start.len(), 2 * 3 + 3 + 3 * 2 + 2);
    assert!(experiment.start[..6].iter().all(|&w| w != 0.0) && experiment.start[6..9] == [0.0; 3]);
    let seeded = |start: &str| parse(&[(8, start)]).unwrap().start;
    assert_eq!(seeded("start = { kind = \"he\", seed = 1 }"), experiment.start);
    assert_ne!(seeded("start = { seed = 2 }"), experiment.start);
    assert_ne!(seeded("start = { kind = \"lecun\" }"), experiment.start);
    assert_eq!(seeded("start = 0.5"), [0.5; 17]);
    let copy = Experiment::parse(&experiment.to_toml(), Path::new("copy.toml"), &[]).unwrap();
    assert_eq!(copy, experiment);
}

#[test]
fn what_is_wrong() {
    let mut wrong = String::new();
    for (line, text, expected) in [
        (5, "", "x.toml:3: landscape.layers: is missing: an array of widths, inputs first, as [64, 32, 10]"),
        (5, "layers = [2]", "x.toml:5: landscape.layers = [2]: a network has from 1 to 8 layers of weights"),
        (5, "layers = [2, 0, 2]", "x.toml:5: landscape.layers[1] = 0: must be from 1 to 65535"),
        (
            5,
            "layers = [3, 2]",
            "x.toml:5: landscape.layers = [3, 2]: begins with 3; must begin with 2, the inputs of an example",
        ),
        (
            5,
            "layers = [2, 600, 2]",
            "x.toml:5: landscape.layers = [2, 600, 2]: has 604 units; must have at most 512, inputs included",
        ),
        (
            5,
            "layers = [2, 1]",
            "x.toml:5: landscape.layers = [2, 1]: must end with one output a class, at least 2, for loss = \"cross-entropy\"",
        ),
        (
            7,
            "targets = [0, 1, 2, 0]",
            "x.toml:5: landscape.layers = [2, 3, 2]: ends with 2 outputs, but the target of example 2 is 2; must be a class from 0 to 1",
        ),
        (
            8,
            "activation = \"relo\"",
            "x.toml:8: landscape.activation = \"relo\": must be one of \"relu\", \"tanh\", \"sigmoid\", \"identity\"; did you mean \"relu\"?",
        ),
        (
            8,
            "test_inputs = [[1, 2]]",
            "x.toml:3: landscape.test_targets: is missing: an array, one number an example",
        ),
        (
            8,
            "test_inputs = [[1, 2, 3]]\ntest_targets = [1]",
            "x.toml:5: landscape.layers = [2, 3, 2]: begins with 2; must begin with 3, the inputs of an example",
        ),
        (
            8,
            "start = { kind = \"xavier\" }",
            "x.toml:8: landscape.start.kind = \"xavier\": must be one of \"he\", \"lecun\", \"glorot\"",
        ),
    ] {
        let found = parse(&[(line, text)]).unwrap_err();
        if found != expected {
            wrong += &format!("{text}\n  expected {expected}\n  found    {found}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let reconstruct = parse(&[(5, "layers = [2, 1, 3]"), (8, "loss = \"reconstruction\"")]).unwrap_err();
    let expected =
        "x.toml:5: landscape.layers = [2, 1, 3]: must end with 2, the number of inputs, to reconstruct them";
    assert_eq!(reconstruct, expected);
    // What is a number for one output may be any; what is reconstructed has no target.
    for (layers, loss) in [("[2, 1]", "squared"), ("[2, 1, 2]", "reconstruction")] {
        let (layers, loss) = (format!("layers = {layers}"), format!("loss = \"{loss}\""));
        assert!(parse(&[(5, &layers), (7, "targets = [0.5, -7, 2, 0]"), (8, &loss)]).is_ok());
    }
}
