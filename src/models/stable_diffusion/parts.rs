//! The parts of a Stable Diffusion, whether in a pipeline's folder or in a single file: configs first, then weights.

use std::path::Path;

use serde_json::Value;

use super::autoencoder::AutoencoderConfig;
use super::config::ConditionalUnetConfig;
use super::pipeline::PipelineFolders;
use super::single_file::SingleFile;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::schedule::SchedulerConfig;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::catalogue::{find_model, hub_snapshot};
use crate::models::clip::ClipTextConfig;
use crate::weights::Weights;

/// Where a model is.
#[derive(Clone, Debug)]
pub enum Files {
    /// A pipeline of diffusers.
    Folder(Folder),
    /// A file of the original layout, by its name in a folder.
    File(Folder, String),
}

/// Repositories of the hub with a tokenizer for files that have none, and a tiny autoencoder for previews.
const TOKENIZERS: [&str; 2] = ["openai/clip-vit-large-patch14", "stable-diffusion-v1-5/stable-diffusion-v1-5"];
const TINY: &str = "madebyollin/taesd";

/// What padding is in Stable Diffusion 2, whose text encoder is OpenCLIP's.
const OPEN_CLIP_PAD: &str = "!";

/// What a model's configs say.
#[derive(Clone, Debug)]
pub(super) struct Configs {
    pub unet: ConditionalUnetConfig,
    pub autoencoder: AutoencoderConfig,
    pub scheduler: SchedulerConfig,
}

/// Configs and weights; the numbers are not read.
pub(super) struct Parts {
    pub configs: Configs,
    pub unet: Weights,
    pub autoencoder: Weights,
    /// A small autoencoder for the same latents, where there is one.
    pub tiny: Option<Weights>,
    pub text: (ClipTextConfig, Weights),
    pub tokenizer: Folder,
    /// What pads prompts, where the tokenizer is another model's.
    pub pad: Option<&'static str>,
}

impl Files {
    /// The file at `path`, which is part of no pipeline's folder.
    pub fn single(path: &Path) -> Result<Self> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self::File(Folder::open(parent)?, name))
    }

    /// Whether a whole model is in it, as far as names and shapes tell.
    pub fn is_whole(&self) -> bool {
        self.configs().is_ok()
    }

    /// The folder in which the model is.
    pub fn folder(&self) -> &Folder {
        match self {
            Self::Folder(folder) | Self::File(folder, _) => folder,
        }
    }

    pub(super) fn configs(&self) -> Result<Configs> {
        match self {
            Self::Folder(folder) => of_folders(&PipelineFolders::open(folder)?),
            Self::File(folder, name) => of_file(folder, &SingleFile::of(folder, name)?),
        }
    }

    /// All of it; `text_encoder` is `auto` or a folder, a name or a hub id with another one.
    pub(super) fn parts(&self, text_encoder: &str) -> Result<Parts> {
        let other = match text_encoder {
            "auto" => None,
            named => Some(text_folders(&hub_snapshot(named).map_or_else(|| find_model(named), Ok)?)?),
        };
        match self {
            Self::Folder(folder) => {
                let folders = PipelineFolders::open(folder)?;
                let (text, tokenizer) = other.unwrap_or((folders.text_encoder.clone(), folders.tokenizer.clone()));
                let configs = of_folders(&folders)?;
                Ok(Parts {
                    tiny: tiny(folder, &configs)?,
                    unet: Weights::open(&folders.unet)?,
                    autoencoder: Weights::open(&folders.vae)?,
                    text: (ClipTextConfig::open(&text)?, Weights::open(&text)?),
                    tokenizer,
                    pad: None,
                    configs,
                })
            }
            Self::File(folder, name) => {
                let file = SingleFile::of(folder, name)?;
                let configs = of_file(folder, &file)?;
                let (text, tokenizer, pad) = match (other, file.text_encoder) {
                    (Some((text, tokenizer)), _) => {
                        ((ClipTextConfig::open(&text)?, Weights::open(&text)?), tokenizer, None)
                    }
                    (None, Some(text)) => {
                        let open_clip = text.0 == ClipTextConfig::of_stable_diffusion_2();
                        (text, tokenizer(folder)?, open_clip.then_some(OPEN_CLIP_PAD))
                    }
                    (None, None) => {
                        return Err(Error::new("the file has no text encoder")
                            .at(folder.place(name))
                            .hint("name a folder that has one with --text-encoder"));
                    }
                };
                let (_, autoencoder) = file.autoencoder.ok_or_else(|| no_autoencoder(folder, name))?;
                let tiny = tiny(folder, &configs)?;
                Ok(Parts { tiny, unet: file.unet.1, autoencoder, text, tokenizer, pad, configs })
            }
        }
    }
}

