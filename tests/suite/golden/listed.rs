//! What a recipe leaves out is what suits: the defaults of every experiment and the rows of the course are what they
//! were, and every flag is still there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use diffusion_lab::experiments::{EXPERIMENTS, preset, presets};
use serde_json::{Map, Value, json};

use super::case::{GOLDEN, json};
use super::compare;
use super::make::write;
use crate::cli::lab;

fn file() -> PathBuf {
    Path::new(GOLDEN).join("listed.json")
}

pub fn make() {
    if file().exists() {
        return;
    }
    let defaults: Map<String, Value> =
        EXPERIMENTS.iter().map(|known| (known.verb.to_owned(), default(known.verb))).collect();
    let rows: Map<String, Value> = presets().map(|row| (row.name.to_owned(), row_recipe(row.name))).collect();
    let mut commands: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.verb).collect();
    commands.extend(["run", "list", "inspect", "encode", "models", "report", "bench", "screenshots"]);
    let flags: Map<String, Value> =
        commands.into_iter().map(|command| (command.to_owned(), json!(flags(command)))).collect();
    write(&file(), &json!({ "defaults": defaults, "rows": rows, "flags": flags }));
}

fn default(verb: &str) -> Value {
    let experiment = diffusion_lab::experiments::find(verb).unwrap();
    Value::Object(experiment.recipe().to_json().unwrap())
}

fn row_recipe(name: &str) -> Value {
    let row = preset(name).unwrap_or_else(|| panic!("no row {name} any more"));
    Value::Object((row.recipe)().to_json().unwrap())
}

/// The long flags that a command's help names.
fn flags(command: &str) -> BTreeSet<String> {
    let help = String::from_utf8(lab(&[command, "--help"]).stdout).unwrap();
    let words = help.lines().filter_map(|line| {
        line.trim_start().strip_prefix("--").or_else(|| line.split_once(", --").map(|(_, rest)| rest))
    });
    words.map(|word| word.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap_or("").to_owned()).collect()
}

#[test]
fn defaults_rows_and_flags_are_what_they_were() {
    let then = json(&file());
    let equal = |then: &Value, now: &Value| then == now;
    for (verb, recipe) in then["defaults"].as_object().unwrap() {
        compare::keeps(recipe, &default(verb), &equal).unwrap_or_else(|error| panic!("{verb}: {error}"));
    }
    for (name, recipe) in then["rows"].as_object().unwrap() {
        compare::keeps(recipe, &row_recipe(name), &equal).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for (command, known) in then["flags"].as_object().unwrap() {
        let now = flags(command);
        for flag in known.as_array().unwrap() {
            assert!(now.contains(flag.as_str().unwrap()), "{command} has no --{} any more", flag.as_str().unwrap());
        }
    }
}
