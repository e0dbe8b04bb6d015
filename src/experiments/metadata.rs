//! What a saved picture says of itself, and the way back: from a PNG or a JSON file to the recipe.

use std::path::Path;
use std::sync::Arc;

use image::RgbImage;
use serde_json::{Map, Value, json};

use super::{ForeignRecipe, Recipe, Source};
use crate::error::{Error, Result};
use crate::files::{limits, read_file};
use crate::pictures::{Carried, read_carried};

/// The version of the metadata; a newer one is refused by name.
const VERSION: u64 = 1;

/// Between a carried picture's key and its side.
const SIDE: char = '@';

/// What a PNG of `recipe` carries.
pub fn carried(recipe: &Recipe, hashes: &Map<String, Value>) -> Result<Carried> {
    let experiment = recipe.experiment()?;
    let mut pictures = Vec::new();
    for (setting, source) in recipe.pictures() {
        let key = setting.key;
        match source {
            Some(Source::Fitted(sizes)) if experiment.reads(key) => {
                // The first, largest, under the plain key; the others with their side.
                for (index, picture) in sizes.iter().enumerate() {
                    let side = if index == 0 { String::new() } else { format!("{SIDE}{}", picture.width()) };
                    pictures.push((format!("{key}{side}"), picture.clone()));
                }
            }
            Some(source) if experiment.reads(key) => pictures.push((key.to_owned(), (*source.load()?).clone())),
            _ => {}
        }
    }
    let recipe = described(recipe.to_json()?, hashes);
    Ok(Carried { recipe: Value::Object(recipe).to_string(), pictures })
}

/// The carried sizes of one picture.
fn collected(carried: &mut Vec<(String, RgbImage)>, key: &str) -> Option<Source> {
    let belongs = |name: &str| name == key || name.strip_prefix(key).is_some_and(|rest| rest.starts_with(SIDE));
    let sizes: Vec<RgbImage> = carried.extract_if(.., |(name, _)| belongs(name)).map(|(_, picture)| picture).collect();
    match <[RgbImage; 1]>::try_from(sizes) {
        Ok([one]) => Some(Source::Held(Arc::new(one))),
        Err(sizes) => (!sizes.is_empty()).then(|| Source::Fitted(Arc::new(sizes))),
    }
}

/// The carried picture where there is one; an error where the recipe names another by its hash.
fn matching(key: &str, carried: Option<Source>, named: Option<Source>) -> Result<Option<Source>> {
    let Some(carried) = carried else { return Ok(named) };
    if let Some(Source::Carried(hash)) = named
        && hash != carried.hash()
    {
        return Err(Error::new(format!("the {key} that the PNG carries is not the one that its recipe names"))
            .hint("it was changed or damaged: get the picture again"));
    }
    Ok(Some(carried))
}

/// A recipe's JSON with what is needed to run it again: version, program, hashes.
pub fn described(recipe: Map<String, Value>, hashes: &Map<String, Value>) -> Map<String, Value> {
    let mut all = Map::new();
    all.insert("version".to_owned(), json!(VERSION));
    all.insert("program".to_owned(), json!(concat!("diffusion-lab ", env!("CARGO_PKG_VERSION"))));
    all.insert("recipe".to_owned(), Value::Object(recipe));
    all.insert("hashes".to_owned(), Value::Object(hashes.clone()));
    all
}

/// The recipe in the file `path`: a PNG that carries one, a `result.json`, or a recipe by itself.
pub fn read_recipe(path: &Path) -> Result<ForeignRecipe> {
    recipe_from_bytes(&read_file(path, limits::RECIPE)?, path.parent()).map_err(|error| error.at(path.display()))
}

/// The recipe in the bytes of such a file, which lies in `folder`: pictures that it names are looked for there first.
pub fn recipe_from_bytes(bytes: &[u8], folder: Option<&Path>) -> Result<ForeignRecipe> {
    let (mut recipe, hashes) = recipe_in(bytes)?;
    if let Some(folder) = folder {
        for (_, source) in recipe.pictures_mut() {
            source.iter_mut().for_each(|source| source.beside(folder));
        }
    }
    Ok(ForeignRecipe::new(recipe)?.made_with(hashes))
}

/// The recipe, and the hashes of what its picture was made with.
fn recipe_in(bytes: &[u8]) -> Result<(Recipe, Map<String, Value>)> {
    if bytes.starts_with(b"\x89PNG") {
        let carried = read_carried(bytes)?
            .ok_or_else(|| Error::new("this PNG carries no recipe").hint("only pictures saved by this program do"))?;
        limits::RECIPE_TEXT.check(carried.recipe.len() as u64)?;
        let (mut recipe, hashes) = recipe_from_json(&carried.recipe)?;
        let mut pictures = carried.pictures;
        for (setting, source) in recipe.pictures_mut() {
            *source = matching(setting.key, collected(&mut pictures, setting.key), source.take())?;
        }
        return Ok((recipe, hashes));
    }
    limits::RECIPE_TEXT.check(bytes.len() as u64)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => recipe_from_json(text),
        Err(_) => Err(Error::new("neither a PNG nor a recipe in JSON").hint("give a picture saved by this program")),
    }
}

fn recipe_from_json(text: &str) -> Result<(Recipe, Map<String, Value>)> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| Error::arguments(format!("the recipe is not JSON, {error}")))?;
    let Value::Object(mut object) = value else {
        return Err(Error::arguments("the recipe is not a JSON object"));
    };
    match object.get("version") {
        None => {}
        Some(version) if version.as_u64().is_some_and(|version| (1..=VERSION).contains(&version)) => {}
        Some(version) => {
            return Err(Error::new(format!("the recipe is of version {version}, this program reads {VERSION}"))
                .hint("use a newer diffusion-lab"));
        }
    }
    let recipe = match object.remove("recipe") {
        Some(Value::Object(recipe)) => Recipe::from_json(&recipe),
        Some(_) => Err(Error::arguments("the recipe is not a JSON object")),
        None => Recipe::from_json(&object),
    };
    let hashes = object.remove("hashes").and_then(|hashes| hashes.as_object().cloned());
    Ok((recipe?, hashes.unwrap_or_default()))
}
