//! A digit in part new: under the mask drawn afresh as each class that is asked for, outside it kept, by part A's own
//! constraint (Lugmayr et al. 2022). Without a mask the whole digit is noised to `i_start` and drawn from there; a third of
//! the way where none is given.

use candle_core::{Device, Tensor};

use super::drawing::{Drawing, Slots};
use super::sample::asked_classes;
use super::{Chosen, GROUP, announce, chosen, hashes, network, one_picture, report};
use crate::datasets::{Dataset, SIDE};
use crate::diffusion::constraint::{Constraint, paste};
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::experiments::runs::{alone, runs};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, groups};
use crate::models::digits::Kind;
use crate::pictures::{fit_square, tensor_from_mask};

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-inpaint",
    title: "Repaint a digit",
    group: GROUP,
    sentence: "A digit whose part under a mask is drawn afresh, as any class",
    settings: &[
        &["image", "pick", "mask", "i_start", "classes", "guidance", "steps", "seed", "repaint"],
        &["checkpoint", "kind", "data", "stepping", "sampler", "eta"],
        groups::GUIDANCE,
    ],
    needs: &[],
    guidance: Some(5.0),
    steps: None,
    defaults,
    presets: &[Preset {
        name: "digits-edit",
        title: "A seven, noised and drawn again as every digit",
        recipe: defaults,
    }],
    run: Run::Digits(run),
};

fn defaults() -> Recipe {
    Recipe { stepping: Stepping::Course, ..Recipe::new("digits-inpaint") }
}

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let network = network(recipe, Kind::Class, Kind::samples, device)?;
    let classes = asked_classes(recipe, network.spec().kind)?;
    let data = Dataset::open(&recipe.data)?;
    let Chosen { names, picks, x } = chosen(recipe, &data, device)?;
    let mask = match &recipe.mask {
        None => None,
        Some(mask) => Some(tensor_from_mask(&fit_square(&mask.load_mask()?, SIDE as u32), false, device)?),
    };
    if mask.is_none() && recipe.i_start.contains(&0) {
        return Err(Error::arguments("from pure noise and without a mask nothing of the digit is left")
            .at("i-start")
            .hint("give a --mask, or begin later: --i-start 100"));
    }
    let hashes = hashes(Some(&network), Some(&data));
    let drawing = |run, picture: &Tensor| {
        let picture = picture.repeat((classes.len(), 1, 1, 1))?;
        let constraint = mask.clone().map(|mask| Constraint::Renoise { mask, original: picture.clone() });
        let slots = Slots { picture: Some(picture), constraint, ..Slots::default() };
        let plain = Drawing::new(&network, &classes, recipe, run);
        let edits = mask.is_none() && recipe.i_start.is_empty();
        let i_start = if edits { plain.steps.div_ceil(3) } else { run.i_start };
        Drawing { i_start, ..plain }.with(slots)
    };
    let runs = runs(recipe);
    let mut steps = 0;
    for run in &runs {
        steps += drawing(run, &x.narrow(0, 0, 1)?)?.plan()?.1.evaluations() * names.len();
    }
    announce(&data, observer)?;
    observer.say(Progress::Planned([steps, 0]))?;
    let (mut figure, mut rows, mut index) = (Vec::new(), Vec::new(), 0);
    for (row, name) in names.iter().enumerate() {
        let clean = x.narrow(0, row, 1)?;
        for run in &runs {
            let (mut made, trajectory) = drawing(run, &clean)?.run(observer)?;
            if let Some(trajectory) = trajectory {
                observer.say(Progress::Trajectory(trajectory.of(rows.len(), runs.len() * names.len())))?;
            }
            if let Some(mask) = &mask {
                made = paste(mask, &made, &clean.broadcast_as(made.shape())?)?;
            }
            figure.push(one_picture(&clean)?);
            if let Some(mask) = &mask {
                figure.push(one_picture(&clean.broadcast_mul(&mask.affine(-1.0, 1.0)?)?)?);
            }
            for (number, class) in classes.iter().enumerate() {
                let picture = made.narrow(0, number, 1)?;
                figure.push(one_picture(&picture)?);
                let alone = Recipe {
                    classes: class.map_or_else(|| "none".to_owned(), |class| class.to_string()),
                    pick: if recipe.image.is_some() { Vec::new() } else { vec![picks[row]] },
                    ..alone(recipe, run, number)
                };
                report(index, &picture, alone, &hashes, observer)?;
                index += 1;
            }
            rows.push(if runs.len() == 1 { name.clone() } else { format!("{name}, from {}", run.i_start) });
        }
    }
    let mut columns = vec!["digit".to_owned()];
    columns.extend(mask.map(|_| "kept".to_owned()));
    columns.extend(classes.iter().map(|class| class.map_or_else(|| "any".to_owned(), |class| class.to_string())));
    Ok(Outcome { per_row: columns.len(), columns, rows, figure, ..Outcome::default() })
}
