//! `diffusion-lab inspect`: what a file or folder is, without loading it.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use super::{print_json, print_line};
use crate::datasets::{DATASETS, describe_dataset, describe_idx, is_dataset_folder, looks_like_idx};
use crate::error::{Error, Result, printable};
use crate::experiments::read_recipe;
use crate::files::{Folder, limits, read_file, read_file_start};
use crate::models::digits::{self, Spec};
use crate::models::{describe_model, describe_single_file, find_model};
use crate::pictures;
use crate::weights::Weights;

/// Prints what `PATH` is, as lines or as JSON.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let path = matches.get_one::<String>("PATH").map_or("", String::as_str);
    let facts = inspect(path)?;
    if matches.get_flag("json") {
        let text = serde_json::to_string_pretty(&facts).map_err(|error| Error::new(error.to_string()))?;
        print_json(text)?;
        return Ok(());
    }
    for (key, value) in &facts {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        print_line(format_args!("{:20} {}", key.replace('_', " "), printable(&text, usize::MAX)))?;
    }
    Ok(())
}

fn inspect(name: &str) -> Result<Map<String, Value>> {
    let path = Path::new(name);
    if DATASETS.iter().any(|known| known.name == name.to_lowercase()) || is_dataset_folder(path) {
        return describe_dataset(name);
    }
    if let Some(found) = digits::find(name).filter(|_| !path.is_file()) {
        let mut facts = Map::from_iter([("kind".to_owned(), json!("digit network"))]);
        say_digits(found?.spec(), &mut facts);
        return Ok(facts);
    }
    if !path.is_file() {
        let folder = find_model(name)?;
        return if holds_model(&folder) { describe_model(&folder) } else { Err(no_model(path)) };
    }
    if starts_as_idx(path)? {
        return describe_idx(path);
    }
    match path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_lowercase().as_str() {
        "safetensors" | "bin" | "pth" | "pt" | "ckpt" | "gguf" => tensors(path),
        "json" => recipe(path, Map::new()),
        _ => picture(path),
    }
}

/// Whether a folder has anything of a model in it.
fn holds_model(folder: &Folder) -> bool {
    let described = |folder: &Folder| folder.file_names().iter().any(|name| name.ends_with(".json"));
    let parts = ["unet", "text_encoder", "scheduler", "vae", "prior", "decoder", "stage-2"];
    described(folder) || parts.iter().any(|part| folder.subfolder(part).is_some())
}

fn no_model(path: &Path) -> Error {
    Error::new("the folder holds neither a model nor digits")
        .at(path.display())
        .hint("give a diffusers folder or a file")
}

fn starts_as_idx(path: &Path) -> Result<bool> {
    Ok(looks_like_idx(&read_file_start(path, 4, limits::WEIGHTS)?))
}

fn tensors(path: &Path) -> Result<Map<String, Value>> {
    if let Some(facts) = describe_single_file(path) {
        return facts;
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let weights = Weights::open_file(&Folder::open(parent)?, &name)?;
    let entries = weights.entries();
    let mut facts = Map::new();
    let metadata = weights.metadata()?;
    match Spec::from_metadata(&metadata) {
        Ok(spec) => {
            let resumes = metadata.contains_key("training");
            facts.insert("kind".to_owned(), json!(if resumes { "training run" } else { "digit network" }));
            say_digits(spec, &mut facts);
        }
        Err(_) => drop(facts.insert("kind".to_owned(), json!("tensors"))),
    }
    facts.insert("tensors".to_owned(), json!(entries.len()));
    let numbers: usize = entries.iter().map(|entry| entry.shape.iter().product::<usize>()).sum();
    facts.insert("numbers".to_owned(), json!(numbers));
    facts.insert("file_bytes".to_owned(), json!(weights.file_bytes()));
    let listed: Vec<String> =
        entries.iter().take(40).map(|entry| format!("{} {} {:?}", entry.name, entry.dtype, entry.shape)).collect();
    facts.insert("names".to_owned(), json!(listed));
    Ok(facts)
}

fn say_digits(spec: Spec, facts: &mut Map<String, Value>) {
    facts.insert("network".to_owned(), json!(spec.kind.name()));
    facts.insert("hidden".to_owned(), json!(spec.hidden));
    facts.insert("T".to_owned(), json!(spec.timesteps));
    facts.insert("classes".to_owned(), json!(spec.classes()));
}

fn recipe(path: &Path, mut facts: Map<String, Value>) -> Result<Map<String, Value>> {
    let recipe = read_recipe(path)?;
    facts.entry("kind").or_insert_with(|| json!("recipe"));
    facts.insert("recipe".to_owned(), Value::Object(recipe.to_json()?));
    Ok(facts)
}

fn picture(path: &Path) -> Result<Map<String, Value>> {
    let pixels = pictures::load(path)?;
    let mut facts = Map::new();
    facts.insert("kind".to_owned(), json!("picture"));
    facts.insert("width".to_owned(), json!(pixels.width()));
    facts.insert("height".to_owned(), json!(pixels.height()));
    let bytes = read_file(path, limits::PICTURE)?;
    if bytes.starts_with(b"\x89PNG") && pictures::read_carried(&bytes)?.is_some() {
        return recipe(path, facts);
    }
    facts.insert("recipe".to_owned(), json!("none"));
    Ok(facts)
}
