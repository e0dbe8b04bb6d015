//! What is there again after a restart, a crash or a kill: open recipes, theme, scale, window, prompt history. A
//! versioned JSON file, written atomically soon after each change; a file that cannot be read is set aside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::draft::Captions;
use super::home::Home;
use super::theme::Theme;
use super::widgets::canvas::Tools;
use crate::error::{Error, Result};
use crate::experiments::{EXPERIMENTS, Recipe, Source, find, opening};
use crate::files::{atomic_write, limits, read_file};
use crate::pictures::drawing::Edges;

const VERSION: u32 = 1;
const PROMPTS_KEPT: usize = 40;

/// What stands in the middle of a panel with a bench.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// The bench alone.
    Bench,
    /// Both, side by side, once there are pictures.
    #[default]
    Both,
    /// The pictures alone.
    Pictures,
}

/// The state that outlives the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The open panel's verb.
    pub panel: String,
    /// Every panel's recipe, by verb.
    pub recipes: BTreeMap<String, Recipe>,
    /// Light or dark.
    pub theme: Theme,
    /// Scale of the interface.
    pub scale: f32,
    /// The window's size in points.
    pub window: [f32; 2],
    /// Prompts that were used, newest first.
    pub prompts: Vec<String>,
    /// Whether the seed stays from one press of Generate to the next.
    pub seed_locked: bool,
    /// Whether rail, inspector and gallery are shown.
    pub side_panels: bool,
    /// What stands in the middle.
    pub layout: Layout,
    /// What is painted with.
    pub tools: Tools,
    /// How the edges of panels' masks are changed, by verb; a mask that is as painted is not here.
    pub mask_edges: BTreeMap<String, Edges>,
    /// Whether the network answers as soon as a hand lets go.
    pub live: bool,
    /// What was painted as a panel's mask, where its edges are changed, by verb.
    pub painted_masks: BTreeMap<String, Source>,
    /// What was written for pages of results.
    pub captions: Captions,
}

/// The file's own shape; recipes as their short JSON, so that a later program's fields can be judged one by one.
#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    panel: String,
    recipes: BTreeMap<String, Map<String, Value>>,
    theme: Theme,
    scale: f32,
    window: [f32; 2],
    prompts: Vec<String>,
    seed_locked: bool,
    side_panels: bool,
    #[serde(default)]
    layout: Layout,
    #[serde(default)]
    tools: Tools,
    #[serde(default)]
    mask_edges: BTreeMap<String, Edges>,
    #[serde(default = "yes")]
    live: bool,
    #[serde(default)]
    painted_masks: BTreeMap<String, Source>,
    #[serde(default)]
    captions: Captions,
}

fn yes() -> bool {
    true
}

impl Default for Session {
    fn default() -> Self {
        Self {
            panel: EXPERIMENTS[0].verb.to_owned(),
            recipes: EXPERIMENTS.iter().map(|experiment| (experiment.verb.to_owned(), opening(experiment))).collect(),
            theme: Theme::Dark,
            scale: 1.0,
            window: [1440.0, 900.0],
            prompts: Vec::new(),
            seed_locked: true,
            side_panels: true,
            layout: Layout::Both,
            tools: Tools::default(),
            mask_edges: BTreeMap::new(),
            live: true,
            painted_masks: BTreeMap::new(),
            captions: Captions::default(),
        }
    }
}

impl Session {
    /// Moves a session that cannot be read out of the way of the next one; says where it is, if it could be moved.
    pub fn set_aside(path: &Path) -> String {
        let aside = path.with_extension("json.broken");
        match std::fs::rename(path, &aside) {
            Ok(()) => format!(", the old one is kept as {}", aside.display()),
            Err(_) => String::new(),
        }
    }

