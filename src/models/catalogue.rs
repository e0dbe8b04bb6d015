//! The models that a name can mean, and where their files are: inside the program, in the user's folder of models, in
//! the hub's cache, or in a folder anywhere.

use std::path::{Path, PathBuf};

use candle_core::DType;
use include_dir::{Dir, include_dir};

use super::deepfloyd::{Published, UnetConfig};
use super::digits::{self, Kind};
use super::family::Family;
use super::memory::Need;
use super::packages::{PACKAGES, QUANTISED};
use super::recommendation::Conditioning;
use super::stable_diffusion;
use super::summary::ModelSummary;
use super::unet_2d::{Unet2d, Unet2dConfig};
use crate::error::{Error, Result};
use crate::files::{Folder, UserFolder, hub, user_folder};
use crate::weights::Weights;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/built-in");

/// A model that the program knows by name.
#[derive(Clone, Debug)]
pub struct ModelInfo {
    /// Its name on the command line.
    pub name: String,
    /// What it is, in a sentence.
    pub sentence: &'static str,
    /// Whether its files are on this machine.
    pub present: bool,
}

const BUILT_IN_MODEL: (&str, &str) =
    ("built-in", "a small model of DeepFloyd IF's architecture that ships with the program");

/// Repositories that bring a text encoder and tokenizer for every model of the family, the lightest last.
pub(super) fn text_repositories() -> impl Iterator<Item = &'static str> {
    Published::ALL.into_iter().map(|network| network.facts().repository).chain([QUANTISED])
}

/// Every known model: the program's own, those of part B, the published ones.
pub fn models() -> Vec<ModelInfo> {
    let (name, sentence) = BUILT_IN_MODEL;
    let own = ModelInfo { name: name.to_owned(), sentence, present: true };
    let digits = Kind::ALL.into_iter().filter(|kind| kind.samples()).map(|kind| ModelInfo {
        name: digits::model_name(kind),
        sentence: kind.sentence(),
        present: digits::has_built_in(kind),
    });
    let published = Published::ALL.into_iter().map(|network| network.facts()).map(|facts| ModelInfo {
        name: facts.repository.to_owned(),
        sentence: facts.sentence,
        present: find_model(facts.repository).is_ok(),
    });
    let open = PACKAGES.iter().filter_map(|package| {
        let present = hub_snapshot(package.model()?).is_some();
        Some(ModelInfo { name: package.name.to_owned(), sentence: package.sentence, present })
    });
    std::iter::once(own).chain(digits).chain(published).chain(open).collect()
}

/// The folder of `model`: a known name, a hub id whose files are in the hub's cache, or the path of a folder or of a file in it.
pub fn find_model(model: &str) -> Result<Folder> {
    if model == BUILT_IN_MODEL.0 {
        return Ok(Folder::Embedded(&BUILT_IN, model.to_owned()));
    }
    let path = Path::new(model);
    if path.is_dir() {
        return Folder::open(path);
    }
    if path.is_file() {
        return around(path).ok_or_else(|| {
            Error::new("this file is not part of a model")
                .at(path.display())
                .hint("give a model's folder, or its model_index.json")
        });
    }
    if let Some(repository) = open_model(model) {
        return hub_snapshot(repository).ok_or_else(|| {
            Error::new("this model is not on this machine")
                .at(model)
                .hint(format!("fetch it with `diffusion-lab models fetch {model}`"))
        });
    }
    let own = user_models().join(model);
    if !model.contains(['/', '\\']) && own.is_dir() {
        return Folder::open(own);
    }
    if digits::find(model).is_some() {
        return Err(Error::new("a digit network is one file, not a model's folder").at(model).hint("choose built-in"));
    }
    match hub_snapshot(model).filter(|folder| folder.has("model_index.json")) {
        Some(folder) => Ok(folder),
        None if is_hub_id(model) => {
            let free = PACKAGES.iter().any(|package| package.model() == Some(model) && package.licence().is_none());
            let accept = if free { String::new() } else { format!("accept its licence at huggingface.co/{model}, ") };
            let fetch = format!("fetch it with `diffusion-lab models fetch {model}`, or give a folder");
            Err(Error::new("this model is not on this machine").at(model).hint(accept + &fetch))
        }
        None => Err(Error::new("no such model")
            .at(model)
            .hint("give a folder, or a name that `diffusion-lab list models` shows")),
    }
}

/// The model that `file` is part of: what is beside its model_index.json, or one above a network's folder.
fn around(file: &Path) -> Option<Folder> {
    let (file, name) = (std::path::absolute(file).ok()?, file.file_name()?.to_str()?);
    let (_, extension) = name.rsplit_once('.')?;
    if !(["model_index.json", "config.json"].contains(&name) || ["safetensors", "bin"].contains(&extension)) {
        return None;
    }
    let folder = file.ancestors().skip(1).take(2).find(|folder| folder.join("model_index.json").is_file())?;
    Folder::open(folder).ok()
}

/// The setting that takes what is at `path`: `model`, `stage_2` or `text_encoder`; nothing where there is no model.
pub fn setting_for(path: &Path) -> Option<&'static str> {
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf")) {
        return Some("text_encoder");
    }
    let folder = match Family::of(path.to_str()?).ok()? {
        Family::DeepFloyd(folder) => folder,
        Family::Digits(_) | Family::Unet2d(_) | Family::StableDiffusion(_) => return Some("model"),
    };
    match folder.subfolder("unet").map(|unet| UnetConfig::open(&unet)) {
        Some(Ok(config)) => Some(if config.enlarges() { "stage_2" } else { "model" }),
        Some(Err(_)) => None,
        None => folder.subfolder("text_encoder").map(|_| "text_encoder"),
    }
}

