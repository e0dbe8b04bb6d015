//! One picture that is two digits: as it is, and turned. The noise estimates of all views, brought back and averaged,
//! with part A's own views (Geng et al. 2023).

use super::general::as_general;
use super::{GROUP, kind_of, one_picture, report};
use crate::datasets::SIDE;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::experiments::conditions::conditions;
use crate::experiments::runs::alone;
use crate::experiments::settings::{digits, guidance, sampling, views};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, Section, sections};
use crate::models::Model;
use crate::views::ViewSpec;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-anagram",
    title: "Digit anagram",
    group: GROUP,
    sentence: "One picture that is a digit, and another when it is turned",
    sections: &[
        Section::Head(&[&digits::classes, &views::view, &views::weight]),
        Section::Open(
            "Sampling",
            &[&sampling::count, &sampling::steps, &guidance::scale, &sampling::seed, &views::reduce],
        ),
        Section::Open("Network", &[&digits::kind, &digits::checkpoint]),
        sections::OWN_LOOP,
        sections::GUIDANCE,
    ],
    needs: &[],
    picture: None,
    guidance: Some(5.0),
    defaults,
    presets: &[Preset {
        name: "digits-6-9",
        title: "A six that is a nine upside down",
        recipe: || EXPERIMENT.recipe(),
    }],
    run: Run::Model(run),
};

fn defaults(recipe: &mut Recipe) {
    let views = ["identity", "rotate_180"];
    recipe.digits.classes = "69".to_owned();
    recipe.sampling.count = 8;
    recipe.views.view = views.iter().filter_map(|name| name.parse::<ViewSpec>().ok()).collect();
    recipe.sampling.stepping = Stepping::Course;
}

/// The digit of each view.
pub fn digits(recipe: &Recipe) -> Result<Vec<usize>> {
    let wrong = |what: String, hint: &str| Err(Error::arguments(what).at("classes").hint(hint));
    let list = recipe.digits.classes.as_str();
    match list.chars().map(|c| c.to_digit(10).map(|digit| digit as usize)).collect::<Option<Vec<_>>>() {
        Some(digits) if digits.len() == recipe.views.view.len() && !digits.is_empty() => Ok(digits),
        Some(digits) => wrong(
            format!("{} digits for {} views", digits.len(), recipe.views.view.len()),
            "give one digit and one --view for each reading",
        ),
        None => wrong(format!("`{list}` is not a list of digits"), "name one for each view, as in 69"),
    }
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let _ = kind_of(recipe, model)?;
    let digits = digits(recipe)?;
    let general = as_general(recipe, model.summary())?.ok_or_else(|| Error::new("nothing is drawn"))?;
    let conditions = conditions(&general.recipe, model, observer)?;
    let job = general.job(model, conditions)?;
    job.check()?;
    let (stage, hashes) = (model.summary().stage_1()?, model.hashes());
    observer.say(Progress::Planned(job.cost()?.evaluations))?;
    let (mut cells, mut index) = (Vec::new(), 0);
    for (number, planned) in job.runs.iter().enumerate() {
        let (made, trajectory) = job.draw(stage, planned, &planned.plan, None, observer)?;
        job.report_trajectory(number, trajectory, observer)?;
        for i in 0..recipe.sampling.count {
            let picture = made.narrow(0, i, 1)?;
            for (spec, digit) in recipe.views.view.iter().zip(&digits) {
                cells.push((digit.to_string(), one_picture(&spec.at(SIDE, SIDE)?.view(&picture)?)?));
            }
            report(index, &picture, alone(recipe, &planned.run, i), &hashes, observer)?;
            index += 1;
        }
    }
    // Pictures side by side in pairs, so that both readings are seen together.
    let readings = recipe.views.view.len();
    Ok(Outcome::figure(cells, readings * (8 / readings).max(1)))
}
