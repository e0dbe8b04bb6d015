//! How good drawn digits are: whether a classifier reads them as what was asked for, and how far they are from the
//! test digits in its feature space (Fréchet distance), beside as many training digits as the floor.

use std::path::Path;

use candle_core::Device;
use image::RgbImage;
use serde_json::{Map, Value, json};

use super::frechet::Moments;
use super::general::{as_general, own_classes};
use super::judge::{accuracy, read};
use super::sample::asked_classes;
use super::{GROUP, announce, hashes, kind_of, network};
use crate::datasets::{Dataset, Split};
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::experiments::settings::{digits, guidance, sampling, scoring};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, Section, sections};
use crate::files::{Folder, limits};
use crate::models::Model;
use crate::models::digits::{DigitModel, Kind, Network, built_in};
use crate::pictures::{bytes_from_grey, pictures_from_grey};

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-score",
    title: "Score digits",
    group: GROUP,
    sentence: "How often a classifier reads drawn digits as what was asked for, and how far they are from real ones",
    sections: &[
        Section::Head(&[&scoring::samples, &digits::classes, &sampling::count]),
        Section::Open("Sampling", &[&sampling::steps, &guidance::scale, &sampling::seed]),
        Section::Open("Networks", &[&digits::kind, &digits::checkpoint, &scoring::classifier, &digits::data]),
        sections::OWN_LOOP,
    ],
    needs: &[],
    picture: None,
    guidance: Some(5.0),
    defaults,
    presets: &[Preset {
        name: "digits-score",
        title: "100 of each digit by DDPM, γ 5",
        recipe: || EXPERIMENT.recipe(),
    }],
    run: Run::Device(run),
};

fn defaults(recipe: &mut Recipe) {
    recipe.sampling.count = 100;
    recipe.sampling.stepping = Stepping::Course;
}

/// Misread digits that are shown.
const SHOWN: usize = 40;

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let classifier = classifier(recipe, device)?;
    let data = Dataset::open(&recipe.digits.data)?;
    let all = all_samples(recipe, &data, device, observer)?;
    let (_, test) = read(&classifier, &data.test, observer)?;
    let test = Moments::of(&test)?;
    let mut outcome = Outcome::default();
    let mut runs = Vec::new();
    for (setting, samples) in &all {
        let (classes, features) = read(&classifier, samples, observer)?;
        let floor = data.train.first(samples.count());
        let (_, real) = read(&classifier, &floor, observer)?;
        let accuracy = asked(samples).then(|| accuracy(&classes, samples.labels()));
        let (distance, floor_distance) = (Moments::of(&features)?.distance(&test), Moments::of(&real)?.distance(&test));
        observer.say(Progress::Note(told(accuracy, distance, floor_distance)))?;
        let mut measures = setting.clone();
        if asked(samples) {
            measures.insert("confusion".to_owned(), json!(confusion(samples.labels(), &classes)));
        }
        let rest = [
            ("samples", json!(samples.count())),
            ("accuracy", json!(accuracy)),
            ("frechet_distance", json!(distance)),
            ("frechet_floor_train_test", json!(floor_distance)),
            ("floor_samples", json!(floor.count())),
            ("read_as", json!((0..10_u8).map(|d| classes.iter().filter(|&&c| c == d).count()).collect::<Vec<_>>())),
        ];
        measures.extend(rest.map(|(key, value)| (key.to_owned(), value)));
        if runs.is_empty() {
            outcome = Outcome { measures: measures.clone(), ..misread(samples, &classes)? };
        }
        runs.push(Value::Object(measures));
    }
    if runs.len() > 1 {
        outcome.measures.insert("runs".to_owned(), Value::Array(runs));
    }
    outcome.measures.insert("hashes".to_owned(), Value::Object(hashes(Some(&classifier), Some(&data))));
    Ok(outcome)
}

/// How many digits were read as each class, by the class that was asked for.
fn confusion(labels: &[u8], classes: &[u8]) -> [[usize; 10]; 10] {
    let mut counts = [[0; 10]; 10];
    labels.iter().zip(classes).for_each(|(&label, &class)| counts[usize::from(label)][usize::from(class)] += 1);
    counts
}

