//! A pipeline of a `UNet2DModel` as a model: pixels, one stage, and no words to be told.

use std::sync::{Arc, OnceLock};

use candle_core::{DType, Device, Tensor};
use serde_json::{Map, Value, json};

use super::config::Unet2dConfig;
use super::unet::Unet2d;
use crate::diffusion::estimate::{Denoiser, Moment};
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::schedule::SchedulerConfig;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::cascade::ModelSpec;
use crate::models::codec::{Codec, Pixels};
use crate::models::conditions::Conditions;
use crate::models::memory::{at_once, in_chunks};
use crate::models::model::{Asked, Hear, Model, RunTerms, ToldNetwork};
use crate::models::recommendation::{Conditioning, Recommendation, Recommendations};
use crate::models::resident::Resident;
use crate::models::stage::check_channels;
use crate::models::summary::{ModelSummary, Space, StageSummary};
use crate::weights::Weights;

/// The pipelines of diffusers whose folders hold such a model.
pub const PIPELINES: &[&str] = &["DDPMPipeline", "DDIMPipeline"];

/// Steps of a picture: of the thousand that its pipeline takes, what comes near them.
const STEPS: usize = 50;

/// What the configs in the folder of a model called `name` say of it.
pub fn summary(name: &str, folder: &Folder) -> Result<ModelSummary> {
    summary_of(name, folder, &Unet2dConfig::open(&Unet2d::folder(folder))?)
}

fn summary_of(name: &str, folder: &Folder, sizes: &Unet2dConfig) -> Result<ModelSummary> {
    let unet = Unet2d::folder(folder);
    let scheduler = folder.subfolder("scheduler").unwrap_or_else(|| folder.clone());
    let config = SchedulerConfig::from_json(scheduler.read_json("scheduler_config.json")?)
        .map_err(|error| error.at(scheduler.place("scheduler_config.json")))?;
    if sizes.in_channels != 3 {
        return Err(Error::new(format!("pictures of {} channels are not supported, only of 3", sizes.in_channels))
            .at(unet.place("config.json")));
    }
    check_channels(sizes.out_channels, &config, &unet)?;
    let side = sizes.sample_size;
    let space = Space { channels: sizes.in_channels, height: side, width: side };
    let own = Recommendations::of(folder, None)?.stage_1;
    let stage_1 =
        Recommendation { guidance: Some(1.0), steps: own.steps.or(Some(STEPS)), prompts: vec![String::new()] };
    Ok(ModelSummary {
        name: name.to_owned(),
        stages: vec![StageSummary::alone(space, side, config, Pixels::Rgb)?],
        recommendations: Recommendations { stage_1, conditioning: Conditioning::None, ..Recommendations::default() },
        digits: None,
    })
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
        Ok(Self {
            summary,
            sizes,
            weights,
            sha256: OnceLock::new(),
            dtype: spec.dtype,
            low_memory: spec.low_memory,
            device: device.clone(),
            unet: Resident::default(),
        })
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
        asked.refuse_embeddings("a network that is told nothing", "")?;
        Conditions::of_nothing(asked, "a model that takes prompts, such as built-in")
    }

    fn network<'a>(
        &'a self,
        _stage: &StageSummary,
        _conditions: &'a Conditions,
        say: &mut dyn FnMut(&'static str) -> Result<()>,
    ) -> Result<Box<dyn ToldNetwork + 'a>> {
        if !self.unet.is_loaded() {
            say("the network")?;
        }
        let load = || Unet2d::load(&self.sizes, &self.weights, &self.device, self.dtype, self.low_memory);
        Ok(Box::new(Told { model: self, unet: self.unet.get(load, || ())? }))
    }

    fn hashes(&self) -> Map<String, Value> {
        let sha256 = self.sha256.get_or_init(|| self.weights.sha256());
        Map::from_iter([("stage_1_sha256".to_owned(), json!(sha256))])
    }
}

/// The network in memory.
struct Told<'a> {
    model: &'a Unet2dModel,
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

    fn forward(&self, input: &Tensor, moment: &Moment, _texts: &[usize]) -> Result<Tensor> {
        let (n, _, h, w) = input.dims4()?;
        let outputs = in_chunks(n, at_once(h * w, self.told.model.low_memory), |start, rows| {
            (self.check)()?;
            let chunk = input.narrow(0, start, rows)?;
            let output = self.told.unet.forward(&chunk, moment.time, None, self.check)?;
            Ok(output.to_dtype(DType::F32)?)
        })?;
        Ok(Tensor::cat(&outputs, 0)?)
    }
}
