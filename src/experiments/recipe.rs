//! One experiment, ready to run: the defaults, the flags, the form and a PNG's metadata are this one struct, made of the
//! groups in which settings are declared.
//!
//! An empty list, or `None`, means "what suits": the stepping's own number of steps, the model's recommended γ.
//! [`Recipe::resolved`] fills those in, and only resolved recipes are written into pictures.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::bounds;
use super::settings::{
    blur::Blur, digits::Digits, grid::Grid, guidance::Guidance, inpainting::Inpainting, networks::Networks,
    parts::Parts, prompting::Prompting, sampling::Sampling, scoring::Scoring, source::Source, stage_2::Stage2,
    training::Training, views::Views,
};
use super::settings::{inpainting, setting, settings, source, training};
use super::{Experiment, Kind, Setting, Source as Picture, find};
use super::{digits, upscale};
use crate::error::{Error, Result};
use crate::models::ModelSummary;

/// Everything that decides the pixels of an experiment. Its JSON is one flat object, by the settings' keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// The experiment's verb.
    pub experiment: String,
    /// What computes.
    pub networks: Networks,
    /// What to draw, in words.
    pub prompting: Prompting,
    /// How the loop walks.
    pub sampling: Sampling,
    /// How hard the prompt is followed.
    pub guidance: Guidance,
    /// What a run starts from.
    pub source: Source,
    /// The classical blur.
    pub blur: Blur,
    /// What is kept of a picture.
    pub inpainting: Inpainting,
    /// Several views of one picture.
    pub views: Views,
    /// Several parts of one picture.
    pub parts: Parts,
    /// Two settings across and down.
    pub grid: Grid,
    /// What stage II does.
    pub stage_2: Stage2,
    /// Which digits, and which network of theirs.
    pub digits: Digits,
    /// What judges digits.
    pub scoring: Scoring,
    /// How a network is trained.
    pub training: Training,
}

impl Recipe {
    /// What every experiment starts from.
    pub fn new(experiment: &str) -> Self {
        Self { experiment: experiment.to_owned(), ..Self::default() }
    }

