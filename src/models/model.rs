//! What an experiment knows of a network, whatever its family: a chain of stages, what it is told of the pictures that
//! it is to make, and how its own space and pictures turn into each other. A family is a folder beside this file; no
//! experiment names one.

use std::path::Path;

use candle_core::Device;
use serde_json::{Map, Value};

use super::cascade::{Cascade, ModelSpec};
use super::codec::Codec;
use super::conditions::Conditions;
use super::digits::DigitModel;
use super::family::Family;
use super::stable_diffusion::{self, LatentModel};
use super::summary::{ModelSummary, StageSummary};
use super::t5::{clean_caption, plain_caption};
use super::text::{Encoded, Text};
use super::unet_2d::Unet2dModel;
use crate::diffusion::estimate::Denoiser;
use crate::error::{Error, Result};

/// A model whose files were found good; its networks are read when they are used.
pub trait Model: Send {
    /// What was known of it before.
    fn summary(&self) -> &ModelSummary;

    /// Where it computes.
    fn device(&self) -> &Device;

    /// Between the space of `stage`, which is one of the summary's, and pictures.
    fn codec(&self, stage: &StageSummary) -> &dyn Codec;

    /// What is asked for, as its networks take it. An error names a prompt that it cannot be told.
    fn conditions(&self, asked: &Asked<'_>, hear: &mut Hear<'_>) -> Result<Conditions>;

    /// The network of `stage`, told `conditions`; in memory for as long as it is held. `say` hears that it is being
    /// read, if it is, and its error ends that.
    fn network<'a>(
        &'a self,
        stage: &StageSummary,
        conditions: &'a Conditions,
        say: &mut dyn FnMut(&'static str) -> Result<()>,
    ) -> Result<Box<dyn ToldNetwork + 'a>>;

    /// The hashes of its weights, by the names under which pictures carry them.
    fn hashes(&self) -> Map<String, Value>;
}

/// The model that `spec` names. `say` hears what is being read; its error ends that.
pub fn open(spec: &ModelSpec, device: &Device, say: &mut dyn FnMut(&str) -> Result<()>) -> Result<Box<dyn Model>> {
    let family = Family::of(&spec.model)?;
    family.check_stage_2(&spec.model, &spec.stage_2)?;
    match family {
        Family::Digits(found) => {
            // Whatever draws nothing is refused before its weights are read.
            let _ = found.summary(&spec.model)?;
            say("the network")?;
            Ok(Box::new(DigitModel::new(found.load(device)?, &spec.model)?))
        }
        Family::DeepFloyd(_) => Ok(Box::new(Cascade::load(spec, device, say)?)),
        open => open_family(open, spec, device),
    }
}

/// The embeddings of `prompts` by the text encoder of `model`, or by the one that `text_encoder` names: no other network is
/// read. With `clean` after IF's caption cleaning, where that is the model's. `between(done, all)` is called before each
/// layer of a slow encoder; its error ends the encoding.
pub fn encode(
    model: &str,
    text_encoder: &str,
    prompts: &[&str],
    clean: bool,
    device: &Device,
    between: &mut dyn FnMut(usize, usize) -> Result<()>,
) -> Result<Vec<Encoded>> {
    match Family::of(model)? {
        Family::StableDiffusion(files) => stable_diffusion::encode(&files, text_encoder, prompts, device, between),
        Family::DeepFloyd(folder) => {
            let caption = |prompt: &&str| if clean { clean_caption(prompt) } else { plain_caption(prompt) };
            let captions: Vec<String> = prompts.iter().map(caption).collect();
            Text::open(&folder, text_encoder, device)?.encode(&captions, between)
        }
        Family::Digits(_) | Family::Unet2d(_) => {
            Err(Error::arguments("the model is told no words").at(model).hint("choose one that takes prompts"))
        }
    }
}

/// The model of `family`, one of those whose networks are read when they are used.
pub(super) fn open_family(family: Family, spec: &ModelSpec, device: &Device) -> Result<Box<dyn Model>> {
    match family {
        Family::Unet2d(folder) => Ok(Box::new(Unet2dModel::open(&folder, spec, device)?)),
        Family::StableDiffusion(files) => Ok(Box::new(LatentModel::open(&files, spec, device)?)),
        Family::Digits(_) | Family::DeepFloyd(_) => Err(Error::new("its networks are read at once").at(&spec.model)),
    }
}

/// A network in memory that knows the conditions of a job.
pub trait ToldNetwork {
    /// The network as the denoising loop sees it, for one run. `check` is asked within a forward, and its error ends it.
    fn denoiser<'a>(&'a self, terms: RunTerms, check: &'a dyn Fn() -> Result<()>) -> Box<dyn Denoiser + 'a>;
}

/// What a run tells its network beside the conditions, where that takes it.
#[derive(Clone, Copy, Debug)]
pub struct RunTerms {
    /// How much noise the picture has that it enlarges: a timestep.
    pub noise_level: Option<usize>,
    /// γ.
    pub guidance_scale: f64,
}

/// What pictures are to show, in words.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Text i of an estimate.
    pub prompts: &'a [String],
    /// What guidance leads away from: the text after the last prompt.
    pub negative: &'a str,
    /// IF's caption cleaning instead of lower-casing and stripping alone.
    pub clean_caption: bool,
    /// A file of prompt embeddings, instead of a text encoder.
    pub embeddings: Option<&'a Path>,
}

impl Asked<'_> {
    /// The prompts in order, then what guidance leads away from.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.prompts.iter().map(String::as_str).chain([self.negative])
    }

    /// An error where there are prompt embeddings, which `network` does not take; `instead` is what it does.
    pub fn refuse_embeddings(&self, network: &str, instead: &str) -> Result<()> {
        match self.embeddings {
            None => Ok(()),
            Some(_) => Err(Error::arguments(format!("{network} takes no prompt embeddings"))
                .at("embeddings")
                .hint(format!("leave --embeddings out{instead}"))),
        }
    }
}

/// Hears how the encoding of prompts goes on; its error ends it.
pub type Hear<'a> = dyn FnMut(Encoding) -> Result<()> + 'a;

/// One thing that is said while prompts are encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// A streamed encoder goes on.
    Block {
        /// Blocks that are done.
        done: usize,
        /// Blocks of the encoder.
        of: usize,
    },
    /// The end of a prompt did not fit and is not used.
    Cut(String),
}
