//! A pipeline of a `UNet2DModel` as a model: pixels, one stage, and no words to be told.

use std::sync::{Arc, OnceLock};

use candle_core::{DType, Device, Tensor};
use serde_json::{Map, Value, json};

use super::classes::{class, unknown_class};
use super::config::Unet2dConfig;
use super::consistency::ConsistencyScaling;
use super::unet::Unet2d;
use crate::diffusion::estimate::{Denoiser, Moment};
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::schedule::SchedulerConfig;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::cascade::ModelSpec;
use crate::models::codec::{Codec, Pixels};
use crate::models::conditions::Conditions;
use crate::models::device::DeviceMemory;
use crate::models::memory::{Holding, Need, at_once, in_chunks};
use crate::models::model::{Asked, Hear, Model, RunTerms, ToldNetwork};
use crate::models::recommendation::{Conditioning, Recommendation, Recommendations};
use crate::models::resident::Resident;
use crate::models::stage::check_channels;
use crate::models::summary::{ModelSummary, Space, StageSummary};
use crate::weights::Weights;

/// The pipelines of diffusers whose folders hold such a model.
pub const PIPELINES: &[&str] = &["DDPMPipeline", "DDIMPipeline", "ConsistencyModelPipeline"];

/// Steps of a picture: of the thousand that its pipeline takes, what comes near them.
const STEPS: usize = 50;

/// Where consistency models go in the second of two steps, as published: those of ImageNet, which are told a class, and
/// those of LSUN. Timesteps of 40 from the cleanest.
const SECOND_OF_CLASSES: usize = 39 - 22;
const SECOND: usize = 39 - 17;

/// Classes of ImageNet that a network shows well.
const PROMPTS: [&str; 6] = ["207", "88", "985", "979", "250", "1"];

/// What the configs in the folder of a model called `name` say of it.
pub fn summary(name: &str, folder: &Folder) -> Result<ModelSummary> {
    summary_of(name, folder, &Unet2dConfig::open(&Unet2d::folder(folder))?)
}

fn summary_of(name: &str, folder: &Folder, sizes: &Unet2dConfig) -> Result<ModelSummary> {
    let unet = Unet2d::folder(folder);
    let scheduler = folder.subfolder("scheduler").unwrap_or_else(|| folder.clone());
    let mut config = SchedulerConfig::from_json(scheduler.read_json("scheduler_config.json")?)
        .map_err(|error| error.at(scheduler.place("scheduler_config.json")))?;
    config.second_of_two = Some(if sizes.num_class_embeds.is_some() { SECOND_OF_CLASSES } else { SECOND });
    let consistent = config.sampler == Sampler::Consistency;
    if sizes.in_channels != 3 {
        return Err(Error::new(format!("pictures of {} channels are not supported, only of 3", sizes.in_channels))
            .at(unet.place("config.json")));
    }
    check_channels(sizes.out_channels, &config, &unet)?;
    let side = sizes.sample_size;
    let space = Space { channels: sizes.in_channels, height: side, width: side };
    let own = Recommendations::of(folder, None)?.stage_1;
    let (conditioning, prompts) = match sizes.num_class_embeds {
        Some(classes) => (Conditioning::Classes, known_prompts(own.prompts, classes)),
        None => (Conditioning::None, vec![String::new()]),
    };
    let steps = own.steps.or(Some(if consistent { 1 } else { STEPS }));
    let total = config.num_train_timesteps;
    let mut stage = StageSummary::alone(space, side, config, Pixels::Rgb)?;
    stage.asked_once = true;
    Ok(ModelSummary {
        name: name.to_owned(),
        stages: vec![stage],
        recommendations: Recommendations {
            stage_1: Recommendation { guidance: Some(1.0), steps, prompts },
            conditioning,
            num_train_timesteps: (total != 1000).then_some(total),
            ..Recommendations::default()
        },
        digits: None,
    })
}

/// The model's own prompts, or such as ImageNet's thousand classes have; of fewer, the first.
fn known_prompts(own: Vec<String>, classes: usize) -> Vec<String> {
    match (own.is_empty(), classes) {
        (false, _) => own,
        (true, 1000) => PROMPTS.map(str::to_owned).to_vec(),
        (true, few) => (0..few.min(PROMPTS.len())).map(|class| class.to_string()).collect(),
    }
}

/// Such a model, whose network is read when it is used.
pub struct Unet2dModel {
    summary: ModelSummary,
    sizes: Unet2dConfig,
    weights: Weights,
    sha256: OnceLock<String>,
    dtype: DType,
    low_memory: bool,
    device: Device,
    unet: Resident<Unet2d>,
}

