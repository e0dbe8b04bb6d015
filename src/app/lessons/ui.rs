//! The open lesson drawn, in a column of its own.

use egui::{Align, FontId, Layout, RichText, ScrollArea, Ui, vec2};

use super::{LESSONS, Lesson, Progress};
use crate::app::explain::Line;
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::buttons;

/// What was pressed.
#[derive(Default)]
pub struct Pressed {
    /// The lesson's settings are wanted.
    pub load: bool,
}

impl Progress {
    /// Draws the open lesson in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui) -> Pressed {
        let mut pressed = Pressed::default();
        let lesson = self.lesson();
        ui.spacing_mut().item_spacing.y = 8.0;
        self.head(ui);
        let foot = 40.0;
        ScrollArea::vertical()
            .id_salt(lesson.id)
            .max_height(ui.available_height() - foot)
            .auto_shrink([false, false])
            .show(ui, |ui| pressed.load = self.body(ui, lesson));
        self.foot(ui);
        pressed
    }

    fn head(&mut self, ui: &mut Ui) {
        let (place, tokens) = (self.place(), tokens(ui));
        ui.horizontal(|ui| {
            let list = buttons::quiet(ui, Icon::Book, &format!("Lesson {} of {}", place + 1, LESSONS.len()));
            egui::Popup::menu(&list).width(300.0).show(|ui| self.list(ui));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if buttons::icon(ui, Icon::Cross, "Close the lessons", "They go on where you left them").clicked() {
                    self.open = false;
                }
            });
        });
        let part = part(ui.available_width());
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), egui::Sense::hover());
        for (at, lesson) in LESSONS.iter().enumerate() {
            let left = rect.left() + at as f32 * part;
            let bar = egui::Rect::from_min_size(egui::pos2(left, rect.top()), vec2(part - 2.0, 3.0));
            let colour = match (self.done.contains(lesson.id), at == place) {
                (_, true) => tokens.accent_text,
                (true, _) => tokens.success,
                _ => tokens.active,
            };
            ui.painter().rect_filled(bar, 1.0, colour);
        }
    }

    /// Every lesson by its part, to go to.
    fn list(&mut self, ui: &mut Ui) {
        ScrollArea::vertical().max_height(460.0).show(ui, |ui| {
            let mut part = "";
            for lesson in LESSONS {
                if lesson.part != part {
                    part = lesson.part;
                    ui.label(RichText::new(part).size(11.5).color(tokens(ui).text_faint));
                }
                let done = if self.done.contains(lesson.id) { " · done" } else { "" };
                let button = egui::Button::new(format!("{}{done}", lesson.title)).frame_when_inactive(false);
                if ui.add(button.min_size(vec2(280.0, 0.0))).clicked() {
                    self.go_to(lesson);
                    ui.close();
                }
            }
        });
    }

    /// True where the lesson's settings are wanted.
    fn body(&mut self, ui: &mut Ui, lesson: &Lesson) -> bool {
        let tokens = tokens(ui);
        let paragraph = |ui: &mut Ui, text: &str| {
            ui.add(egui::Label::new(RichText::new(text).size(13.0).color(tokens.text)).wrap());
        };
        let heading = |ui: &mut Ui, text: &str| {
            ui.add_space(4.0);
            ui.label(RichText::new(text).font(medium(12.5)).color(tokens.accent_text));
        };
        ui.label(RichText::new(lesson.part).size(11.5).color(tokens.text_faint));
        ui.add(egui::Label::new(RichText::new(lesson.title).font(medium(17.0)).color(tokens.text)).wrap());
        paragraph(ui, lesson.text);
        ui.add_space(2.0);
        let load = buttons::chip(ui, "Load the settings")
            .on_hover_text("Opens the panel with this lesson's settings")
            .clicked();
        heading(ui, "What to look for");
        paragraph(ui, lesson.look);
        heading(ui, "A question");
        paragraph(ui, lesson.question);
        if self.answered {
            paragraph(ui, lesson.answer);
        } else if buttons::chip(ui, "Show the answer").clicked() {
            self.answered = true;
        }
        if self.done.contains(lesson.id) {
            ui.add_space(4.0);
            Line { font: FontId::proportional(12.5), colour: tokens.success }.ui(ui, "Done: it has run");
        }
        load
    }

    fn foot(&mut self, ui: &mut Ui) {
        let place = self.place();
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 20.0;
            let neighbour = |by: isize| place.checked_add_signed(by).and_then(|at| LESSONS.get(at));
            for (icon, text, lesson) in [(Icon::Undo, "Back", neighbour(-1)), (Icon::Redo, "Next", neighbour(1))] {
                ui.add_enabled_ui(lesson.is_some(), |ui| {
                    if buttons::quiet(ui, icon, text).clicked()
                        && let Some(lesson) = lesson
                    {
                        self.go_to(lesson);
                    }
                });
            }
        });
    }
}

/// How wide a lesson's part of the line is.
fn part(width: f32) -> f32 {
    width / LESSONS.len() as f32
}
