//! What decides a training run, and what suits each kind where nothing is said (the course's own numbers).

use candle_core::Device;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::files::check_memory;
use crate::models::digits::{Kind, Spec};

/// Everything that decides the numbers of a run, besides the data and the weights it starts from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What is trained.
    pub kind: Kind,
    /// D.
    pub hidden: usize,
    /// Passes through the data.
    pub epochs: usize,
    /// Pictures of a step.
    pub batch: usize,
    /// Adam's learning rate in the first epoch.
    pub learning_rate: f64,
    /// Whether the rate falls to a tenth over the run, by 0.1^(1/epochs) after each epoch.
    pub decay: bool,
    /// Decay of the averaged weights, per step; `None`: none are kept.
    pub ema: Option<f64>,
    /// σ of a denoiser's noise.
    pub sigma: f64,
    /// Part of the examples whose class is left out.
    pub class_dropout: f64,
    /// The seed of the initial weights; the shuffle has the next one, the draws of the steps the one after.
    pub seed: u64,
}

impl Settings {
    /// The course's settings for a kind (CS 180, project 5, part B).
    pub fn of(kind: Kind) -> Self {
        let (hidden, batch, epochs, learning_rate) = match kind {
            Kind::Denoiser | Kind::NoiseDenoiser => (128, 256, 5, 1e-4),
            Kind::Time | Kind::Class => (64, 64, 20, 1e-3),
            Kind::FlowTime | Kind::FlowClass => (64, 64, 10, 1e-2),
            Kind::Classifier => (16, 128, 3, 2e-3),
        };
        Self {
            kind,
            hidden,
            epochs,
            batch,
            learning_rate,
            decay: true,
            ema: None,
            sigma: 0.5,
            class_dropout: 0.1,
            seed: 180,
        }
    }

    /// The network that is trained.
    pub fn spec(&self) -> Result<Spec> {
        Spec::new(self.kind, self.hidden)
    }

    /// Nothing is out of range.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str, at: &str| Err(Error::arguments(what.to_owned()).at(at));
        if self.epochs == 0 || self.batch < 2 {
            return wrong("training takes at least one epoch and batches of two", "batch");
        }
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            return wrong("the learning rate is a number above 0", "lr");
        }
        if self.ema.is_some_and(|decay| !(0.0..1.0).contains(&decay)) {
            return wrong("the averaged weights' decay is from 0 to below 1", "ema");
        }
        self.spec().map(drop)
    }

    /// What a run takes at least, in bytes: as measured on the processor, from D 32 to 256 and batches of 16 to 256.
    pub fn memory_bytes(&self) -> u64 {
        let (hidden, batch) = (self.hidden as u64, self.batch as u64);
        let (parameters, of_batch, of_evaluation) = match self.kind {
            Kind::Classifier => (130 * hidden * hidden, 20_000, 8_000_000),
            _ => (490 * hidden * hidden, 75_000, 0),
        };
        // The weights, their gradients, Adam's two means, and what is made of them to be saved.
        45 * parameters + of_batch * batch * hidden + of_evaluation * hidden
    }

    /// An error where the processor has no memory for it. A GPU says so itself, and is asked again for less.
    pub fn check_memory(&self, device: &Device) -> Result<()> {
        if !device.is_cpu() {
            return Ok(());
        }
        let place = format!("D {}, batch {}", self.hidden, self.batch);
        check_memory(self.memory_bytes(), "training", place, "choose a smaller --hidden or --batch")
    }

    /// What the learning rate is multiplied with in an epoch, counted from 0.
    pub fn decay_in(&self, epoch: usize) -> f64 {
        if self.decay { 0.1_f64.powf(epoch as f64 / self.epochs as f64) } else { 1.0 }
    }
}
