//! One picture that is two digits: as it is, and turned. The noise estimates of all views, brought back and averaged,
//! with part A's own views (Geng et al. 2023).

use candle_core::Device;

use super::drawing::{Drawing, Slots};
use super::{GROUP, hashes, network, one_picture, report};
use crate::datasets::SIDE;
use crate::diffusion::estimate::Estimate;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::experiments::composition::branches;
use crate::experiments::runs::{alone, runs};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, groups};
use crate::models::digits::{FIRST_DIGIT, Kind, NO_CLASS};
use crate::views::ViewSpec;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-anagram",
    title: "Digit anagram",
    group: GROUP,
    sentence: "One picture that is a digit, and another when it is turned",
    settings: &[
        &["classes"],
        groups::VIEWS,
        &["guidance", "steps", "seed", "count"],
        &["checkpoint", "kind", "stepping", "sampler", "eta"],
        groups::GUIDANCE,
    ],
    needs: &[],
    guidance: Some(5.0),
    steps: None,
    defaults,
    presets: &[Preset { name: "digits-6-9", title: "A six that is a nine upside down", recipe: defaults }],
    run: Run::Digits(run),
};

fn defaults() -> Recipe {
    let views = ["identity", "rotate_180"];
    Recipe {
        classes: "69".to_owned(),
        count: 8,
        view: views.iter().filter_map(|name| name.parse::<ViewSpec>().ok()).collect(),
        stepping: Stepping::Course,
        ..Recipe::new("digits-anagram")
    }
}

/// The digit of each view.
fn digits(recipe: &Recipe) -> Result<Vec<usize>> {
    let wrong = |what: String, hint: &str| Err(Error::arguments(what).at("classes").hint(hint));
    let list = recipe.classes.as_str();
    match list.chars().map(|c| c.to_digit(10).map(|digit| digit as usize)).collect::<Option<Vec<_>>>() {
        Some(digits) if digits.len() == recipe.view.len() && !digits.is_empty() => Ok(digits),
        Some(digits) => wrong(
            format!("{} digits for {} views", digits.len(), recipe.view.len()),
            "give one digit and one --view for each reading",
        ),
        None => wrong(format!("`{list}` is not a list of digits"), "name one for each view, as in 69"),
    }
}

fn run(recipe: &Recipe, device: &Device, observer: &mut dyn Observer) -> Result<Outcome> {
    let digits = digits(recipe)?;
    if let Some(spec) = recipe.view.iter().find(|spec| spec.entry().name == "negate") {
        return Err(Error::arguments(format!("`{spec}` does not suit digits, whose pictures are from 0 to 1"))
            .at("view")
            .hint("choose a view that moves pixels"));
    }
    let network = network(recipe, Kind::Class, |kind| kind.samples() && kind.has_class(), device)?;
    let nobody = vec![None; recipe.count];
    let drawing = |run| -> Result<Drawing<'_>> {
        let plain = Drawing::new(&network, &nobody, recipe, run);
        let guidance = plain.guidance();
        let leaf = |view: usize| Estimate::Guided { text: FIRST_DIGIT + digits[view], negative: NO_CLASS, guidance };
        let branches = branches(recipe, SIDE, SIDE, leaf)?;
        let estimate = Estimate::Views { branches, reduce: recipe.reduce };
        plain.with(Slots { estimate: Some(estimate), ..Slots::default() })
    };
    let hashes = hashes(Some(&network), None);
    let runs = runs(recipe);
    let mut steps = 0;
    for run in &runs {
        steps += drawing(run)?.plan()?.1.evaluations();
    }
    observer.say(Progress::Planned([steps, 0]))?;
    let (mut cells, mut index) = (Vec::new(), 0);
    for (number, run) in runs.iter().enumerate() {
        let (made, trajectory) = drawing(run)?.run(observer)?;
        if let Some(trajectory) = trajectory {
            observer.say(Progress::Trajectory(trajectory.of(number, runs.len())))?;
        }
        for i in 0..recipe.count {
            let picture = made.narrow(0, i, 1)?;
            for (spec, digit) in recipe.view.iter().zip(&digits) {
                cells.push((digit.to_string(), one_picture(&spec.at(SIDE, SIDE)?.view(&picture)?)?));
            }
            report(index, &picture, alone(recipe, run, i), &hashes, observer)?;
            index += 1;
        }
    }
    // Pictures side by side in pairs, so that both readings are seen together.
    let readings = recipe.view.len();
    Ok(Outcome::figure(cells, readings * (8 / readings).max(1)))
}
