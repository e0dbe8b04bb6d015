//! A recipe as controls: each setting brings its label, help and limits, and its kind decides the control. What is
//! typed goes through the same parser as the command line.

use std::collections::{HashMap, HashSet};

use egui::{Id, TextureHandle, Ui};
use serde_json::{Map, Value};

use crate::app::helper::{Helper, Purpose, Request, TokenCount};
use crate::app::theme::{GAP, Icon};
use crate::app::widgets::numbers::{Numbers, parts};
use crate::app::widgets::{buttons, choice, field, prompts, seed, source};
use crate::experiments::{Kind, Recipe, Setting, Source, setting};
use crate::models::{ModelInfo, Recommendation};

/// What a form asks of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A file for a setting.
    Choose(Purpose),
}

/// Token counts, asked for once a prompt.
#[derive(Default)]
pub struct TokenCounts(HashMap<(String, String), Option<TokenCount>>);

impl TokenCounts {
    /// The count, if it is there by now.
    pub fn get(&mut self, model: &str, prompt: &str, helper: &Helper) -> Option<TokenCount> {
        let key = (model.to_owned(), prompt.to_owned());
        if self.0.len() > 2000 {
            self.0.clear();
        }
        self.0
            .entry(key)
            .or_insert_with(|| {
                helper.ask(Request::Tokens(model.to_owned(), prompt.to_owned()));
                None
            })
            .clone()
    }

    /// Takes in a count.
    pub fn set(&mut self, model: String, prompt: String, count: TokenCount) {
        self.0.insert((model, prompt), Some(count));
    }
}

/// What a form shows that is not in the recipe.
pub struct Surroundings<'a> {
    /// What the model recommends.
    pub recommendation: &'a Recommendation,
    /// Token counts.
    pub tokens: &'a mut TokenCounts,
    /// Who counts them.
    pub helper: &'a Helper,
    /// Prompts used before.
    pub history: &'a [String],
    /// The models that there are.
    pub models: &'a [ModelInfo],
    /// The source picture, once it is read.
    pub source: Option<&'a TextureHandle>,
    /// Whether the seed stays.
    pub seed_locked: &'a mut bool,
    /// What is asked for.
    pub asks: &'a mut Vec<Ask>,
}

/// One panel's form while it is drawn.
pub struct Form<'a> {
    recipe: &'a mut Recipe,
    around: Surroundings<'a>,
    values: Map<String, Value>,
    defaults: Map<String, Value>,
    effective: (f64, usize),
    shown: HashSet<&'static str>,
    wrong: &'a mut HashMap<&'static str, String>,
}

impl<'a> Form<'a> {
    /// A form that edits `recipe`; `wrong` keeps what cannot be parsed from frame to frame.
    pub fn new(recipe: &'a mut Recipe, wrong: &'a mut HashMap<&'static str, String>, around: Surroundings<'a>) -> Self {
        let experiment = recipe.experiment().ok();
        let defaults = experiment.map(|experiment| as_json(&(experiment.defaults)())).unwrap_or_default();
        let guidance = experiment.and_then(|e| e.guidance).or(around.recommendation.guidance).unwrap_or(7.0);
        let steps = match recipe.stepping {
            crate::diffusion::timesteps::Stepping::Course => 33,
            _ => experiment.and_then(|e| e.steps).or(around.recommendation.steps).unwrap_or(20),
        };
        let values = as_json(recipe);
        Self { recipe, around, values, defaults, effective: (guidance, steps), shown: HashSet::new(), wrong }
    }

