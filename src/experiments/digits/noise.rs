//! B1.1: digits with noise on them, z = x + σ ε, the same ε at every σ.

use candle_core::Device;

use super::{GROUP, announce, at_digit_size, chosen, hashes, report};
use crate::datasets::Dataset;
use crate::error::Result;
use crate::experiments::settings::{digits, sampling, source};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Recipe, Run, Section};
use crate::tensors::Generators;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-noise",
    title: "Noise digits",
    group: GROUP,
    sentence: "Digits with more and more noise on them",
    sections: &[
        Section::Head(&[&source::image, &digits::pick, &sampling::count, &digits::noise_sigma, &sampling::seed]),
        Section::Open("Data", &[&digits::data]),
    ],
    needs: &[],
    picture: None,
    guidance: None,
    defaults,
    presets: &[Preset { name: "b1.1", title: "σ = 0, 0.2, 0.4, 0.5, 0.6, 0.8, 1", recipe: || EXPERIMENT.recipe() }],
    run: Run::Device(run),
};

fn defaults(recipe: &mut Recipe) {
    recipe.digits.noise_sigma = vec![0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0];
}

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let recipe = &at_digit_size(recipe)?;
    let data = Dataset::open(&recipe.digits.data)?;
    let hashes = hashes(None, Some(&data));
    let digits = chosen(recipe, &data, device)?;
    announce(&data, observer)?;
    let mut index = 0;
    for &seed in &recipe.sampling.seed {
        let noise = Generators::new(seed, digits.names.len()).randn_like(&digits.x)?;
        for (row, &pick) in digits.picks.iter().enumerate() {
            for &sigma in &recipe.digits.noise_sigma {
                observer.check()?;
                let noisy = (digits.x.narrow(0, row, 1)? + (noise.narrow(0, row, 1)? * sigma)?)?;
                let alone = recipe.clone().with(|it| {
                    it.digits.noise_sigma = vec![sigma];
                    it.digits.pick = if recipe.source.image.is_some() { Vec::new() } else { vec![pick] };
                    it.sampling.count = 1;
                    it.sampling.seed = vec![seed.wrapping_add(row as u64)];
                });
                report(index, &noisy, alone, &hashes, observer)?;
                index += 1;
            }
        }
    }
    let columns: Vec<String> = recipe.digits.noise_sigma.iter().map(|sigma| format!("σ {sigma}")).collect();
    let rows = recipe.sampling.seed.iter().flat_map(|_| digits.names.clone()).collect();
    Ok(Outcome { per_row: columns.len(), columns, rows, ..Outcome::default() })
}
