//! All there is to set is set somewhere in the folder: every setting of every experiment at another value than its own,
//! and every member of every list.

use std::collections::BTreeSet;
use std::path::PathBuf;

use diffusion_lab::decompositions::DECOMPOSITIONS;
use diffusion_lab::diffusion::guidance::GuidanceSchedule;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::experiments::{EXPERIMENTS, InpaintMode, setting, settings::settings};
use diffusion_lab::models::digits::Kind;
use diffusion_lab::views::VIEWS;

use super::case::{Case, GOLDEN, cases, names};

/// A setting's flag.
fn flag(key: &str) -> String {
    format!("--{}", setting(key).unwrap().flag())
}

#[test]
fn every_setting_of_every_experiment_is_set() {
    let cases: Vec<Case> = cases().into_iter().filter(Case::is_experiment).collect();
    let mut bare = Vec::new();
    for experiment in EXPERIMENTS {
        let defaults = serde_json::Value::Object(experiment.recipe().to_json().unwrap());
        for key in experiment.keys() {
            let set = cases.iter().filter(|case| case.verb() == experiment.verb).any(|case| {
                let recipe = case.json("result.json")["recipe"][key].clone();
                case.has(&flag(key)) && !recipe.is_null() && recipe != defaults[key]
            });
            if !set {
                bare.push(format!("{} {}", experiment.verb, flag(key)));
            }
        }
    }
    assert!(bare.is_empty(), "no line of commands.txt has\n{}", bare.join("\n"));
    let read: BTreeSet<&str> = EXPERIMENTS.iter().flat_map(|experiment| experiment.keys()).collect();
    for setting in settings() {
        assert!(read.contains(setting.key), "no experiment reads {}", setting.key);
    }
}

#[test]
fn every_member_of_every_list_is_used() {
    let all: Vec<String> = cases().iter().map(|case| case.arguments.join(" ")).collect();
    let names = VIEWS.iter().map(|view| view.name).chain(DECOMPOSITIONS.iter().map(|known| known.name));
    let names = names.chain(Sampler::ALL.map(Sampler::name)).chain(Stepping::ALL.map(Stepping::name));
    let names = names.chain(GuidanceSchedule::ALL.map(GuidanceSchedule::name)).chain(Kind::ALL.map(Kind::name));
    let names = names.chain(InpaintMode::ALL).chain(["mean", "sum", "alternate", "upper", "f16", "bf16"]);
    let models = ["narrow", "narrow/stage-2", "deep", "pickled", "sharded"].map(|name| format!("models/{name}"));
    for name in names.map(str::to_owned).chain(models) {
        // The default of a list is used wherever nothing is said.
        let says_nothing = ["constant"].contains(&name.as_str());
        assert!(says_nothing || all.iter().any(|line| line.contains(&name)), "no line has {name}");
    }
}

/// Files that are published say nothing of the machine that made them.
#[test]
fn nothing_names_the_place_where_it_was_made() {
    let mut folders = vec![PathBuf::from(GOLDEN)];
    while let Some(folder) = folders.pop() {
        for path in names(&folder).iter().map(|name| folder.join(name)) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "{} names this folder", path.display());
            }
        }
    }
}
