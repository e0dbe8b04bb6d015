//! The gallery as a strip of thumbnails, newest first; only those in sight are read.

use std::path::PathBuf;

use egui::{CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use crate::app::background::Background;
use crate::app::commands::Command;
use crate::app::gallery::{Gallery, Thumbnail};
use crate::app::theme::{Icon, tokens};

const SIDE: f32 = 72.0;
const STEP: f32 = SIDE + 8.0;

/// What the user did with the strip.
#[derive(Default)]
pub struct StripChange {
    /// A picture was chosen.
    pub chosen: Option<PathBuf>,
    /// A command from a picture's menu; the picture is chosen first.
    pub command: Option<(PathBuf, Command)>,
}

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

/// Draws the strip.
pub fn strip(ui: &mut Ui, gallery: &mut Gallery, background: &Background) -> StripChange {
    let mut change = StripChange::default();
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
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let response = ui.interact(rect, ui.scope_id().with(path), Sense::click());
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, &name));
            draw(
                ui,
                rect,
                gallery.thumbnails.get(path, background),
                selected,
                response.hovered() || response.has_focus(),
            );
            if gallery.is_starred(path) {
                let corner = Rect::from_min_size(rect.right_top() + vec2(-20.0, 4.0), Vec2::splat(16.0));
                ui.painter().rect_filled(corner.expand(2.0), 9.0, egui::Color32::from_black_alpha(140));
                Icon::Star.paint(ui.painter(), corner, egui::Color32::from_rgb(255, 214, 90));
            }
            if response.clicked() {
                change.chosen = Some(path.clone());
            }
            response.context_menu(|ui| {
                for command in MENU {
                    if ui.button(command.about().text).clicked() {
                        change.command = Some((path.clone(), command));
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
    change
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
