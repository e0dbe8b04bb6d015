//! Where everything stands: the score that is looked at on top, its confusion matrix beside its misread digits, every
//! score below.

use egui::{Align, Color32, FontId, Layout, Rect, RichText, Role, Sense, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2};

use super::{Score, Scored, Scores, matrix, table};
use crate::app::explain::Line;
use crate::app::form::panels::panel;
use crate::app::shared::Shared;
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::heading::heading;
use crate::app::widgets::{buttons, note};

const MARGIN: f32 = 14.0;
const HEAD: f32 = 54.0;

impl Scores {
    /// Draws the page in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui, shared: &mut Shared) {
        let room = ui.available_rect_before_wrap().shrink2(vec2(MARGIN, 8.0));
        let Some((score, scored)) = self.looked_at().map(|(score, scored)| (score.clone(), scored.clone())) else {
            ui.scope_builder(UiBuilder::new().max_rect(room), |ui| empty(ui, shared));
            return;
        };
        let (head, rest) = room.split_top_bottom_at_y(room.top() + HEAD);
        let listed = (30.0 + 30.0 * self.all.iter().map(|score| score.scored.len()).sum::<usize>() as f32)
            .min(rest.height() * 0.4);
        let (middle, below) = rest.split_top_bottom_at_y(rest.bottom() - listed);
        let (left, right) = middle.split_left_right_at_fraction(0.46);
        ui.scope_builder(UiBuilder::new().max_rect(head), |ui| told(ui, &score, &scored, shared));
        ui.scope_builder(UiBuilder::new().max_rect(left.shrink2(vec2(0.0, 8.0))), |ui| matrix::matrix(ui, &scored));
        ui.scope_builder(UiBuilder::new().max_rect(right.shrink2(vec2(8.0, 8.0))), |ui| {
            self.misread_ui(ui, &score, &scored, shared);
        });
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| table::ui(self, ui));
    }

    /// The digits that were read as others; they are kept of a score's first setting.
    fn misread_ui(&mut self, ui: &mut Ui, score: &Score, scored: &Scored, shared: &Shared) {
        let tokens = tokens(ui);
        if score.scored.first() != Some(scored) {
            return note(ui, "The digits are kept of the first setting of several", tokens.text_faint);
        }
        let all_right = scored.accuracy == Some(1.0);
        let Some(texture) = self.misread(&score.folder, &shared.background) else {
            let text = if all_right { "Every digit was read as asked" } else { "No picture of the digits was kept" };
            return note(ui, text, tokens.text_faint);
        };
        let text = match (scored.accuracy, all_right) {
            (None, _) => "What was read",
            (Some(_), true) => "Every digit was read as asked; the first of them",
            (Some(_), false) => "Misread digits",
        };
        ui.label(RichText::new(text).size(12.0).color(tokens.text_weak));
        let size = texture.size_vec2();
        let room = ui.available_size();
        let scale = (room.x / size.x).min(room.y / size.y).min(1.0);
        let (rect, response) = ui.allocate_exact_size(size * scale, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Misread digits"));
        let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.id(), rect, all, Color32::WHITE);
    }
}

/// The score in large, and in words what was scored; at the right its folder.
fn told(ui: &mut Ui, score: &Score, scored: &Scored, shared: &mut Shared) {
    let tokens = tokens(ui);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let help = "Put back the settings that were scored";
            if buttons::icon(ui, Icon::Restore, "Restore the score's settings", help).clicked() {
                let recipe = score.recipe.clone().allowing(|file| shared.session.has_allowed(&file.path));
                shared.session.open(recipe.harmless().clone());
            }
            let help = format!("Copy the folder's path: {}", score.folder.display());
            if buttons::icon(ui, Icon::Folder, "Copy the score's folder", &help).clicked() {
                ui.copy_text(score.folder.display().to_string());
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing = Vec2::new(8.0, 2.0);
                let read = scored.accuracy.map(|part| format!("{:.1} % read as asked", 100.0 * part));
                let distance = format!("Fréchet distance {:.2}", scored.distance);
                let title: Vec<String> = read.into_iter().chain([distance]).collect();
                Line { font: medium(16.0), colour: tokens.text }.ui(ui, &title.join(" · "));
                let drawn = scored.drawn.map_or_else(String::new, |(guidance, steps, seed)| {
                    format!(" · γ {guidance} · {steps} steps · seed {seed}")
                });
                let text = format!(
                    "{}{drawn} · {} digits; as many training digits are {:.2} from the test digits",
                    score.checkpoint(),
                    scored.samples,
                    scored.floor
                );
                Line { font: FontId::proportional(12.0), colour: tokens.text_weak }.ui(ui, &text);
            });
        });
    });
}

/// What stands there before there is a score.
fn empty(ui: &mut Ui, shared: &Shared) {
    let Ok(experiment) = shared.session.recipe().experiment() else { return };
    ui.add_space((ui.available_height() * 0.5 - 90.0).max(8.0));
    ui.vertical_centered(|ui| {
        heading(ui, panel(experiment.verb).icon, experiment.title, experiment.sentence);
        if let Some(error) = shared.queue.last_error(experiment.verb) {
            ui.add_space(8.0);
            ui.label(RichText::new(error).size(13.0).color(tokens(ui).danger));
        }
    });
}
