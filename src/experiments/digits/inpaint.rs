//! A digit in part new: under the mask drawn afresh as each class that is asked for, outside it kept, by part A's own
//! constraint (Lugmayr et al. 2022). Without a mask the whole digit is noised to `i_start` and drawn from there; a third of
//! the way where none is given.

use super::general::{as_general, own_classes};
use super::sample::asked_classes;
use super::{Chosen, GROUP, announce, at_digit_size, chosen, kind_of, one_picture, report, with_data};
use crate::datasets::Dataset;
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::experiments::runs::alone;
use crate::experiments::settings::{digits, guidance, inpainting, sampling, source};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, Section, sections};
use crate::models::Model;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-inpaint",
    title: "Repaint a digit",
    group: GROUP,
    sentence: "A digit whose part under a mask is drawn afresh, as any class",
    sections: &[
        Section::Head(&[&source::image, &digits::pick, &inpainting::mask, &source::i_start, &digits::classes]),
        Section::Open("Sampling", &[&guidance::scale, &sampling::steps, &sampling::seed, &inpainting::repaint]),
        Section::Open("Network", &[&digits::kind, &digits::checkpoint, &digits::data]),
        sections::OWN_LOOP,
        sections::GUIDANCE,
    ],
    needs: &[],
    picture: None,
    guidance: Some(5.0),
    defaults,
    presets: &[Preset {
        name: "digits-edit",
        title: "A seven, noised and drawn again as every digit",
        recipe: || EXPERIMENT.recipe(),
    }],
    run: Run::Model(run),
};

fn defaults(recipe: &mut Recipe) {
    recipe.sampling.stepping = Stepping::Course;
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let recipe = &at_digit_size(recipe)?;
    let kind = kind_of(recipe, model)?;
    let classes = asked_classes(recipe, kind)?;
    let data = Dataset::open(&recipe.digits.data)?;
    let Chosen { names, picks, x } = chosen(recipe, &data, model.device())?;
    if recipe.inpainting.mask.is_none() && recipe.source.i_start.contains(&0) {
        return Err(Error::arguments("from pure noise and without a mask nothing of the digit is left")
            .at("i-start")
            .hint("give a --mask, or begin later: --i-start 100"));
    }
    let mut general = as_general(recipe, model.summary())?.ok_or_else(|| Error::new("nothing is drawn"))?;
    general.recipe.inpainting.mask.clone_from(&recipe.inpainting.mask);
    let rows_of = general.rows;
    let mut job = general.job(model, own_classes(&classes, kind))?;
    let (stage, hashes) = (model.summary().stage_1()?, with_data(model.hashes(), Some(&data)));
    let (mask, runs) = (job.mask(stage)?, job.runs.clone());
    job.source = Some(x.narrow(0, 0, 1)?);
    job.check()?;
    announce(&data, observer)?;
    observer.say(Progress::Planned(job.cost()?.evaluations.map(|evaluations| evaluations * rows_of)))?;
    let (mut figure, mut rows, mut index) = (Vec::new(), Vec::new(), 0);
    for (row, name) in names.iter().enumerate() {
        let clean = x.narrow(0, row, 1)?;
        job.source = Some(clean.clone());
        for planned in &runs {
            let (made, trajectory) = job.draw(stage, planned, &planned.plan, None, observer)?;
            if let Some(trajectory) = trajectory {
                observer.say(Progress::Trajectory(trajectory.of(rows.len(), runs.len() * names.len())))?;
            }
            figure.push(one_picture(&clean)?);
            if let Some(mask) = &mask {
                figure.push(one_picture(&clean.broadcast_mul(&mask.affine(-1.0, 1.0)?)?)?);
            }
            for (number, class) in classes.iter().enumerate() {
                let picture = made.narrow(0, number, 1)?;
                figure.push(one_picture(&picture)?);
                let alone = alone(recipe, &planned.run, number).with(|it| {
                    it.digits.classes = class.map_or_else(|| "none".to_owned(), |class| class.to_string());
                    it.digits.pick = if recipe.source.image.is_some() { Vec::new() } else { vec![picks[row]] };
                });
                report(index, &picture, alone, &hashes, observer)?;
                index += 1;
            }
            let of_several = || format!("{name}, from {}", planned.run.i_start);
            rows.push(if runs.len() == 1 { name.clone() } else { of_several() });
        }
    }
    let mut columns = vec!["digit".to_owned()];
    columns.extend(mask.map(|_| "kept".to_owned()));
    columns.extend(classes.iter().map(|class| class.map_or_else(|| "any".to_owned(), |class| class.to_string())));
    Ok(Outcome { per_row: columns.len(), columns, rows, figure, ..Outcome::default() })
}
