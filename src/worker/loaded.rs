//! What sits on the device: the last large model, kept between jobs that name the same one. Digit networks are read
//! in a moment, and their checkpoints are written anew while one works: those are read for each job.

use candle_core::{DType, Device};

use crate::error::Result;
use crate::experiments::{Precision, Recipe};
use crate::models::{DeviceChoice, Model, ModelSpec, digits, open};

/// The device and the models on it.
pub struct Loaded {
    device: Device,
    low_memory: bool,
    kept: Option<(ModelSpec, Box<dyn Model>)>,
    digits: Option<Box<dyn Model>>,
}

impl Loaded {
    /// Nothing yet, on the device that `choice` comes to.
    pub fn on(choice: DeviceChoice, low_memory: bool) -> Result<Self> {
        Ok(Self { device: choice.open()?, low_memory, kept: None, digits: None })
    }

    /// Where models compute.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The model of `recipe`, loaded if it is not here; an old one is dropped first.
    pub fn model(&mut self, recipe: &Recipe, say: &mut dyn FnMut(&str) -> Result<()>) -> Result<&dyn Model> {
        recipe.check_model()?;
        let spec = ModelSpec {
            model: recipe.model_name(),
            stage_2: recipe.networks.stage_2.clone(),
            text_encoder: recipe.networks.text_encoder.clone(),
            dtype: match recipe.networks.dtype {
                Precision::F32 => DType::F32,
                Precision::F16 => DType::F16,
                Precision::Bf16 => DType::BF16,
            },
            low_memory: self.low_memory,
            second_alone: recipe.upscales(),
        };
        if digits::find(&spec.model).is_some() {
            return Ok(&**self.digits.insert(open(&spec, &self.device, say)?));
        }
        let kept = match self.kept.take().filter(|(loaded, _)| loaded.serves(&spec)) {
            Some(kept) => kept,
            None => {
                let model = open(&spec, &self.device, say)?;
                (spec, model)
            }
        };
        Ok(&*self.kept.insert(kept).1)
    }
}
