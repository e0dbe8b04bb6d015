//! One setting: its key and flag, its limits and its help, for the shell, the forms and `--set`.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::decompositions::DecompositionSpec;
use crate::diffusion::timesteps::TimestepList;
use crate::error::{Error, Result};
use crate::experiments::{Axis, Branch, Pair, Recipe, Suitable};
use crate::models::{Conditioning, ModelSummary, digits};
use crate::views::ViewSpec;

/// The last entry of the longest list of timesteps.
const LAST_ENTRY: u64 = 999;

/// What a setting's values are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// What to draw, in words.
    Prompts,
    /// A picture: a file, or one of the program's own.
    Picture,
    /// A picture of where another is made new.
    Mask,
    /// A file, or another name for what is in one.
    File,
    /// A folder, or another name for what is in one.
    Folder,
    /// A model: a name, a hub id, a folder or a file; or one of these words, each with what it means.
    Model(&'static [(&'static str, &'static str)]),
    /// On or off.
    Switch,
    /// A whole number within limits.
    Whole(u64, u64),
    /// A whole number of 64 bits, which may be rolled.
    Seed,
    /// An entry of the list of timesteps.
    Entry,
    /// A number within limits.
    Number(f64, f64),
    /// One of a few words.
    Choice(fn() -> Vec<&'static str>),
    /// A list of timesteps or its name.
    Timesteps,
    /// Two whole numbers with a comma.
    Pair,
    /// A step of a recorded run.
    Branch,
    /// A setting with its values.
    Axis,
    /// A view with its parameters.
    View,
    /// A decomposition with its parameters.
    Decomposition,
}

impl Kind {
    /// Whether it is one number, or a list of them.
    pub fn is_number(self) -> bool {
        self.limits().is_some() || matches!(self, Self::Seed)
    }

    /// The least and the most that a number may be, where it has useful limits.
    pub fn limits(self) -> Option<RangeInclusive<f64>> {
        match self {
            Self::Whole(low, high) => Some(low as f64..=high as f64),
            Self::Entry => Some(0.0..=LAST_ENTRY as f64),
            Self::Number(low, high) => Some(low..=high),
            _ => None,
        }
    }

    /// Whether it is pixels, which JSON cannot hold.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Picture | Self::Mask)
    }
}

/// The way to a setting's value in a recipe.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The value as JSON; of pixels their hash.
    pub get: fn(&Recipe) -> Value,
    /// Puts JSON there; an error where it is of another type.
    pub set: fn(&mut Recipe, Value) -> serde_json::Result<()>,
    /// Whether two recipes have the same value.
    pub same: fn(&Recipe, &Recipe) -> bool,
    /// Gives the first recipe the value of the second.
    pub copy: fn(&mut Recipe, &Recipe),
}

/// What a setting needs of the model, to have a say at all.
#[derive(Clone, Copy, Debug)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// That it is told words.
    Words,
    /// That it is told words or classes.
    Conditions,
    /// A stage II after its stage I.
    Stage2,
    /// Of a digit network, that it is of one of these kinds.
    Kind(fn(digits::Kind) -> bool),
}

/// How a form lets a number be slid.
#[derive(Clone, Copy, Debug)]
pub enum Slider {
    /// Over all that is allowed.
    Whole,
    /// Over the useful part of it.
    Part(f64, f64),
    /// Not at all: it is typed.
    None,
}

/// One thing that can be set.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in JSON.
    pub key: &'static str,
    /// Its name in a form.
    pub label: &'static str,
    /// One sentence: symbol, meaning, range.
    pub help: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// The way to its value.
    pub field: Field,
    /// Whether it takes several values, one run each.
    pub repeatable: bool,
    /// Whether no cell of a grid can change it: the model is loaded once, and a grid has no grids in it.
    pub fixed: bool,
    /// How it is slid.
    pub slider: Slider,
    /// Another flag for it, without the dashes.
    pub alias: Option<&'static str>,
    /// What it needs of the model.
    needs: Needs,
    /// Whether another setting of the recipe stands in its place.
    pub overruled: fn(&Recipe) -> bool,
    /// What it comes to where nothing is given.
    pub suits: fn(&Recipe, &Suitable) -> Option<f64>,
    /// The same in words, where no number is known.
    pub otherwise: &'static str,
}

/// The declaration's properties.
impl Setting {
    pub(super) const fn new(
        key: &'static str,
        label: &'static str,
        help: &'static str,
        kind: Kind,
        field: Field,
    ) -> Self {
        Self {
            key,
            label,
            help,
            kind,
            field,
            repeatable: false,
            fixed: false,
            slider: Slider::Whole,
            alias: None,
            needs: Needs::Nothing,
            overruled: |_| false,
            suits: |_, _| None,
            otherwise: "",
        }
    }

    pub(super) const fn many(self) -> Self {
        Self { repeatable: true, ..self }
    }

    pub(super) const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    pub(super) const fn slider(self, low: f64, high: f64) -> Self {
        Self { slider: Slider::Part(low, high), ..self }
    }

    pub(super) const fn typed(self) -> Self {
        Self { slider: Slider::None, ..self }
    }

