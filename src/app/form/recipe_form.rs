//! A recipe as controls: each setting brings its label, help and limits, and its kind decides the control. What is
//! typed goes through the same parser as the command line.

use std::collections::BTreeMap;

use egui::{Id, Sense, Ui, WidgetRect};
use serde_json::Value;

use super::model_facts::ModelFacts;
use super::source::SourceView;
use super::token_counts::TokenCounts;
use super::view_pictures::ViewPictures;
use crate::app::background::Background;
use crate::app::files::{Files, Purpose};
use crate::app::theme::GAP;
use crate::app::widgets::field;
use crate::experiments::{Experiment, Kind, Recipe, Section, Setting, Suitable};

/// What a form shows that is not in the recipe.
pub struct Surroundings<'a> {
    /// What is known of the model, and the models that there are.
    pub model: &'a ModelFacts,
    /// Token counts.
    pub tokens: &'a mut TokenCounts,
    /// Where they are counted.
    pub background: &'a Background,
    /// Prompts used before.
    pub history: &'a [String],
    /// The source picture, once it is read, and those that are offered.
    pub source: &'a SourceView,
    /// Whether the seed stays.
    pub seed_locked: &'a mut bool,
    /// Where a file for a setting is asked for.
    pub files: &'a mut Files,
    /// A sample picture as each view shows it.
    pub views: &'a mut ViewPictures,
    /// The setting that the keyboard is to go to, until its control is drawn.
    pub wanted: &'a mut Option<&'static str>,
}

impl Surroundings<'_> {
    /// Asks for a file, or a folder, for the setting of that key.
    pub(super) fn choose(&mut self, key: &'static str, folder: bool) {
        self.files.choose(Purpose::Setting(key, folder), self.background);
    }
}

/// What was typed and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// As it was typed.
    pub text: String,
    /// Why it cannot be read.
    pub why: String,
}

/// What cannot be read, by the setting's key.
pub type Wrong = BTreeMap<&'static str, Unread>;

/// One panel's form while it is drawn.
pub struct Form<'a> {
    pub(super) recipe: &'a mut Recipe,
    pub(super) around: Surroundings<'a>,
    defaults: Recipe,
    pub(super) suitable: Suitable,
    /// Settings that are drawn by now.
    shown: Vec<&'static Setting>,
    pub(super) wrong: &'a mut Wrong,
}

impl<'a> Form<'a> {
    /// A form that edits `recipe`; `wrong` keeps what cannot be parsed from frame to frame.
    pub fn new(recipe: &'a mut Recipe, wrong: &'a mut Wrong, around: Surroundings<'a>) -> Self {
        let experiment = recipe.experiment().ok();
        let defaults = experiment.map_or_else(|| recipe.clone(), Experiment::recipe);
        // A recipe of no experiment shows no settings, so that nothing is asked of it.
        let suitable = recipe.suitable(around.model.recommendations()).unwrap_or_default();
        Self { recipe, around, defaults, suitable, shown: Vec::new(), wrong }
    }

    /// Draws it: what is drawn by hand, then every other setting of the experiment, section by section.
    pub fn ui(&mut self, ui: &mut Ui, by_hand: Option<fn(&mut Self, &mut Ui)>) {
        let Ok(experiment) = self.recipe.experiment() else { return };
        if let Some(draw) = by_hand {
            draw(self, ui);
        }
        for section in experiment.sections {
            let left: Vec<_> = section.settings().iter().copied().filter(|setting| self.is_left(setting)).collect();
            match section {
                _ if left.is_empty() => {}
                Section::Head(_) => self.settings(ui, &left),
                Section::Open(title, _) => self.section(ui, title, true, &left),
                Section::Closed(title, _) => self.section(ui, title, false, &left),
            }
        }
        if self.around.wanted.is_some_and(|wanted| self.shown.iter().all(|shown| shown.key != wanted)) {
            *self.around.wanted = None; // the model has no use for it
        }
    }