/// The stage II that runs after the model in `folder`, where `choice` is `auto`, `none` or a model.
pub(super) fn stage_2_folder(folder: &Folder, choice: &str) -> Result<Option<Folder>> {
    match choice {
        "none" => Ok(None),
        "auto" => Ok(folder.subfolder("stage-2")),
        other => find_model(other).map(Some),
    }
}

/// Licences and credits of everything that is embedded in the program.
pub fn credits() -> &'static str {
    include_str!("../../assets/CREDITS.md")
}

/// The repository of the open model called `name`.
fn open_model(name: &str) -> Option<&'static str> {
    PACKAGES.iter().find(|package| package.name == name)?.model()
}

fn is_hub_id(model: &str) -> bool {
    let parts: Vec<&str> = model.split('/').collect();
    parts.len() == 2 && parts.iter().all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// The newest snapshot of a hub repository in the cache that hub tools share.
pub(super) fn hub_snapshot(model: &str) -> Option<Folder> {
    if !is_hub_id(model) {
        return None;
    }
    Folder::open(hub::snapshot(&hub::cache_folder(), model)?).ok()
}

/// A model that is on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Here {
    /// What `--model`, `--stage-2` or `--text-encoder` takes.
    pub name: String,
    /// What it is, in a sentence.
    pub sentence: String,
    /// The memory that its networks take; nothing for a text encoder, which is streamed.
    pub need: Option<Need>,
    /// Where it is; nothing inside the program.
    pub place: Option<PathBuf>,
}

/// Every model that is here: the program's own, those in the user's folder of models, those in the hub's cache.
pub fn models_here() -> Vec<Here> {
    let (name, sentence) = BUILT_IN_MODEL;
    let own = find_model(name).ok().and_then(|folder| need(&folder));
    let mut found = vec![Here { name: name.to_owned(), sentence: sentence.to_owned(), need: own, place: None }];
    let own = user_models();
    let mut names: Vec<String> = std::fs::read_dir(&own)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    for name in names {
        found.extend(described(name.clone(), &own.join(name)));
    }
    let cache = hub::cache_folder();
    for name in hub::repository_names(&cache) {
        if let Some(folder) = hub::snapshot(&cache, &name) {
            found.extend(described(name, &folder));
        }
    }
    found
}

/// The folder in which a user can put models to be found by their folder's name.
pub fn user_models() -> PathBuf {
    user_folder(UserFolder::Data).join("models")
}

/// What the networks of a pipeline's folder take, its stage II included.
pub(super) fn need(folder: &Folder) -> Option<Need> {
    match Family::of_folder(folder.clone()).ok()? {
        Family::DeepFloyd(folder) => cascade_need(&folder),
        Family::Unet2d(folder) => Some(Need::of(&Unet2dConfig::open(&Unet2d::folder(&folder)).ok()?, DType::F32)),
        Family::StableDiffusion(files) => stable_diffusion::need(&files).ok(),
        Family::Digits(_) => None,
    }
}

fn cascade_need(folder: &Folder) -> Option<Need> {
    let of = |folder: &Folder| Some(Need::of(&UnetConfig::open(&folder.subfolder("unet")?).ok()?, DType::F32));
    let second = folder.subfolder("stage-2").and_then(|second| of(&second));
    Some(Need::sum(&of(folder).into_iter().chain(second).collect::<Vec<_>>())).filter(|_| of(folder).is_some())
}

/// What the folder at `path` holds, if it is a model's or a text encoder's.
fn described(name: String, path: &Path) -> Option<Here> {
    let folder = Folder::open(path).ok()?;
    if let Some(sentence) = open_family(&folder) {
        return Some(Here { name, sentence, need: need(&folder), place: Some(path.to_owned()) });
    }
    let unet = folder.subfolder("unet").filter(|unet| Weights::open(unet).is_ok());
    let unet = unet.and_then(|unet| UnetConfig::open(&unet).ok());
    let text = folder.subfolder("text_encoder").is_some_and(|encoder| Weights::open(&encoder).is_ok());
    let gguf = folder.file_names().iter().any(|name| name.to_lowercase().ends_with(".gguf"));
    let sentence = match (&unet, text, gguf) {
        (Some(config), text, _) => {
            let stage = if config.enlarges() { "stage II" } else { "stage I" };
            format!("{stage}, {} px{}", config.sample_size, if text { ", with a text encoder" } else { "" })
        }
        (None, true, _) => "a text encoder".to_owned(),
        (None, _, true) => "a text encoder, quantised".to_owned(),
        (None, false, false) => return None,
    };
    let need = unet.and_then(|_| need(&folder));
    Some(Here { name, sentence, need, place: Some(path.to_owned()) })
}

/// What the folder holds, where it is a whole model of an open family.
fn open_family(folder: &Folder) -> Option<String> {
    let weights = |part: Option<Folder>| part.is_some_and(|part| Weights::open(&part).is_ok());
    let (told, whole) = match Family::of_folder(folder.clone()).ok()? {
        Family::Unet2d(folder) => ("told nothing", weights(Some(Unet2d::folder(&folder)))),
        Family::StableDiffusion(_) => ("in latents, told a text", weights(folder.subfolder("unet"))),
        Family::Digits(_) | Family::DeepFloyd(_) => return None,
    };
    let summary = ModelSummary::of_folder(folder).ok().filter(|_| whole)?;
    let told = if summary.recommendations.conditioning == Conditioning::Classes { "told a class" } else { told };
    Some(format!("{} px, {told}", summary.stages.first()?.sample_size))
}
