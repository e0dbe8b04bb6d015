//! A1.2 to A1.4: three ways to clean a noised picture, from the same x_t: a classical Gaussian blur, the network
//! in one step (the first of the many), and the network step by step; each with its PSNR and SSIM to the clean picture.
//! Every fifth x_t stands in a strip beside them.

use candle_core::Tensor;
use image::RgbImage;
use serde_json::{Map, Value, json};

use super::assemble::Job;
use super::settings::{blur, guidance, prompting, sampling, source};
use super::stages::Ended;
use super::strip::Strip;
use super::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, Section, sections};
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::models::{Codec, Model, Walk};
use crate::pictures::{encode_png, psnr, ssim, tensor_from_picture};
use crate::tensors::gaussian_blur;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "denoise",
    title: "Denoise",
    group: "Pictures to pictures",
    sentence: "Blur, one step or many: three ways to clean a noised picture",
    sections: &[
        Section::Head(&[&source::image]),
        Section::Open("Noise", &[&source::i_start, &source::t, &sampling::seed, &sampling::count]),
        Section::Open("Blur", &[&blur::kernel, &blur::sigma]),
        Section::Open("Network", &[&prompting::prompt, &guidance::scale, &sampling::steps]),
        Section::Closed(
            "Loop",
            &[&sampling::stepping, &sampling::sampler, &sampling::eta, &sampling::timesteps, &prompting::negative],
        ),
        sections::GRID,
        sections::MODEL,
    ],
    needs: &[&source::image],
    picture: Some("lighthouse"),
    guidance: Some(1.0),
    defaults: |recipe| {
        recipe.sampling.stepping = Stepping::Course;
        recipe.source.i_start = vec![10];
        recipe.networks.stage_2 = "none".to_owned();
    },
    presets: &[
        Preset { name: "a1.2", title: "Blur and one step at t = 250, 500, 750", recipe: a1_2 },
        Preset { name: "a1.3", title: "One step at t = 250, 500, 750", recipe: a1_2 },
        Preset { name: "a1.4", title: "Iterative denoising from i_start 10", recipe: || EXPERIMENT.recipe() },
    ],
    run: Run::Model(run),
};

fn a1_2() -> Recipe {
    EXPERIMENT.recipe().with(|recipe| {
        recipe.source.i_start = Vec::new();
        recipe.source.t = vec![250, 500, 750];
    })
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let stage = model.summary().stage_1()?;
    let codec = model.codec(stage);
    let job = Job::new(recipe, model, observer)?;
    let clean = job.picture(stage)?.ok_or_else(|| Error::arguments("no picture to denoise"))?;
    job.check()?;
    observer.say(Progress::Planned([job.cost()?.evaluations[0], 0]))?;
    let network = job.network(stage, observer)?;
    let mut figure = Figure::new(&clean, codec)?;
    for (index, planned) in job.runs.iter().enumerate() {
        let (run, plan) = (&planned.run, &planned.plan);
        let count = recipe.sampling.count;
        let mut strip = Strip::new(observer);
        let Ended { start: x_t, one_step, x_0, trajectory } =
            job.filled((stage, &*network), planned, plan, None, |filled| filled.run(count, &mut strip))?;
        let strip = strip.finish(&x_0, codec)?;
        figure.files.extend(strip.map(|png| (format!("denoise-{:03}-steps.png", index * count), png)));
        // With no entry below t the course's loop has arrived where it starts.
        let ends_unasked = stage.walk == Walk::Scheduler && recipe.sampling.stepping == Stepping::Course;
        let arrived = ends_unasked && plan.arrives_at_once() && run.t.is_some();
        let x_0 = if arrived { x_t.clone() } else { x_0 };
        let blur = gaussian_blur(&x_t, recipe.blur.kernel, recipe.blur.sigma)?;
        let trajectory = trajectory.map(|mut trajectory| {
            trajectory.tensors.extend([("blur", blur.clone()), ("one_step", one_step.clone())]);
            trajectory
        });
        job.report_trajectory(index, trajectory, observer)?;
        job.report_pictures(index, stage, &x_0, observer)?;
        for picture in 0..count {
            let number = index * count + picture;
            figure.add(
                number,
                picture,
                [("noisy", &x_t), ("blur", &blur), ("one-step", &one_step), ("iterative", &x_0)],
            )?;
        }
    }
    Ok(figure.finish())
}

/// `x` [c, h, w], whose `picture` is made already, as pixels from -1 to 1.
fn measured(codec: &dyn Codec, x: &Tensor, picture: &RgbImage) -> Result<Tensor> {
    match codec.is_lossy() {
        // To decode it once more would say the same.
        true => Ok(tensor_from_picture(picture, x.device())?.get(0)?),
        false => codec.signed(x),
    }
}

/// The row of each picture: noisy, blurred, one step, many, beside the clean one.
struct Figure<'a> {
    codec: &'a dyn Codec,
    /// From -1 to 1.
    clean: Tensor,
    clean_picture: RgbImage,
    cells: Vec<(String, RgbImage)>,
    files: Vec<(String, Vec<u8>)>,
    measures: Map<String, Value>,
}

impl<'a> Figure<'a> {
    fn new(clean: &Tensor, codec: &'a dyn Codec) -> Result<Self> {
        let clean_picture = codec.decode(&clean.narrow(0, 0, 1)?)?.remove(0);
        let clean = measured(codec, &clean.get(0)?, &clean_picture)?;
        Ok(Self { codec, clean, clean_picture, cells: Vec::new(), files: Vec::new(), measures: Map::new() })
    }

    fn add(&mut self, number: usize, row: usize, ways: [(&str, &Tensor); 4]) -> Result<()> {
        let mut measures = Map::new();
        for (name, x) in ways {
            let x = x.get(row)?;
            let picture = self.codec.decode(&x.unsqueeze(0)?)?.remove(0);
            let signed = measured(self.codec, &x, &picture)?;
            let (psnr, ssim) = (psnr(&signed, &self.clean)?, ssim(&signed, &self.clean)?);
            self.cells.push((format!("{name} {psnr:.1} dB {ssim:.3}"), picture.clone()));
            measures.insert(name.to_owned(), json!({ "psnr": psnr, "ssim": ssim }));
            if name != "iterative" {
                self.files.push((format!("denoise-{number:03}-{name}.png"), encode_png(&picture, None)?));
            }
        }
        self.cells.push(("clean".to_owned(), self.clean_picture.clone()));
        self.measures.insert(format!("denoise-{number:03}"), Value::Object(measures));
        Ok(())
    }

    fn finish(self) -> Outcome {
        Outcome { files: self.files, measures: self.measures, ..Outcome::figure(self.cells, 5) }
    }
}