    /// The session in `path`; `None` where there is none yet.
    pub fn load(path: &Path) -> Result<Option<Self>> {
        let bytes = match read_file(path, limits::SESSION) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() && !path.is_dir() => return Ok(None),
            Err(error) => return Err(error),
        };
        let broken =
            |error: String| Error::new(format!("the last session cannot be read ({error})")).at(path.display());
        let saved: Saved = serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if saved.version != VERSION {
            return Err(broken(format!("version {}, this program reads {VERSION}", saved.version)));
        }
        let mut session = Self {
            panel: saved.panel,
            theme: saved.theme,
            scale: if saved.scale.is_finite() { saved.scale.clamp(0.5, 3.0) } else { 1.0 },
            window: saved.window.map(|side| if side.is_finite() { side.clamp(400.0, 10_000.0) } else { 900.0 }),
            prompts: saved.prompts,
            seed_locked: saved.seed_locked,
            side_panels: saved.side_panels,
            layout: saved.layout,
            tools: saved.tools,
            mask_edges: saved.mask_edges,
            live: saved.live,
            painted_masks: saved.painted_masks,
            captions: saved.captions,
            ..Self::default()
        };
        // A recipe that this program no longer reads falls back to its defaults; the others stay.
        for (verb, recipe) in saved.recipes {
            if let Ok(recipe) = Recipe::from_json(&recipe)
                && session.recipes.contains_key(&verb)
            {
                session.recipes.insert(verb, recipe);
            }
        }
        if find(&session.panel).is_err() {
            session.panel = EXPERIMENTS[0].verb.to_owned();
        }
        Ok(Some(session))
    }

    /// Writes it for [`Self::load`]; pictures that are only in memory are kept in `home` first.
    pub fn save(&self, home: &Home) -> Result<()> {
        let mut recipes = BTreeMap::new();
        for (verb, recipe) in &self.recipes {
            let mut recipe = recipe.clone();
            for source in [&mut recipe.image, &mut recipe.mask] {
                *source = source.take().map(|source| kept(source, home)).transpose()?;
            }
            recipes.insert(verb.clone(), recipe.to_json()?);
        }
        let mut painted_masks = self.painted_masks.clone();
        for painted in painted_masks.values_mut() {
            *painted = kept(painted.clone(), home)?;
        }
        let saved = Saved {
            version: VERSION,
            panel: self.panel.clone(),
            recipes,
            theme: self.theme,
            scale: self.scale,
            window: self.window,
            prompts: self.prompts.clone(),
            seed_locked: self.seed_locked,
            side_panels: self.side_panels,
            layout: self.layout,
            tools: self.tools.clone(),
            mask_edges: self.mask_edges.clone(),
            live: self.live,
            painted_masks,
            captions: self.captions.clone(),
        };
        let text = serde_json::to_string_pretty(&saved).map_err(|error| Error::new(error.to_string()))?;
        home.prepare()?;
        atomic_write(&home.session(), text.as_bytes())
    }

    /// The files that it names.
    pub fn named_files(&self) -> Vec<PathBuf> {
        let of_recipes = self.recipes.values().flat_map(|recipe| [&recipe.image, &recipe.mask]);
        let all = of_recipes.flatten().chain(self.painted_masks.values());
        all.filter_map(|source| if let Source::File(path) = source { Some(path.clone()) } else { None }).collect()
    }

    /// The open panel's recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipes[&self.panel]
    }

    /// The open panel's recipe, to edit.
    pub fn recipe_mut(&mut self) -> &mut Recipe {
        self.recipes.entry(self.panel.clone()).or_insert_with(|| Recipe::new(&self.panel))
    }

    /// The open panel's recipe and what is painted with, to edit at once.
    pub fn parts_mut(&mut self) -> (&mut Recipe, &mut Tools) {
        let recipe = self.recipes.entry(self.panel.clone()).or_insert_with(|| Recipe::new(&self.panel));
        (recipe, &mut self.tools)
    }

    /// How the edges of a panel's mask are changed.
    pub fn edges(&self, verb: &str) -> Edges {
        self.mask_edges.get(verb).copied().unwrap_or_default()
    }

    /// Changes the edges of a panel's mask.
    pub fn set_edges(&mut self, verb: &str, edges: Edges) {
        if edges.are_plain() {
            self.mask_edges.remove(verb);
        } else {
            self.mask_edges.insert(verb.to_owned(), edges);
        }
    }

    /// Opens a panel on a recipe.
    pub fn open(&mut self, recipe: Recipe) {
        self.panel.clone_from(&recipe.experiment);
        self.recipes.insert(recipe.experiment.clone(), recipe);
    }

    /// Puts prompts at the head of the history, once each.
    pub fn remember(&mut self, prompts: &[String]) {
        for prompt in prompts.iter().rev().filter(|prompt| !prompt.trim().is_empty()) {
            self.prompts.retain(|old| old != prompt);
            self.prompts.insert(0, prompt.clone());
        }
        self.prompts.truncate(PROMPTS_KEPT);
    }
}

/// A source that is only in memory as a file in `home`.
fn kept(source: Source, home: &Home) -> Result<Source> {
    match source {
        held @ (Source::Held(_) | Source::Fitted(_)) => home.keep(&*held.load()?),
        other => Ok(other),
    }
}
