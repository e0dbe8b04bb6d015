//! DeepFloyd's kind of model: a text encoder, a stage I and a stage II from diffusers folders. Kept in memory from run
//! to run where there is enough of it, one after the other where there is not.

use std::sync::{Arc, OnceLock};

use candle_core::{DType, Device, Tensor};
use serde_json::{Map, Value, json};

use super::catalogue::{find_model, stage_2_folder};
use super::codec::Codec;
use super::conditions::Conditions;
use super::deepfloyd::{TextContext, Unet};
use super::device::DeviceMemory;
use super::gathered::Gathered;
use super::memory::{Holding, Need, in_chunks};
use super::model::{Asked, Encoding, Hear, Model, RunTerms, ToldNetwork};
use super::prompt_embeds::{EncodedPrompts, PromptEncoder, prompt_embeds};
use super::recommendation::Recommendations;
use super::stage::{Stage, check_second};
use super::summary::{ModelSummary, StageSummary};
use super::t5::{clean_caption, plain_caption};
use super::text::{Encoded, Text};
use crate::diffusion::estimate::{Denoiser, Moment};
use crate::diffusion::prediction::PredictionType;
use crate::error::{Error, Result};
use crate::files::Folder;

/// What decides which networks are loaded, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// A name, a hub id, a folder or a file.
    pub model: String,
    /// `auto`, `none`, a name, a hub id or a folder.
    pub stage_2: String,
    /// `auto`, a file, a folder or a hub id.
    pub text_encoder: String,
    /// Number format of the UNets.
    pub dtype: DType,
    /// Weights as large as in the file and one network at a time in memory, at the cost of time.
    pub low_memory: bool,
    /// Whether only what enlarges is asked: a stage I is not even opened then.
    pub second_alone: bool,
}

impl ModelSpec {
    /// Whether what was loaded by this serves whoever asks for `other`.
    pub fn serves(&self, other: &Self) -> bool {
        let alike = Self { second_alone: self.second_alone, ..other.clone() } == *self;
        alike && (other.second_alone || !self.second_alone)
    }
}

/// Everything that a model's folder holds.
pub struct Cascade {
    summary: ModelSummary,
    stages: Vec<Stage>,
    /// Whether one network at a time is in memory.
    in_turn: bool,
    folder: Folder,
    device: Device,
    text_encoder: String,
    text: OnceLock<Text>,
    encoded: EncodedPrompts,
}

impl Cascade {
    /// Opens what `spec` names, and reads the networks at once where the memory is enough for all of them. Where it is
    /// not, or is to be saved, each is read when it is used and put away for the next. `say` hears what is being read.
    pub fn load(spec: &ModelSpec, device: &Device, say: &mut dyn FnMut(&str) -> Result<()>) -> Result<Self> {
        Self::load_within(device, spec, device, say)
    }

    /// The same in the memory that `memory` tells of.
    pub fn load_within(
        memory: &dyn DeviceMemory,
        spec: &ModelSpec,
        device: &Device,
        say: &mut dyn FnMut(&str) -> Result<()>,
    ) -> Result<Self> {
        let folder = find_model(&spec.model)?;
        say("the network")?;
        let main = Stage::open(&folder, device, spec)?;
        let mut stages = Vec::new();
        if main.summary.number == 2 || !spec.second_alone {
            stages.push(main);
        }
        let second = stage_2_folder(&folder, &spec.stage_2)?;
        let recommendations = Recommendations::of(&folder, second.as_ref())?;
        if let Some(second) = second {
            let stage = Stage::open(&second, device, spec)?;
            check_second(stage.summary.number, &second)?;
            stages.retain(|stage| stage.summary.number == 1);
            stages.push(stage);
        }
        let needs: Vec<Need> = stages.iter().map(Stage::need).collect();
        let free = memory.free();
        let holding = Need::sum(&needs).holding(free, spec.low_memory).map_err(|error| error.at(folder.place("")))?;
        let mut in_turn = holding != Holding::Together;
        if holding == Holding::Low {
            stages.iter_mut().for_each(Stage::save_memory);
        }
        if !in_turn {
            for stage in &stages {
                say(stage.name())?;
                // What was told of the memory was not so: from here on one network at a time.
                stage.unet(|| {
                    others(&stages, stage).for_each(Stage::put_away);
                    in_turn = true;
                })?;
            }
        }
        let summary = ModelSummary {
            name: spec.model.clone(),
            stages: stages.iter().map(|stage| stage.summary.clone()).collect(),
            recommendations,
            digits: None,
        };
        Ok(Self {
            summary,
            stages,
            in_turn,
            folder,
            device: device.clone(),
            text_encoder: spec.text_encoder.clone(),
            text: OnceLock::new(),
            encoded: EncodedPrompts::default(),
        })
    }

