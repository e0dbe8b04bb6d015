//! How many kernels and copies the program asks of a GPU, counted on a device that is none (`counted/`), each with the most
//! that it may be: what was counted, which can only fall. diffusers asks for 1,350 kernels, eagerly. With it go the promises that only a device can break: nothing of it is
//! touched or dropped by another thread, its memory is let go of, and want of it is met by smaller chunks.
//!
//! `tests/gpu/count.sh` builds and runs it; without that script's candle there is nothing to count.

use std::process::ExitCode;

use candle_core::cuda::{Counted, counted, limit, reset};
use candle_core::{DType, Device, Tensor};
use diffusion_lab::datasets::Dataset;
use diffusion_lab::diffusion::estimate::{Denoiser, Estimate, Moment};
use diffusion_lab::diffusion::plan::{Plan, PlanSpec};
use diffusion_lab::diffusion::prediction::PredictionType;
use diffusion_lab::diffusion::run::Run;
use diffusion_lab::diffusion::samplers::Sampler;
use diffusion_lab::diffusion::schedule::{BetaSchedule, Schedule, SchedulerConfig};
use diffusion_lab::diffusion::timesteps::Stepping;
use diffusion_lab::diffusion::variance::VarianceType;
use diffusion_lab::error::{Error, Result};
use diffusion_lab::experiments::Recipe;
use diffusion_lab::models::deepfloyd::{Published, TextContext, Unet};
use diffusion_lab::models::digits::Kind;
use diffusion_lab::models::{DeviceChoice, in_chunks};
use diffusion_lab::tensors::Generators;
use diffusion_lab::training::{Settings, Trainer};
use diffusion_lab::weights::Weights;
use diffusion_lab::worker::{Destination, Job, Options, What, Worker};
use serde_json::json;

/// What is counted does not depend on the pictures' size, and the processor has to compute it all.
const SIDE: usize = 16;

