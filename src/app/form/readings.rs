//! The readings of an anagram as cards: a prompt, the view through which it sees the picture, the view's parameters
//! and its weight; and whether the view may be trusted with noise.

use egui::{Align2, ComboBox, DragValue, FontId, Frame, Margin, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};

use super::recipe_form::Form;
use crate::app::theme::{Icon, RADIUS_LARGE, tokens};
use crate::app::widgets::{buttons, field, prompts};
use crate::experiments::Setting;
use crate::experiments::settings::{digits, prompting, views};
use crate::spec::Grain;
use crate::views::{VIEWS, ViewSpec};

const WHY: &str = "Noise stays white under it: pixels only change places or signs, so the network sees the noise that it \
                   was trained on, and the estimate comes back without loss.";

/// What a card sets: what the picture is to be read as, the view, its weight.
fn reading(of_digits: bool) -> [&'static Setting; 3] {
    [if of_digits { &digits::classes } else { &prompting::prompt }, &views::view, &views::weight]
}

/// What a card was asked for.
#[derive(Default)]
struct Asked {
    remove: Option<usize>,
    view: Option<(usize, ViewSpec)>,
    weight: Option<(usize, f64)>,
}

impl Form<'_> {
    /// Prompt, view and weight of each reading. With a decomposition there are more prompts than views: then plainly.
    pub(super) fn readings(&mut self, ui: &mut Ui) {
        if self.recipe.parts.decomposition.is_some() {
            self.settings(ui, &reading(false));
            return;
        }
        self.own(ui, &reading(self.reads_digits()), Self::cards);
    }

    /// Whether each view is to be a digit, rather than what a prompt says.
    fn reads_digits(&self) -> bool {
        self.recipe.experiment().is_ok_and(|experiment| experiment.uses(&digits::classes))
    }

    /// Makes room for what so many views are to be read as.
    fn fit_readings(&mut self, count: usize) {
        if self.reads_digits() {
            let classes = &mut self.recipe.digits.classes;
            *classes = classes.chars().filter(char::is_ascii_digit).chain(std::iter::repeat('0')).take(count).collect();
        } else {
            self.recipe.prompting.prompt.resize(count.max(1), String::new());
        }
    }

    fn cards(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            field::label(ui, reading(self.reads_digits())[0], false, String::new);
            let text = RichText::new("each with its view").size(11.5);
            ui.add(egui::Label::new(text.color(tokens(ui).text_faint)).truncate());
        });
        let count = self.recipe.views.view.len();
        self.fit_readings(count);
        let mut asked = Asked::default();
        for at in 0..count {
            ui.push_id(("reading", at), |ui| self.card(ui, at, count, &mut asked));
        }
        self.apply(asked);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            if buttons::quiet(ui, Icon::Plus, "Add view").on_hover_text("One more reading of the picture").clicked()
                && let Ok(view) = ViewSpec::new(if count == 0 { "identity" } else { "rotate_90" })
            {
                self.recipe.views.view.push(view);
                self.fit_readings(count + 1);
                if !self.recipe.views.weight.is_empty() {
                    self.recipe.views.weight.push(1.0);
                }
            }
            if !self.reads_digits() {
                self.pick_prompts(ui);
            }
        });
    }

    fn apply(&mut self, asked: Asked) {
        if let Some((at, view)) = asked.view {
            self.recipe.views.view[at] = view;
        }
        if let Some((at, weight)) = asked.weight {
            if self.recipe.views.weight.len() != self.recipe.views.view.len() {
                self.recipe.views.weight = vec![1.0; self.recipe.views.view.len()];
            }
            self.recipe.views.weight[at] = weight;
            if self.recipe.views.weight.iter().all(|weight| *weight == 1.0) {
                self.recipe.views.weight.clear();
            }
        }
        if let Some(at) = asked.remove {
            self.recipe.views.view.remove(at);
            if self.reads_digits() {
                self.recipe.digits.classes.remove(at);
            } else {
                self.recipe.prompting.prompt.remove(at);
            }
            if at < self.recipe.views.weight.len() {
                self.recipe.views.weight.remove(at);
            }
        }
    }

    fn card(&mut self, ui: &mut Ui, at: usize, count: usize, asked: &mut Asked) {
        let tokens = tokens(ui);
        let frame = Frame::new()
            .fill(tokens.stage)
            .stroke(Stroke::new(1.0, tokens.border))
            .corner_radius(RADIUS_LARGE)
            .inner_margin(Margin::same(8));
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            if self.reads_digits() {
                self.digit_line(ui, at);
            } else {
                self.prompt_line(ui, at, &format!("Prompt {}", at + 1));
            }
            ui.horizontal_top(|ui| {
                self.thumbnail(ui, at);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 4.0;
                    self.view_choice(ui, at, asked);
                    self.parameters(ui, at, asked);
                    ui.horizontal(|ui| {
                        let mut weight = self.recipe.views.weight.get(at).copied().unwrap_or(1.0);
                        let label = ui.label(RichText::new("Weight").size(12.0).color(tokens.text_weak));
                        let drag = DragValue::new(&mut weight).speed(0.02).range(-100.0..=100.0);
                        if ui.add(drag).labelled_by(label.id).on_hover_text(views::weight.help).changed() {
                            asked.weight = Some((at, weight));
                        }
                        badge(ui, &self.recipe.views.view[at]);
                        let right = egui::Layout::right_to_left(egui::Align::Center);
                        ui.with_layout(right, |ui| {
                            let name = format!("Remove view {}", at + 1);
                            ui.add_enabled_ui(count > 1, |ui| {
                                if buttons::icon(ui, Icon::Cross, &name, "Take this reading away").clicked() {
                                    asked.remove = Some(at);
                                }
                            });
                        });
                    });
                });
            });
        });
    }

    /// The digit that a view is to be.
    fn digit_line(&mut self, ui: &mut Ui, at: usize) {
        let digit = self.recipe.digits.classes.chars().nth(at).unwrap_or('0');
        ui.horizontal(|ui| {
            ui.label(RichText::new("Read as").size(12.0).color(tokens(ui).text_weak));
            let combo = ComboBox::from_id_salt(("digit", at)).selected_text(digit.to_string()).width(64.0);
            let shown = combo.show_ui(ui, |ui| {
                for other in '0'..='9' {
                    if ui.selectable_label(other == digit, other.to_string()).clicked() {
                        self.recipe.digits.classes.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
                    }
                }
            });
            shown.response.accessible_name(format!("Digit {}", at + 1));
        });
    }

    fn thumbnail(&mut self, ui: &mut Ui, at: usize) {
        let (rect, response) = ui.allocate_exact_size(vec2(84.0, 84.0), Sense::hover());
        let tokens = tokens(ui);
        let picture = self.around.views.picture(ui.ctx(), &self.recipe.views.view[at], response.hovered());
        match picture {
            Some(picture) => {
                let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                ui.painter().image(picture.id(), rect, all, egui::Color32::WHITE);
            }
            None => {
                ui.painter().rect_filled(rect, 4.0, tokens.empty_cell);
                let font = FontId::proportional(11.0);
                ui.painter().text(rect.center(), Align2::CENTER_CENTER, "not at 64 px", font, tokens.text_faint);
            }
        }
        response.on_hover_text("A sample picture as this prompt sees it; it turns while the pointer is on it");
    }

    fn view_choice(&mut self, ui: &mut Ui, at: usize, asked: &mut Asked) {
        let entry = self.recipe.views.view[at].entry();
        let width = ui.available_width();
        let combo = ComboBox::from_id_salt(("view", at)).selected_text(entry.label).width(width);
        let shown = combo.show_ui(ui, |ui| {
            for view in VIEWS {
                let chosen = ui.selectable_label(view.name == entry.name, view.label).on_hover_text(view.sentence);
                if chosen.clicked()
                    && let Ok(view) = ViewSpec::new(view.name)
                {
                    asked.view = Some((at, view));
                }
            }
        });
        shown.response.on_hover_text(entry.sentence).accessible_name("View");
    }

    fn parameters(&mut self, ui: &mut Ui, at: usize, asked: &mut Asked) {
        let view = self.recipe.views.view[at].clone();
        for (parameter, value) in view.entry().parameters.iter().zip(view.values()) {
            ui.horizontal(|ui| {
                let name = RichText::new(parameter.label).size(12.0).color(tokens(ui).text_weak);
                let label = ui.label(name).on_hover_text(parameter.help);
                let mut new = *value;
                let whole = parameter.grain == Grain::Whole;
                let speed = if whole { 0.1 } else { (parameter.max - parameter.min) / 400.0 };
                let drag = DragValue::new(&mut new).range(parameter.min..=parameter.max).speed(speed);
                let drag = if whole { drag.max_decimals(0) } else { drag.max_decimals(3) };
                if ui.add(drag).labelled_by(label.id).on_hover_text(parameter.help).changed()
                    && let Ok(changed) = view.clone().with(parameter.name, if whole { new.round() } else { new })
                {
                    asked.view = Some((at, changed));
                }
            });
        }
    }

    /// One prompt with its tokens.
    pub(super) fn prompt_line(&mut self, ui: &mut Ui, at: usize, name: &str) {
        let model = self.recipe.networks.model.clone();
        let Some(prompt) = self.recipe.prompting.prompt.get_mut(at) else { return };
        let count = self.around.tokens.get(&model, prompt, self.around.background);
        prompts::one(ui, prompt, at, name, count, self.around.history);
    }

    /// Examples and earlier prompts, into the prompt that was edited last.
    pub(super) fn pick_prompts(&mut self, ui: &mut Ui) {
        let examples = self.around.model.recommendations().stage_1.prompts.clone();
        prompts::pick_into(ui, &mut self.recipe.prompting.prompt, &examples, self.around.history);
    }
}

/// Whether a view keeps noise as it is.
fn badge(ui: &mut Ui, view: &ViewSpec) {
    let tokens = tokens(ui);
    let (text, colour, why) = match view.entry().orthogonal {
        true => ("orthogonal", tokens.success, WHY),
        false => ("not orthogonal", tokens.warning, view.entry().sentence),
    };
    let text = RichText::new(text).size(11.5).color(colour);
    ui.label(text).on_hover_text(why);
}
