//! What a network in training makes of the same digits, or of the same noise, after every epoch.

use image::RgbImage;
use serde_json::{Map, Value, json};

use super::general::own_classes;
use super::judge::{accuracy, read};
use super::{mean_squared_error, one_picture};
use crate::datasets::{Dataset, SIDE, Split};
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::Stepping;
use crate::error::Result;
use crate::experiments::assemble::Job;
use crate::experiments::runs::runs;
use crate::experiments::{Observer, Progress, Recipe, Sheet, Wish};
use crate::models::Model;
use crate::models::digits::{Condition, DigitModel, Kind, Mode, Network, built_in, has_built_in};
use crate::pictures::{Grid, bytes_from_grey, pictures_from_grey};
use crate::tensors::Generators;

/// Test digits in a row of a denoiser's sheet.
const SHOWN: usize = 10;
/// Samples of a sheet: four of each digit.
const SAMPLES: usize = 40;
/// Evaluations of a sample on a sheet where none are asked for: DDIM needs few.
pub const STEPS: usize = 50;

/// The sheet of `network` after `epoch`.
pub fn sheet(
    recipe: &Recipe,
    network: &Network,
    data: &Dataset,
    epoch: usize,
    observer: &mut dyn Observer,
) -> Result<Sheet> {
    let seed = recipe.sampling.seed[0];
    let (pixels, measures) = match network.spec().kind {
        Kind::Denoiser => denoised(network, data, recipe.digits.noise_sigma.first().copied().unwrap_or(0.5), seed)?,
        Kind::NoiseDenoiser => mean_digits(network, data, seed)?,
        Kind::Classifier => misread(network, &data.test, observer)?,
        kind => samples(recipe, network, kind, seed, observer)?,
    };
    Ok(Sheet { epoch, pixels: pixels.into(), measures })
}

fn grid(pictures: &[RgbImage], per_row: usize, rows: &[&str], columns: &[String]) -> Result<RgbImage> {
    let pictures: Vec<&RgbImage> = pictures.iter().collect();
    let rows: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
    Grid { columns, rows: &rows, captions: &[], per_row, pictures: &pictures }.render()
}

/// Clean, noisy and denoised rows of the test set, and the mean squared error.
fn denoised(network: &Network, data: &Dataset, sigma: f64, seed: u64) -> Result<(RgbImage, Map<String, Value>)> {
    let shown: Vec<usize> = data.test.first_of_each(1);
    let clean = data.test.tensor(&shown, network.device())?;
    let noise = Generators::new(seed, shown.len()).randn_like(&clean)?;
    let noisy = (&clean + (noise * sigma)?)?;
    let answer = network.forward(&noisy, Condition::default(), Mode::Evaluate)?;
    let mut pictures = Vec::new();
    for x in [&clean, &noisy, &answer] {
        pictures.extend(pictures_from_grey(x)?);
    }
    let mut measures = Map::new();
    measures.insert("mse".to_owned(), json!(mean_squared_error(&answer, &clean)?));
    Ok((grid(&pictures, shown.len(), &["clean", "noisy", "denoised"], &[])?, measures))
}

/// Answers to pure noise beside the mean digit.
fn mean_digits(network: &Network, data: &Dataset, seed: u64) -> Result<(RgbImage, Map<String, Value>)> {
    let noise = Generators::new(seed, SHOWN - 1).randn((1, SIDE, SIDE), network.device())?;
    let answer = network.forward(&noise, Condition::default(), Mode::Evaluate)?;
    let mean = data.train.mean(network.device())?;
    let mut pictures = vec![one_picture(&mean)?];
    pictures.extend(pictures_from_grey(&answer)?);
    let columns: Vec<String> =
        std::iter::once("mean digit".to_owned()).chain((1..SHOWN).map(|i| format!("noise {i}"))).collect();
    let mut measures = Map::new();
    measures.insert(
        "mse_to_mean_digit".to_owned(),
        json!(mean_squared_error(&answer, &mean.broadcast_as(answer.shape())?)?),
    );
    Ok((grid(&pictures, SHOWN, &[], &columns)?, measures))
}