fn main() -> ExitCode {
    match all() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn all() -> Result<bool> {
    let mut well = true;
    for (dtype, launches) in [(DType::F32, 1348), (DType::F16, 1110)] {
        let step = guided_step(dtype)?;
        well &= said("IF-I-M, a guided step", dtype, step, Most { launches, up: 4, down: 1 });
    }
    well &= said("class-conditioned digit UNet, a training step", DType::F32, training_step()?, TRAINING);
    well &= said("built-in model, a guided step of a job", DType::F32, jobs()?, Most { launches: 843, up: 4, down: 2 });
    well &= want_of_memory()?;
    Ok(well)
}

/// What may be counted at most.
struct Most {
    launches: u64,
    up: u64,
    down: u64,
}

const TRAINING: Most = Most { launches: 2921, up: 19, down: 2 };

/// Bytes of ones and zeros that norms share and that stay with the worker's thread.
const KEPT: u64 = 18_432;

fn said(what: &str, dtype: DType, counted: Counted, most: Most) -> bool {
    let Counted { launches, strides, up, down, strangers, .. } = counted;
    let well = launches <= most.launches && up <= most.up && down <= most.down && strangers == 0;
    println!(
        "{}",
        json!({
            "what": what, "dtype": dtype.as_str(), "launches": launches, "at_most": most.launches, "strides": strides,
            "to_device": up, "from_device": down, "of_other_threads": strangers, "well": well,
        })
    );
    well
}

struct Network {
    unet: Unet,
    text: TextContext,
}

impl Denoiser for Network {
    fn prediction_type(&self) -> PredictionType {
        PredictionType::Epsilon
    }

    fn forward(&self, input: &Tensor, moment: &Moment, _: &[usize]) -> Result<Tensor> {
        Ok(self.unet.forward(input, moment.timestep, None, &self.text, &|| Ok(()))?.to_dtype(DType::F32)?)
    }
}

/// The second of two steps, as a run on its way makes them.
fn guided_step(dtype: DType) -> Result<Counted> {
    let device = DeviceChoice::Cuda(0).open()?;
    let unet = Unet::load(&Published::IM.config()?, &Weights::invented(), &device, dtype, false)?;
    let mut generators = Generators::new(1, 1);
    let prompts = generators.randn((2, 77, unet.config().encoder_hid_dim), &device)?.squeeze(0)?;
    let network = Network { text: unet.text(&prompts)?, unet };
    let config = SchedulerConfig {
        beta_schedule: BetaSchedule::SquaredcosCapV2,
        variance_type: VarianceType::LearnedRange,
        thresholding: true,
        dynamic_thresholding_ratio: 0.95,
        sample_max_value: 1.5,
        ..SchedulerConfig::default()
    };
    let (sampler, stepping) = (Sampler::Ddpm, Stepping::Scheduler);
    let spec = PlanSpec { stepping, steps: 2, timesteps: None, i_start: 0, sampler, repaint: None };
    let plan = Plan::new(&config, &Schedule::new(&config)?, &spec)?;
    let x = generators.randn((3, SIDE, SIDE), &device)?;
    let estimate = Estimate::guided(1, 0, 7.0);
    let run = Run::from_start(&network, &estimate, sampler.start(1.0), &plan, &mut generators, x);
    let mut last = None;
    for step in run {
        step?;
        last = Some(counted());
        reset();
    }
    last.ok_or_else(|| Error::new("no step was made"))
}

fn training_step() -> Result<Counted> {
    let device = DeviceChoice::Cuda(0).open()?;
    let data = Dataset::open("mnist")?;
    let settings = Settings { hidden: 8, batch: 4, ..Settings::of(Kind::Class) };
    let mut trainer = Trainer::new(&settings, None, &data.train, &device)?;
    let mut step = || trainer.next().unwrap_or_else(|| Err(Error::new("the run is over")));
    step()?;
    reset();
    step()?;
    Ok(counted())
}

/// What one more step adds to a job of the worker, whose frames are dropped here, on another thread; the device is chosen
/// anew in between, so that all that lay on it goes.
fn jobs() -> Result<Counted> {
    let options = Options { device: DeviceChoice::Cuda(0), frames: true, ..Options::default() };
    let worker = Worker::spawn(options, || {})?;
    let run = |steps: usize| -> Result<Counted> {
        let recipe = json!({
            "experiment": "sample", "model": "built-in", "stage_2": "none", "steps": [steps], "seed": [1],
            "prompt": ["a red ball"], "guidance": [7.0],
        });
        let recipe = Recipe::from_json(recipe.as_object().ok_or_else(|| Error::new("a recipe"))?)?;
        let id = worker.submit(Job { recipe, destination: Destination::Nowhere });
        loop {
            match worker.events().recv().map_err(|_| Error::new("the worker is gone"))?.what {
                What::Finished(_) => break,
                What::Failed(error) => return Err(error),
                _ => {}
            }
        }
        drop(worker.frames(id));
        Ok(counted())
    };
    run(1)?;
    reset();
    let two = run(2)?;
    reset();
    let three = run(3)?;
    worker.set_device(DeviceChoice::Cpu);
    run(1)?;
    let left = counted();
    if left.live > KEPT {
        return Err(Error::new(format!("{} bytes are left on a device that nobody uses", left.live)));
    }
    let more = |of: fn(&Counted) -> u64| of(&three).saturating_sub(of(&two));
    Ok(Counted {
        launches: more(|c| c.launches),
        strides: more(|c| c.strides),
        up: more(|c| c.up),
        down: more(|c| c.down),
        strangers: two.strangers + three.strangers + left.strangers,
        ..left
    })
}

/// A device whose memory holds three pictures: they are shown two at a time, in the end, and a job says what to do.
fn want_of_memory() -> Result<bool> {
    let device = Device::new_cuda(0)?;
    let before = counted().live;
    limit(before + 3 * 4 * 1000);
    let shown = in_chunks(8, 8, |start, rows| {
        Tensor::zeros((rows, 1000), DType::F32, &device)?;
        Ok(start..start + rows)
    });
    let none = in_chunks(1, 1, |_, _| Ok(Tensor::zeros(1_000_000, DType::F32, &device)?));
    limit(u64::MAX);
    let parts = shown?;
    let line = none.err().map(|error| error.to_string()).unwrap_or_default();
    let well = parts.len() == 4 && line.contains("--device cpu") && counted().live == before;
    println!("{}", json!({ "what": "want of memory", "chunks": parts.len(), "line": line, "well": well }));
    Ok(well)
}
