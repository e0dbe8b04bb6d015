//! The state of the inspector, and what happens to the open recipe as a whole: restored, reset, found wanting.

use std::collections::HashMap;
use std::path::Path;

use egui::Context;

use super::model_facts::ModelFacts;
use super::recipe_form::{Unread, Wrong};
use super::source::SourceView;
use super::token_counts::TokenCounts;
use super::view_pictures::ViewPictures;
use crate::app::background::Background;
use crate::app::commands::Command;
use crate::app::queue::Engine;
use crate::app::session::Session;
use crate::app::shared::Shared;
use crate::app::text::counted;
use crate::app::widgets::toasts::Tone;
use crate::error::Error;
use crate::experiments::{
    JobPlan, Kind, Recipe, Setting, Source, Table, most_pictures, opening, setting, training_settings,
};
use crate::files::time;
use crate::training::Settings;

/// So many pictures are planned in each frame; of more, only their number is told.
const MOST_PLANNED: usize = 1000;

/// What the form shows beside the recipe.
#[derive(Default)]
pub struct Inspector {
    /// The source picture of the open panel.
    pub source: SourceView,
    /// What is known of its model.
    pub model: ModelFacts,
    /// A sample picture as each view shows it.
    pub views: ViewPictures,
    /// The setting that the keyboard is to go to.
    pub wanted: Option<&'static str>,
    /// The seed from before settings were restored.
    pub seed_before: Option<Vec<u64>>,
    pub(super) tokens: TokenCounts,
    /// By the panel's verb.
    pub(super) wrong: HashMap<&'static str, Wrong>,
}

impl Inspector {
    /// Follows the open recipe: its model, its source.
    pub fn follow(&mut self, session: &Session, background: &Background) {
        self.model.follow(session.recipe(), background);
        self.source.follow(session.recipe().source.image.as_ref(), background);
    }

    /// Takes in what was worked out in the background; what went wrong.
    pub fn poll(&mut self, ctx: &Context, background: &Background) -> Vec<Error> {
        let mut wrong = self.tokens.poll();
        wrong.extend(self.source.poll(ctx, background).err());
        wrong.extend(self.model.poll());
        wrong
    }

    /// Why Generate is not to be pressed, if it is not.
    pub fn why_not(&self, session: &Session) -> Option<String> {
        match session.recipe().lacking().ok()? {
            Some(Setting { kind: Kind::Mask, .. }) => return Some("Paint the area to replace first".to_owned()),
            Some(_) => return Some("Choose a source picture first".to_owned()),
            None => {}
        }
        let (setting, unread) = self.unread_settings(session).next()?;
        Some(format!("{}: {}", setting.label, unread.why))
    }

    /// The setting of the open panel that cannot be read, if there is one.
    pub fn unread(&self, session: &Session) -> Option<&'static str> {
        self.unread_settings(session).next().map(|(setting, _)| setting.key)
    }

    /// What is shown of the open panel and cannot be read; what is not shown cannot be mended, and is not asked for either.
    fn unread_settings(&self, session: &Session) -> impl Iterator<Item = (&'static Setting, &Unread)> {
        let (recipe, summary) = (session.recipe(), self.model.summary());
        let wrong = self.wrong.get(session.panel.as_str()).into_iter().flatten();
        wrong
            .filter_map(|(key, unread)| Some((setting(key)?, unread)))
            .filter(move |(setting, _)| setting.applies(recipe, summary))
    }

    /// Opens a preset: its settings, with the source picture that is already there.
    pub fn open(&mut self, mut recipe: Recipe, session: &mut Session) {
        if recipe.source.image.is_none() {
            recipe.source.image = session.recipes.get(&recipe.experiment).and_then(|old| old.source.image.clone());
        }
        self.wrong.clear();
        session.open(recipe);
    }

    /// Puts every setting of the open panel back to its default.
    pub fn reset(&mut self, session: &mut Session) {
        if let Ok(experiment) = session.recipe().experiment() {
            self.wrong.clear();
            session.open(opening(experiment));
        }
    }

    /// Forgets what was typed wrongly: the settings are others now.
    pub fn forget_wrong(&mut self) {
        self.wrong.clear();
    }

    /// Puts a recipe's settings back and opens its panel; without its seed where the present one is to stay.
    pub fn restore(&mut self, recipe: &Recipe, with_seed: bool, from: &str, shared: &mut Shared) {
        let before = shared.session.recipes.get(&recipe.experiment).map(|recipe| recipe.sampling.seed.clone());
        let mut recipe = recipe.clone();
        if let (false, Some(seed)) = (with_seed, &before) {
            recipe.sampling.seed.clone_from(seed);
        }
        self.wrong.clear();
        let other = before.as_ref().is_some_and(|seed| *seed != recipe.sampling.seed);
        shared.session.open(recipe);
        self.seed_before = before;
        let toast = shared.toasts.say(Tone::Done, format!("Settings restored from {from}"));
        if other {
            toast.action = Some(("Keep my seed", Command::KeepSeed));
        }
    }

    /// Goes back to the seed from before settings were restored.
    pub fn keep_seed(&mut self, session: &mut Session) {
        if let Some(seed) = self.seed_before.take() {
            session.recipe_mut().sampling.seed = seed;
        }
    }

    /// What Generate is going to do.
    pub fn plan(&self, recipe: &Recipe, engine: &dyn Engine) -> String {
        let recipe = &recipe.clone().without_idle(self.model.summary());
        if recipe.trains() {
            let Settings { kind, hidden, epochs, batch, .. } = training_settings(recipe);
            let epochs = counted(epochs, "epoch");
            return format!("{} · D {hidden} · {epochs} · batch {batch} · {}", kind.name(), recipe.digits.data);
        }
        let most = most_pictures(recipe);
        if most > MOST_PLANNED {
            return format!("up to {}", counted(most, "picture"));
        }
        let pictures = counted(Table::of(recipe).pictures(), "picture");
        let (Ok(experiment), Some(summary)) = (recipe.experiment(), self.model.summary()) else { return pictures };
        if !experiment.walks() {
            return pictures;
        }
        let planned = experiment.resolved(recipe, &summary.recommendations).and_then(|resolved| {
            let plan = JobPlan::of(&resolved, summary)?;
            Ok((resolved, plan))
        });
        // What is wrong with it is said where it is set, or when it runs.
        let Ok((resolved, plan)) = planned else { return pictures };
        let time = match engine.expected_secs(&resolved, summary) {
            Some(secs) => format!("about {}", time(secs)),
            None => "not timed here yet".to_owned(),
        };
        match plan.evaluations {
            [0, 0] => pictures,
            [steps, 0] | [0, steps] => format!("{pictures} · {steps} steps · {time}"),
            [first, second] => format!("{pictures} · {first} + {second} steps · {time}"),
        }
    }
}

/// Sets a setting of the open panel to a file or folder; a key that names none is nothing.
pub fn set_path(session: &mut Session, key: &str, path: &Path) {
    let recipe = session.recipe_mut();
    if let Some((_, source)) = recipe.pictures_mut().into_iter().find(|(setting, _)| setting.key == key) {
        *source = Some(Source::File(path.to_owned()));
    } else if let Some(setting) = setting(key) {
        // Whatever else names a file is a text.
        let _ = (setting.field.set)(recipe, path.to_string_lossy().into());
    }
}
