//! `diffusion-lab report --out DIR`: every figure of the course, made from nothing, as one page.
//!
//! Each figure has a folder; its `recipe.json` is written last, so that a figure with the same recipe is not made
//! again. Until then the recipe is `begun.json`: a training run that was stopped goes on by it. The page is written
//! anew after each figure.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Map, Value};

use super::arguments::{OF_A_REPORT, chosen_rows, worker_options};
use super::bar::Bar;
use super::follow::{Desk, show};
use super::print_line;
use crate::error::{Error, Kind, Result};
use crate::experiments::settings::{digits, networks};
use crate::experiments::{Recipe, described};
use crate::files::{atomic_write, limits, read_text_file, writable_dir};
use crate::models::digits::has_built_in;
use crate::report::{Entry, FIGURES, Figure, Page, loss_curve};
use crate::worker::{Destination, Extras, Job};

/// The recipe of a figure that is being made.
const BEGUN: &str = "begun.json";

/// Makes what is not there yet, and the page.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let folder = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let report =
        Report { choice: choice(matches)?, train: matches.get_flag("train"), quiet: matches.get_flag("quiet"), folder };
    let plans: Vec<Plan> = chosen_rows(matches, FIGURES, |figure| figure.row)?
        .into_iter()
        .map(|figure| report.plan(figure))
        .collect::<Result<_>>()?;
    writable_dir(&report.folder)?;
    let desk = Desk::open(worker_options(matches)?)?;
    let mut page = Page { title: "Diffusion models by hand".to_owned(), about: report.about(), entries: Vec::new() };
    let index = report.folder.join("index.html");
    let mut failed = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        let made =
            report.make(&desk, plan, &format!("figure {} of {} · {} · ", number + 1, plans.len(), plan.figure.row));
        let lacking = match made {
            Ok(lacking) => lacking,
            Err(error) if error.kind() == Kind::Cancelled => return Err(error),
            Err(error) => {
                failed.push(plan.figure.row);
                Some(error.to_string())
            }
        };
        page.entries.push(report.entry(plan, lacking)?);
        atomic_write(&index, page.html().as_bytes())?;
    }
    if !report.quiet {
        print_line(index.display())?;
    }
    match failed[..] {
        [] => Ok(()),
        _ => Err(Error::new(format!("not made: {}", failed.join(", ")))
            .at(index.display())
            .hint("the page says why; the same command again makes only them")),
    }
}

/// The given settings of the whole report.
fn choice(matches: &ArgMatches) -> Result<Map<String, Value>> {
    let given =
        OF_A_REPORT.iter().filter_map(|setting| Some((setting, matches.get_one::<String>(setting.key)?.clone())));
    given.map(|(setting, text)| Ok((setting.key.to_owned(), setting.parse(&[text])?))).collect()
}

struct Report {
    folder: PathBuf,
    choice: Map<String, Value>,
    train: bool,
    quiet: bool,
}

/// A figure that is to be made.
struct Plan {
    figure: &'static Figure,
    recipe: Recipe,
    command: String,
    /// `recipe.json`.
    text: String,
}

impl Report {
    fn about(&self) -> String {
        let model = self.choice.get(networks::model.key).and_then(Value::as_str).unwrap_or("built-in");
        format!(
            "Made by diffusion-lab {} with the model `{model}`. Each figure has the command that makes it alone, and every picture carries its recipe.",
            env!("CARGO_PKG_VERSION")
        )
    }

    fn plan(&self, figure: &'static Figure) -> Result<Plan> {
        let mut changes = figure.changes(&self.choice)?;
        if let Some(row) = figure.trained_by().filter(|_| self.train) {
            let trained = self.folder.join(row).join("checkpoint.safetensors");
            changes.insert(digits::checkpoint.key.to_owned(), trained.to_string_lossy().into());
        }
        let command = figure.command(&changes);
        let (recipe, _) = figure.recipe()?.overlaid(changes)?.completed()?;
        let text = serde_json::to_string_pretty(&described(recipe.to_json()?, &Map::new()))
            .map_err(|error| Error::new(error.to_string()))?;
        Ok(Plan { figure, recipe, command, text: format!("{text}\n") })
    }

