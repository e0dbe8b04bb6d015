//! One UNet with its scheduler. What its files say of it is always at hand; the network itself is read when it is
//! used and put away where the memory is wanted for another.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};

use super::cascade::ModelSpec;
use super::deepfloyd::{Unet, UnetConfig};
use super::family::pipeline_class;
use super::memory::{Need, at_once};
use super::resident::Resident;
use super::summary::StageSummary;
use crate::diffusion::schedule::{Schedule, SchedulerConfig};
use crate::diffusion::variance::VarianceType;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::weights::Weights;

/// One UNet with its scheduler.
pub struct Stage {
    /// What its files say of it.
    pub summary: StageSummary,
    /// Number format of the network.
    pub dtype: DType,
    /// The hash of its weights.
    pub sha256: String,
    sizes: UnetConfig,
    weights: Weights,
    device: Device,
    low_memory: bool,
    unet: Resident<Unet>,
}

/// The pipelines of diffusers whose folders hold such a UNet.
pub(super) const PIPELINES: [&str; 6] = [
    "IFPipeline",
    "IFImg2ImgPipeline",
    "IFInpaintingPipeline",
    "IFSuperResolutionPipeline",
    "IFImg2ImgSuperResolutionPipeline",
    "IFInpaintingSuperResolutionPipeline",
];

impl Stage {
    /// Reads the configs of the pipeline in `folder` and holds its weights' names and shapes against them; the
    /// numbers are not read.
    pub(super) fn open(folder: &Folder, device: &Device, spec: &ModelSpec) -> Result<Self> {
        check_pipeline(folder)?;
        let part = |name: &str| {
            folder.subfolder(name).ok_or_else(|| {
                Error::new(format!("the model has no {name} folder"))
                    .at(folder.place(""))
                    .hint("a diffusers folder has unet, scheduler, text_encoder and tokenizer")
            })
        };
        let unet_folder = part("unet")?;
        let sizes = UnetConfig::open(&unet_folder)?;
        let (config, schedule, noising) = open_schedulers(folder, &part("scheduler")?)?;
        let weights = Weights::open(&unet_folder)?;
        Unet::load(&sizes, &weights.checking(), device, spec.dtype, spec.low_memory)?;
        check_channels(sizes.out_channels, &config, &unet_folder)?;
        Ok(Self {
            summary: StageSummary::of_unet(&sizes, config, schedule, noising),
            dtype: spec.dtype,
            sha256: weights.sha256(),
            sizes,
            weights,
            device: device.clone(),
            low_memory: false,
            unet: Resident::default(),
        })
    }

    /// What it is called where it is read.
    pub(super) fn name(&self) -> &'static str {
        if self.summary.number == 2 { "stage II" } else { "the network" }
    }

    /// The memory that it takes where it computes.
    pub(super) fn need(&self) -> Need {
        Need::at(&self.device, &self.sizes, self.dtype)
    }

    /// Has the network read with small weights from now on.
    pub(super) fn save_memory(&mut self) {
        self.low_memory = true;
    }

    /// Whether the network is in memory.
    pub fn is_loaded(&self) -> bool {
        self.unet.is_loaded()
    }

    /// The network, read from its files if it is not in memory; where there is no memory for it, after `make_room`.
    pub(super) fn unet(&self, make_room: impl FnOnce()) -> Result<Arc<Unet>> {
        let load = || Unet::load(&self.sizes, &self.weights, &self.device, self.dtype, self.low_memory);
        self.unet.get(load, make_room)
    }

    /// Lets go of the network; its memory is free once nobody else has it.
    pub(super) fn put_away(&self) {
        self.unet.put_away();
    }

    /// How many pictures of `pixels` the network is shown in one forward.
    pub fn at_once(&self, pixels: usize) -> usize {
        at_once(pixels, self.low_memory)
    }

    /// An error where prompt embeddings, [n, tokens, d], are not as wide as the network takes them.
    pub fn check_embeddings(&self, embeds: &Tensor) -> Result<()> {
        self.sizes.check_embeddings(embeds.dims3()?.2)
    }
}

/// An error where a stage that is to enlarge pictures, number `number` by its files, does not.
pub(super) fn check_second(number: usize, folder: &Folder) -> Result<()> {
    if number == 2 {
        return Ok(());
    }
    Err(Error::new("this is not a stage II model").at(folder.place("")).hint("its UNet takes 6 channels"))
}

/// The config and the tables of the scheduler in `scheduler`, and the tables by which the pipeline in `folder` noises
/// a picture that it enlarges: the same ones where it has none for that.
pub(super) fn open_schedulers(folder: &Folder, scheduler: &Folder) -> Result<(SchedulerConfig, Schedule, Schedule)> {
    let config = read_scheduler(scheduler)?;
    let schedule = Schedule::new(&config).map_err(|error| error.at(scheduler.place("scheduler_config.json")))?;
    let noising = match folder.subfolder("image_noising_scheduler") {
        Some(folder) => Schedule::new(&read_scheduler(&folder)?)?,
        None => schedule.clone(),
    };
    Ok((config, schedule, noising))
}

fn check_pipeline(folder: &Folder) -> Result<()> {
    let Some(class) = pipeline_class(folder)?.filter(|class| !PIPELINES.contains(&class.as_str())) else {
        return Ok(());
    };
    Err(Error::new(format!("a {class} is not a DeepFloyd IF pipeline"))
        .at(folder.place("model_index.json"))
        .hint(format!("its _class_name must be one of {}", PIPELINES.join(", "))))
}

fn read_scheduler(folder: &Folder) -> Result<SchedulerConfig> {
    folder.read_json("scheduler_config.json").map_err(|error| error.hint("a DDPM scheduler's config is expected here"))
}

/// A learned variance needs its channels; with a fixed one they may be there and are let be, as IF's pipelines do.
pub(super) fn check_channels(out_channels: usize, scheduler: &SchedulerConfig, folder: &Folder) -> Result<()> {
    let wanted = scheduler.variance_type.output_channels(3);
    if out_channels == wanted || out_channels == VarianceType::LearnedRange.output_channels(3) {
        return Ok(());
    }
    Err(Error::new(format!(
        "the network gives {out_channels} channels where the scheduler's variance_type wants {wanted}"
    ))
    .at(folder.place("config.json"))
    .hint("set variance_type to fixed_small for 3 channels, to learned_range or fixed_small for 6"))
}
