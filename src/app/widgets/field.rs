//! A setting's label and its text: help as tooltip, reset by context menu or double click, and a buffer while it is
//! being typed, so that half a number is no error yet.

use egui::{Id, Response, RichText, Sense, TextEdit, Ui, vec2};

use crate::app::explain::{self, Symbol};
use crate::app::theme::{Icon, tokens};
use crate::experiments::Setting;

/// Width of the labels' column.
const LABELS: f32 = 120.0;

/// Longer texts are told and not laid out: ten frames with a list of 100,000 seeds took three seconds.
const LONGEST: usize = 4000;
/// Characters of a longer one that are shown.
const SHOWN: usize = 24;

/// Draws the label; true when the user wants the default back.
pub fn label(ui: &mut Ui, setting: &Setting, changed: bool, default: impl Fn() -> String) -> (Response, bool) {
    let tokens = tokens(ui);
    let colour = if changed { tokens.text } else { tokens.text_weak };
    let text = RichText::new(setting.label).color(colour).size(12.5);
    // A long one takes two lines. Tab goes past it, to the control.
    let label = ui.add(egui::Label::new(text).sense(Sense::CLICK).wrap());
    if changed {
        let dot = label.rect.right_center() + vec2(7.0, 0.0);
        ui.painter().circle_filled(dot, 2.0, tokens.accent_text);
    }
    let mut reset = changed && label.double_clicked();
    let default = || Some(default()).filter(|default| !default.is_empty()).unwrap_or_else(|| "nothing".to_owned());
    label.context_menu(|ui| {
        if ui.add_enabled(changed, egui::Button::new(format!("Reset to {}", default()))).clicked() {
            reset = true;
        }
        if ui.button(format!("Copy flag --{}", setting.flag())).clicked() {
            ui.copy_text(format!("--{}", setting.flag()));
        }
    });
    let symbol = Symbol::of_setting(setting.key);
    if let Some(symbol) = symbol {
        if label.hovered() {
            explain::mark(&label.ctx, symbol);
        }
        egui::Popup::from_toggle_button_response(&label).show(|ui| explain::card(ui, symbol));
    }
    let label = label.on_hover_ui(|ui| {
        ui.label(setting.help);
        if symbol.is_some() {
            ui.label(RichText::new("Click for what it means").small().color(tokens.text_faint));
        }
        let range = setting.kind.limits().map(|limits| format!("{} to {} · ", limits.start(), limits.end()));
        let range = range.unwrap_or_default();
        let flag = format!("{range}--{} · default {}", setting.flag(), default());
        ui.label(RichText::new(flag).small().color(tokens.text_faint));
    });
    (label, reset)
}

/// Label at the left, control at the right over the rest of the line.
pub fn row<R>(
    ui: &mut Ui,
    label: impl FnOnce(&mut Ui) -> (Response, bool),
    control: impl FnOnce(&mut Ui, Id) -> R,
) -> (bool, R) {
    ui.horizontal(|ui| {
        let height = ui.spacing().interact_size.y;
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let (response, reset) = ui
            .allocate_ui_with_layout(vec2(LABELS, height), layout, |ui| {
                ui.set_min_size(vec2(LABELS, height));
                label(ui)
            })
            .inner;
        (reset, control(ui, response.id))
    })
    .inner
}

/// A text that is edited apart from `current` while it has the focus. Returns what was typed, when it was.
pub fn buffered(
    ui: &mut Ui,
    salt: Id,
    current: &str,
    show: impl FnOnce(&mut Ui, &mut String) -> Response,
) -> (Response, Option<String>) {
    let kept: Option<String> = ui.data(|data| data.get_temp(salt));
    let mut text = kept.clone().unwrap_or_else(|| current.to_owned());
    let response = show(ui, &mut text);
    let typed = response.changed().then(|| text.clone());
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(salt, text));
    } else if kept.is_some() {
        ui.data_mut(|data| data.remove::<String>(salt));
    }
    (response, typed)
}

/// A line of text, named by its label; red while `wrong`.
pub fn line(ui: &mut Ui, text: &mut String, hint: &str, width: f32, label: Id, wrong: bool) -> Response {
    let tokens = tokens(ui);
    let told: String;
    let mut told = if text.len() > LONGEST {
        told = format!("{}… {} bytes; double-click the label to begin anew", start(text), text.len());
        Some(told.as_str())
    } else {
        None
    };
    let edit = match &mut told {
        Some(told) => TextEdit::singleline(told),
        None => TextEdit::singleline(text),
    };
    let edit = edit
        .hint_text(RichText::new(hint).color(tokens.text_faint))
        .desired_width(width)
        .margin(egui::Margin::symmetric(8, 6))
        .text_color_opt(wrong.then_some(tokens.danger));
    ui.add(edit).labelled_by(label)
}

fn start(text: &str) -> &str {
    text.char_indices().nth(SHOWN).map_or(text, |(end, _)| &text[..end])
}

/// What a closed section would hide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inside {
    /// Settings that are other than they began.
    pub changed: usize,
    /// Settings that cannot be read.
    pub wrong: usize,
}

impl Inside {
    /// It in words; nothing where there is nothing to say.
    fn words(self) -> String {
        match self {
            Self { wrong: 1.., .. } => format!("{} to mend", self.wrong),
            Self { changed: 1.., .. } => format!("{} changed", self.changed),
            _ => String::new(),
        }
    }
}

/// A heading that opens and closes what is under it; open in any case where something in it is to be revealed. While it is
/// closed it says what is `inside`.
pub fn section<R>(
    ui: &mut Ui,
    title: &str,
    open: bool,
    reveal: bool,
    inside: Inside,
    contents: impl FnOnce(&mut Ui) -> R,
) -> Option<R> {
    let id = ui.make_persistent_id(title);
    let mut state = egui::collapsing_header::CollapsingState::load_with_default_open(ui.ctx(), id, open);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::click());
    if reveal {
        state.set_open(true);
    }
    let is_open = state.is_open();
    let words = if is_open { String::new() } else { inside.words() };
    let name = if words.is_empty() { format!("{title} section") } else { format!("{title} section, {words}") };
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, is_open, name.clone()));
    if response.clicked() {
        state.toggle(ui);
    }
    let tokens = tokens(ui);
    let colour = if response.hovered() || response.has_focus() { tokens.text } else { tokens.text_weak };
    super::buttons::focus_ring(ui, rect, &response);
    let font = crate::app::theme::medium(12.5);
    ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, title, font, colour);
    let icon = if is_open { Icon::ChevronDown } else { Icon::ChevronRight };
    let square = egui::Rect::from_center_size(rect.right_center() - vec2(8.0, 0.0), egui::Vec2::splat(15.0));
    icon.paint(ui.painter(), square, colour);
    if !words.is_empty() {
        let colour = if inside.wrong > 0 { tokens.danger } else { tokens.accent_text };
        let at = square.left_center() - vec2(8.0, 0.0);
        ui.painter().text(at, egui::Align2::RIGHT_CENTER, words, egui::FontId::proportional(11.5), colour);
    }
    state.show_body_unindented(ui, contents).map(|inner| inner.inner)
}
