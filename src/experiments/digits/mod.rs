//! Part B: digits from scratch. One file a verb, and what they share: which network, which test digits, how digits
//! become pictures.

pub mod anagram;
pub mod denoise;
mod drawing;
mod frechet;
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

use super::{Observer, Picture, Progress, Recipe};
use crate::datasets::{Dataset, SIDE};
use crate::error::{Error, Result};
use crate::models::digits::{Kind, Network, built_in};
use crate::pictures::{fit_square, luminance, pictures_from_grey, tensor_from_mask};

/// The part of the window's rail that they are in.
const GROUP: &str = "Digits";

/// The recipe's network, of a kind that `wanted` takes; without a checkpoint the program's own of `kind`.
fn network(recipe: &Recipe, kind: Kind, wanted: fn(Kind) -> bool, device: &Device) -> Result<Network> {
    let kinds = || {
        let names: Vec<&str> = Kind::ALL.into_iter().filter(|kind| wanted(*kind)).map(Kind::name).collect();
        format!("it takes {}", names.join(", "))
    };
    let asked = recipe.kind;
    if let Some(asked) = asked.filter(|kind| !wanted(*kind)) {
        return Err(Error::arguments(format!("`{}` does not take a `{}` network", recipe.experiment, asked.name()))
            .at("kind")
            .hint(kinds()));
    }
    let Some(path) = &recipe.checkpoint else { return built_in(asked.unwrap_or(kind), device) };
    let network = Network::load(Path::new(path), device)?;
    let found = network.spec().kind;
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
        _ => Ok(network),
    }
}

/// What names the network and the data in a result.
fn hashes(network: Option<&Network>, data: Option<&Dataset>) -> Map<String, Value> {
    let mut hashes = Map::new();
    if let Some(sha256) = network.and_then(Network::sha256) {
        hashes.insert("checkpoint".to_owned(), json!(sha256));
    }
    if let Some(data) = data {
        hashes.insert("data".to_owned(), json!(data.sha256()));
    }
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

/// `grey` as digits are here, light on dark: ink on paper, told by the light border, is turned.
fn light_on_dark(mut grey: RgbImage) -> RgbImage {
    let (w, h) = grey.dimensions();
    let at_border = |x: u32, y: u32| x == 0 || y == 0 || x + 1 == w || y + 1 == h;
    let border = grey.enumerate_pixels().filter(|(x, y, _)| at_border(*x, *y)).map(|(_, _, pixel)| u64::from(pixel[0]));
    let (sum, count) = border.fold((0, 0), |(sum, count), value| (sum + value, count + 1));
    if sum > 127 * count {
        image::imageops::invert(&mut grey);
    }
    grey
}

/// The recipe's own picture, else its test digits.
fn chosen(recipe: &Recipe, data: &Dataset, device: &Device) -> Result<Chosen> {
    if let Some(image) = &recipe.image {
        let grey = light_on_dark(luminance(&fit_square(&*image.load()?, SIDE as u32)));
        return Ok(Chosen {
            names: vec!["drawn".to_owned()],
            picks: vec![0],
            x: tensor_from_mask(&grey, false, device)?,
        });
    }
    let picks: Vec<usize> = if recipe.pick.is_empty() { (0..recipe.count).collect() } else { recipe.pick.clone() };
    let count = data.test.count();
    if let Some(beyond) = picks.iter().find(|&&pick| pick >= count) {
        return Err(Error::arguments(format!("there is no test digit {beyond}"))
            .at("pick")
            .hint(format!("choose from 0 to {}", count - 1)));
    }
    let name = |&pick: &usize| format!("digit {pick}: {}", data.test.labels()[pick]);
    Ok(Chosen { names: picks.iter().map(name).collect(), x: data.test.tensor(&picks, device)?, picks })
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
