//! The program as a person starts it: each verb's first command with its flags, the events that it prints, and `run FILE`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Case, cases};
use super::compare;
use crate::cli::{lab, stderr};

fn run(arguments: &[String]) -> String {
    let output = lab(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Each verb's first command.
fn first_of_each_verb() -> Vec<Case> {
    let mut first: Vec<Case> = Vec::new();
    for case in cases() {
        if first.iter().all(|known| known.verb() != case.verb()) {
            first.push(case);
        }
    }
    first
}

/// What a command wrote is what it wrote then.
fn same_files(case: &Case, out: &std::path::Path) {
    for name in case.files().iter().filter(|name| out.join(name).is_file() && *name != "result.json") {
        compare::file(case, name, out).unwrap_or_else(|error| panic!("{} {name}: {error}", case.name));
    }
}

#[test]
fn every_verb_takes_its_flags_and_says_its_events() {
    for case in first_of_each_verb() {
        let out = tempfile::tempdir().unwrap();
        let mut arguments = case.writing_to(out.path());
        if case.is_experiment() {
            arguments.push("--json".to_owned());
        }
        let said = events(&run(&arguments));
        same_files(&case, out.path());
        if case.is_experiment() {
            let then = std::fs::read_to_string(case.folder().join("events.jsonl")).unwrap();
            for (kind, then) in events(&then) {
                let now = said.get(&kind).unwrap_or_else(|| panic!("{}: no event `{kind}` any more", case.name));
                compare::keeps(&then, now, &|_, _| true)
                    .unwrap_or_else(|error| panic!("{} {kind}: {error}", case.name));
            }
        }
    }
}

/// The first event of each kind.
fn events(lines: &str) -> BTreeMap<String, Value> {
    let mut first = BTreeMap::new();
    for line in lines.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        first.entry(event["event"].as_str().unwrap().to_owned()).or_insert(event);
    }
    first
}

/// A result, a picture and a hand-written recipe, with a change and without.
#[test]
fn run_opens_results_pictures_and_recipes() {
    let all = cases();
    let case = |name: &str| all.iter().find(|case| case.name == name).unwrap();
    for (file, made, sets) in [
        ("made/inpaint/result.json", "inpaint", &[][..]),
        ("made/inpaint/inpaint-000.png", "inpaint", &[]),
        ("made/digits-inpaint/digits-inpaint-000.png", "digits-inpaint", &["classes=38"]),
        ("recipes/sample.json", "sample", &[]),
        ("recipes/digits-sample.json", "digits-sample", &["classes=20"]),
    ] {
        let out = tempfile::tempdir().unwrap();
        let mut arguments = ["run", &format!("{}/{file}", super::case::GOLDEN), "--trust", "--quiet", "--out"]
            .map(str::to_owned)
            .to_vec();
        arguments.push(out.path().display().to_string());
        arguments.extend(sets.iter().flat_map(|set| ["--set".to_owned(), (*set).to_owned()]));
        run(&arguments);
        let (case, first) = (case(made), format!("{}-000.png", case(made).verb()));
        let _ = compare::file(case, &first, out.path()).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}
