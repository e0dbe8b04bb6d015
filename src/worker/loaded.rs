//! What sits on the device: the last cascade, kept between jobs that name the same one.

use candle_core::{DType, Device};

use crate::error::Result;
use crate::experiments::{Precision, Recipe};
use crate::models::{Cascade, CascadeSpec, DeviceChoice};

/// The device and the models on it.
pub struct Loaded {
    device: Device,
    low_memory: bool,
    cascade: Option<(CascadeSpec, Cascade)>,
}

impl Loaded {
    /// Nothing yet, on the device that `choice` comes to.
    pub fn on(choice: DeviceChoice, low_memory: bool) -> Result<Self> {
        Ok(Self { device: choice.open()?, low_memory, cascade: None })
    }

    /// Where models compute.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The cascade of `recipe`, loaded if it is not here; the old one is dropped first.
    pub fn cascade(&mut self, recipe: &Recipe, say: &mut dyn FnMut(&str) -> Result<()>) -> Result<&Cascade> {
        let spec = CascadeSpec {
            model: recipe.model.clone(),
            stage_2: recipe.stage_2.clone(),
            text_encoder: recipe.text_encoder.clone(),
            dtype: match recipe.dtype {
                Precision::F32 => DType::F32,
                Precision::F16 => DType::F16,
                Precision::Bf16 => DType::BF16,
            },
            low_memory: self.low_memory,
            second_alone: recipe.upscales(),
        };
        let kept = match self.cascade.take().filter(|(loaded, _)| loaded.serves(&spec)) {
            Some(kept) => kept,
            None => {
                let cascade = Cascade::load(&spec, &self.device, say)?;
                (spec, cascade)
            }
        };
        Ok(&self.cascade.insert(kept).1)
    }
}
