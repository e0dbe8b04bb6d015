use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::diffusion::estimate::Estimate;
use diffusion_lab::diffusion::plan::{Plan, PlanSpec};
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::error::Result;
use diffusion_lab::experiments::{Observer, Progress, StageRun, Start};
use diffusion_lab::models::{Cascade, CascadeSpec};

use crate::reference::{Reference, path};

/// Wants everything and refuses nothing.
struct Collector;

impl Observer for Collector {
    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn say(&mut self, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    fn wants_trajectory(&self) -> bool {
        true
    }
}

/// Our stage II on the reference's raw picture and embeddings.
pub fn trajectory(reference: &Reference) -> HashMap<&'static str, Tensor> {
    let model = path("models/narrow").display().to_string();
    let spec = CascadeSpec { model, stage_2: "auto".to_owned(), dtype: DType::F32, low_memory: false };
    let cascade = Cascade::load(&spec, &Device::Cpu, &mut |_| Ok(())).unwrap();
    let stage = cascade.stage_2().unwrap();
    let embeds = [reference.get("prompt_embeds"), reference.get("negative_prompt_embeds")];
    let texts = stage.unet.text(&Tensor::cat(&embeds, 0).unwrap()).unwrap();
    let spec = PlanSpec {
        stepping: Stepping::Scheduler,
        steps: 3,
        timesteps: None,
        i_start: 0,
        sampler: Sampler::Ddpm,
        repaint: None,
    };
    let run = StageRun {
        stage,
        number: 2,
        texts: &texts,
        start: Start::Noise,
        estimate: &Estimate::guided(0, 1, 4.0),
        sampler: Sampler::Ddpm,
        eta: 0.0,
        constraint: None,
        plan: &Plan::new(&stage.config, &stage.schedule, &spec).unwrap(),
        seed: 180,
        resume: None,
        low_resolution: Some((reference.get("picture"), 250)),
    };
    let (_, trajectory) = run.run(1, &mut Collector).unwrap();
    trajectory.unwrap().tensors.into_iter().collect()
}