    fn folder(&self, plan: &Plan) -> PathBuf {
        self.folder.join(plan.figure.row)
    }

    /// Out: why there is no figure, where that is as it should be.
    fn make(&self, desk: &Desk, plan: &Plan, before: &str) -> Result<Option<String>> {
        let folder = self.folder(plan);
        let kept = folder.join("recipe.json");
        if read_text_file(&kept, limits::RECIPE_TEXT).is_ok_and(|text| text == plan.text) {
            return Ok(None);
        }
        if !self.train
            && let Some(lacking) = lacking(plan)
        {
            return Ok(Some(lacking.to_owned()));
        }
        // From here on the folder is not what it was, whatever becomes of it.
        let _ = std::fs::remove_file(&kept);
        let recipe = begin(plan, &folder)?;
        let bar = Bar::on_terminal(!self.quiet);
        let destination = Destination::Folder { path: folder.clone(), extras: Extras::default() };
        let made = desk.run(Job { recipe, destination }, |what| {
            show(&bar, before, what, self.quiet);
            Ok(())
        });
        bar.clear();
        made?;
        if plan.figure.trains() {
            let losses = losses(&folder.join("metrics.csv"))?;
            atomic_write(&folder.join("loss.svg"), loss_curve(&losses).as_bytes())?;
        }
        std::fs::rename(folder.join(BEGUN), &kept).map_err(|error| Error::from(error).at(kept.display()))?;
        Ok(None)
    }

    fn entry(&self, plan: &Plan, lacking: Option<String>) -> Result<Entry> {
        let Figure { row, heading, text, .. } = plan.figure;
        let pictures = if lacking.is_some() { Vec::new() } else { pictures(&self.folder(plan))? };
        Ok(Entry {
            row: (*row).to_owned(),
            heading: (*heading).to_owned(),
            text: (*text).to_owned(),
            pictures: pictures.into_iter().map(|name| format!("{row}/{name}")).collect(),
            command: plan.command.clone(),
            recipe: plan.text.clone(),
            lacking,
        })
    }
}

/// The recipe to run: the figure's own, or, where it trained and was stopped, going on from there.
fn begin(plan: &Plan, folder: &Path) -> Result<Recipe> {
    let (begun, saved) = (folder.join(BEGUN), folder.join("resume.safetensors"));
    let mut recipe = plan.recipe.clone();
    if plan.figure.trains()
        && saved.is_file()
        && read_text_file(&begun, limits::RECIPE_TEXT).is_ok_and(|text| text == plan.text)
    {
        recipe.training.resume = Some(saved.to_string_lossy().into_owned());
    } else {
        writable_dir(folder)?;
        let _ = std::fs::remove_file(saved);
        atomic_write(&begun, plan.text.as_bytes())?;
    }
    Ok(recipe)
}

/// The losses of a run, from its `metrics.csv`.
fn losses(path: &Path) -> Result<Vec<f32>> {
    let text = read_text_file(path, limits::CURVE)?;
    Ok(text.lines().skip(1).filter_map(|line| line.split(',').nth(2)?.parse().ok()).collect())
}

/// Why a page without training lacks the figure.
fn lacking(plan: &Plan) -> Option<&'static str> {
    if plan.figure.trains() {
        return Some("Not trained for this page: --train does that.");
    }
    let lacks = plan.figure.trained_by().is_some() && plan.recipe.digits.kind.is_some_and(|kind| !has_built_in(kind));
    lacks.then_some("No network of this kind comes with the program: --train trains one.")
}

/// The pictures that stand for a figure: its grid and its strips, or else all that it made; and its curve.
fn pictures(folder: &Path) -> Result<Vec<String>> {
    let listed = std::fs::read_dir(folder)
        .map_err(|error| Error::new(format!("cannot be listed ({error})")).at(folder.display()))?;
    let mut names: Vec<String> =
        listed.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".png") || name.ends_with(".svg"));
    names.sort();
    if names.iter().any(|name| name == "grid.png") {
        names.retain(|name| name == "grid.png" || name.ends_with("-steps.png"));
    }
    // The curve first, then the grid.
    names.sort_by_key(|name| (!name.ends_with(".svg"), name != "grid.png"));
    Ok(names)
}
