//! Which family a model is of: told by its name, by the pipeline that its folder says it is, or by its network's class.

use std::path::Path;

use serde_json::Value;

use super::catalogue::find_model;
use super::digits::{self, Found};
use super::stable_diffusion::{self, Files, is_conditional_unet};
use super::stage;
use super::unet_2d;
use crate::error::{Error, Result};
use crate::files::Folder;

/// A model's family, with where its files are.
pub(super) enum Family {
    /// Part B's networks.
    Digits(Found),
    /// DeepFloyd's cascades.
    DeepFloyd(Folder),
    /// `UNet2DModel` in pixels, told no text.
    Unet2d(Folder),
    /// Stable Diffusion 1 and 2 and their kin, in latents.
    StableDiffusion(Files),
}

/// Beginnings of the names of pipelines that people have and this program does not run, and what those are.
const RELATIVES: [(&str, &str); 6] = [
    ("StableDiffusionXL", "Stable Diffusion XL"),
    ("StableDiffusion3", "Stable Diffusion 3"),
    ("Flux", "Flux"),
    ("Kandinsky", "Kandinsky"),
    ("UnCLIP", "Karlo"),
    ("PixArt", "PixArt"),
];

impl Family {
    /// The family of `model`: a name, a hub id, a folder or a file.
    pub fn of(model: &str) -> Result<Self> {
        if let Some(found) = digits::find(model) {
            return Ok(Self::Digits(found?));
        }
        match find_model(model) {
            Ok(folder) => Self::of_folder(folder),
            Err(_) if is_single_file(Path::new(model)) => Ok(Self::StableDiffusion(Files::single(Path::new(model))?)),
            Err(error) => Err(error),
        }
    }

    /// The family of the model in `folder`.
    pub fn of_folder(folder: Folder) -> Result<Self> {
        let Some(class) = pipeline_class(&folder)? else {
            // Without an index the network itself says what it is.
            return Ok(match network_config(&folder) {
                Some(config) if config["_class_name"] == "UNet2DModel" => Self::Unet2d(folder),
                Some(config) if is_conditional_unet(&config) => Self::StableDiffusion(Files::Folder(folder)),
                _ => Self::DeepFloyd(folder),
            });
        };
        if stage::PIPELINES.contains(&class.as_str()) {
            return Ok(Self::DeepFloyd(folder));
        }
        if unet_2d::PIPELINES.contains(&class.as_str()) {
            return Ok(Self::Unet2d(folder));
        }
        if stable_diffusion::PIPELINES.contains(&class.as_str()) {
            return Ok(Self::StableDiffusion(Files::Folder(folder)));
        }
        Err(refusal(&class).at(folder.place("model_index.json")))
    }

    /// An error where a stage II is asked for that cannot follow a model of this family.
    pub fn check_stage_2(&self, model: &str, stage_2: &str) -> Result<()> {
        if matches!(self, Self::DeepFloyd(_) | Self::Digits(_)) || ["auto", "none"].contains(&stage_2) {
            return Ok(());
        }
        Err(Error::arguments("a stage II follows models of DeepFloyd's kind alone")
            .at(model)
            .hint("leave --stage-2 out"))
    }
}

/// That a pipeline is of another kind, where that is known.
pub(super) fn relative(class: &str) -> Option<Error> {
    let (_, kind) = RELATIVES.iter().find(|(beginning, _)| class.starts_with(beginning))?;
    Some(Error::new(format!("this is {kind} (_class_name {class}), which is not supported")))
}

fn refusal(class: &str) -> Error {
    if let Some(error) = relative(class) {
        return error;
    }
    let known = stage::PIPELINES.iter().chain(unet_2d::PIPELINES).chain(&stable_diffusion::PIPELINES);
    let known: Vec<&str> = known.copied().collect();
    Error::new(format!("a {class} is not a pipeline that this program runs"))
        .hint(format!("its _class_name must be one of {}", known.join(", ")))
}

/// What the folder's `model_index.json` says that it is; nothing without one.
pub(super) fn pipeline_class(folder: &Folder) -> Result<Option<String>> {
    if !folder.has("model_index.json") {
        return Ok(None);
    }
    let index: Value = folder.read_json("model_index.json")?;
    match index["_class_name"].as_str() {
        Some(class) => Ok(Some(class.to_owned())),
        None => Err(Error::new("there is no _class_name").at(folder.place("model_index.json"))),
    }
}

/// The config of the network.
fn network_config(folder: &Folder) -> Option<Value> {
    unet_2d::Unet2d::folder(folder).read_json("config.json").ok()
}

/// Whether a file could hold a whole model.
fn is_single_file(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    path.is_file() && ["safetensors", "ckpt"].contains(&ending.as_str())
}
