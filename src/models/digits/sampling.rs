//! A digit network as the denoising loop sees it: a model of one stage, told which class each picture is to be.

use std::borrow::Borrow;

use candle_core::{Device, Tensor};
use serde_json::{Map, Value, json};

use super::conditioning::{CLASSES, Condition};
use super::found::{class, summary};
use super::layers::Mode;
use super::network::{Network, Spec};
use crate::diffusion::estimate::{Denoiser, Moment};
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::schedule::{BetaSchedule, Schedule, SchedulerConfig};
use crate::error::Result;
use crate::models::codec::Codec;
use crate::models::conditions::Conditions;
use crate::models::memory::in_chunks;
use crate::models::model::{Asked, Hear, Model, RunTerms, ToldNetwork};
use crate::models::recommendation::Conditioning;
use crate::models::summary::{ModelSummary, StageSummary};
use crate::tensors::layers::{Pool, PoolGuard};

/// Rows of one batched forward, so that many pictures do not exhaust the memory.
const ROWS_AT_ONCE: usize = 128;

/// The schedule of part B: β_1 … β_T = linspace(1e-4, 0.02, T). Index 0 is t = 1.
pub fn schedule(timesteps: usize) -> Result<Schedule> {
    Schedule::new(&linear(timesteps))
}

fn linear(timesteps: usize) -> SchedulerConfig {
    SchedulerConfig {
        num_train_timesteps: timesteps,
        beta_start: 1e-4,
        beta_end: 0.02,
        beta_schedule: BetaSchedule::Linear,
        ..SchedulerConfig::default()
    }
}

/// The same as a scheduler's config, with what a network of `spec` predicts.
pub(super) fn scheduler(spec: Spec) -> SchedulerConfig {
    let flows = spec.kind.is_flow();
    let prediction_type = if flows { PredictionType::Velocity } else { PredictionType::Epsilon };
    SchedulerConfig { prediction_type, ..linear(spec.timesteps) }
}

/// A digit network that draws, one's own or borrowed from whoever trains it.
pub struct DigitModel<N> {
    network: N,
    summary: ModelSummary,
}

impl<N: Borrow<Network>> DigitModel<N> {
    /// The model called `name`; an error for a network that draws nothing.
    pub fn new(network: N, name: &str) -> Result<Self> {
        let summary = summary(network.borrow().spec(), name)?;
        Ok(Self { network, summary })
    }
}

impl<N: Borrow<Network> + Send> Model for DigitModel<N> {
    fn summary(&self) -> &ModelSummary {
        &self.summary
    }

    fn device(&self) -> &Device {
        self.network.borrow().device()
    }

    fn codec(&self, stage: &StageSummary) -> &dyn Codec {
        stage.pixels.codec()
    }

    fn conditions(&self, asked: &Asked<'_>, _hear: &mut Hear<'_>) -> Result<Conditions> {
        asked.refuse_embeddings("a digit network", ", and name a class with --prompt")?;
        match self.summary.recommendations.conditioning {
            Conditioning::None => Conditions::of_nothing(asked, "digits-class"),
            _ => Conditions::of_classes(asked, class),
        }
    }

    fn network<'a>(
        &'a self,
        _stage: &StageSummary,
        conditions: &'a Conditions,
        _say: &mut dyn FnMut(&'static str) -> Result<()>,
    ) -> Result<Box<dyn ToldNetwork + 'a>> {
        // Maps' memory is used again from step to step.
        let memory = PoolGuard::new(Pool::shared());
        Ok(Box::new(ToldDigits { network: self.network.borrow(), conditions, _memory: memory }))
    }

    fn hashes(&self) -> Map<String, Value> {
        let sha256 = self.network.borrow().sha256();
        sha256.map(|sha256| ("checkpoint".to_owned(), json!(sha256))).into_iter().collect()
    }
}

/// The network with what a job asks of it.
struct ToldDigits<'a> {
    network: &'a Network,
    conditions: &'a Conditions,
    _memory: PoolGuard,
}

impl ToldNetwork for ToldDigits<'_> {
    fn denoiser<'a>(&'a self, _terms: RunTerms, check: &'a dyn Fn() -> Result<()>) -> Box<dyn Denoiser + 'a> {
        Box::new(DigitDenoiser { told: self, check })
    }
}

struct DigitDenoiser<'a> {
    told: &'a ToldDigits<'a>,
    /// Asked between two chunks of a batch.
    check: &'a dyn Fn() -> Result<()>,
}

impl DigitDenoiser<'_> {
    /// The class of each row, [n, 10]; all zero is no class.
    fn one_hot(&self, texts: &[usize]) -> Result<Tensor> {
        let mut values = vec![0.0_f32; texts.len() * CLASSES];
        for (row, &text) in texts.iter().enumerate() {
            // Rows come leaf by leaf, each with all pictures of the run.
            if let Some(class) = self.told.conditions.class(text, row).filter(|&class| class < CLASSES) {
                values[row * CLASSES + class] = 1.0;
            }
        }
        Ok(Tensor::from_vec(values, (texts.len(), CLASSES), self.told.network.device())?)
    }
}

impl Denoiser for DigitDenoiser<'_> {
    fn prediction_type(&self) -> PredictionType {
        if self.told.network.spec().kind.is_flow() { PredictionType::Velocity } else { PredictionType::Epsilon }
    }

    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor> {
        let network = self.told.network;
        let spec = network.spec();
        let time = match self.prediction_type() {
            PredictionType::Velocity => moment.terms.alpha_prod,
            _ => ((moment.timestep + 1) as f64 / spec.timesteps as f64) as f32,
        };
        let c = if spec.kind.has_class() { Some(self.one_hot(texts)?) } else { None };
        let outputs = in_chunks(texts.len(), ROWS_AT_ONCE, |start, rows| {
            (self.check)()?;
            let t = Tensor::full(time, rows, network.device())?;
            let c = c.as_ref().map(|c| c.narrow(0, start, rows)).transpose()?;
            let condition = Condition { t: Some(&t), c: c.as_ref() };
            network.forward(&input.narrow(0, start, rows)?, condition, Mode::Evaluate)
        })?;
        Ok(Tensor::cat(&outputs, 0)?)
    }
}
