//! The picture that an experiment starts from: drop it, paste it, choose it, or type its path.

use egui::{Align2, FontId, Id, Rect, Role, Sense, Stroke, StrokeKind, TextureHandle, Ui, WidgetInfo, pos2, vec2};

use super::buttons;
use super::field::{buffered, line};
use crate::app::theme::{Icon, RADIUS, RADIUS_LARGE, tokens};

/// What the user did with the source.
#[derive(Default)]
pub struct SourceChange {
    /// A file was asked for.
    pub choose: bool,
    /// It was taken away.
    pub clear: bool,
    /// A path was typed, or one that is offered was chosen.
    pub path: Option<String>,
}

/// A picture that is there to be tried.
pub struct Offered {
    /// What it is called.
    pub name: &'static str,
    /// What would be typed for it.
    pub path: String,
    /// What is on it.
    pub sentence: &'static str,
    /// It, small.
    pub texture: TextureHandle,
}

/// Side of an offered picture.
const THUMBNAIL: f32 = 32.0;

/// Draws the picture, or the place to drop one, and beneath it the ones that are offered.
pub fn source(
    ui: &mut Ui,
    label: Id,
    texture: Option<&TextureHandle>,
    path: &str,
    held: bool,
    offered: &[Offered],
) -> SourceChange {
    let mut change = SourceChange::default();
    let tokens = tokens(ui);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 132.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Choose a source picture"));
    let border = if response.hovered() { tokens.border_strong } else { tokens.border };
    ui.painter().rect(rect, RADIUS_LARGE, tokens.raised, Stroke::new(1.0, border), StrokeKind::Inside);
    buttons::focus_ring(ui, rect, &response);
    match texture {
        Some(texture) => {
            let size = texture.size_vec2();
            let scale = ((rect.height() - 16.0) / size.y).min((rect.width() - 16.0) / size.x);
            let inner = Rect::from_center_size(rect.center(), size * scale);
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), inner, all, egui::Color32::WHITE);
        }
        None => {
            let icon = Rect::from_center_size(rect.center() - vec2(0.0, 22.0), egui::Vec2::splat(26.0));
            Icon::Picture.paint(ui.painter(), icon, tokens.text_faint);
            let centre = rect.center() + vec2(0.0, 12.0);
            ui.painter().text(
                centre,
                Align2::CENTER_CENTER,
                "Drop, paste or choose a picture",
                FontId::proportional(12.5),
                tokens.text_weak,
            );
            let hint = centre + vec2(0.0, 20.0);
            ui.painter().text(
                hint,
                Align2::CENTER_CENTER,
                "It is cropped to a square",
                FontId::proportional(11.5),
                tokens.text_faint,
            );
        }
    }
    change.choose = response.on_hover_text("Choose a picture; Ctrl+V pastes one").clicked();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let width = ui.available_width() - 32.0;
        let hint = if held { "In memory" } else { "or type its path" };
        let salt = Id::unique("source path");
        change.path = buffered(ui, salt, path, |ui, text| line(ui, text, hint, width, label, false)).1;
        ui.add_enabled_ui(texture.is_some() || !path.is_empty(), |ui| {
            change.clear = buttons::icon(ui, Icon::Cross, "Remove the source", "Take the picture away").clicked();
        });
    });
    if !offered.is_empty() {
        change.path = offers(ui, offered, path).or(change.path);
    }
    change
}

fn offers(ui: &mut Ui, offered: &[Offered], path: &str) -> Option<String> {
    let tokens = tokens(ui);
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(egui::RichText::new("or try").size(11.5).color(tokens.text_faint));
        for picture in offered {
            let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(THUMBNAIL), Sense::click());
            let name = format!("Start from the {}", picture.name);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            egui::Image::new((picture.texture.id(), rect.size())).corner_radius(RADIUS).uv(all).paint_at(ui, rect);
            let on = path == picture.path;
            if on || response.hovered() {
                let line =
                    Stroke::new(if on { 2.0 } else { 1.0 }, if on { tokens.accent } else { tokens.border_strong });
                ui.painter().rect_stroke(rect, RADIUS, line, StrokeKind::Outside);
            }
            buttons::focus_ring(ui, rect, &response);
            if response.on_hover_text(picture.sentence).clicked() {
                chosen = Some(picture.path.clone());
            }
        }
    });
    chosen
}