/// Samples from the same noise after every epoch: 4 of each digit, γ 5, DDIM or Euler; how many of them the program's
/// own classifier reads as what was asked for, where it has one.
fn samples(
    recipe: &Recipe,
    network: &Network,
    kind: Kind,
    seed: u64,
    observer: &mut dyn Observer,
) -> Result<(RgbImage, Map<String, Value>)> {
    let classes: Vec<Option<u8>> = (0..SAMPLES).map(|i| kind.has_class().then_some((i % 10) as u8)).collect();
    let model = DigitModel::new(network, "the network in training")?;
    let stage = model.summary().stage_1()?;
    let every = stage.schedule.num_train_timesteps();
    let steps = recipe.sampling.steps.first().copied().unwrap_or(STEPS).min(every);
    let sampled = Recipe::new("sample").with(|it| {
        it.prompting.prompt = vec![String::new()];
        it.sampling.count = SAMPLES;
        it.sampling.sampler = if steps == every || kind.is_flow() { Sampler::Ddpm } else { Sampler::Ddim };
        it.sampling.stepping = Stepping::Course;
        it.guidance.scale = vec![recipe.guidance.scale.first().copied().unwrap_or(5.0)];
        it.sampling.steps = vec![steps];
        it.sampling.seed = vec![seed];
    });
    let job = Job::with(sampled.clone(), &runs(&sampled), &model, own_classes(&classes, kind), None)?;
    let (x, _) = job.draw(stage, &job.runs[0], &job.runs[0].plan, None, &mut Quiet(observer))?;
    let columns: Vec<String> =
        if kind.has_class() { (0..10).map(|digit| digit.to_string()).collect() } else { Vec::new() };
    let mut measures = Map::new();
    if kind.has_class() && has_built_in(Kind::Classifier) {
        let labels: Vec<u8> = classes.iter().flatten().copied().collect();
        let drawn = Split::of(bytes_from_grey(&x)?, labels)?;
        let (read_as, _) = read(&built_in(Kind::Classifier, network.device())?, &drawn, observer)?;
        measures.insert("accuracy".to_owned(), json!(accuracy(&read_as, drawn.labels())));
    }
    Ok((grid(&pictures_from_grey(&x)?, 10, &[], &columns)?, measures))
}

/// The first test digits that are read wrongly, and the accuracy on all.
fn misread(network: &Network, test: &Split, observer: &dyn Observer) -> Result<(RgbImage, Map<String, Value>)> {
    let (classes, _) = read(network, test, observer)?;
    let wrong: Vec<usize> = (0..test.count()).filter(|&i| classes[i] != test.labels()[i]).take(SAMPLES).collect();
    let shown = if wrong.is_empty() { vec![0] } else { wrong };
    let captions: Vec<String> = shown.iter().map(|&i| format!("{} read as {}", test.labels()[i], classes[i])).collect();
    let pictures = pictures_from_grey(&test.tensor(&shown, &candle_core::Device::Cpu)?)?;
    let pictures: Vec<&RgbImage> = pictures.iter().collect();
    let sheet = Grid { columns: &[], rows: &[], captions: &captions, per_row: 10, pictures: &pictures }.render()?;
    let mut measures = Map::new();
    measures.insert("accuracy".to_owned(), json!(accuracy(&classes, test.labels())));
    Ok((sheet, measures))
}

/// Passes cancelling on and keeps the rest to itself: a sheet's steps are none of the job's.
struct Quiet<'a>(&'a mut dyn Observer);

impl Observer for Quiet<'_> {
    fn check(&self) -> Result<()> {
        self.0.check()
    }

    fn say(&mut self, _progress: Progress<'_>) -> Result<()> {
        Ok(())
    }

    fn wants_trajectory(&self) -> bool {
        false
    }

    fn wish(&self) -> Wish {
        self.0.wish()
    }
}