    pub(super) const fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    pub(super) const fn unless(self, overruled: fn(&Recipe) -> bool) -> Self {
        Self { overruled, ..self }
    }

    pub(super) const fn suits(self, suits: fn(&Recipe, &Suitable) -> Option<f64>) -> Self {
        Self { suits, ..self }
    }

    pub(super) const fn otherwise(self, words: &'static str) -> Self {
        Self { otherwise: words, ..self }
    }

    pub(super) const fn alias(self, flag: &'static str) -> Self {
        Self { alias: Some(flag), ..self }
    }
}

impl Setting {
    /// Whether it has a say in `recipe` on the model of `summary`: the experiment reads it and the model has what it needs,
    /// which is taken to be so while nothing is known of it.
    pub fn applies(&self, recipe: &Recipe, summary: Option<&ModelSummary>) -> bool {
        if !recipe.experiment().is_ok_and(|experiment| experiment.uses(self)) {
            return false;
        }
        let kind = recipe.digits.kind.or_else(|| summary?.digits);
        let told = summary.map(|summary| summary.recommendations.conditioning);
        match self.needs {
            Needs::Nothing => true,
            Needs::Words => told.is_none_or(|told| told == Conditioning::Text),
            Needs::Conditions => match kind {
                Some(kind) => kind.has_class(),
                None => told.is_none_or(|told| told != Conditioning::None),
            },
            Needs::Stage2 => summary.is_none_or(|summary| summary.enlarger().is_some()),
            Needs::Kind(wanted) => kind.is_none_or(wanted),
        }
    }

    /// The flag of the command line, without its dashes.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The JSON of given texts; a list for a repeatable setting.
    pub fn parse(&self, texts: &[String]) -> Result<Value> {
        let values: Vec<Value> = texts.iter().map(|text| self.parse_one(text)).collect::<Result<_>>()?;
        if self.repeatable {
            return Ok(Value::Array(values));
        }
        match <[Value; 1]>::try_from(values) {
            Ok([value]) => Ok(value),
            Err(_) => Err(Error::arguments("takes one value").at(format!("--{}", self.flag()))),
        }
    }

    fn parse_one(&self, text: &str) -> Result<Value> {
        let wrong = |wanted: String| {
            Error::arguments(format!("`{text}` is not {wanted}")).at(format!("--{}", self.flag())).hint(self.help)
        };
        let whole = |low: u64, high: u64| match text.parse::<u64>() {
            Ok(value) if (low..=high).contains(&value) => Ok(json!(value)),
            _ => Err(wrong(format!("a whole number from {low} to {high}"))),
        };
        match self.kind {
            Kind::Text | Kind::Prompts | Kind::Picture | Kind::Mask | Kind::File | Kind::Folder | Kind::Model(_) => {
                Ok(json!(text))
            }
            Kind::Switch => text.parse::<bool>().map(|on| json!(on)).map_err(|_| wrong("true or false".into())),
            // As torch takes them: -1 is 2⁶⁴ - 1.
            Kind::Seed if text.starts_with('-') => match text.parse::<i64>() {
                Ok(value) => Ok(json!(value as u64)),
                Err(_) => Err(wrong("a whole number of 64 bits".to_owned())),
            },
            Kind::Seed => whole(0, u64::MAX),
            Kind::Whole(low, high) => whole(low, high),
            Kind::Entry => whole(0, LAST_ENTRY),
            Kind::Number(low, high) => match text.parse::<f64>() {
                Ok(value) if (low..=high).contains(&value) => Ok(json!(value)),
                _ => Err(wrong(format!("a number from {low} to {high}"))),
            },
            Kind::Choice(words) => match words().contains(&text) {
                true => Ok(json!(text)),
                false => Err(wrong(format!("one of {}", words().join(", ")))),
            },
            Kind::Timesteps => Ok(json!(text.parse::<TimestepList>()?)),
            Kind::Pair => Ok(json!(text.parse::<Pair>().map_err(|error| error.at(format!("--{}", self.flag())))?)),
            Kind::Branch => Ok(json!(text.parse::<Branch>()?)),
            Kind::Axis => Ok(json!(text.parse::<Axis>()?)),
            Kind::View => Ok(json!(text.parse::<ViewSpec>()?)),
            Kind::Decomposition => Ok(json!(text.parse::<DecompositionSpec>()?)),
        }
    }

    /// An error when the recipe's value is out of range.
    pub fn check(&self, recipe: &Recipe) -> Result<()> {
        // The others have no range; and pixels would be hashed, on the window's thread too.
        if !self.kind.is_number() && !matches!(self.kind, Kind::Timesteps) {
            return Ok(());
        }
        let values = match (self.field.get)(recipe) {
            Value::Array(values) if self.repeatable => values,
            Value::Null => return Ok(()),
            other => vec![other],
        };
        for value in values {
            if self.kind.is_number() {
                let _ = self.parse_one(&value.to_string())?;
            } else if let Ok(list) = serde_json::from_value::<TimestepList>(value) {
                let _ = list.entries(1000)?;
            }
        }
        Ok(())
    }
}
