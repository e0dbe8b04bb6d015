//! The controls of a form: which widget draws which kind of setting.

use egui::Ui;

use super::recipe_form::{Form, Surroundings};
use crate::app::explain::symbols;
use crate::app::theme::Icon;
use crate::app::widgets::numbers::{Numbers, parts};
use crate::app::widgets::{buttons, choice, field, prompts, seed, source};
use crate::experiments::settings::{Slider, networks};
use crate::experiments::{Kind, Setting, Source};
use crate::models::ModelInfo;

impl Form<'_> {
    pub(super) fn prompts(&mut self, ui: &mut Ui, setting: &'static Setting) {
        field::label(ui, setting, false, String::new);
        let Surroundings { model: facts, tokens, background, history, .. } = &mut self.around;
        let model = self.recipe.networks.model.clone();
        let mut count = |prompt: &str| tokens.get(&model, prompt, background);
        let mut beside =
            prompts::Beside { history, examples: &facts.recommendations().stage_1.prompts, count: &mut count };
        prompts::prompts(ui, &mut self.recipe.prompting.prompt, &mut beside);
    }

    pub(super) fn seed(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let (text, wrong) = (self.text_of(setting), self.wrong.contains_key(setting.key));
        let salt = ui.scope_id().with("seed");
        let mut locked = *self.around.seed_locked;
        let change = self.row(ui, setting, |ui, label| seed::seed(ui, salt, label, &text, wrong, &mut locked));
        *self.around.seed_locked = locked;
        if change.rolled {
            self.recipe.sampling.seed = vec![seed::random()];
            self.wrong.remove(setting.key);
        } else if let Some(typed) = change.typed {
            self.parse(setting, &parts(&typed));
        }
    }

    pub(super) fn source(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let name = self.recipe.source.image.as_ref().map(Source::name);
        let (path, held) = (name.clone().flatten().unwrap_or_default(), name == Some(None));
        let (label, _) = field::label(ui, setting, false, String::new);
        // A picture of the world is no digit.
        let draws = self.recipe.experiment().is_ok_and(|experiment| experiment.uses(&networks::model));
        let offered = if draws { self.around.source.offered() } else { &[] };
        let change = source::source(ui, label.id, self.around.source.texture(), &path, held, offered);
        if change.choose {
            self.around.choose(setting.key, false);
        } else if change.clear {
            self.recipe.source.image = None;
        } else if let Some(path) = change.path {
            self.recipe.source.image = (!path.trim().is_empty()).then(|| Source::named(path.trim()));
        }
    }

    /// The mask: painted on the canvas, or a file by its path.
    pub(super) fn mask(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let (path, hint) = match &self.recipe.inpainting.mask {
            Some(Source::File(path)) => (path.to_string_lossy().into_owned(), ""),
            Some(_) => (String::new(), "painted here"),
            None => (String::new(), "paint it"),
        };
        let salt = ui.scope_id().with("mask");
        let (mut choose, mut clear) = (false, false);
        let given = self.recipe.inpainting.mask.is_some();
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
            self.around.choose(setting.key, false);
        } else if clear {
            self.recipe.inpainting.mask = None;
        } else if let Some(path) = typed {
            self.recipe.inpainting.mask = (!path.trim().is_empty()).then(|| Source::File(path.trim().into()));
        }
    }

    pub(super) fn model(&mut self, ui: &mut Ui, setting: &'static Setting, words: &[(&str, &str)]) {
        let text = self.text_of(setting);
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
            picked = model_menu(&button, models, words);
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

    pub(super) fn numbers(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let text = self.text_of(setting);
        let one = match (setting.overruled)(self.recipe) {
            true => None,
            false if text.is_empty() => (setting.suits)(self.recipe, &self.suitable),
            false => text.parse::<f64>().ok(),
        };
        let hint = self.recommended(setting);
        let wrong = self.why_wrong(setting);
        let numbers = Numbers {
            text: &text,
            hint: &hint,
            value: one,
            span: match setting.slider {
                Slider::Whole => setting.kind.limits(),
                Slider::Part(low, high) => Some(low..=high),
                Slider::None => None,
            },
            whole: !matches!(setting.kind, Kind::Number(..)),
            name: setting.label,
            wrong: wrong.as_deref(),
        };
        let salt = ui.scope_id().with("numbers");
        let typed = self.row(ui, setting, |ui, label| numbers.field(ui, salt, label));
        let more = numbers.has_slider() || wrong.is_some();
        let slid = if more { ui.scope(|ui| numbers.slider(ui)).inner } else { None };
        if matches!(setting.kind, Kind::Entry) {
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
        let current = self.text_of(setting);
        let salt = ui.scope_id().with("choice");
        let current = if current.is_empty() { "automatic" } else { &current };
        let said = |word: &str| symbols::word(setting.key, word);
        let chosen = self.row(ui, setting, |ui, _| choice::words(ui, salt, setting.label, words, current, said));
        if let Some(word) = chosen {
            self.parse(setting, &[word]);
        }
    }

    pub(super) fn switch(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let on = (setting.field.get)(self.recipe).as_bool().unwrap_or(false);
        if self.row(ui, setting, |ui, label| choice::switch(ui, on, label)).clicked() {
            self.parse(setting, &[(!on).to_string()]);
        }
    }

    pub(super) fn text(&mut self, ui: &mut Ui, setting: &'static Setting) {
        let text = self.text_of(setting);
        let wrong = self.why_wrong(setting);
        let salt = ui.scope_id().with("text");
        let (hint, is_path) = match setting.kind {
            Kind::Timesteps => ("e.g. 990, 960, 930 or smart50", false),
            Kind::File => ("a file", true),
            Kind::Folder => ("a folder", true),
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
            self.around.choose(setting.key, matches!(setting.kind, Kind::Folder));
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

fn model_menu(button: &egui::Response, models: &[ModelInfo], words: &[(&str, &str)]) -> Option<String> {
    let mut picked = None;
    egui::Popup::menu(button).width(320.0).show(|ui| {
        ui.set_min_width(300.0);
        let known = models.iter().map(|model| (model.name.as_str(), model.sentence, model.present));
        for (name, sentence, present) in words.iter().map(|(name, sentence)| (*name, *sentence, true)).chain(known) {
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
