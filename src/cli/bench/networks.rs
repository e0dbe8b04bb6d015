//! Timed evaluations of networks whose weights are invented.

use candle_core::{DType, Device, Tensor};

use super::Given;
use crate::diffusion::estimate::{Denoiser, Estimate, Moment};
use crate::diffusion::guidance::Guidance;
use crate::diffusion::plan::{Plan, PlanSpec};
use crate::diffusion::prediction::PredictionType;
use crate::diffusion::run::Run;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::schedule::{BetaSchedule, Schedule, SchedulerConfig};
use crate::diffusion::timesteps::Stepping;
use crate::diffusion::variance::VarianceType;
use crate::error::Result;
use crate::models::deepfloyd::{Published, TextContext, Unet};
use crate::tensors::{Generator, Generators};
use crate::weights::Weights;

fn load(given: &Given, network: Published, device: &Device) -> Result<Unet> {
    Unet::load(&network.config()?, &Weights::invented(), device, given.dtype, given.options.low_memory)
}

/// One forward each.
pub fn forward(given: &Given, network: Published, batch: usize) -> Result<Vec<f64>> {
    let device = given.options.device.open()?;
    let unet = load(given, network, &device)?;
    let (size, channels) = (unet.config().sample_size, unet.config().in_channels);
    let mut noise = Generator::new(180);
    let x = noise.randn_tensor((batch, channels, size, size), &device)?;
    let text = unet.text(&noise.randn_tensor((batch, 77, unet.config().encoder_hid_dim), &device)?)?;
    let noise_level = unet.config().noise_level.then_some(250);
    given.times(|step| {
        unet.forward(&x, 900 - step, noise_level, &text, &|| Ok(()))?.to_device(&Device::Cpu)?;
        Ok(())
    })
}

/// A sample each: the whole loop with its sampler, thresholding and guidance, after the encoding of the prompt.
pub fn guided(given: &Given, network: Published, steps: usize) -> Result<Vec<f64>> {
    let device = given.options.device.open()?;
    let unet = load(given, network, &device)?;
    let side = unet.config().sample_size;
    let prompts = Generator::new(180).randn_tensor((2, 77, unet.config().encoder_hid_dim), &device)?;
    let network = Network { text: unet.text(&prompts)?, unet };
    let config = if_scheduler();
    let schedule = Schedule::new(&config)?;
    let spec = PlanSpec {
        stepping: Stepping::Scheduler,
        steps,
        timesteps: None,
        i_start: 0,
        sampler: Sampler::Ddpm,
        repaint: None,
    };
    let plan = Plan::new(&config, &schedule, &spec)?;
    let estimate = Estimate::Guided { text: 1, negative: 0, guidance: Guidance::constant(7.0) };
    given.times(|number| {
        let mut generators = Generators::new(number as u64, 1);
        let x = generators.randn((3, side, side), &device)?;
        let run = Run::from_start(&network, &estimate, Sampler::Ddpm.start(1.0), &plan, &mut generators, x);
        for step in run {
            step?.x_t.to_device(&Device::Cpu)?;
        }
        Ok(())
    })
}

/// IF's own scheduler, which the PyTorch side of the row uses too.
fn if_scheduler() -> SchedulerConfig {
    SchedulerConfig {
        beta_schedule: BetaSchedule::SquaredcosCapV2,
        variance_type: VarianceType::LearnedRange,
        thresholding: true,
        dynamic_thresholding_ratio: 0.95,
        sample_max_value: 1.5,
        ..SchedulerConfig::default()
    }
}

struct Network {
    unet: Unet,
    text: TextContext,
}

impl Denoiser for Network {
    fn prediction_type(&self) -> PredictionType {
        PredictionType::Epsilon
    }

    fn forward(&self, input: &Tensor, moment: &Moment, texts: &[usize]) -> Result<Tensor> {
        let said = self.unet.forward(input, moment.timestep, None, &self.text.rows(texts)?, &|| Ok(()))?;
        Ok(said.to_dtype(DType::F32)?)
    }
}
