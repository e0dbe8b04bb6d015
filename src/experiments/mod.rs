//! What people come to do. One file an experiment, one line in [`EXPERIMENTS`]; the list drives the command
//! line, the menu, the panels and the tests.

mod anagram;
mod assemble;
mod axis;
mod bounds;
mod branch;
mod composition;
mod conditions;
mod denoise;
mod digits;
mod edit;
mod figures;
mod foreign;
mod forward;
mod hybrid;
mod inpaint;
mod metadata;
mod observer;
mod opening;
mod outcome;
mod pair;
mod plan;
mod recipe;
mod runs;
mod sample;
pub mod sections;
pub mod settings;
mod slots;
mod source;
mod sources;
mod stages;
mod strip;
mod suitable;
mod sweep;
mod table;
mod upscale;

pub use axis::Axis;
pub use bounds::most_pictures;
pub use branch::Branch;
pub use composition::{OnePart, Seen};
pub use digits::sheet::STEPS as SHEET_STEPS;
pub use digits::train::{begun_with, settings as training_settings};
pub use foreign::{ForeignRecipe, NamedFile, is_place, named_files};
pub use metadata::{carried, described, read_recipe, recipe_from_bytes};
pub use observer::{Observer, Progress, Sheet, StageStep, Trained, Wish};
pub use opening::opening;
pub use outcome::{Outcome, Picture, Trajectory};
pub use pair::Pair;
pub use plan::{JobPlan, PlannedRun};
pub use recipe::Recipe;
pub use sample::{PACES, pace};
pub use sections::Section;
pub use settings::inpainting::InpaintMode;
pub use settings::networks::Precision;
pub use settings::{Kind, Setting, setting};
pub use source::Source;
pub use stages::{Ended, StageRun, Start};
pub use suitable::Suitable;
pub use table::Table;

use candle_core::Device;

use crate::error::{Error, Result};
use crate::models::{Model, Recommendations};

/// One experiment: what it is called, what can be set, and how it runs.
pub struct Experiment {
    /// Its name on the command line.
    pub verb: &'static str,
    /// Its name in the window.
    pub title: &'static str,
    /// The part of the window's rail that it is in.
    pub group: &'static str,
    /// What it does, in a sentence.
    pub sentence: &'static str,
    /// What can be set, in the order of its form and of its help; the first section is its head.
    pub sections: &'static [Section],
    /// The pictures that it cannot do without.
    pub needs: &'static [&'static Setting],
    /// The built-in picture that shows it best, where it needs one.
    pub picture: Option<&'static str>,
    /// γ when none is given, where the model's recommendation does not count.
    pub guidance: Option<f64>,
    /// What differs, when nothing is given, from the settings' own defaults.
    pub defaults: fn(&mut Recipe),
    /// The rows of the course that it covers, ready to run.
    pub presets: &'static [Preset],
    /// Runs a resolved recipe.
    pub run: Run,
}

/// How an experiment runs, by what it needs loaded.
#[derive(Clone, Copy)]
pub enum Run {
    /// On any model that can serve it.
    Model(fn(&Recipe, &dyn Model, &mut dyn Observer) -> Result<Outcome>),
    /// On a device, with networks of its own that draw nothing or are still to be trained.
    Device(fn(&Recipe, &Device, &mut dyn Observer) -> Result<Outcome>),
}

/// A recipe that is ready to run, such as a row of the course.
pub struct Preset {
    /// Its number there, or a word: `a1.5`, `fast`.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Its recipe.
    pub recipe: fn() -> Recipe,
}

/// Every experiment, in the order of menus.
pub static EXPERIMENTS: &[&Experiment] = &[
    &sample::EXPERIMENT,
    &upscale::EXPERIMENT,
    &forward::EXPERIMENT,
    &denoise::EXPERIMENT,
    &edit::EXPERIMENT,
    &inpaint::EXPERIMENT,
    &anagram::EXPERIMENT,
    &hybrid::EXPERIMENT,
    &digits::noise::EXPERIMENT,
    &digits::train::EXPERIMENT,
    &digits::sample::EXPERIMENT,
    &digits::denoise::EXPERIMENT,
    &digits::inpaint::EXPERIMENT,
    &digits::anagram::EXPERIMENT,
    &digits::score::EXPERIMENT,
];

/// The experiment of a verb.
pub fn find(verb: &str) -> Result<&'static Experiment> {
    EXPERIMENTS.iter().copied().find(|experiment| experiment.verb == verb).ok_or_else(|| {
        let known: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.verb).collect();
        Error::arguments(format!("unknown experiment `{verb}`")).hint(format!("choose from {}", known.join(", ")))
    })
}

/// The preset of a name, in any case.
pub fn preset(name: &str) -> Option<&'static Preset> {
    let name = name.to_lowercase();
    presets().find(|preset| preset.name == name)
}

/// Every preset: the rows of the course, then the paces.
pub fn presets() -> impl Iterator<Item = &'static Preset> {
    EXPERIMENTS.iter().flat_map(|experiment| experiment.presets).chain(PACES)
}

impl Experiment {
    /// Its recipe when nothing is given.
    pub fn recipe(&self) -> Recipe {
        Recipe::new(self.verb).with(self.defaults)
    }

    /// Runs a resolved recipe on `model`, or every cell of its grid.
    pub fn start(&self, recipe: &Recipe, model: &dyn Model, observer: &mut dyn Observer) -> Result<Outcome> {
        match self.run {
            _ if recipe.is_grid() => sweep::sweep(recipe, model, observer),
            Run::Model(run) => run(recipe, model, observer),
            Run::Device(run) => run(recipe, model.device(), observer),
        }
    }

    /// The recipe with what suits the model of these `recommendations`, where it has one.
    pub fn resolved(&self, recipe: &Recipe, recommendations: &Recommendations) -> Result<Recipe> {
        if self.uses(&settings::networks::model) { recipe.resolved(recommendations) } else { recipe.resolved_alone() }
    }

    /// The settings that it reads, in the order of its help.
    pub fn settings(&self) -> impl Iterator<Item = &'static Setting> {
        self.sections.iter().flat_map(|section| section.settings()).copied()
    }

    /// Their keys.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.settings().map(|setting| setting.key)
    }

    /// Whether it reads `key`.
    pub fn reads(&self, key: &str) -> bool {
        self.keys().any(|known| known == key)
    }

    /// Whether it reads `setting`.
    pub fn uses(&self, setting: &Setting) -> bool {
        self.reads(setting.key)
    }

    /// Whether it walks a loop of evaluations.
    pub fn walks(&self) -> bool {
        self.uses(&settings::sampling::stepping)
    }
}
