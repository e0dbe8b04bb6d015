//! The controls of a form: which widget draws which kind of setting.

use egui::Ui;
use serde_json::Value;

use super::recipe_form::{Form, Surroundings};
use crate::app::explain::symbols;
use crate::app::theme::Icon;
use crate::app::widgets::numbers::{Numbers, parts};
use crate::app::widgets::{buttons, choice, field, prompts, seed, source};
use crate::experiments::{Kind, Setting, Source};
use crate::models::ModelInfo;

impl Form<'_> {
    pub(super) fn prompts(&mut self, ui: &mut Ui, setting: &'static Setting) {
        field::label(ui, setting, false, "");
        let Surroundings { model: facts, tokens, background, history, .. } = &mut self.around;
        let model = self.recipe.model.clone();
        let mut count = |prompt: &str| tokens.get(&model, prompt, background);
        let mut beside =
            prompts::Beside { history, examples: &facts.recommendations().stage_1.prompts, count: &mut count };
        prompts::prompts(ui, &mut self.recipe.prompt, &mut beside);
    }

    pub(super) fn seed(&mut self, ui: &mut Ui, setting: &'static Setting) {
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

    pub(super) fn source(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let name = self.recipe.image.as_ref().map(Source::name);
        let (path, held) = (name.clone().flatten().unwrap_or_default(), name == Some(None));
        let (label, _) = field::label(ui, setting, false, "");
        // A picture of the world is no digit.
        let offered = if self.reads("model") { self.around.source.offered() } else { &[] };
        let change = source::source(ui, label.id, self.around.source.texture(), &path, held, offered);
        if change.choose {
            self.around.choose("image", false);
        } else if change.clear {
            self.recipe.image = None;
        } else if let Some(path) = change.path {
            self.recipe.image = (!path.trim().is_empty()).then(|| Source::named(path.trim()));
        }
    }

    /// The mask: painted on the canvas, or a file by its path.
    pub(super) fn mask(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let (path, hint) = match &self.recipe.mask {
            Some(Source::File(path)) => (path.to_string_lossy().into_owned(), ""),
            Some(_) => (String::new(), "painted here"),
            None => (String::new(), "paint it"),
        };
        let salt = ui.scope_id().with("mask");
        let (mut choose, mut clear) = (false, false);
        let given = self.recipe.mask.is_some();
        let typed = self.row(ui, setting, |ui, label| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let width = ui.available_width() - 2.0 * 32.0;
            let typed = field::buffered(ui, salt, &path, |ui, text| field::line(ui, text, hint, width, label, false)).1;
            let name = format!("{} file", setting.label);
            choose = buttons::icon(ui, Icon::Folder, &name, "Choose a mask: white new, black kept").clicked();
            ui.add_enabled_ui(given, |ui| {
                clear = buttons::icon(ui, Icon::Cross, "Remove the mask", "Begin with an empty mask").clicked();
            });
            typed
        });
        if choose {
            self.around.choose("mask", false);
        } else if clear {
            self.recipe.mask = None;
        } else if let Some(path) = typed {
            self.recipe.mask = (!path.trim().is_empty()).then(|| Source::File(path.trim().into()));
        }
    }

    pub(super) fn model(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let text = self.text_of(setting.key);
        let salt = ui.scope_id().with("model");
        let models = self.around.model.models();
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
            self.around.choose(setting.key, true);
        }
        if let Some(text) = picked.or(typed) {
            self.parse(setting, &[text.trim().to_owned()]);
        }
    }

    pub(super) fn numbers(
        &mut self,
        ui: &mut Ui,
        setting: &'static Setting,
        limits: std::ops::RangeInclusive<f64>,
        whole: bool,
    ) {
        let text = self.text_of(setting.key);
        let effective = match setting.key {
            "steps" if !self.walks_a_cascade() => self.course("steps"),
            key => self.suitable.of(key).or_else(|| self.course(key)),
        };
        let one = match self.recipe.timesteps.is_some() && setting.key == "steps" {
            true => None,
            false if text.is_empty() => effective,
            false => text.parse::<f64>().ok(),
        };
        let hint = match (setting.key, effective) {
            (_, Some(value)) => format!("{value} (recommended)"),
            ("steps", None) => "the network's own".to_owned(),
            ("i_start", None) => "automatic".to_owned(),
            _ => String::new(),
        };
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
        let more = numbers.has_slider() || wrong.is_some();
        let slid = if more { ui.scope(|ui| numbers.slider(ui)).inner } else { None };
        if setting.key == "i_start" {
            let starts = self.around.model.starts(self.recipe);
            let list: Vec<String> = starts.iter().map(usize::to_string).collect();
            let text = if list.is_empty() { " ".to_owned() } else { format!("t = {}", list.join(", ")) };
            let colour = crate::app::theme::tokens(ui).text_faint;
            ui.label(egui::RichText::new(text).size(11.5).color(colour)).on_hover_text(
                "The timesteps that these entries of the list are: the higher, the more noise, the freer the result",
            );
        }
        if let Some(text) = slid.or(typed) {
            let values = if setting.repeatable { parts(&text) } else { vec![text.trim().to_owned()] };
            self.parse(setting, &values);
        }
    }

    pub(super) fn choice(&mut self, ui: &mut Ui, setting: &'static Setting, words: &[&'static str]) {
        let current = self.text_of(setting.key);
        let salt = ui.scope_id().with("choice");
        let current = if current.is_empty() { "automatic" } else { &current };
        let said = |word: &str| symbols::word(setting.key, word);
        let chosen = self.row(ui, setting, |ui, _| choice::words(ui, salt, setting.label, words, current, said));
        if let Some(word) = chosen {
            self.parse(setting, &[word]);
        }
    }

    pub(super) fn switch(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let on = self.values.get(setting.key).and_then(Value::as_bool).unwrap_or(false);
        if self.row(ui, setting, |ui, label| choice::switch(ui, on, label)).clicked() {
            self.parse(setting, &[(!on).to_string()]);
        }
    }

    pub(super) fn text(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let text = self.text_of(setting.key);
        let wrong = self.wrong.get(setting.key).cloned();
        let salt = ui.scope_id().with("text");
        let (hint, is_path) = match setting.kind {
            Kind::Timesteps => ("e.g. 990, 960, 930 or smart50", false),
            Kind::Path => ("a file", true),
            Kind::View => ("identity | flip_vertical", false),
            Kind::Axis => ("e.g. guidance=1,3,7", false),
            Kind::Pair => ("e.g. 5,10", false),
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
            self.around.choose(setting.key, false);
        }
        if let Some(text) = typed {
            let texts: Vec<String> = match setting.kind {
                Kind::View => text.split('|').map(|view| view.trim().to_owned()).collect(),
                _ => vec![text],
            };
            self.parse(setting, &texts);
        }
    }
}

/// Where a slider ends: the useful part of what is allowed.
fn span(key: &str, limits: &std::ops::RangeInclusive<f64>) -> Option<std::ops::RangeInclusive<f64>> {
    Some(match key {
        "count" | "lr" | "ema" | "max_steps" | "pick" => return None,
        "epochs" => 1.0..=50.0,
        "batch" => 2.0..=512.0,
        "hidden" => 4.0..=128.0,
        "noise_sigma" => 0.0..=2.0,
        "guidance" | "stage_2_guidance" => 0.0..=15.0,
        "steps" | "stage_2_steps" => 1.0..=100.0,
        _ => limits.clone(),
    })
}

fn model_menu(button: &egui::Response, models: &[ModelInfo], second: bool) -> Option<String> {
    let mut picked = None;
    egui::Popup::menu(button).width(320.0).show(|ui| {
        ui.set_min_width(300.0);
        let special: &[(&str, &str)] =
            if second { &[("auto", "the model's own stage II"), ("none", "stop after stage I")] } else { &[] };
        let known = models.iter().map(|model| (model.name.as_str(), model.sentence, model.present));
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