    /// A part of the form that opens and closes.
    pub fn section(&mut self, ui: &mut Ui, title: &str, open: bool, keys: &[&'static str]) {
        let any = keys.iter().any(|key| self.reads(key));
        self.shown.extend(keys);
        if !any {
            return;
        }
        ui.add_space(GAP / 4.0);
        ui.add(egui::Separator::default().spacing(1.0));
        field::section(ui, title, open, |ui| self.settings(ui, keys));
    }

    /// Settings one under the other, those that the experiment reads.
    pub fn settings(&mut self, ui: &mut Ui, keys: &[&'static str]) {
        for key in keys {
            self.shown.insert(key);
            if let Some(setting) = setting(key).filter(|_| self.reads(key)) {
                ui.push_id(key, |ui| self.setting(ui, setting));
            }
        }
    }

    /// Whatever the panel has not shown, so that no setting is ever missing.
    pub fn rest(&mut self, ui: &mut Ui) {
        let Ok(experiment) = self.recipe.experiment() else { return };
        let missing: Vec<&'static str> =
            experiment.settings.iter().copied().filter(|key| !self.shown.contains(key)).collect();
        if !missing.is_empty() {
            self.section(ui, "More", true, &missing);
        }
    }

    fn reads(&self, key: &str) -> bool {
        self.recipe.experiment().is_ok_and(|experiment| experiment.settings.contains(&key))
    }

    fn setting(&mut self, ui: &mut Ui, setting: &'static Setting) {
        match (setting.key, setting.kind) {
            ("prompt", _) => self.prompts(ui, setting),
            ("seed", _) => self.seed(ui, setting),
            ("image", _) => self.source(ui, setting),
            ("model" | "stage_2", _) => self.model(ui, setting),
            (_, Kind::Whole(low, high)) => self.numbers(ui, setting, low as f64..=high as f64, true),
            (_, Kind::Number(low, high)) => self.numbers(ui, setting, low..=high, false),
            (_, Kind::Choice(words)) => self.choice(ui, setting, &words()),
            (_, Kind::Switch) => self.switch(ui, setting),
            (_, Kind::Text | Kind::Path | Kind::Timesteps) => self.text(ui, setting),
        }
    }

    fn prompts(&mut self, ui: &mut Ui, setting: &'static Setting) {
        field::label(ui, setting, false, "");
        let Surroundings { recommendation, tokens, helper, history, .. } = &mut self.around;
        let model = self.recipe.model.clone();
        let mut count = |prompt: &str| tokens.get(&model, prompt, helper);
        let mut beside = prompts::Beside { history, examples: &recommendation.prompts, count: &mut count };
        prompts::prompts(ui, &mut self.recipe.prompt, &mut beside);
    }

    fn seed(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let (text, wrong) = (self.text_of(setting.key), self.wrong.contains_key(setting.key));
        let salt = ui.scope_id().with("seed");
        let mut locked = *self.around.seed_locked;
        let change = self.row(ui, setting, |ui, label| seed::seed(ui, salt, label, &text, wrong, &mut locked));
        *self.around.seed_locked = locked;
        if change.rolled {
            self.recipe.seed = vec![seed::random()];
            self.wrong.remove("seed");
        } else if let Some(typed) = change.typed {
            self.parse(setting, &parts(&typed));
        }
    }

    fn source(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let (path, held) = match &self.recipe.image {
            Some(Source::File(path)) => (path.to_string_lossy().into_owned(), false),
            Some(_) => (String::new(), true),
            None => (String::new(), false),
        };
        let (label, _) = field::label(ui, setting, false, "");
        let change = source::source(ui, label.id, self.around.source, &path, held);
        if change.choose {
            self.around.asks.push(Ask::Choose(Purpose::Setting("image", false)));
        } else if change.clear {
            self.recipe.image = None;
        } else if let Some(path) = change.path {
            self.recipe.image = (!path.trim().is_empty()).then(|| Source::File(path.trim().into()));
        }
    }

    fn model(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let text = self.text_of(setting.key);
        let salt = ui.scope_id().with("model");
        let models = self.around.models;
        let (mut picked, mut folder) = (None, false);
        let typed = self.row(ui, setting, |ui, label| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let width = ui.available_width() - 2.0 * 32.0;
            let typed =
                field::buffered(ui, salt, &text, |ui, text| field::line(ui, text, "built-in", width, label, false)).1;
            let name = format!("{} list", setting.label);
            let button = buttons::icon(ui, Icon::ChevronDown, &name, "Models that the program knows");
            picked = model_menu(&button, models, setting.key == "stage_2");
            let name = format!("{} folder", setting.label);
            folder = buttons::icon(ui, Icon::Folder, &name, "Choose a diffusers folder").clicked();
            typed
        });
        if folder {
            self.around.asks.push(Ask::Choose(Purpose::Setting(setting.key, true)));
        }
        if let Some(text) = picked.or(typed) {
            self.parse(setting, &[text.trim().to_owned()]);
        }
    }

    fn numbers(&mut self, ui: &mut Ui, setting: &'static Setting, limits: std::ops::RangeInclusive<f64>, whole: bool) {
        let text = self.text_of(setting.key);
        let effective = match setting.key {
            "guidance" => Some(self.effective.0),
            "steps" => Some(self.effective.1 as f64),
            _ => None,
        };
        let one = match self.recipe.timesteps.is_some() && setting.key == "steps" {
            true => None,
            false if text.is_empty() => effective,
            false => text.parse::<f64>().ok(),
        };
        let hint = effective.map_or_else(String::new, |value| format!("{value} (recommended)"));
        let wrong = self.wrong.get(setting.key).cloned();
        let numbers = Numbers {
            text: &text,
            hint: &hint,
            value: one,
            span: span(setting.key, &limits),
            whole,
            name: setting.label,
            wrong: wrong.as_deref(),
        };
        let salt = ui.scope_id().with("numbers");
        let typed = self.row(ui, setting, |ui, label| numbers.field(ui, salt, label));
        let slid = ui.scope(|ui| numbers.slider(ui)).inner;
        if let Some(text) = slid.or(typed) {
            let values = if setting.repeatable { parts(&text) } else { vec![text.trim().to_owned()] };
            self.parse(setting, &values);
        }
    }

    fn choice(&mut self, ui: &mut Ui, setting: &'static Setting, words: &[&'static str]) {
        let current = self.text_of(setting.key);
        let salt = ui.scope_id().with("choice");
        let chosen = self.row(ui, setting, |ui, _| choice::words(ui, salt, setting.label, words, &current));
        if let Some(word) = chosen {
            self.parse(setting, &[word]);
        }
    }

