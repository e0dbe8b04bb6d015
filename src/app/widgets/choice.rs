//! One of a few words: side by side where they are two or three, a list otherwise; and on or off.

use egui::{
    Align2, ComboBox, FontId, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::buttons::focus_ring;
use crate::app::theme::{RADIUS, tokens};

/// The word that was chosen, if one was; `said` has a sentence for each.
pub fn words(
    ui: &mut Ui,
    salt: Id,
    name: &str,
    words: &[&'static str],
    current: &str,
    said: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    if (2..=3).contains(&words.len()) {
        return segments_with_help(ui, words, current, said);
    }
    let mut chosen = None;
    let width = ui.available_width();
    let combo = ComboBox::from_id_salt(salt).selected_text(current).width(width);
    let shown = combo.show_ui(ui, |ui| {
        for word in words {
            let label = ui.selectable_label(*word == current, *word);
            if label.on_hover_text(said(word).unwrap_or_default()).clicked() {
                chosen = Some((*word).to_owned());
            }
        }
    });
    let response = shown.response.on_hover_text(said(current).unwrap_or_default());
    response.accessible_name(name);
    chosen
}

/// A few words side by side; the one that was chosen.
pub fn segments(ui: &mut Ui, words: &[&'static str], current: &str) -> Option<String> {
    segments_with_help(ui, words, current, |_| None)
}

fn segments_with_help(
    ui: &mut Ui,
    words: &[&'static str],
    current: &str,
    said: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let tokens = tokens(ui);
    let mut chosen = None;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 30.0), Sense::hover());
    ui.painter().rect(rect, RADIUS, tokens.raised, Stroke::new(1.0, tokens.border), StrokeKind::Inside);
    let font = FontId::proportional(12.5);
    let texts: Vec<f32> = words
        .iter()
        .map(|word| ui.fonts_mut(|fonts| fonts.layout_no_wrap((*word).to_owned(), font.clone(), tokens.text).size().x))
        .collect();
    // Longer words get more room, the rest is shared.
    let spare = (rect.width() - texts.iter().sum::<f32>()) / words.len() as f32;
    let mut left = rect.left();
    for (word, text) in words.iter().zip(texts) {
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(text + spare, rect.height()));
        left = cell.right();
        let response = ui.interact(cell, ui.scope_id().with(("segment", *word)), Sense::click());
        let on = *word == current;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, *word));
        if on {
            ui.painter().rect_filled(cell.shrink(3.0), RADIUS - 2, tokens.active);
        }
        focus_ring(ui, cell, &response);
        let colour = if on || response.hovered() { tokens.text } else { tokens.text_weak };
        ui.painter().text(cell.center(), Align2::CENTER_CENTER, word, font.clone(), colour);
        let response = match said(word) {
            Some(said) => response.on_hover_text(said),
            None => response,
        };
        if response.clicked() {
            chosen = Some((*word).to_owned());
        }
    }
    chosen
}

/// A switch; true when it was thrown.
pub fn switch(ui: &mut Ui, on: bool, label: Id) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(34.0, 20.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, ""));
    let tokens = tokens(ui);
    let how = ui.animate_bool(response.id, on);
    let fill = if on { tokens.accent } else { tokens.active };
    ui.painter().rect(rect, 10.0, fill, Stroke::new(1.0, tokens.border), StrokeKind::Inside);
    let knob = pos2(egui::lerp(rect.left() + 10.0..=rect.right() - 10.0, how), rect.center().y);
    let colour = if on { tokens.on_accent } else { tokens.text_weak };
    ui.painter().circle_filled(knob, 6.5, colour);
    focus_ring(ui, rect.expand2(Vec2::splat(2.0)), &response);
    response.labelled_by(label)
}
