//! B2.1 to B2.3: digits from noise, by DDPM or along a flow, as the classes that are asked for.
//!
//! Each picture has a generator of its own (seeds S, S + 1, …). `samples-images-idx3-ubyte` and
//! `samples-labels-idx1-ubyte` beside the grid let any classifier score them; a picture without a class has label
//! 255 there.

use candle_core::Tensor;
use serde_json::json;

use super::general::{as_general, own_classes};
use super::{GROUP, kind_of, report};
use crate::datasets::{SIDE, write_idx};
use crate::diffusion::timesteps::Stepping;
use crate::error::{Error, Result};
use crate::experiments::runs::alone;
use crate::experiments::settings::{digits, guidance, sampling};
use crate::experiments::{Experiment, Observer, Outcome, Preset, Progress, Recipe, Run, Section, sections};
use crate::models::Model;
use crate::models::digits::Kind;
use crate::pictures::bytes_from_grey;

/// The experiment.
pub static EXPERIMENT: Experiment = Experiment {
    verb: "digits-sample",
    title: "Draw digits",
    group: GROUP,
    sentence: "Digits from noise, as the classes that are asked for",
    sections: &[
        Section::Head(&[&digits::classes]),
        Section::Open("Sampling", &[&sampling::count, &sampling::steps, &guidance::scale, &sampling::seed]),
        Section::Open("Network", &[&digits::kind, &digits::checkpoint]),
        sections::OWN_LOOP,
        sections::GUIDANCE,
    ],
    needs: &[],
    picture: None,
    guidance: Some(5.0),
    defaults,
    presets: &[
        Preset { name: "b2.1-sample", title: "40 digits by DDPM, told the time", recipe: || forty(Kind::Time) },
        Preset { name: "b2.2-sample", title: "4 of each digit by DDPM, γ 5", recipe: || forty(Kind::Class) },
        Preset { name: "b2.3-sample", title: "4 of each digit along a flow, γ 5", recipe: || forty(Kind::FlowClass) },
        Preset {
            name: "b2.3-time-sample",
            title: "40 digits along a flow, told the time",
            recipe: || forty(Kind::FlowTime),
        },
    ],
    run: Run::Model(run),
};

fn defaults(recipe: &mut Recipe) {
    recipe.sampling.stepping = Stepping::Course;
}

fn forty(kind: Kind) -> Recipe {
    let count = if kind.has_class() { 4 } else { 40 };
    EXPERIMENT.recipe().with(|recipe| {
        recipe.digits.kind = Some(kind);
        recipe.sampling.count = count;
    })
}

fn run(recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
    let kind = kind_of(recipe, model)?;
    let classes = asked_classes(recipe, kind)?;
    let general = as_general(recipe, model.summary())?.ok_or_else(|| Error::new("nothing is drawn"))?;
    let job = general.job(model, own_classes(&classes, kind))?;
    let (stage, hashes) = (model.summary().stage_1()?, model.hashes());
    let mut all = Samples::default();
    observer.say(Progress::Planned(job.cost()?.evaluations))?;
    for (number, planned) in job.runs.iter().enumerate() {
        let (x, trajectory) = job.draw(stage, planned, &planned.plan, None, observer)?;
        job.report_trajectory(number, trajectory, observer)?;
        for (i, class) in classes.iter().enumerate() {
            let class = class.map_or_else(|| "none".to_owned(), |class| class.to_string());
            let alone = alone(recipe, &planned.run, i).with(|recipe| recipe.digits.classes = class);
            report(number * classes.len() + i, &x.narrow(0, i, 1)?, alone, &hashes, observer)?;
        }
        all.add(&x, &classes)?;
    }
    let per_row = classes_in_a_row(recipe, classes.len());
    let mut outcome = Outcome { per_row, files: all.files(), ..Outcome::default() };
    if kind.has_class() && recipe.digits.classes != "none" {
        outcome.columns = recipe.digits.classes.chars().map(|class| class.to_string()).collect();
    }
    outcome.measures.insert("kind".to_owned(), json!(kind.name()));
    Ok(outcome)
}

/// One row for each time the list of classes is gone through; what fits for pictures without a class.
fn classes_in_a_row(recipe: &Recipe, pictures: usize) -> usize {
    if recipe.digits.classes == "none" || recipe.digits.classes.len() > pictures {
        10.min(pictures)
    } else {
        recipe.digits.classes.len()
    }
}

/// The class of each picture: the list as often as the count says.
pub fn asked_classes(recipe: &Recipe, kind: Kind) -> Result<Vec<Option<u8>>> {
    let wrong = |what: String, hint: &str| Err(Error::arguments(what).at("classes").hint(hint));
    let list = recipe.digits.classes.as_str();
    if !kind.has_class() {
        if list != "none" && list != EXPERIMENT.recipe().digits.classes {
            return wrong(format!("a `{}` network is told no class", kind.name()), "leave --classes out");
        }
        return Ok(vec![None; recipe.sampling.count]);
    }
    if list == "none" {
        return Ok(vec![None; recipe.sampling.count]);
    }
    let digits: Option<Vec<Option<u8>>> = list.chars().map(|c| c.to_digit(10).map(|digit| Some(digit as u8))).collect();
    match digits {
        Some(digits) if !digits.is_empty() => Ok(digits.repeat(recipe.sampling.count)),
        _ => wrong(format!("`{list}` is not a list of digits"), "name them as in 31415, or give `none`"),
    }
}

/// Pictures and labels as IDX files.
#[derive(Default)]
struct Samples {
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Samples {
    fn add(&mut self, x: &Tensor, classes: &[Option<u8>]) -> Result<()> {
        self.pixels.extend(bytes_from_grey(x)?);
        self.labels.extend(classes.iter().map(|class| class.unwrap_or(u8::MAX)));
        Ok(())
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let count = self.labels.len();
        vec![
            ("samples-images-idx3-ubyte".to_owned(), write_idx(&[count, SIDE, SIDE], &self.pixels)),
            ("samples-labels-idx1-ubyte".to_owned(), write_idx(&[count], &self.labels)),
        ]
    }
}
