//! Stable Diffusion as a model: one stage in latents, told a text by CLIP, with an autoencoder between latents and pictures.

use std::sync::{Arc, OnceLock};

use candle_core::{DType, Device, Tensor};
use serde_json::{Map, Value, json};

use super::autoencoder::AutoencoderConfig;
use super::codec::LatentCodec;
use super::config::ConditionalUnetConfig;
use super::parts::{Configs, Files, Parts};
use super::text::ClipText;
use super::unet::{ConditionalText, ConditionalUnet};
use crate::diffusion::estimate::{Denoiser, Moment};
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::Spacing;
use crate::error::Result;
use crate::models::cascade::ModelSpec;
use crate::models::codec::{Codec, Pixels};
use crate::models::conditions::Conditions;
use crate::models::device::DeviceMemory;
use crate::models::gathered::Gathered;
use crate::models::memory::{Holding, Need, at_once, in_chunks};
use crate::models::model::{Asked, Encoding, Hear, Model, RunTerms, ToldNetwork};
use crate::models::prompt_embeds::{EncodedPrompts, PromptEncoder, prompt_embeds};
use crate::models::recommendation::{Recommendation, Recommendations};
use crate::models::resident::Resident;
use crate::models::summary::{ModelSummary, Space, StageSummary};
use crate::models::text::Encoded;
use crate::weights::Weights;

/// γ and steps of models that were distilled to few steps: consistency models, whose network is told γ, and adversarial
/// ones, which know no guidance; and of all others.
const CONSISTENCY: (f64, usize) = (8.5, 4);
const ADVERSARIAL: (f64, usize) = (1.0, 1);
const GUIDED: (f64, usize) = (7.5, 20);

/// What the configs of `files` say of the model called `name`.
pub fn summary(name: &str, files: &Files) -> Result<ModelSummary> {
    summary_of(name, files, files.configs()?)
}

fn summary_of(name: &str, files: &Files, configs: Configs) -> Result<ModelSummary> {
    let Configs { unet, autoencoder, scheduler } = configs;
    let side = unet.sample_size;
    let space = Space { channels: unet.in_channels, height: side, width: side };
    let (guidance, steps) = match (scheduler.sampler, scheduler.timestep_spacing) {
        _ if unet.time_cond_proj_dim.is_some() => CONSISTENCY,
        (Sampler::Lcm, _) => CONSISTENCY,
        (Sampler::Euler | Sampler::EulerAncestral, Spacing::Trailing) => ADVERSARIAL,
        _ => GUIDED,
    };
    let own = Recommendations::of(files.folder(), None)?.stage_1;
    let stage_1 = Recommendation {
        guidance: own.guidance.or(Some(guidance)),
        steps: own.steps.or(Some(steps)),
        prompts: own.prompts,
    };
    let mut stage = StageSummary::alone(space, side * autoencoder.reduction(), scheduler, Pixels::Latents)?;
    stage.asked_once = unet.time_cond_proj_dim.is_some();
    Ok(ModelSummary {
        name: name.to_owned(),
        stages: vec![stage],
        recommendations: Recommendations { stage_1, ..Recommendations::default() },
        digits: None,
    })
}

/// What its networks take where `device` computes: the UNet, and a full autoencoder.
fn needs(device: &Device, configs: &Configs, dtype: DType) -> Vec<Need> {
    let autoencoder = match &configs.autoencoder {
        AutoencoderConfig::Kl(config) => Some(Need::at(device, config, dtype)),
        AutoencoderConfig::Tiny => None,
    };
    std::iter::once(Need::at(device, &configs.unet, dtype)).chain(autoencoder).collect()
}

/// What the networks of `files` take on the processor.
pub fn need(files: &Files) -> Result<Need> {
    Ok(Need::sum(&needs(&Device::Cpu, &files.configs()?, DType::F32)))
}

/// Such a model, whose networks are read when they are used.
pub struct LatentModel {
    summary: ModelSummary,
    sizes: ConditionalUnetConfig,
    weights: Weights,
    unet: Arc<Resident<ConditionalUnet>>,
    codec: LatentCodec,
    text: ClipText,
    encoded: EncodedPrompts,
    hashes: OnceLock<Map<String, Value>>,
    dtype: DType,
    low_memory: bool,
    device: Device,
}

