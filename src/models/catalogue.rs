//! The models that a name can mean, and where their files are: inside the program, in the hub's cache, or in
//! a folder.

use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::files::Folder;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/built-in");

/// A model that the program knows by name.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// Whether its files are on this machine.
    pub present: bool,
}

const KNOWN: [(&str, &str); 6] = [
    ("built-in", "a small model of DeepFloyd IF's architecture that ships with the program"),
    ("DeepFloyd/IF-I-M-v1.0", "stage I, 64 px, 0.4 billion parameters"),
    ("DeepFloyd/IF-I-L-v1.0", "stage I, 64 px, 0.9 billion parameters"),
    ("DeepFloyd/IF-I-XL-v1.0", "stage I, 64 px, 4.3 billion parameters"),
    ("DeepFloyd/IF-II-M-v1.0", "stage II, 64 to 256 px, 0.5 billion parameters"),
    ("DeepFloyd/IF-II-L-v1.0", "stage II, 64 to 256 px, 1.2 billion parameters"),
];

/// What a model recommends for itself: `lab.json` beside `model_index.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recommendation {
    /// γ of stage I.
    pub guidance: Option<f64>,
    /// Steps of stage I.
    pub steps: Option<usize>,
    /// Prompts that it follows well.
    pub prompts: Vec<String>,
}

/// Every known model.
pub fn models() -> Vec<ModelInfo> {
    KNOWN.map(|(name, sentence)| ModelInfo { name, sentence, present: find_model(name).is_ok() }).to_vec()
}

/// The folder of `model`: a known name, a hub id whose files are in the hub's cache, or a path.
pub fn find_model(model: &str) -> Result<Folder> {
    if model == "built-in" {
        return Ok(Folder::Embedded(&BUILT_IN, "built-in".to_owned()));
    }
    let path = Path::new(model);
    if path.is_dir() {
        return Folder::open(path);
    }
    if path.is_file() {
        return Err(Error::new("a model is a folder, this is a file").at(path.display()).hint("give its folder"));
    }
    match hub_snapshot(model) {
        Some(folder) => Ok(folder),
        None if is_hub_id(model) => Err(Error::new("this model is not on this machine").at(model).hint(format!(
            "accept its licence at huggingface.co/{model}, fetch it with `hf download {model}`, or give a folder"
        ))),
        None => Err(Error::new("no such model")
            .at(model)
            .hint("give a folder, or a name that `diffusion-lab list models` shows")),
    }
}

/// What `model` recommends; nothing where it has no `lab.json`.
pub fn recommendation(model: &str) -> Result<Recommendation> {
    recommendation_of(&find_model(model)?)
}

pub(super) fn recommendation_of(folder: &Folder) -> Result<Recommendation> {
    if folder.has("lab.json") { folder.read_json("lab.json") } else { Ok(Recommendation::default()) }
}

/// Licences and credits of everything that is embedded in the program.
pub fn credits() -> &'static str {
    include_str!("../../assets/CREDITS.md")
}

fn is_hub_id(model: &str) -> bool {
    let parts: Vec<&str> = model.split('/').collect();
    parts.len() == 2 && parts.iter().all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// The newest snapshot of a hub repository in the cache that hub tools share.
fn hub_snapshot(model: &str) -> Option<Folder> {
    if !is_hub_id(model) {
        return None;
    }
    let cache = hf_hub::Cache::from_env();
    let marker = cache.repo(hf_hub::Repo::model(model.to_owned())).get("model_index.json")?;
    Folder::open(marker.parent()?).ok()
}
