//! A text encoder, a stage I and a stage II, loaded from diffusers folders: what part A's experiments run on.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use candle_core::{DType, Device};
use serde::Deserialize;

use super::catalogue::{Recommendation, find_model, recommendation_of};
use super::deepfloyd::{Unet, UnetConfig};
use super::t5::{clean_caption, plain_caption};
use super::text::{Encoded, Text};
use crate::diffusion::schedule::{Schedule, SchedulerConfig};
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::weights::Weights;

/// What decides which networks are loaded, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct CascadeSpec {
    /// A name, a hub id or a folder.
    pub model: String,
    /// `auto`, `none`, a name, a hub id or a folder.
    pub stage_2: String,
    /// `auto`, a file, a folder or a hub id.
    pub text_encoder: String,
    /// Number format of the UNets.
    pub dtype: DType,
    /// Weights as large as in the file, at the cost of time.
    pub low_memory: bool,
}

/// One UNet with its scheduler.
pub struct Stage {
    /// The network.
    pub unet: Unet,
    /// Its scheduler's config.
    pub config: SchedulerConfig,
    /// Its scheduler's tables.
    pub schedule: Schedule,
    /// The side of its pictures, in pixels.
    pub sample_size: usize,
    /// The hash of its weights.
    pub sha256: String,
    /// The tables by which the picture to enlarge is noised (stage II).
    noising: Schedule,
}

impl Stage {
    /// ᾱ of the noise level, a timestep of the noising scheduler.
    pub fn noising_alpha_prod(&self, noise_level: usize) -> Result<f32> {
        self.noising.alphas_cumprod.get(noise_level).copied().ok_or_else(|| {
            Error::arguments(format!("noise level {noise_level} is not below {}", self.noising.num_train_timesteps()))
        })
    }
}

/// Everything that a model's folder holds, loaded.
pub struct Cascade {
    /// The network for small pictures.
    pub stage_1: Option<Stage>,
    /// The network that enlarges them.
    pub stage_2: Option<Stage>,
    folder: Folder,
    device: Device,
    text_encoder: String,
    text: OnceLock<Text>,
    /// Prompts that were encoded before, by caption.
    encoded: Mutex<HashMap<String, Encoded>>,
}

#[derive(Deserialize)]
struct ModelIndex {
    #[serde(rename = "_class_name")]
    class_name: String,
}

impl Cascade {
    /// Loads what `spec` names; `say` hears what is being read.
    pub fn load(spec: &CascadeSpec, device: &Device, say: &mut dyn FnMut(&str) -> Result<()>) -> Result<Self> {
        let folder = find_model(&spec.model)?;
        let mut stage_1 = None;
        let mut stage_2 = None;
        say("the network")?;
        let main = load_stage(&folder, device, spec)?;
        if is_stage_2(&main) {
            stage_2 = Some(main)
        } else {
            stage_1 = Some(main)
        }
        let second = match spec.stage_2.as_str() {
            "none" => None,
            "auto" => folder.subfolder("stage-2"),
            other => Some(find_model(other)?),
        };
        if let Some(second) = second {
            say("stage II")?;
            let stage = load_stage(&second, device, spec)?;
            if !is_stage_2(&stage) {
                return Err(Error::new("this is not a stage II model")
                    .at(second.place(""))
                    .hint("its UNet takes 6 channels"));
            }
            stage_2 = Some(stage);
        }
        Ok(Self {
            stage_1,
            stage_2,
            folder,
            device: device.clone(),
            text_encoder: spec.text_encoder.clone(),
            text: OnceLock::new(),
            encoded: Mutex::default(),
        })
    }

    /// Where it computes.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// What the model recommends for itself.
    pub fn recommendation(&self) -> Result<Recommendation> {
        recommendation_of(&self.folder)
    }

    /// Stage I, or a readable error.
    pub fn stage_1(&self) -> Result<&Stage> {
        self.stage_1.as_ref().ok_or_else(|| {
            Error::new("this model only enlarges pictures").at(self.folder.place("")).hint("choose a stage I model")
        })
    }

    /// Stage II, or a readable error.
    pub fn stage_2(&self) -> Result<&Stage> {
        self.stage_2.as_ref().ok_or_else(|| {
            Error::new("this model has no stage II").at(self.folder.place("")).hint("give one with --stage-2")
        })
    }