    /// The recipe after `change`.
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The experiment that this is a recipe for.
    pub fn experiment(&self) -> Result<&'static Experiment> {
        find(&self.experiment)
    }

    /// The model that it draws with: its own, or for part B's verbs the network that `kind` and `checkpoint` name.
    pub fn model_name(&self) -> String {
        digits::model_of(self).unwrap_or_else(|| self.networks.model.clone())
    }

    /// An error where that is a digit network of a kind that the experiment does not take.
    pub fn check_model(&self) -> Result<()> {
        digits::check_model(self)
    }

    /// Whether it asks for a grid.
    pub fn is_grid(&self) -> bool {
        self.grid.x.is_some() || self.grid.y.is_some()
    }

    /// Whether it is stage II alone that runs, with γ, steps and sampler of its own.
    pub fn upscales(&self) -> bool {
        self.experiment == upscale::EXPERIMENT.verb
    }

    /// Whether it trains a network.
    pub fn trains(&self) -> bool {
        self.experiment().is_ok_and(|experiment| experiment.uses(&training::epochs))
    }

    /// Its pictures, each with its setting.
    pub fn pictures(&self) -> [(&'static Setting, &Option<Picture>); 2] {
        [(&source::image, &self.source.image), (&inpainting::mask, &self.inpainting.mask)]
    }

    /// The same, to be changed.
    pub fn pictures_mut(&mut self) -> [(&'static Setting, &mut Option<Picture>); 2] {
        [(&source::image, &mut self.source.image), (&inpainting::mask, &mut self.inpainting.mask)]
    }

    /// The keys that this recipe's experiment reads, as JSON.
    pub fn to_json(&self) -> Result<Map<String, Value>> {
        let experiment = self.experiment()?;
        let mut all = Map::from_iter([("experiment".to_owned(), self.experiment.clone().into())]);
        for setting in settings().filter(|setting| experiment.reads(setting.key)) {
            let value = (setting.field.get)(self);
            if !value.is_null() {
                all.insert(setting.key.to_owned(), value);
            }
        }
        Ok(all)
    }

    /// This recipe with other values for some keys. A key that no recipe has, or that this experiment does not read, is an
    /// error.
    pub fn overlaid(mut self, changes: Map<String, Value>) -> Result<Self> {
        let experiment = self.experiment()?;
        for (key, value) in changes {
            let setting = setting(&key).filter(|_| experiment.reads(&key)).ok_or_else(|| {
                Error::arguments(format!("unknown key `{key}` in a recipe of `{}`", experiment.verb))
                    .hint(format!("it takes {}", experiment.keys().collect::<Vec<_>>().join(", ")))
            })?;
            (setting.field.set)(&mut self, value)
                .map_err(|error| Error::arguments(format!("the recipe cannot be read, {error}")).at(key))?;
        }
        self.checked()
    }

    /// A recipe from JSON: the experiment's defaults overlaid with the given keys, as [`Self::overlaid`] does.
    pub fn from_json(given: &Map<String, Value>) -> Result<Self> {
        let verb = given.get("experiment").and_then(Value::as_str).ok_or_else(|| {
            Error::arguments("the recipe names no experiment").hint("add \"experiment\": \"sample\", for example")
        })?;
        bounds::check_given(given)?;
        let mut keys = given.clone();
        keys.remove("experiment");
        find(verb)?.recipe().overlaid(keys)
    }

    /// The recipe with the experiment's own values for settings that have no say on the model of `summary`: what a form does
    /// not show does not decide either.
    pub fn without_idle(mut self, summary: Option<&ModelSummary>) -> Self {
        let Ok(experiment) = self.experiment() else { return self };
        let own = experiment.recipe();
        let idle: Vec<&Setting> = experiment.settings().filter(|setting| !setting.applies(&self, summary)).collect();
        idle.iter().for_each(|setting| (setting.field.copy)(&mut self, &own));
        self
    }

    /// What the experiment cannot do without and the recipe lacks.
    pub fn lacking(&self) -> Result<Option<&'static Setting>> {
        let nothing = Self::default();
        Ok(self.experiment()?.needs.iter().copied().find(|setting| (setting.field.same)(self, &nothing)))
    }

    /// An error where something that it needs is lacking.
    pub fn complete(&self) -> Result<()> {
        let Some(Setting { key, label, kind, .. }) = self.lacking()? else { return Ok(()) };
        let also = if matches!(kind, Kind::Picture) { " (--image built-in:lighthouse)" } else { "" };
        Err(Error::arguments(format!("`{}` needs a {}", self.experiment, label.to_lowercase()))
            .hint(format!("give one with --{key}{also} or --set {key}=FILE, or drop one on the window")))
    }

    /// The recipe, if its values are in range.
    pub fn checked(self) -> Result<Self> {
        bounds::check_work(&self)?;
        for setting in self.experiment()?.settings() {
            setting.check(&self)?;
        }
        if self.prompting.prompt.is_empty() || self.sampling.seed.is_empty() {
            return Err(Error::arguments("a recipe has at least one prompt and one seed"));
        }
        if let Some(pair) = self.guidance.interval.filter(|pair| pair.0 > pair.1) {
            return Err(Error::arguments(format!("no timestep lies from {} to {}", pair.0, pair.1))
                .at("guidance-interval")
                .hint("give the lower one first"));
        }
        Ok(self)
    }
}

/// Every key, whether the experiment reads it or not: as a session keeps it.
impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let experiment = ("experiment", Value::from(self.experiment.as_str()));
        serializer.collect_map(std::iter::once(experiment).chain(settings().map(|it| (it.key, (it.field.get)(self)))))
    }
}

impl<'de> Deserialize<'de> for Recipe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let mut all = Map::deserialize(deserializer)?;
        let Some(Value::String(verb)) = all.remove("experiment") else {
            return Err(D::Error::missing_field("experiment"));
        };
        let mut recipe = find(&verb).map_or_else(|_| Self::new(&verb), Experiment::recipe);
        for (key, value) in all {
            let setting = setting(&key).ok_or_else(|| D::Error::custom(format!("unknown field `{key}`")))?;
            (setting.field.set)(&mut recipe, value).map_err(|error| D::Error::custom(format!("{key}: {error}")))?;
        }
        Ok(recipe)
    }
}
