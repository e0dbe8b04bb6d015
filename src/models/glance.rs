//! What can be known of a model without reading its weights: the size of its pictures and its noise schedule.

use super::catalogue::find_model;
use super::deepfloyd::UnetConfig;
use super::stage::read_scheduler;
use crate::diffusion::schedule::{Schedule, SchedulerConfig};
use crate::error::{Error, Result};

/// A model's first stage, from its configs alone.
#[derive(Clone, Debug)]
pub struct Glance {
    /// The side of its pictures, in pixels.
    pub sample_size: usize,
    /// Its scheduler's config.
    pub config: SchedulerConfig,
    /// Its scheduler's tables.
    pub schedule: Schedule,
    /// Whether a stage II lies in its folder.
    own_stage_2: bool,
}

impl Glance {
    /// Reads the configs of `model`, a name, a hub id or a folder.
    pub fn at(model: &str) -> Result<Self> {
        let folder = find_model(model)?;
        let part = |name: &str| {
            folder.subfolder(name).ok_or_else(|| Error::new(format!("the model has no {name} folder")).at(model))
        };
        let config = read_scheduler(&part("scheduler")?)?;
        let schedule = Schedule::new(&config)?;
        let own_stage_2 = folder.subfolder("stage-2").is_some();
        Ok(Self { sample_size: UnetConfig::open(&part("unet")?)?.sample_size, config, schedule, own_stage_2 })
    }

    /// Whether pictures go through a stage II where `choice` is the recipe's.
    pub fn has_stage_2(&self, choice: &str) -> bool {
        match choice {
            "none" => false,
            "auto" => self.own_stage_2,
            _ => true,
        }
    }
}
