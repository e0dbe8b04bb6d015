//! A Stable Diffusion's folder: where its parts are, and what folders are of something else.

use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::family::{pipeline_class, relative};

/// The pipelines of diffusers whose folders hold such a model.
pub const PIPELINES: [&str; 5] = [
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
    "LatentConsistencyModelPipeline",
    "LatentConsistencyModelImg2ImgPipeline",
];

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
        if let Some(class) = pipeline_class(folder)?.filter(|class| !PIPELINES.contains(&class.as_str())) {
            let other = || {
                Error::new(format!("a {class} is not a Stable Diffusion"))
                    .hint(format!("its _class_name must be one of {}", PIPELINES.join(", ")))
            };
            return Err(relative(&class).unwrap_or_else(other).at(folder.place("model_index.json")));
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
