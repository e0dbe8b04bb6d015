//! B1.1: digits with noise on them, z = x + σ ε, the same ε at every σ.

use candle_core::Device;

use super::{GROUP, announce, at_digit_size, chosen, hashes, report};
use crate::datasets::Dataset;
use crate::error::Result;
use crate::experiments::{Experiment, Observer, Outcome, Preset, Recipe, Run};
use crate::tensors::Generators;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-noise",
    title: "Noise digits",
    group: GROUP,
    sentence: "Digits with more and more noise on them",
    settings: &[&["noise_sigma", "pick", "count", "image", "data", "seed"]],
    needs: &[],
    guidance: None,
    steps: None,
    defaults,
    presets: &[Preset { name: "b1.1", title: "σ = 0, 0.2, 0.4, 0.5, 0.6, 0.8, 1", recipe: defaults }],
    run: Run::Device(run),
};

fn defaults() -> Recipe {
    Recipe { noise_sigma: vec![0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0], ..Recipe::new("digits-noise") }
}

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let recipe = &at_digit_size(recipe)?;
    let data = Dataset::open(&recipe.data)?;
    let hashes = hashes(None, Some(&data));
    let digits = chosen(recipe, &data, device)?;
    announce(&data, observer)?;
    let mut index = 0;
    for &seed in &recipe.seed {
        let noise = Generators::new(seed, digits.names.len()).randn_like(&digits.x)?;
        for (row, &pick) in digits.picks.iter().enumerate() {
            for &sigma in &recipe.noise_sigma {
                observer.check()?;
                let noisy = (digits.x.narrow(0, row, 1)? + (noise.narrow(0, row, 1)? * sigma)?)?;
                let alone = Recipe {
                    noise_sigma: vec![sigma],
                    pick: if recipe.image.is_some() { Vec::new() } else { vec![pick] },
                    count: 1,
                    seed: vec![seed.wrapping_add(row as u64)],
                    ..recipe.clone()
                };
                report(index, &noisy, alone, &hashes, observer)?;
                index += 1;
            }
        }
    }
    let columns: Vec<String> = recipe.noise_sigma.iter().map(|sigma| format!("σ {sigma}")).collect();
    let rows = recipe.seed.iter().flat_map(|_| digits.names.clone()).collect();
    Ok(Outcome { per_row: columns.len(), columns, rows, ..Outcome::default() })
}
