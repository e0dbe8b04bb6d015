//! The gallery as a strip of thumbnails, newest first; only those in sight are read.

use egui::{CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{Gallery, Thumbnail};
use crate::app::commands::Command;
use crate::app::shared::Shared;
use crate::app::text::file_name;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::{buttons, note};

const SIDE: f32 = 72.0;
const STEP: f32 = SIDE + 8.0;

/// Commands in a thumbnail's menu.
const MENU: [Command; 10] = [
    Command::Star,
    Command::Page,
    Command::Compare,
    Command::RestoreSettings,
    Command::RestoreButSeed,
    Command::UseAsSource,
    Command::CopyPicture,
    Command::CopyCommand,
    Command::OpenFolder,
    Command::Trash,
];

impl Gallery {
    /// Draws the strip; a picture that is pressed is wanted.
    pub fn ui(&mut self, ui: &mut Ui, shared: &mut Shared) {
        if self.paths.is_empty() {
            let text = "Finished pictures gather here, each with the settings that made it inside";
            return note(ui, text, tokens(ui).text_faint);
        }
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let help = "Show only pictures with a star (S gives one)";
            if buttons::icon_button(ui, Icon::Star, "Only starred", help, self.only_starred).clicked() {
                self.only_starred = !self.only_starred;
            }
            strip(ui, self, shared);
        });
    }
}

fn strip(ui: &mut Ui, gallery: &mut Gallery, shared: &mut Shared) {
    let paths = gallery.listed_paths();
    ScrollArea::horizontal().id_salt("gallery").auto_shrink([false, false]).show_viewport(ui, |ui, viewport| {
        ui.set_width(STEP * paths.len() as f32);
        ui.set_height(SIDE);
        let corner = ui.min_rect().left_top();
        let first = (viewport.left() / STEP).floor().max(0.0) as usize;
        let last = ((viewport.right() / STEP).ceil().max(0.0) as usize).min(paths.len());
        for (i, path) in paths.iter().enumerate().take(last).skip(first) {
            let rect = Rect::from_min_size(corner + vec2(STEP * i as f32, 0.0), Vec2::splat(SIDE));
            let selected = gallery.selected.as_ref() == Some(path);
            let name = file_name(path);
            let response = ui.interact(rect, ui.scope_id().with(path), Sense::click());
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &name));
            draw(
                ui,
                rect,
                gallery.thumbnails.get(path, &shared.background),
                selected,
                response.hovered() || response.has_focus(),
            );
            if gallery.is_starred(path) {
                let corner = Rect::from_min_size(rect.right_top() + vec2(-20.0, 4.0), Vec2::splat(16.0));
                ui.painter().rect_filled(corner.expand(2.0), 9.0, egui::Color32::from_black_alpha(140));
                Icon::Star.paint(ui.painter(), corner, egui::Color32::from_rgb(255, 214, 90));
            }
            if response.clicked() {
                shared.to_show = Some((path.clone(), None));
            }
            response.context_menu(|ui| {
                for command in MENU {
                    if ui.button(command.about().text).clicked() {
                        shared.to_show = Some((path.clone(), Some(command)));
                        ui.close();
                    }
                }
            });
            response.on_hover_text(name);
        }
        gallery.thumbnails.keep_near(&gallery.paths, paths.get(first..last).unwrap_or_default());
        // The chosen picture stays in sight when it is chosen with the arrow keys.
        let moved =
            ui.input(|input| input.key_pressed(egui::Key::ArrowLeft) || input.key_pressed(egui::Key::ArrowRight));
        if moved && let Some(at) = paths.iter().position(|path| gallery.selected.as_ref() == Some(path)) {
            ui.scroll_to_rect(Rect::from_min_size(corner + vec2(STEP * at as f32, 0.0), Vec2::splat(SIDE)), None);
        }
    });
}

fn draw(ui: &Ui, rect: Rect, thumbnail: &Thumbnail, selected: bool, hovered: bool) {
    let tokens = tokens(ui);
    let rounded = CornerRadius::same(6);
    ui.painter().rect_filled(rect, rounded, tokens.empty_cell);
    match thumbnail {
        Thumbnail::Ready(texture) => {
            let size = texture.size_vec2();
            let scale = SIDE / size.x.max(size.y);
            let inner = Rect::from_center_size(rect.center(), size * scale);
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            let shape =
                egui::epaint::RectShape::filled(inner, rounded, egui::Color32::WHITE).with_texture(texture.id(), all);
            ui.painter().add(shape);
        }
        Thumbnail::Asked(_) => {}
        Thumbnail::Broken => Icon::Cross.paint(ui.painter(), rect.shrink(26.0), tokens.text_faint),
    }
    let stroke = match (selected, hovered) {
        (true, _) => Stroke::new(2.0, tokens.accent_text),
        (_, true) => Stroke::new(1.0, tokens.border_strong),
        _ => Stroke::NONE,
    };
    ui.painter().rect_stroke(rect, rounded, stroke, StrokeKind::Inside);
}
