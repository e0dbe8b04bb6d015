//! A Stable Diffusion's folder: where its parts are, and what folders are of something else.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::files::Folder;

/// The pipelines of diffusers whose folders hold such a model.
const PIPELINES: [&str; 5] = [
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
    "LatentConsistencyModelPipeline",
    "LatentConsistencyModelImg2ImgPipeline",
];

/// Beginnings of the names of others that people have, and what those are.
const RELATIVES: [(&str, &str); 4] = [
    ("StableDiffusionXL", "Stable Diffusion XL"),
    ("StableDiffusion3", "Stable Diffusion 3"),
    ("Flux", "Flux"),
    ("Kandinsky", "Kandinsky"),
];

#[derive(Deserialize)]
struct ModelIndex {
    #[serde(rename = "_class_name")]
    class_name: String,
}

/// The folders of the parts.
#[derive(Clone, Debug)]
pub struct PipelineFolders {
    /// Of the UNet.
    pub unet: Folder,
    /// Of the autoencoder, full or tiny.
    pub vae: Folder,
    /// Of CLIP's text model.
    pub text_encoder: Folder,
    /// Of its tokenizer.
    pub tokenizer: Folder,
    /// Of the scheduler's config.
    pub scheduler: Folder,
}

impl PipelineFolders {
    /// The parts of the model in `folder`; a line where it is of another kind or one is missing.
    pub fn open(folder: &Folder) -> Result<Self> {
        if folder.has("model_index.json") {
            let index: ModelIndex = folder.read_json("model_index.json")?;
            check_class(&index.class_name).map_err(|error| error.at(folder.place("model_index.json")))?;
        }
        let part = |name: &str| {
            folder.subfolder(name).ok_or_else(|| {
                Error::new(format!("the model has no {name} folder"))
                    .at(folder.place(""))
                    .hint("a diffusers folder has unet, vae, text_encoder, tokenizer and scheduler")
            })
        };
        Ok(Self {
            unet: part("unet")?,
            vae: part("vae")?,
            text_encoder: part("text_encoder")?,
            tokenizer: part("tokenizer")?,
            scheduler: part("scheduler")?,
        })
    }
}

fn check_class(name: &str) -> Result<()> {
    if PIPELINES.contains(&name) {
        return Ok(());
    }
    if let Some((_, kind)) = RELATIVES.iter().find(|(beginning, _)| name.starts_with(beginning)) {
        return Err(Error::new(format!("this is {kind} (_class_name {name}), which is not supported")));
    }
    Err(Error::new(format!("a {name} is not a Stable Diffusion"))
        .hint(format!("its _class_name must be one of {}", PIPELINES.join(", "))))
}
