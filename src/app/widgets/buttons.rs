//! Buttons: the one to press, quiet ones, and icons with a name for screen readers and tests.

use egui::{Align2, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use crate::app::theme::{Icon, RADIUS, medium, tokens};

/// An icon without a frame; `name` is its accessible name and `help` its tooltip.
pub fn icon(ui: &mut Ui, icon: Icon, name: &str, help: &str) -> Response {
    icon_button(ui, icon, name, help, false)
}

/// The same, which can be on.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, help: &str, on: bool) -> Response {
    let side = ui.spacing().interact_size.y;
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, on, name));
    let tokens = tokens(ui);
    if on {
        ui.painter().rect_filled(rect, RADIUS, tokens.accent_soft);
    } else if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, RADIUS, tokens.hover);
    }
    focus_ring(ui, rect, &response);
    let colour = match (on, enabled && response.hovered()) {
        (true, _) => tokens.accent_text,
        (_, true) => tokens.text,
        _ => tokens.text_weak,
    };
    icon.paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(17.0)), fade(ui, colour));
    if help.is_empty() { response } else { response.on_hover_text(help).on_disabled_hover_text(help) }
}

/// The one button of a panel, in the accent, as wide as there is room; keys at its right.
pub fn primary(ui: &mut Ui, text: &str, keys: Option<&str>) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    let tokens = tokens(ui);
    let fill = if response.hovered() && enabled { tokens.accent_hover } else { tokens.accent };
    let fill = if enabled { fill } else { tokens.active };
    ui.painter().rect_filled(rect, CornerRadius::same(8), fill);
    focus_ring(ui, rect, &response);
    let colour = if enabled { tokens.on_accent } else { tokens.text };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, medium(14.0), colour);
    if let Some(keys) = keys {
        let at = rect.right_center() - vec2(14.0, 0.0);
        ui.painter().text(at, Align2::RIGHT_CENTER, keys, FontId::proportional(11.5), colour.gamma_multiply(0.8));
    }
    response
}

/// Icon and text, without a frame until the pointer is there.
pub fn quiet(ui: &mut Ui, icon: Icon, text: &str) -> Response {
    labelled(ui, Some(icon), text, false, false)
}

/// The same with a frame, for things to choose from.
pub fn chip(ui: &mut Ui, text: &str) -> Response {
    labelled(ui, None, text, true, false)
}

/// One of several, which can be the chosen one.
pub fn chip_on(ui: &mut Ui, text: &str, on: bool) -> Response {
    labelled(ui, None, text, true, on)
}

fn labelled(ui: &mut Ui, icon: Option<Icon>, text: &str, framed: bool, on: bool) -> Response {
    let tokens = tokens(ui);
    let font = FontId::proportional(12.5);
    let room = (ui.max_rect().width() - 48.0).max(80.0);
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, egui::Color32::PLACEHOLDER);
    job.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let mark = if icon.is_some() { 22.0 } else { 0.0 };
    // A quiet button is as wide as its text, so that it stands flush; its ground reaches beyond.
    let pad = if framed { 10.0 } else { 0.0 };
    let size = vec2(galley.size().x + mark + 2.0 * pad, 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| match on {
        true => WidgetInfo::selected(Role::Button, enabled, true, text),
        false => WidgetInfo::labeled(Role::Button, enabled, text),
    });
    let lit = enabled && (response.hovered() || response.has_focus());
    if framed {
        let border = match (on, lit) {
            (true, _) => tokens.accent_text,
            (_, true) => tokens.border_strong,
            _ => tokens.border,
        };
        let fill = if on {
            tokens.accent_soft
        } else if lit {
            tokens.hover
        } else {
            tokens.raised
        };
        ui.painter().rect(rect, 14.0, fill, Stroke::new(1.0, border), StrokeKind::Inside);
    } else if lit {
        ui.painter().rect_filled(rect.expand2(vec2(8.0, 0.0)), RADIUS, tokens.hover);
    }
    focus_ring(ui, rect.expand2(vec2(8.0 - pad.min(8.0), 0.0)), &response);
    let colour = fade(ui, if lit { tokens.text } else { tokens.text_weak });
    if let Some(icon) = icon {
        let square = Rect::from_center_size(rect.left_center() + vec2(pad + 7.5, 0.0), Vec2::splat(15.0));
        icon.paint(ui.painter(), square, colour);
    }
    let corner = egui::pos2(rect.left() + pad + mark, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(corner, galley, colour);
    response
}

/// A line around what has the keyboard.
pub fn focus_ring(ui: &Ui, rect: Rect, response: &Response) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, tokens(ui).accent_text);
        ui.painter().rect_stroke(rect, RADIUS, stroke, StrokeKind::Inside);
    }
}

/// Paler where the surroundings are disabled.
pub fn fade(ui: &Ui, colour: egui::Color32) -> egui::Color32 {
    if ui.is_enabled() { colour } else { colour.gamma_multiply(0.45) }
}
