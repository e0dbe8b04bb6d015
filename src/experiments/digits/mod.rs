//! Part B: digits from scratch. One file a verb, and what they share: which network, which test digits, how digits
//! become pictures.

pub mod anagram;
pub mod denoise;
mod frechet;
mod general;
pub mod inpaint;
mod judge;
pub mod noise;
pub mod sample;
pub mod score;
pub mod sheet;
pub mod table;
pub mod train;

use std::path::Path;

use candle_core::{Device, Tensor};
use image::RgbImage;
use serde_json::{Map, Value, json};

pub use general::as_general;

use super::{Experiment, Observer, Picture, Progress, Recipe, Source};
use crate::datasets::{Dataset, SIDE};
use crate::error::{Error, Result};
use crate::models::digits::{Kind, Network, find, model_name};
use crate::models::{Model, Pixels};
use crate::pictures::{fit_square, pictures_from_grey};

/// The part of the window's rail that they are in.
const GROUP: &str = "Digits";

/// The model that a recipe of part B draws with, by name or by its checkpoint; nothing for any other recipe.
pub fn model_of(recipe: &Recipe) -> Option<String> {
    drawn_by(recipe).map(|_| network_name(recipe, Kind::Class))
}

/// An error where that is of a kind that the verb does not take, for which its checkpoint's head is read.
pub fn check_model(recipe: &Recipe) -> Result<()> {
    drawn_by(recipe).map_or(Ok(()), |wanted| check_network(recipe, wanted))
}

/// The kinds with which the recipe's verb draws, if it does.
fn drawn_by(recipe: &Recipe) -> Option<fn(Kind) -> bool> {
    let is = |experiment: &Experiment| recipe.experiment == experiment.verb;
    if is(&anagram::EXPERIMENT) {
        return Some(|kind| kind.samples() && kind.has_class());
    }
    let draws = [&sample::EXPERIMENT, &inpaint::EXPERIMENT, &score::EXPERIMENT].into_iter().any(is);
    draws.then_some(Kind::samples)
}

/// The recipe's checkpoint, or the program's own network of its kind, `kind` where it names none.
fn network_name(recipe: &Recipe, kind: Kind) -> String {
    recipe.digits.checkpoint.clone().unwrap_or_else(|| model_name(recipe.digits.kind.unwrap_or(kind)))
}

/// An error where the recipe names a network of a kind that `wanted` does not take.
fn check_network(recipe: &Recipe, wanted: fn(Kind) -> bool) -> Result<()> {
    let kinds = || {
        let names: Vec<&str> = Kind::ALL.into_iter().filter(|kind| wanted(*kind)).map(Kind::name).collect();
        format!("it takes {}", names.join(", "))
    };
    let asked = recipe.digits.kind;
    if let Some(asked) = asked.filter(|kind| !wanted(*kind)) {
        return Err(Error::arguments(format!("`{}` does not take a `{}` network", recipe.experiment, asked.name()))
            .at("kind")
            .hint(kinds()));
    }
    let Some(path) = &recipe.digits.checkpoint else { return Ok(()) };
    let found = match find(path) {
        Some(found) => found?.spec().kind,
        // No digit network is there; whoever reads one says why.
        None => Network::load(Path::new(path), &Device::Cpu)?.spec().kind,
    };
    match asked {
        Some(asked) if asked != found => {
            Err(Error::arguments(format!("the checkpoint is of kind `{}`, not `{}`", found.name(), asked.name()))
                .at(path)
                .hint("leave --kind out, or give another checkpoint"))
        }
        _ if !wanted(found) => {
            Err(Error::arguments(format!("`{}` does not take a `{}` network", recipe.experiment, found.name()))
                .at(path)
                .hint(kinds()))
        }
        _ => Ok(()),
    }
}

/// The recipe's network, of a kind that `wanted` takes; where it names none, the program's own of `kind`.
fn network(recipe: &Recipe, kind: Kind, wanted: fn(Kind) -> bool, device: &Device) -> Result<Network> {
    check_network(recipe, wanted)?;
    let name = network_name(recipe, kind);
    match find(&name) {
        Some(found) => found?.load(device),
        None => Network::load(Path::new(&name), device),
    }
}

