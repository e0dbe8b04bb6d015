//! `diffusion-lab run FILE`: a recipe, a picture that carries one, or a row of the course.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Map, Value};

use super::arguments::{parse_sets, worker_options};
use super::follow::{Manner, follow};
use super::say;
use super::standard_input::{PIPED, piped_recipe, with_piped};
use crate::error::{Error, Result};
use crate::experiments::settings::{digits, networks};
use crate::experiments::{ForeignRecipe, Kind, Setting, preset, presets, read_recipe, setting};

/// Runs what `FILE` names, with the changes of `--set`.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let file = matches.get_one::<String>("FILE").map_or("", String::as_str);
    let path = Path::new(file);
    let recipe = match preset(file) {
        _ if file == PIPED => piped_recipe()?,
        Some(preset) if !path.exists() => ForeignRecipe::own((preset.recipe)()),
        _ if !path.exists() => {
            let names: Vec<&str> = presets().map(|preset| preset.name).collect();
            return Err(Error::arguments("no such file or row of the course")
                .at(file)
                .hint(format!("rows are {}", names.join(", "))));
        }
        _ => read_recipe(path)?,
    };
    let pairs: Vec<String> = matches.get_many::<String>("set").into_iter().flatten().cloned().collect();
    let changes = parse_sets(recipe.harmless().experiment()?, &pairs)?;
    let recipe = recipe.overlaid(changes.clone())?;
    // What other networks were chosen for has other hashes.
    let chosen = changes.keys().filter_map(|key| setting(key)).any(decides_weights);
    let then = if chosen { Map::new() } else { recipe.hashes().clone() };
    let recipe = if matches.get_flag("trust") { recipe.trusted() } else { recipe.checked()? };
    let (mut recipe, mut taken) = (with_piped(recipe, &changes)?, Vec::new());
    if preset(file).is_some() && !path.exists() {
        (recipe, taken) = recipe.completed()?;
    }
    if !taken.is_empty() && !matches.get_flag("quiet") {
        say(format_args!("note: with {}; choose with --set image=FILE", taken.join(" and ")));
    }
    let manner = Manner::of(matches);
    follow(recipe, worker_options(matches)?, &manner)?;
    if !matches.get_flag("quiet") {
        note_other_weights(&then, &manner.hashes()?);
    }
    Ok(())
}

fn decides_weights(setting: &Setting) -> bool {
    let by_name = [networks::dtype.key, digits::kind.key].contains(&setting.key);
    by_name || matches!(setting.kind, Kind::Model(_) | Kind::File | Kind::Folder)
}

/// Says which of the files that a picture was made with `then` are others `now`. Texts are left out: their numbers are this
/// machine's.
fn note_other_weights(then: &Map<String, Value>, now: &Map<String, Value>) {
    let differs = |(key, hash): (&String, &Value)| now.get(key).is_some_and(|now| now != hash);
    let others: Vec<&str> = then
        .iter()
        .filter(|(key, _)| !key.contains("embeds"))
        .filter(|pair| differs(*pair))
        .map(|(key, _)| key.as_str())
        .collect();
    if !others.is_empty() {
        say(format_args!("note: made with other files than the recipe tells: {}", others.join(", ")));
    }
}