    /// The side of the pictures that stage II enlarges.
    pub fn low_resolution_size(&self) -> usize {
        match (&self.stage_1, &self.stage_2) {
            (Some(stage), _) => stage.sample_size,
            (None, Some(stage)) => (stage.sample_size / 4).max(1),
            (None, None) => 64,
        }
    }

    /// Whether there is a text encoder for it.
    pub fn has_text_encoder(&self) -> bool {
        Text::is_there(&self.folder, &self.text_encoder)
    }

    /// Encodes prompts, after lower-casing and stripping, or IF's cleaning: all that are new in one pass.
    /// `between(done, all)` is called before each block of a streamed encoder; its error ends the encoding.
    pub fn encode(
        &self,
        prompts: &[&str],
        clean: bool,
        between: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<Vec<Encoded>> {
        let caption = |prompt: &&str| if clean { clean_caption(prompt) } else { plain_caption(prompt) };
        let captions: Vec<String> = prompts.iter().map(caption).collect();
        let mut known = self.encoded.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new: Vec<String> = captions.iter().filter(|caption| !known.contains_key(*caption)).cloned().collect();
        new.sort();
        new.dedup();
        if !new.is_empty() {
            let encoded = self.text()?.encode(&new, between)?;
            known.extend(new.into_iter().zip(encoded));
        }
        let found = captions.iter().map(|caption| known.get(caption).cloned());
        found.map(|encoded| encoded.ok_or_else(|| Error::new("a prompt was not encoded"))).collect()
    }

    fn text(&self) -> Result<&Text> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let loaded = Text::open(&self.folder, &self.text_encoder, &self.device)?;
        Ok(self.text.get_or_init(|| loaded))
    }
}

fn is_stage_2(stage: &Stage) -> bool {
    stage.unet.config().in_channels == 6
}

/// The pipelines of diffusers whose folders hold such a UNet.
const PIPELINES: [&str; 6] = [
    "IFPipeline",
    "IFImg2ImgPipeline",
    "IFInpaintingPipeline",
    "IFSuperResolutionPipeline",
    "IFImg2ImgSuperResolutionPipeline",
    "IFInpaintingSuperResolutionPipeline",
];

fn load_stage(folder: &Folder, device: &Device, spec: &CascadeSpec) -> Result<Stage> {
    if folder.has("model_index.json") {
        let index: ModelIndex = folder.read_json("model_index.json")?;
        if !PIPELINES.contains(&index.class_name.as_str()) {
            return Err(Error::new(format!("a {} is not a DeepFloyd IF pipeline", index.class_name))
                .at(folder.place("model_index.json"))
                .hint(format!("its _class_name must be one of {}", PIPELINES.join(", "))));
        }
    }
    let part = |name: &str| {
        folder.subfolder(name).ok_or_else(|| {
            Error::new(format!("the model has no {name} folder"))
                .at(folder.place(""))
                .hint("a diffusers folder has unet, scheduler, text_encoder and tokenizer")
        })
    };
    let unet_folder = part("unet")?;
    let unet_config = UnetConfig::open(&unet_folder)?;
    let scheduler = part("scheduler")?;
    let config = read_scheduler(&scheduler)?;
    let schedule = Schedule::new(&config).map_err(|error| error.at(scheduler.place("scheduler_config.json")))?;
    let noising = match folder.subfolder("image_noising_scheduler") {
        Some(folder) => Schedule::new(&read_scheduler(&folder)?)?,
        None => schedule.clone(),
    };
    let weights = Weights::open(&unet_folder)?;
    let unet = Unet::load(&unet_config, &weights, device, spec.dtype, spec.low_memory)?;
    check_channels(&unet_config, &config, &unet_folder)?;
    Ok(Stage { sample_size: unet_config.sample_size, unet, config, schedule, sha256: weights.sha256(), noising })
}

pub(super) fn read_scheduler(folder: &Folder) -> Result<SchedulerConfig> {
    folder.read_json("scheduler_config.json").map_err(|error| error.hint("a DDPM scheduler's config is expected here"))
}

/// The scheduler must agree with the network about the variance channels.
fn check_channels(unet: &UnetConfig, scheduler: &SchedulerConfig, folder: &Folder) -> Result<()> {
    let wanted = scheduler.variance_type.output_channels(3);
    if unet.out_channels == wanted {
        return Ok(());
    }
    Err(Error::new(format!(
        "the network gives {} channels where the scheduler's variance_type wants {wanted}",
        unet.out_channels
    ))
    .at(folder.place("config.json"))
    .hint("set variance_type to learned_range for 6 channels, to fixed_small for 3"))
}