    /// Of each stage, whether its network is in memory.
    pub fn in_memory(&self) -> Vec<bool> {
        self.stages.iter().map(Stage::is_loaded).collect()
    }

    fn stage(&self, number: usize) -> Result<&Stage> {
        let found = self.stages.iter().find(|stage| stage.summary.number == number);
        found.ok_or_else(|| Error::new(format!("the model has no stage {number}")).at(&self.summary.name))
    }

    fn text(&self) -> Result<&Text> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let loaded = Text::open(&self.folder, &self.text_encoder, &self.device)?;
        Ok(self.text.get_or_init(|| loaded))
    }
}

impl PromptEncoder for Cascade {
    fn has_text_encoder(&self) -> bool {
        Text::is_there(&self.folder, &self.text_encoder)
    }

    /// After lower-casing and stripping, or IF's cleaning.
    fn encode(&self, prompts: &[&str], clean: bool, hear: &mut Hear<'_>) -> Result<Vec<Encoded>> {
        let caption = |prompt: &&str| if clean { clean_caption(prompt) } else { plain_caption(prompt) };
        let captions: Vec<String> = prompts.iter().map(caption).collect();
        self.encoded.all(&captions, |new| self.text()?.encode(new, &mut |done, of| hear(Encoding::Block { done, of })))
    }
}

/// All of `stages` but `stage`, which is one of them.
fn others<'a>(stages: &'a [Stage], stage: &'a Stage) -> impl Iterator<Item = &'a Stage> {
    stages.iter().filter(move |other| !std::ptr::eq(*other, stage))
}

impl Model for Cascade {
    fn summary(&self) -> &ModelSummary {
        &self.summary
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn codec(&self, stage: &StageSummary) -> &dyn Codec {
        stage.pixels.codec()
    }

    fn conditions(&self, asked: &Asked<'_>, hear: &mut Hear<'_>) -> Result<Conditions> {
        let embeds = prompt_embeds(self, asked, hear)?;
        self.stages.iter().try_for_each(|stage| stage.check_embeddings(&embeds))?;
        Conditions::texts(embeds.to_device(&self.device)?)
    }

    /// Where networks take turns in memory, the others are put away.
    fn network<'a>(
        &'a self,
        stage: &StageSummary,
        conditions: &'a Conditions,
        say: &mut dyn FnMut(&'static str) -> Result<()>,
    ) -> Result<Box<dyn ToldNetwork + 'a>> {
        let stage = self.stage(stage.number)?;
        if !stage.is_loaded() {
            say(stage.name())?;
            if self.in_turn {
                others(&self.stages, stage).for_each(Stage::put_away);
            }
        }
        let unet = stage.unet(|| others(&self.stages, stage).for_each(Stage::put_away))?;
        let texts = conditions.context(stage.summary.number, |embeds| unet.text(embeds))?;
        Ok(Box::new(ToldUnet { stage, unet, texts }))
    }

    fn hashes(&self) -> Map<String, Value> {
        let named = |stage: &Stage| (format!("stage_{}_sha256", stage.summary.number), json!(stage.sha256));
        self.stages.iter().map(named).collect()
    }
}

/// A stage's network and the texts of a job as it takes them.
struct ToldUnet<'a> {
    stage: &'a Stage,
    unet: Arc<Unet>,
    texts: TextContext,
}

impl ToldNetwork for ToldUnet<'_> {
    fn denoiser<'a>(&'a self, terms: RunTerms, check: &'a dyn Fn() -> Result<()>) -> Box<dyn Denoiser + 'a> {
        Box::new(UnetDenoiser { told: self, noise_level: terms.noise_level, check, gathered: Gathered::default() })
    }
}

struct UnetDenoiser<'a> {
    told: &'a ToldUnet<'a>,
    noise_level: Option<usize>,
    check: &'a dyn Fn() -> Result<()>,
    gathered: Gathered<TextContext>,
}

impl Denoiser for UnetDenoiser<'_> {
    fn prediction_type(&self) -> PredictionType {
        self.told.stage.summary.config.prediction_type
    }

    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor> {
        let (n, _, h, w) = input.dims4()?;
        let outputs = in_chunks(n, self.told.stage.at_once(h * w), |start, rows| {
            (self.check)()?;
            let context = self.gathered.rows(&texts[start..start + rows], |rows| self.told.texts.rows(rows))?;
            let chunk = input.narrow(0, start, rows)?;
            let output = self.told.unet.forward(&chunk, moment.timestep, self.noise_level, &context, self.check)?;
            Ok(output.to_dtype(DType::F32)?)
        })?;
        Ok(Tensor::cat(&outputs, 0)?)
    }
}