    fn switch(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let on = self.values.get(setting.key).and_then(Value::as_bool).unwrap_or(false);
        if self.row(ui, setting, |ui, label| choice::switch(ui, on, label)).clicked() {
            self.parse(setting, &[(!on).to_string()]);
        }
    }

    fn text(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let text = self.text_of(setting.key);
        let wrong = self.wrong.get(setting.key).cloned();
        let salt = ui.scope_id().with("text");
        let (hint, is_path) = match setting.kind {
            Kind::Timesteps => ("e.g. 990, 960, 930 or smart50", false),
            Kind::Path => ("a file", true),
            _ => ("none", false),
        };
        let mut choose = false;
        let typed = self.row(ui, setting, |ui, label| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let width = ui.available_width() - if is_path { 32.0 } else { 0.0 };
            let show = |ui: &mut Ui, text: &mut String| field::line(ui, text, hint, width, label, wrong.is_some());
            let typed = field::buffered(ui, salt, &text, show).1;
            if is_path {
                choose = buttons::icon(ui, Icon::Folder, &format!("{} file", setting.label), "Choose a file").clicked();
            }
            typed
        });
        if let Some(wrong) = wrong {
            ui.label(egui::RichText::new(wrong).size(11.5).color(crate::app::theme::tokens(ui).danger));
        }
        if choose {
            self.around.asks.push(Ask::Choose(Purpose::Setting(setting.key, false)));
        }
        if let Some(text) = typed {
            self.parse(setting, &[text]);
        }
    }

    /// A labelled line; the label's reset is done here.
    fn row<R>(&mut self, ui: &mut Ui, setting: &'static Setting, control: impl FnOnce(&mut Ui, Id) -> R) -> R {
        let (changed, default) = (self.changed(setting.key), self.default_text(setting.key));
        let (reset, result) = field::row(ui, |ui| field::label(ui, setting, changed, &default), control);
        if reset {
            self.reset(setting.key);
        }
        result
    }

    fn changed(&self, key: &str) -> bool {
        self.values.get(key) != self.defaults.get(key)
    }

    fn reset(&mut self, key: &'static str) {
        self.wrong.remove(key);
        let value = self.defaults.get(key).cloned().unwrap_or(Value::Null);
        self.set(key, value);
    }

    fn text_of(&self, key: &str) -> String {
        self.values.get(key).map(text).unwrap_or_default()
    }

    fn default_text(&self, key: &str) -> String {
        match (key, self.defaults.get(key).map(text).unwrap_or_default()) {
            ("guidance", text) if text.is_empty() => format!("{} (recommended)", self.effective.0),
            ("steps", text) if text.is_empty() => format!("{} (recommended)", self.effective.1),
            (_, text) => text,
        }
    }

    /// Sets what was typed, or keeps why it cannot be.
    fn parse(&mut self, setting: &'static Setting, texts: &[String]) {
        self.wrong.remove(setting.key);
        let empty = texts.iter().all(|text| text.trim().is_empty());
        let parsed = match empty && !matches!(setting.kind, Kind::Text) {
            true if setting.key == "seed" => return,
            true => Ok(self.defaults.get(setting.key).cloned().unwrap_or(Value::Null)),
            false => setting.parse(texts),
        };
        match parsed {
            Ok(value) => self.set(setting.key, value),
            Err(error) => {
                let said = error.to_string();
                self.wrong.insert(setting.key, said.split(": --").next().unwrap_or(&said).to_owned());
            }
        }
    }

    fn set(&mut self, key: &'static str, value: Value) {
        let image = self.recipe.image.take();
        let mut all = as_json(self.recipe);
        all.insert(key.to_owned(), value);
        match serde_json::from_value::<Recipe>(Value::Object(all)) {
            Ok(recipe) => *self.recipe = recipe,
            Err(error) => drop(self.wrong.insert(key, error.to_string())),
        }
        self.recipe.image = image;
    }
}

