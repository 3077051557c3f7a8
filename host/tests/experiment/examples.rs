//! Every file in `examples/` is an experiment, and its filled-in copy is the same one.

use std::path::Path;

use polyak::experiment::model::Experiment;

#[test]
fn every_example_reads_and_round_trips() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        count += 1;
        let experiment = Experiment::read(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        let copy = Experiment::parse(&experiment.to_toml(), Path::new("copy.toml"), &[]);
        let copy = copy.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(copy, experiment, "{}", path.display());
    }
    assert!(count > 0, "no examples");
}
