//! Every `result.json`, run again: the same files by name and number, each of them what it was.

use serde_json::Value;

use diffusion_lab::experiments::read_recipe;
use diffusion_lab::worker::Destination;

use super::Runner;
use super::case::{Case, cases, json};
use super::compare::{self, Apart};

#[test]
fn every_result_is_made_again() {
    let runner = Runner::new();
    let mut wrong = Vec::new();
    let mut cases: Vec<Case> = cases().into_iter().filter(Case::is_experiment).collect();
    // One network after the other.
    cases.sort_by_key(|case| case.json("result.json")["recipe"]["model"].to_string());
    for case in cases {
        match again(Runner::of(&case).as_ref().unwrap_or(&runner), &case) {
            Ok(apart) => println!("{}: {apart:?}", case.name),
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Runs what the case's result says; how far its files are apart.
fn again(runner: &Runner, case: &Case) -> Result<Apart, String> {
    let out = tempfile::tempdir().unwrap();
    let recipe = read_recipe(&case.folder().join("result.json")).map_err(|error| error.to_string())?.trusted();
    let destination = Destination::Folder { path: out.path().to_owned(), extras: case.extras() };
    let ended = runner.run(recipe, destination)?;
    let then = case.json("result.json");
    let files: Vec<&str> = then["files"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let files: Vec<&str> = files.into_iter().chain(["result.json"]).collect();
    if ended.summary.files != files {
        return Err(format!("files {files:?}, now {:?}", ended.summary.files));
    }
    let mut worst = Apart::default();
    for name in case.files().iter().filter(|name| files.contains(&name.as_str()) && *name != "result.json") {
        let apart = compare::file(case, name, out.path()).map_err(|error| format!("{name}: {error}"))?;
        worst = worst.worse(apart);
    }
    compare::described(case, out.path())?;
    result(case, &then, &json(&out.path().join("result.json")))?;
    Ok(worst)
}

/// A result says what it said: the same keys, the same recipe, the same weights; measures too where numbers are the same.
fn result(case: &Case, then: &Value, now: &Value) -> Result<(), String> {
    let exact = compare::same_place(case);
    compare::keeps(then, now, &|_, _| true)?;
    compare::keeps(&then["recipe"], &now["recipe"], &|then, now| then == now)?;
    for (name, hash) in then["hashes"].as_object().into_iter().flatten() {
        // Texts are numbers of this machine; the others are files.
        if now["hashes"][name] != *hash && (exact || name != "prompt_embeds_sha256") {
            return Err(format!("hash of {name}: {hash}, now {}", now["hashes"][name]));
        }
    }
    if exact {
        compare::keeps(&then["measures"], &now["measures"], &|then, now| then == now)?;
    }
    Ok(())
}