impl Unet2dModel {
    /// Reads the configs of the pipeline in `folder` and holds its weights' names and shapes against them; the numbers
    /// are not read.
    pub fn open(folder: &Folder, spec: &ModelSpec, device: &Device) -> Result<Self> {
        let unet = Unet2d::folder(folder);
        let sizes = Unet2dConfig::open(&unet)?;
        let summary = summary_of(&spec.model, folder, &sizes)?;
        let weights = Weights::open(&unet)?;
        Unet2d::load(&sizes, &weights.checking(), device, spec.dtype, spec.low_memory)?;
        let holding = Need::at(device, &sizes, spec.dtype).holding(device.free(), spec.low_memory);
        let holding = holding.map_err(|error| error.at(folder.place("")))?;
        Ok(Self {
            summary,
            sizes,
            weights,
            sha256: OnceLock::new(),
            dtype: spec.dtype,
            low_memory: holding == Holding::Low,
            device: device.clone(),
            unet: Resident::default(),
        })
    }
}

impl Unet2dModel {
    fn is_consistent(&self) -> bool {
        self.summary.stages[0].config.sampler == Sampler::Consistency
    }
}

impl Model for Unet2dModel {
    fn summary(&self) -> &ModelSummary {
        &self.summary
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn codec(&self, stage: &StageSummary) -> &dyn Codec {
        stage.pixels.codec()
    }

    fn conditions(&self, asked: &Asked<'_>, _hear: &mut Hear<'_>) -> Result<Conditions> {
        asked.refuse_embeddings("a network that knows no words", "")?;
        let Some(classes) = self.sizes.num_class_embeds else {
            return Conditions::of_nothing(asked, "a model that takes prompts, such as built-in");
        };
        if let Some(text) = Some(asked.negative.trim()).filter(|text| !text.is_empty()) {
            return Err(Error::arguments(format!("the model is not led away from anything, `{text}` neither"))
                .at("negative")
                .hint("leave --negative out"));
        }
        if asked.prompts.iter().any(|prompt| prompt.trim().is_empty()) {
            return Err(unknown_class("", classes));
        }
        Conditions::of_classes(asked, |prompt| class(prompt, classes))
    }

    fn network<'a>(
        &'a self,
        _stage: &StageSummary,
        conditions: &'a Conditions,
        say: &mut dyn FnMut(&'static str) -> Result<()>,
    ) -> Result<Box<dyn ToldNetwork + 'a>> {
        if !self.unet.is_loaded() {
            say("the network")?;
        }
        let load = || Unet2d::load(&self.sizes, &self.weights, &self.device, self.dtype, self.low_memory);
        Ok(Box::new(Told { model: self, conditions, unet: self.unet.get(load, || ())? }))
    }

    fn hashes(&self) -> Map<String, Value> {
        let sha256 = self.sha256.get_or_init(|| self.weights.sha256());
        Map::from_iter([("stage_1_sha256".to_owned(), json!(sha256))])
    }
}

/// The network in memory.
struct Told<'a> {
    model: &'a Unet2dModel,
    conditions: &'a Conditions,
    unet: Arc<Unet2d>,
}

impl ToldNetwork for Told<'_> {
    fn denoiser<'a>(&'a self, _terms: RunTerms, check: &'a dyn Fn() -> Result<()>) -> Box<dyn Denoiser + 'a> {
        Box::new(Unet2dDenoiser { told: self, check })
    }
}

struct Unet2dDenoiser<'a> {
    told: &'a Told<'a>,
    check: &'a dyn Fn() -> Result<()>,
}

impl Denoiser for Unet2dDenoiser<'_> {
    fn prediction_type(&self) -> PredictionType {
        self.told.model.summary.stages[0].config.prediction_type
    }

    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor> {
        let (n, _, h, w) = input.dims4()?;
        let told = texts.iter().enumerate().map(|(row, &text)| self.told.conditions.class(text, row));
        let classes: Option<Vec<usize>> = told.collect();
        let scaling = self.told.model.is_consistent().then(|| ConsistencyScaling::at(moment.time));
        let outputs = in_chunks(n, at_once(h * w, self.told.model.low_memory), |start, rows| {
            (self.check)()?;
            let chunk = input.narrow(0, start, rows)?;
            let classes = classes.as_ref().map(|classes| &classes[start..start + rows]);
            let said = |x: &Tensor| -> Result<Tensor> {
                Ok(self.told.unet.forward(x, moment.time, classes, self.check)?.to_dtype(DType::F32)?)
            };
            match scaling {
                Some(scaling) => scaling.original(&chunk, said),
                None => said(&chunk),
            }
        })?;
        Ok(Tensor::cat(&outputs, 0)?)
    }
}