fn no_autoencoder(folder: &Folder, name: &str) -> Error {
    Error::new("the file has a UNet without its autoencoder")
        .at(folder.place(name))
        .hint("get a file with all parts, or a diffusers folder")
}

fn of_folders(folders: &PipelineFolders) -> Result<Configs> {
    checked(Configs {
        unet: ConditionalUnetConfig::open(&folders.unet)?,
        autoencoder: AutoencoderConfig::open(&folders.vae)?,
        scheduler: scheduler(&folders.scheduler)?,
    })
    .map_err(|error| error.at(folders.unet.place("config.json")))
}

/// A file says nothing of its scheduler: what lies beside it does, or it is Stable Diffusion's own.
fn of_file(folder: &Folder, file: &SingleFile) -> Result<Configs> {
    let Some((autoencoder, _)) = &file.autoencoder else { return Err(no_autoencoder(folder, "")) };
    let scheduler = match folder.has("scheduler_config.json") {
        true => scheduler(folder)?,
        false => SchedulerConfig::of_stable_diffusion(),
    };
    checked(Configs { unet: file.unet.0.clone(), autoencoder: AutoencoderConfig::Kl(autoencoder.clone()), scheduler })
        .map_err(|error| error.at(folder.place("")))
}

/// The scheduler's config as the pipeline corrects it: the first timestep is 1 and nothing is clipped.
fn scheduler(folder: &Folder) -> Result<SchedulerConfig> {
    let config = SchedulerConfig::from_json(folder.read_json("scheduler_config.json")?)
        .map_err(|error| error.at(folder.place("scheduler_config.json")))?;
    Ok(match config.sampler {
        Sampler::Lcm => config,
        _ => SchedulerConfig { steps_offset: 1, clip_sample: false, ..config },
    })
}

fn checked(configs: Configs) -> Result<Configs> {
    let (unet, latent) = (&configs.unet, configs.autoencoder.latent_channels());
    if unet.in_channels == 2 * latent + 1 {
        return Err(Error::new("this is an inpainting model (in_channels 9), which is not supported")
            .hint("inpaint works with plain models, of in_channels 4"));
    }
    if unet.in_channels != latent || unet.out_channels != latent {
        return Err(Error::new(format!(
            "the network takes {} channels and gives {}, the autoencoder's latents have {latent}",
            unet.in_channels, unet.out_channels
        ))
        .hint("unet and vae belong to different models"));
    }
    Ok(configs)
}

/// The tiny autoencoder in `taesd` within the model, or the hub's.
fn tiny(folder: &Folder, configs: &Configs) -> Result<Option<Weights>> {
    if !configs.autoencoder.has_tiny_twin() {
        return Ok(None);
    }
    let Some(found) = folder.subfolder("taesd").or_else(|| hub_snapshot(TINY)) else { return Ok(None) };
    AutoencoderConfig::check_tiny(&found)?;
    Weights::open(&found).map(Some)
}

/// A tokenizer for a file that has none: beside it, or the hub's.
fn tokenizer(folder: &Folder) -> Result<Folder> {
    let is_one = |folder: &Folder| folder.has("merges.txt") || folder.has("tokenizer.json");
    let inside = |folder: Folder| [folder.subfolder("tokenizer"), Some(folder)].into_iter().flatten().find(is_one);
    let hubs = || TOKENIZERS.into_iter().filter_map(hub_snapshot).find_map(inside);
    inside(folder.clone()).or_else(hubs).ok_or_else(|| {
        Error::new("a single file has no tokenizer")
            .at(folder.place(""))
            .hint("put CLIP's vocab.json and merges.txt beside it, or fetch `sd-1.5`")
    })
}

/// The text encoder and the tokenizer of another model.
fn text_folders(folder: &Folder) -> Result<(Folder, Folder)> {
    let missing =
        || Error::new("no text encoder in this folder").at(folder.place("")).hint("one has text_encoder and tokenizer");
    folder.subfolder("text_encoder").zip(folder.subfolder("tokenizer")).ok_or_else(missing)
}

/// Whether a config is of a UNet that is told a text in latents.
pub fn is_conditional_unet(config: &Value) -> bool {
    config["_class_name"] == "UNet2DConditionModel" && config.get("encoder_hid_dim").is_none_or(Value::is_null)
}