/// The kind of the digit network that `model` is.
fn kind_of(recipe: &Recipe, model: &dyn Model) -> Result<Kind> {
    let summary = model.summary();
    summary.digits.ok_or_else(|| {
        Error::arguments(format!("`{}` draws with a digit network, which this is not", recipe.experiment))
            .at(&summary.name)
    })
}

/// What names the network and the data in a result.
fn hashes(network: Option<&Network>, data: Option<&Dataset>) -> Map<String, Value> {
    let sha256 = network.and_then(Network::sha256);
    with_data(sha256.map(|sha256| ("checkpoint".to_owned(), json!(sha256))).into_iter().collect(), data)
}

fn with_data(mut hashes: Map<String, Value>, data: Option<&Dataset>) -> Map<String, Value> {
    hashes.extend(data.map(|data| ("data".to_owned(), json!(data.sha256()))));
    hashes
}

/// Says which digits an experiment works on, once nothing is wrong with what was asked for.
fn announce(data: &Dataset, observer: &mut dyn Observer) -> Result<()> {
    let (train, test) = (data.train.count(), data.test.count());
    observer.say(Progress::Note(format!("digits of {}: {train} for training, {test} for testing", data.name)))
}

/// The digits that an experiment works on: what names each, and all of them, [n, 1, 28, 28].
struct Chosen {
    names: Vec<String>,
    picks: Vec<usize>,
    x: Tensor,
}

/// The recipe's own picture, else its test digits.
fn chosen(recipe: &Recipe, data: &Dataset, device: &Device) -> Result<Chosen> {
    if let Some(image) = &recipe.source.image {
        let x = Pixels::Grey.codec().encode(&fit_square(&*image.load()?, SIDE as u32), device)?;
        return Ok(Chosen { names: vec!["drawn".to_owned()], picks: vec![0], x });
    }
    let picks: Vec<usize> =
        if recipe.digits.pick.is_empty() { (0..recipe.sampling.count).collect() } else { recipe.digits.pick.clone() };
    let count = data.test.count();
    if let Some(beyond) = picks.iter().find(|&&pick| pick >= count) {
        return Err(Error::arguments(format!("there is no test digit {beyond}"))
            .at("pick")
            .hint(format!("choose from 0 to {}", count - 1)));
    }
    let name = |&pick: &usize| format!("digit {pick}: {}", data.test.labels()[pick]);
    Ok(Chosen { names: picks.iter().map(name).collect(), x: data.test.tensor(&picks, device)?, picks })
}

/// `recipe` with its picture and its mask at a digit's size: no more of them is used, and no more is carried along.
fn at_digit_size(recipe: &Recipe) -> Result<Recipe> {
    let image = recipe.source.image.as_ref().map(|image| image.fitted(&[SIDE])).transpose()?;
    let mask = match &recipe.inpainting.mask {
        None => None,
        Some(mask @ Source::Fitted(_)) => Some(mask.fitted(&[SIDE])?),
        Some(mask) => Some(Source::Held(mask.load_mask()?.into()).fitted(&[SIDE])?),
    };
    Ok(recipe.clone().with(|recipe| {
        recipe.source.image = image;
        recipe.inpainting.mask = mask;
    }))
}

/// Hands on the finished picture `index`, grey [1, 1, 28, 28], with the recipe that makes it alone.
fn report(
    index: usize,
    x: &Tensor,
    recipe: Recipe,
    hashes: &Map<String, Value>,
    observer: &mut dyn Observer,
) -> Result<()> {
    let pixels = one_picture(x)?;
    let picture = Picture { index, pixels: pixels.into(), recipe, hashes: hashes.clone() };
    observer.say(Progress::Picture(Box::new(picture)))
}

/// The first picture of `x` [b, 1, 28, 28].
fn one_picture(x: &Tensor) -> Result<RgbImage> {
    pictures_from_grey(&x.narrow(0, 0, 1)?)?.pop().ok_or_else(|| Error::new("no picture"))
}

/// The mean squared difference of two tensors.
fn mean_squared_error(a: &Tensor, b: &Tensor) -> Result<f64> {
    Ok(f64::from((a - b)?.sqr()?.mean_all()?.to_scalar::<f32>()?))
}
