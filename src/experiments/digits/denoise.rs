//! B1.2, B1.3: a noised digit cleaned in one step, on every σ; for the network that was trained on pure noise, what
//! it answers to noise beside the data's mean digit.

use candle_core::{Device, Tensor};
use serde_json::{Map, Value, json};

use super::{Chosen, GROUP, announce, at_digit_size, chosen, hashes, mean_squared_error, network, one_picture, report};
use crate::datasets::{Dataset, SIDE};
use crate::error::{Error, Result};
use crate::experiments::settings::{digits, sampling, source};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section};
use crate::models::digits::{Condition, Kind, Mode, Network};
use crate::pictures::{psnr, ssim};
use crate::tensors::Generators;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-denoise",
    title: "Denoise digits",
    group: GROUP,
    sentence: "Noised digits cleaned in one step, or pure noise answered with the mean digit",
    sections: &[
        Section::Head(&[&source::image, &digits::pick, &sampling::count, &digits::noise_sigma, &sampling::seed]),
        Section::Open("Network", &[&digits::kind, &digits::checkpoint, &digits::data]),
    ],
    needs: &[],
    picture: None,
    guidance: None,
    defaults,
    presets: &[
        Preset { name: "b1.2-denoise", title: "The trained denoiser on σ = 0 to 1", recipe: || EXPERIMENT.recipe() },
        Preset {
            name: "b1.3-denoise",
            title: "What the network says of pure noise, beside the mean digit",
            recipe: || EXPERIMENT.recipe().with(|recipe| recipe.digits.kind = Some(Kind::NoiseDenoiser)),
        },
    ],
    run: Run::Device(run),
};

fn defaults(recipe: &mut Recipe) {
    recipe.digits.noise_sigma = vec![0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0];
    recipe.sampling.count = 3;
}

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let denoises = |kind| matches!(kind, Kind::Denoiser | Kind::NoiseDenoiser);
    let network = network(recipe, Kind::Denoiser, denoises, device)?;
    let data = Dataset::open(&recipe.digits.data)?;
    match network.spec().kind {
        Kind::NoiseDenoiser => mean_digit(recipe, &network, &data, observer),
        _ => cleaned(recipe, &network, &data, observer),
    }
}

/// The network's answer to `x` [b, 1, 28, 28].
fn answer(network: &Network, x: &Tensor) -> Result<Tensor> {
    network.forward(x, Condition::default(), Mode::Evaluate)
}

/// For each digit a row of noised pictures over a row of cleaned ones, over the σ.
fn cleaned(recipe: &Recipe, network: &Network, data: &Dataset, observer: &mut dyn Observer) -> Result<Outcome> {
    let recipe = &at_digit_size(recipe)?;
    let Chosen { names, picks, x } = chosen(recipe, data, network.device())?;
    announce(data, observer)?;
    let hashes = hashes(Some(network), Some(data));
    let (mut figure, mut rows, mut measures, mut index) = (Vec::new(), Vec::new(), Map::new(), 0);
    for &seed in &recipe.sampling.seed {
        let noise = Generators::new(seed, names.len()).randn_like(&x)?;
        for (row, name) in names.iter().enumerate() {
            let clean = x.narrow(0, row, 1)?;
            let (mut above, mut below) = (vec![one_picture(&clean)?], vec![one_picture(&clean)?]);
            for &sigma in &recipe.digits.noise_sigma {
                observer.check()?;
                let noisy = (&clean + (noise.narrow(0, row, 1)? * sigma)?)?;
                let denoised = answer(network, &noisy)?;
                above.push(one_picture(&noisy)?);
                below.push(one_picture(&denoised)?);
                measures.insert(
                    format!("digits-denoise-{index:03}"),
                    json!({ "sigma": sigma, "noisy": compared(&noisy, &clean)?, "denoised": compared(&denoised, &clean)? }),
                );
                let alone = recipe.clone().with(|it| {
                    it.digits.noise_sigma = vec![sigma];
                    it.digits.pick = if recipe.source.image.is_some() { Vec::new() } else { vec![picks[row]] };
                    it.sampling.count = 1;
                    it.sampling.seed = vec![seed.wrapping_add(row as u64)];
                });
                report(index, &denoised, alone, &hashes, observer)?;
                index += 1;
            }
            rows.extend([format!("{name}, noisy"), "denoised".to_owned()]);
            figure.extend(above.into_iter().chain(below));
        }
    }
    let sigmas = recipe.digits.noise_sigma.iter().map(|sigma| format!("σ {sigma}"));
    let columns: Vec<String> = std::iter::once("clean".to_owned()).chain(sigmas).collect();
    Ok(Outcome { per_row: columns.len(), columns, rows, figure, measures, ..Outcome::default() })
}

/// How close `x` is to `clean`, both [1, 1, 28, 28], 0 to 1.
fn compared(x: &Tensor, clean: &Tensor) -> Result<Value> {
    let signed = |x: &Tensor| -> Result<Tensor> { Ok(x.get(0)?.affine(2.0, -1.0)?) };
    let (a, b) = (signed(x)?, signed(clean)?);
    Ok(json!({ "mse": mean_squared_error(x, clean)?, "psnr": psnr(&a, &b)?, "ssim": ssim(&a, &b)? }))
}

/// Noise, the network's answer to it, and the mean of the training digits.
fn mean_digit(recipe: &Recipe, network: &Network, data: &Dataset, observer: &mut dyn Observer) -> Result<Outcome> {
    if recipe.source.image.is_some() {
        return Err(Error::arguments("a noise-denoiser takes no picture").at("image").hint("give a denoiser"));
    }
    announce(data, observer)?;
    let hashes = hashes(Some(network), Some(data));
    let mean = data.train.mean(network.device())?;
    let (mut cells, mut measures, mut index) = (Vec::new(), Map::new(), 0);
    for &seed in &recipe.sampling.seed {
        let noise = Generators::new(seed, recipe.sampling.count).randn((1, SIDE, SIDE), network.device())?;
        let answers = answer(network, &noise)?;
        for row in 0..recipe.sampling.count {
            observer.check()?;
            let answer = answers.narrow(0, row, 1)?;
            cells.push(("noise".to_owned(), one_picture(&noise.narrow(0, row, 1)?)?));
            cells.push(("the network's answer".to_owned(), one_picture(&answer)?));
            cells.push(("mean digit".to_owned(), one_picture(&mean)?));
            measures.insert(
                format!("digits-denoise-{index:03}"),
                json!({ "mse_to_mean_digit": mean_squared_error(&answer, &mean)? }),
            );
            let alone = recipe.clone().with(|recipe| {
                recipe.sampling.count = 1;
                recipe.sampling.seed = vec![seed.wrapping_add(row as u64)];
            });
            report(index, &answer, alone, &hashes, observer)?;
            index += 1;
        }
    }
    Ok(Outcome { measures, ..Outcome::figure(cells, 3) })
}
