//! `polyak reproduce`: the list, names, files, what is on disk already, exit codes.

use crate::harness::Folder;

/// The cheapest claim.
const CLAIM: &str = "loss-change";

#[test]
fn the_list_names_every_claim_and_says_what_it_states() {
    let folder = Folder::new();
    let text = folder.done(&["reproduce", "--list"]).out;
    assert!(text.contains("weak-error (MV theorem 3.5)"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&folder.done(&["reproduce", "--list", "--json"]).out).unwrap();
    let claims = json.as_array().unwrap();
    assert!(claims.len() >= 19, "{}", claims.len());
    for claim in claims {
        for key in ["claim", "source", "statement", "hypothesis"] {
            assert!(!claim[key].as_str().unwrap().is_empty());
        }
    }
    assert!(folder.list("polyak-out").is_empty(), "a list leaves no files");
}

#[test]
fn a_wrong_name_is_answered_with_the_right_one() {
    let folder = Folder::new();
    let ran = folder.polyak(&["reproduce", "weak-eror"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("weak-eror") && ran.err.contains("did you mean weak-error?"), "{}", ran.err);
    let ran = folder.polyak(&["reproduce"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--all") && ran.err.contains("--list"), "{}", ran.err);
    assert_eq!(folder.polyak(&["reproduce", CLAIM, "--budget", "some"]).code, Some(2));
    for name in ["bogus", CLAIM] {
        let ran = folder.polyak(&["reproduce", "--all", name]);
        assert_eq!(ran.code, Some(2), "{name}");
        assert!(ran.err.contains("--all"), "{}", ran.err);
    }
    assert!(folder.list("polyak-out").is_empty(), "nothing ran");
}

#[test]
fn a_claim_leaves_its_files_and_is_not_run_twice() {
    let folder = Folder::new();
    let first = folder.done(&["reproduce", CLAIM, "--json", "--out", "out"]);
    let json: serde_json::Value = serde_json::from_str(&first.out).unwrap();
    let outcome = &json.as_array().unwrap()[0];
    assert_eq!(outcome["claim"], CLAIM);
    assert_eq!(outcome["verdict"], "holds", "{outcome:#}");
    for key in ["measured", "error", "expected"] {
        assert!(outcome[key].is_number(), "{key}");
    }
    let names: Vec<String> = ["json", "png", "svg"].iter().map(|end| format!("{CLAIM}.{end}")).collect();
    for name in names.iter().map(String::as_str).chain(["report.html"]) {
        assert!(folder.list("out").iter().any(|there| there == name), "{name}");
    }
    let html = folder.text("out/report.html");
    assert!(html.contains("<svg") && html.contains(CLAIM) && html.contains("</html>"));
    assert!(
        !html.contains("src=") && !html.contains("<script") && !html.contains("@import"),
        "self-contained"
    );

    // The same again comes from the disk, seconds and all.
    let second = folder.done(&["reproduce", CLAIM, "--json", "--out", "out"]);
    let again: serde_json::Value = serde_json::from_str(&second.out).unwrap();
    let seconds = |outcome: &serde_json::Value| outcome["seconds"].as_f64().unwrap();
    assert!((seconds(&again[0]) - seconds(outcome)).abs() < 1e-9, "not measured again");
    assert_eq!(again[0]["checks"].as_array().map(Vec::len), outcome["checks"].as_array().map(Vec::len));
    // A result that cannot be read is computed anew.
    folder.write(&format!("out/{CLAIM}.json"), "{");
    let third = folder.done(&["reproduce", CLAIM, "--out", "out", "--quiet"]);
    assert!(third.out.contains("holds") && third.out.lines().count() == 1, "{}", third.out);

    for said in ["quick", "seed 0", "cpu: "] {
        assert!(html.contains(said), "{said}");
    }

    // A stored failure is one: exit code 1.
    let path = format!("out/{CLAIM}.json");
    folder.write(&path, &folder.text(&path).replace("\"verdict\": \"holds\"", "\"verdict\": \"fails\""));
    assert_eq!(folder.polyak(&["reproduce", CLAIM, "--out", "out"]).code, Some(1));

    // Another seed is another result.
    let seeded = folder.done(&["reproduce", CLAIM, "--json", "--seed", "7", "--out", "out"]);
    let seeded: serde_json::Value = serde_json::from_str(&seeded.out).unwrap();
    assert_eq!(seeded[0]["seed"], 7);
    assert_ne!(seeded[0]["measured"], outcome["measured"]);
}

#[test]
fn a_claim_that_fails_exits_with_1() {
    let folder = Folder::new();
    // The right one first: what it left does not stand for the wrong one.
    folder.done(&["reproduce", CLAIM, "--out", "out", "--quiet"]);
    let ran = folder.polyak(&["reproduce", CLAIM, "--mistake", "1", "--out", "out"]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    assert!(ran.out.contains(&format!("{CLAIM} (MV lemma 2.4): fails")), "{}", ran.out);
    assert!(ran.out.contains("wrong on purpose: Momentum(0.99)"), "{}", ran.out);
    assert!(folder.text("out/report.html").contains("class=\"fails\""));
    // Nor does what the wrong one left for the right one.
    folder.done(&["reproduce", CLAIM, "--out", "out", "--quiet"]);
    assert_eq!(folder.polyak(&["reproduce", CLAIM, "--mistake", "99"]).code, Some(2));
}