    fn section(&mut self, ui: &mut Ui, title: &str, open: bool, settings: &[&'static Setting]) {
        ui.add_space(GAP / 4.0);
        ui.add(egui::Separator::default().spacing(1.0));
        let reveal = self.wants(settings);
        let count = |is: &dyn Fn(&Setting) -> bool| {
            settings.iter().filter(|setting| self.applies(setting) && is(setting)).count()
        };
        let inside = field::Inside {
            changed: count(&|setting| self.changed(setting)),
            wrong: count(&|setting| self.wrong.contains_key(setting.key)),
        };
        field::section(ui, title, open, reveal, inside, |ui| self.settings(ui, settings));
        self.shown.extend(settings);
    }

    /// Whether it is still to be drawn.
    fn is_left(&self, setting: &Setting) -> bool {
        self.applies(setting) && self.shown.iter().all(|shown| shown.key != setting.key)
    }

    /// Whether it has a say on the recipe's model.
    fn applies(&self, setting: &Setting) -> bool {
        setting.applies(self.recipe, self.around.model.summary())
    }

    /// Whether the keyboard is to go to one of `settings`.
    pub(super) fn wants(&self, settings: &[&Setting]) -> bool {
        self.around.wanted.is_some_and(|wanted| settings.iter().any(|setting| setting.key == wanted))
    }

    /// Leaves a setting out that has no say beside another.
    pub(super) fn pass_over(&mut self, setting: &'static Setting) {
        self.shown.push(setting);
    }

    /// Settings that are drawn in their own way, by `draw`.
    pub(super) fn own(&mut self, ui: &mut Ui, settings: &[&'static Setting], draw: impl FnOnce(&mut Self, &mut Ui)) {
        self.shown.extend(settings);
        let wanted = self.wants(settings);
        let before = if wanted { drawn(ui, |widgets| widgets.count()) } else { 0 };
        draw(self, ui);
        if wanted {
            self.enter(ui, before);
        }
    }

    /// Puts the keyboard into the first control that was drawn after the first `before` widgets.
    fn enter(&mut self, ui: &Ui, before: usize) {
        let focusable = |widget: &&WidgetRect| widget.enabled && widget.sense.contains(Sense::FOCUSABLE);
        if let Some(control) = drawn(ui, |widgets| widgets.skip(before).find(focusable).copied()) {
            ui.memory_mut(|memory| memory.request_focus(control.id));
            ui.scroll_to_rect(control.rect, None);
            *self.around.wanted = None;
        }
    }

    /// Settings one under the other.
    pub(super) fn settings(&mut self, ui: &mut Ui, settings: &[&'static Setting]) {
        for setting in settings.iter().copied().filter(|setting| self.applies(setting)).collect::<Vec<_>>() {
            self.own(ui, &[setting], |form, ui| {
                ui.push_id(setting.key, |ui| form.setting(ui, setting));
            });
        }
    }

    fn setting(&mut self, ui: &mut Ui, setting: &'static Setting) {
        match setting.kind {
            Kind::Prompts => self.prompts(ui, setting),
            Kind::Seed => self.seed(ui, setting),
            Kind::Picture => self.source(ui, setting),
            Kind::Mask => self.mask(ui, setting),
            Kind::Model(words) => self.model(ui, setting, words),
            Kind::Whole(..) | Kind::Entry | Kind::Number(..) => self.numbers(ui, setting),
            Kind::Choice(words) => self.choice(ui, setting, &words()),
            Kind::Switch => self.switch(ui, setting),
            Kind::Text
            | Kind::File
            | Kind::Folder
            | Kind::Timesteps
            | Kind::Pair
            | Kind::Branch
            | Kind::Axis
            | Kind::View
            | Kind::Decomposition => self.text(ui, setting),
        }
    }

    /// A labelled line; the label's reset is done here.
    pub(super) fn row<R>(
        &mut self,
        ui: &mut Ui,
        setting: &'static Setting,
        control: impl FnOnce(&mut Ui, Id) -> R,
    ) -> R {
        let changed = self.changed(setting);
        let label = |ui: &mut Ui| field::label(ui, setting, changed, || self.default_text(setting));
        let (reset, result) = field::row(ui, label, control);
        if reset {
            self.reset(setting);
        }
        result
    }

    fn changed(&self, setting: &Setting) -> bool {
        !(setting.field.same)(self.recipe, &self.defaults)
    }

    fn reset(&mut self, setting: &Setting) {
        self.wrong.remove(setting.key);
        (setting.field.copy)(self.recipe, &self.defaults);
    }

    pub(super) fn text_of(&self, setting: &Setting) -> String {
        let read = || text(&(setting.field.get)(self.recipe));
        self.wrong.get(setting.key).map_or_else(read, |unread| unread.text.clone())
    }

    /// Why what was typed for a setting cannot be read.
    pub(super) fn why_wrong(&self, setting: &Setting) -> Option<String> {
        self.wrong.get(setting.key).map(|unread| unread.why.clone())
    }

    /// What `setting` comes to where nothing is given, as far as that is known.
    pub(super) fn recommended(&self, setting: &Setting) -> String {
        match (setting.suits)(self.recipe, &self.suitable) {
            Some(value) => format!("{value} (recommended)"),
            None => setting.otherwise.to_owned(),
        }
    }

    fn default_text(&self, setting: &Setting) -> String {
        let text = text(&(setting.field.get)(&self.defaults));
        if text.is_empty() { self.recommended(setting) } else { text }
    }

    /// Sets what was typed, or keeps why it cannot be.
    pub(super) fn parse(&mut self, setting: &'static Setting, texts: &[String]) {
        self.wrong.remove(setting.key);
        let empty = texts.iter().all(|text| text.trim().is_empty());
        if empty && !(matches!(setting.kind, Kind::Text) && (setting.field.get)(&self.defaults).is_string()) {
            // A seed that is being typed anew stays until there is another.
            if !matches!(setting.kind, Kind::Seed) {
                self.reset(setting);
            }
            return;
        }
        let parsed = setting.parse(texts).map_err(|error| error.what().to_owned());
        let set = parsed.and_then(|value| (setting.field.set)(self.recipe, value).map_err(|error| error.to_string()));
        if let Err(why) = set {
            let between = if matches!(setting.kind, Kind::View) { " | " } else { ", " };
            self.wrong.insert(setting.key, Unread { text: texts.join(between), why });
        }
    }
}

/// What was drawn so far in this frame, on the form's layer, in order.
fn drawn<R>(ui: &Ui, read: impl FnOnce(&mut dyn Iterator<Item = &WidgetRect>) -> R) -> R {
    ui.ctx().viewport(|viewport| read(&mut viewport.this_pass.widgets.get_layer(ui.layer_id())))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        // Views are texts with commas of their own.
        Value::Array(values) if values.iter().all(Value::is_string) => {
            values.iter().map(text).collect::<Vec<_>>().join(" | ")
        }
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Number(number) => {
            number.as_f64().filter(|_| number.is_f64()).map_or_else(|| number.to_string(), |f| f.to_string())
        }
        other => other.to_string(),
    }
}