/// The recipe's fields; the source picture apart, for it may be large.
fn as_json(recipe: &Recipe) -> Map<String, Value> {
    let light = Recipe { image: None, ..recipe.clone() };
    match serde_json::to_value(light) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Number(number) => {
            number.as_f64().filter(|_| number.is_f64()).map_or_else(|| number.to_string(), |f| f.to_string())
        }
        other => other.to_string(),
    }
}

/// Where a slider ends: the useful part of what is allowed.
fn span(key: &str, limits: &std::ops::RangeInclusive<f64>) -> Option<std::ops::RangeInclusive<f64>> {
    Some(match key {
        "count" => return None,
        "guidance" | "stage_2_guidance" => 0.0..=15.0,
        "steps" | "stage_2_steps" => 1.0..=100.0,
        _ => limits.clone(),
    })
}

fn model_menu(button: &egui::Response, models: &[ModelInfo], second: bool) -> Option<String> {
    let mut picked = None;
    egui::Popup::menu(button).width(320.0).show(|ui| {
        let special: &[(&str, &str)] =
            if second { &[("auto", "the model's own stage II"), ("none", "stop after stage I")] } else { &[] };
        let known = models.iter().map(|model| (model.name, model.sentence, model.present));
        for (name, sentence, present) in special.iter().map(|(name, sentence)| (*name, *sentence, true)).chain(known) {
            let tokens = crate::app::theme::tokens(ui);
            let more = if present { sentence.to_owned() } else { format!("{sentence} — not on this machine") };
            let colour = if present { tokens.text } else { tokens.text_weak };
            let button = egui::Button::new(egui::RichText::new(name).color(colour)).frame_when_inactive(false);
            if ui.add(button.min_size(egui::vec2(300.0, 0.0))).on_hover_text(more).clicked() {
                picked = Some(name.to_owned());
                ui.close();
            }
        }
    });
    picked
}
