//! What is there again after a restart, a crash or a kill: open recipes, theme, scale, window, prompt history. A
//! versioned JSON file, written atomically soon after each change; a file that cannot be read is set aside.

pub mod autosave;
pub mod recovery;
pub mod undo;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::dialogs::draft::Captions;
use super::home::Home;
use super::theme::Theme;
use super::widgets::canvas::Tools;
use crate::app::lessons::Progress;
use crate::error::{Error, Result};
use crate::experiments::{EXPERIMENTS, Recipe, Source, find, named_files, opening};
use crate::files::{atomic_write, limits, read_file};
use crate::pictures::drawing::Edges;

const VERSION: u32 = 1;
const PROMPTS_KEPT: usize = 40;
/// So many files that recipes may read are remembered.
const ALLOWED_KEPT: usize = 400;
/// The smallest and the largest interface.
const SCALES: (f32, f32) = (0.5, 3.0);

/// What stands in the middle of a panel with a workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// The workspace alone.
    #[serde(rename = "bench")]
    Workspace,
    /// Both, side by side, once there are pictures.
    #[default]
    Both,
    /// The pictures alone.
    Pictures,
}

impl Layout {
    /// The one that comes after it.
    pub fn next(self) -> Self {
        match self {
            Self::Both => Self::Workspace,
            Self::Workspace => Self::Pictures,
            Self::Pictures => Self::Both,
        }
    }
}

/// The state that outlives the window, as its file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The open panel's verb.
    pub panel: String,
    /// Every panel's recipe, by verb.
    #[serde(with = "recipes")]
    pub recipes: BTreeMap<String, Recipe>,
    /// Light or dark.
    pub theme: Theme,
    /// Scale of the interface, 0.5 to 3.
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
    #[serde(default)]
    pub layout: Layout,
    /// What is painted with.
    #[serde(default)]
    pub tools: Tools,
    /// How the edges of panels' masks are changed, by verb; a mask that is as painted is not here.
    #[serde(default)]
    pub mask_edges: BTreeMap<String, Edges>,
    /// Whether the network answers as soon as a hand lets go.
    #[serde(default = "yes")]
    pub live: bool,
    /// What was painted as a panel's mask, where its edges are changed, by verb.
    #[serde(default)]
    pub painted_masks: BTreeMap<String, Source>,
    /// What was written for pages of results.
    #[serde(default)]
    pub captions: Captions,
    /// Files that a person chose or allowed, newest first: a recipe that names another is foreign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// How far one is in the lessons.
    #[serde(default)]
    pub lessons: Progress,
}

/// The file's head, and what is in it.
#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    #[serde(flatten)]
    session: Session,
}

fn yes() -> bool {
    true
}

/// Recipes as their short JSON, so that a later program's fields can be judged one by one: one that this program no longer
/// reads falls back to its defaults, and the others stay.
mod recipes {
    use std::collections::BTreeMap;

    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::{Map, Value};

    use crate::app::session::openings;
    use crate::error::Result;
    use crate::experiments::Recipe;

    pub fn serialize<S: Serializer>(
        recipes: &BTreeMap<String, Recipe>,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        let short = |(verb, recipe): (&String, &Recipe)| Ok((verb.clone(), recipe.to_json()?));
        let recipes: Result<BTreeMap<String, Map<String, Value>>> = recipes.iter().map(short).collect();
        recipes.map_err(S::Error::custom)?.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<BTreeMap<String, Recipe>, D::Error> {
        let saved: BTreeMap<String, Map<String, Value>> = BTreeMap::deserialize(deserializer)?;
        let mut recipes = openings();
        for (verb, recipe) in saved {
            if let (Some(known), Ok(recipe)) = (recipes.get_mut(&verb), Recipe::from_json(&recipe)) {
                *known = recipe;
            }
        }
        Ok(recipes)
    }
}

/// Every panel as it first opens.
fn openings() -> BTreeMap<String, Recipe> {
    EXPERIMENTS.iter().map(|experiment| (experiment.verb.to_owned(), opening(experiment))).collect()
}

impl Default for Session {
    fn default() -> Self {
        Self {
            panel: EXPERIMENTS[0].verb.to_owned(),
            recipes: openings(),
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
            allowed: Vec::new(),
            lessons: Progress::default(),
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
        let File { version, mut session } =
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
        if version != VERSION {
            return Err(broken(format!("version {version}, this program reads {VERSION}")));
        }
        let within = |value: f32, low: f32, high: f32, other: f32| {
            if value.is_finite() { value.clamp(low, high) } else { other }
        };
        session.scale = within(session.scale, SCALES.0, SCALES.1, 1.0);
        session.window = session.window.map(|side| within(side, 400.0, 10_000.0, 900.0));
        if find(&session.panel).is_err() {
            session.panel = EXPERIMENTS[0].verb.to_owned();
        }
        Ok(Some(session))
    }

    /// Writes it for [`Self::load`]; pictures that are only in memory are kept in `home` first.
    pub fn save(&self, home: &Home) -> Result<()> {
        let mut session = self.clone();
        let of_recipes = session.recipes.values_mut().flat_map(Recipe::pictures_mut).filter_map(|it| it.1.as_mut());
        for source in of_recipes.chain(session.painted_masks.values_mut()) {
            if let Source::Held(_) | Source::Fitted(_) = source {
                *source = home.keep(&*source.load()?)?;
            }
        }
        let file = File { version: VERSION, session };
        let text = serde_json::to_string_pretty(&file).map_err(|error| Error::new(error.to_string()))?;
        home.prepare()?;
        atomic_write(&home.session(), text.as_bytes())
    }

    /// The files that it names.
    pub fn named_files(&self) -> Vec<PathBuf> {
        let of_recipes = self.recipes.values().flat_map(|recipe| [&recipe.source.image, &recipe.inpainting.mask]);
        let all = of_recipes.flatten().chain(self.painted_masks.values());
        all.filter_map(|source| if let Source::File(path) = source { Some(path.clone()) } else { None }).collect()
    }

    /// Whether a person chose or allowed the file.
    pub fn has_allowed(&self, path: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == path)
    }

    /// Remembers that a person chose the files that `recipe` names.
    pub fn allow_files_of(&mut self, recipe: &Recipe) {
        for file in named_files(recipe).unwrap_or_default() {
            self.allowed.retain(|allowed| *allowed != file.path);
            self.allowed.insert(0, file.path);
        }
        self.allowed.truncate(ALLOWED_KEPT);
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

    /// Opens the panel `by` places further down the rail, and from its end begins anew.
    pub fn go_along(&mut self, by: isize) {
        let at = EXPERIMENTS.iter().position(|experiment| experiment.verb == self.panel).unwrap_or(0) as isize;
        let at = (at + by).rem_euclid(EXPERIMENTS.len() as isize) as usize;
        self.panel = EXPERIMENTS[at].verb.to_owned();
    }

    /// Makes the interface larger or smaller, in whole tenths.
    pub fn scale_by(&mut self, by: f32) {
        self.scale = ((self.scale * 10.0).round() / 10.0 + by).clamp(SCALES.0, SCALES.1);
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
