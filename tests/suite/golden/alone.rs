//! Every picture, opened as `run FILE` and the window open it, and made again alone from the recipe that it carries.

use std::path::Path;

use diffusion_lab::experiments::{Recipe, read_recipe};
use diffusion_lab::pictures::read_carried;
use diffusion_lab::worker::Destination;
use serde_json::Value;

use super::Runner;
use super::case::{Case, cases};
use super::compare::{self, Apart};

#[test]
fn every_picture_is_made_again_from_its_own_recipe() {
    let runner = Runner::new();
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.is_experiment()) {
        let own = Runner::of(case);
        for name in case.pictures() {
            match alone(own.as_ref().unwrap_or(&runner), case, &name) {
                Ok(apart) => println!("{}/{name}: {apart:?}", case.name),
                Err(error) => wrong.push(format!("{}/{name}: {error}", case.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// How far a picture made alone is apart.
fn alone(runner: &Runner, case: &Case, name: &str) -> Result<Apart, String> {
    let path = case.folder().join(name);
    let recipe = read_recipe(&path).map_err(|error| error.to_string())?.trusted();
    says_what_it_carries(&path, &recipe)?;
    let then = compare::pixels(&path);
    if name == "grid.png" {
        // Made again whole beside its result; here it opens as the same recipe.
        let result = read_recipe(&case.folder().join("result.json")).map_err(|error| error.to_string())?.trusted();
        let plain = |recipe: &Recipe| {
            recipe.clone().with(|recipe| {
                recipe.source.image = None;
                recipe.inpainting.mask = None;
            })
        };
        return if plain(&recipe) == plain(&result) {
            Ok(Apart::default())
        } else {
            Err("another recipe than its result's".to_owned())
        };
    }
    let ended = runner.run(recipe, Destination::Nowhere)?;
    let [picture] = ended.pictures.as_slice() else { return Err(format!("{} pictures", ended.pictures.len())) };
    compare::pictures(&then, &picture.pixels, compare::limit(case))
}

/// The opened recipe has every key that is written in the picture, with its value; of a source that is named by its file
/// the pixels are there instead, which came along.
pub fn says_what_it_carries(path: &Path, recipe: &Recipe) -> Result<(), String> {
    let carried = read_carried(&std::fs::read(path).unwrap()).unwrap().unwrap();
    let mut carried: Value = serde_json::from_str(&carried.recipe).unwrap();
    let opened = Value::Object(recipe.to_json().map_err(|error| error.to_string())?);
    for key in ["image", "mask"] {
        if carried["recipe"].get(key).is_none() {
            continue;
        }
        let (named, found) = (carried["recipe"][key].to_string(), opened[key].to_string());
        if !found.starts_with("\"sha256:") || (named.starts_with("\"sha256:") && named != found) {
            return Err(format!("{key}: {named}, now {found}"));
        }
        carried["recipe"][key] = opened[key].clone();
    }
    compare::keeps(&carried["recipe"], &opened, &|then, now| then == now)
}