/// The score in a line.
fn told(accuracy: Option<f64>, distance: f64, floor: f64) -> String {
    let read = accuracy.map_or(String::new(), |part| format!("{:.1} % read as asked, ", 100.0 * part));
    format!("{read}Fréchet distance {distance:.3}, {floor:.3} between training and test digits")
}

fn classifier(recipe: &Recipe, device: &Device) -> Result<Network> {
    let Some(path) = &recipe.scoring.classifier else { return built_in(Kind::Classifier, device) };
    let network = Network::load(Path::new(path), device)?;
    match network.spec().kind {
        Kind::Classifier => Ok(network),
        other => Err(Error::arguments(format!("the checkpoint is of kind `{}`, not `classifier`", other.name()))
            .at(path)
            .hint("train one with `diffusion-lab digits-train --kind classifier`")),
    }
}

/// Samples with what they were made with.
type Made = (Map<String, Value>, Split);

/// The samples of a folder, or fresh ones: one set for each combination of the recipe's repeated values.
fn all_samples(recipe: &Recipe, data: &Dataset, device: &Device, observer: &mut dyn Observer) -> Result<Vec<Made>> {
    if let Some(folder) = &recipe.scoring.samples {
        let folder = Folder::open(folder)?;
        let [pictures, labels] = ["samples-images-idx3-ubyte", "samples-labels-idx1-ubyte"];
        let (picture_bytes, label_bytes) =
            (folder.read(pictures, limits::DIGITS)?, folder.read(labels, limits::DIGITS)?);
        let (pictures, labels) = (folder.place(pictures), folder.place(labels));
        let samples = Split::read_samples((&pictures, &picture_bytes), (&labels, &label_bytes))?;
        announce(data, observer)?;
        return Ok(vec![(Map::new(), samples)]);
    }
    let model = DigitModel::new(network(recipe, Kind::Class, Kind::samples, device)?, "the checkpoint")?;
    let kind = kind_of(recipe, &model)?;
    let classes = asked_classes(recipe, kind)?;
    let general = as_general(recipe, model.summary())?.ok_or_else(|| Error::new("nothing is drawn"))?;
    let job = general.job(&model, own_classes(&classes, kind))?;
    announce(data, observer)?;
    observer.say(Progress::Planned(job.cost()?.evaluations))?;
    let mut all = Vec::new();
    for planned in &job.runs {
        let (x, _) = job.draw(model.summary().stage_1()?, planned, &planned.plan, None, observer)?;
        let (labels, run) = (classes.iter().map(|class| class.unwrap_or(u8::MAX)).collect(), &planned.run);
        let made = [("guidance", json!(run.guidance_scale)), ("steps", json!(run.steps)), ("seed", json!(run.seed))];
        let made = made.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        all.push((made, Split::of(bytes_from_grey(&x)?, labels)?));
    }
    Ok(all)
}

/// Whether a class was asked for.
fn asked(samples: &Split) -> bool {
    samples.labels().iter().all(|&label| label < 10)
}

/// The first samples that are read as another digit, captioned; the first ones of all where none is.
fn misread(samples: &Split, classes: &[u8]) -> Result<Outcome> {
    let all = 0..samples.count();
    let wrong: Vec<usize> = all.clone().filter(|&i| asked(samples) && classes[i] != samples.labels()[i]).collect();
    let shown: Vec<usize> = if wrong.is_empty() { all.collect() } else { wrong };
    let shown = &shown[..shown.len().min(SHOWN)];
    let pictures: Vec<RgbImage> = pictures_from_grey(&samples.tensor(shown, &Device::Cpu)?)?;
    let caption = |&i: &usize| match samples.labels()[i] {
        label @ 0..=9 => format!("{label} read as {}", classes[i]),
        _ => format!("read as {}", classes[i]),
    };
    Ok(Outcome::figure(shown.iter().map(caption).zip(pictures).collect(), 10))
}