impl LatentModel {
    /// Reads the configs of `files` and holds the weights' names and shapes against them; the numbers are not read.
    pub fn open(files: &Files, spec: &ModelSpec, device: &Device) -> Result<Self> {
        let parts: Parts = files.parts(&spec.text_encoder)?;
        let summary = summary_of(&spec.model, files, parts.configs.clone())?;
        let sizes = parts.configs.unet.clone();
        let needs = needs(device, &parts.configs, spec.dtype);
        let holding = Need::sum(&needs).holding(device.free(), spec.low_memory);
        let holding = holding.map_err(|error| error.at(files.folder().place("")))?;
        let (dtype, low_memory) = (spec.dtype, holding == Holding::Low);
        ConditionalUnet::load(&sizes, &parts.unet.checking(), device, dtype, low_memory)?;
        let autoencoder = parts.configs.autoencoder.clone();
        autoencoder.load(&parts.autoencoder.checking(), device, dtype, low_memory)?;
        let text = ClipText::open(&parts, device)?;
        sizes.check_embeddings(text.width())?;
        let unet = Arc::new(Resident::default());
        let codec = LatentCodec {
            in_place_of: (holding != Holding::Together).then(|| Arc::clone(&unet)),
            config: autoencoder,
            weights: parts.autoencoder,
            tiny: parts.tiny,
            device: device.clone(),
            dtype,
            low_memory,
            full: Resident::default(),
            quick: Resident::default(),
        };
        Ok(Self {
            summary,
            sizes,
            weights: parts.unet,
            unet,
            codec,
            text,
            encoded: EncodedPrompts::default(),
            hashes: OnceLock::new(),
            dtype,
            low_memory,
            device: device.clone(),
        })
    }

    /// Whether the network is read without transformed weights: to make them takes as long as they save in one evaluation.
    fn reads_small(&self) -> bool {
        self.low_memory || self.summary.recommendations.stage_1.steps == Some(1)
    }
}

impl PromptEncoder for LatentModel {
    fn has_text_encoder(&self) -> bool {
        true
    }

    /// CLIP's tokenizer cleans prompts itself.
    fn encode(&self, prompts: &[&str], _clean: bool, hear: &mut Hear<'_>) -> Result<Vec<Encoded>> {
        let prompts: Vec<String> = prompts.iter().map(|prompt| (*prompt).to_owned()).collect();
        self.encoded.all(&prompts, |new| self.text.encode(new, &mut |done, of| hear(Encoding::Block { done, of })))
    }
}

impl Model for LatentModel {
    fn summary(&self) -> &ModelSummary {
        &self.summary
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn codec(&self, _stage: &StageSummary) -> &dyn Codec {
        &self.codec
    }

    fn conditions(&self, asked: &Asked<'_>, hear: &mut Hear<'_>) -> Result<Conditions> {
        let embeds = prompt_embeds(self, asked, hear)?;
        self.sizes.check_embeddings(embeds.dims3()?.2)?;
        Conditions::texts(embeds.to_device(&self.device)?)
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
        if self.codec.in_place_of.is_some() && !self.unet.is_loaded() {
            self.codec.full.put_away();
        }
        let small = self.reads_small();
        let load = || ConditionalUnet::load(&self.sizes, &self.weights, &self.device, self.dtype, small);
        let unet = self.unet.get(load, || self.codec.full.put_away())?;
        let texts = conditions.context(1, |embeds| unet.text(embeds))?;
        Ok(Box::new(Told { model: self, unet, texts }))
    }

    fn hashes(&self) -> Map<String, Value> {
        let hashed = || {
            // A single file is both.
            let one = self.weights.place() == self.codec.weights.place();
            let parts = [("stage_1_sha256", &self.weights), ("vae_sha256", &self.codec.weights)];
            let parts = parts.into_iter().take(if one { 1 } else { 2 });
            parts.map(|(name, weights)| (name.to_owned(), json!(weights.sha256()))).collect()
        };
        self.hashes.get_or_init(hashed).clone()
    }
}

/// The network in memory and the texts of a job as it takes them.
struct Told<'a> {
    model: &'a LatentModel,
    unet: Arc<ConditionalUnet>,
    texts: ConditionalText,
}

impl ToldNetwork for Told<'_> {
    fn denoiser<'a>(&'a self, terms: RunTerms, check: &'a dyn Fn() -> Result<()>) -> Box<dyn Denoiser + 'a> {
        let embeds_guidance = self.model.sizes.time_cond_proj_dim.is_some();
        let guidance_scale = embeds_guidance.then_some(terms.guidance_scale);
        Box::new(LatentDenoiser { told: self, guidance_scale, check, gathered: Gathered::default() })
    }
}

struct LatentDenoiser<'a> {
    told: &'a Told<'a>,
    /// γ, where the network is told it.
    guidance_scale: Option<f64>,
    check: &'a dyn Fn() -> Result<()>,
    gathered: Gathered<ConditionalText>,
}

impl Denoiser for LatentDenoiser<'_> {
    fn prediction_type(&self) -> PredictionType {
        self.told.model.summary.stages[0].config.prediction_type
    }

    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor> {
        let (n, _, h, w) = input.dims4()?;
        let outputs = in_chunks(n, at_once(h * w, self.told.model.low_memory), |start, rows| {
            (self.check)()?;
            let texts = self.gathered.rows(&texts[start..start + rows], |rows| self.told.texts.rows(rows))?;
            let chunk = input.narrow(0, start, rows)?;
            let output = self.told.unet.forward(&chunk, moment.time, &texts, self.guidance_scale, self.check)?;
            Ok(output.to_dtype(DType::F32)?)
        })?;
        Ok(Tensor::cat(&outputs, 0)?)
    }
}
