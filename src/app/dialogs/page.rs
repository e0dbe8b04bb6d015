//! A page of one's own results: starred pictures, in an order, with captions.

use egui::{Key, Layout, RichText, ScrollArea, TextEdit, TextureHandle, Ui, Vec2};

use super::done::Done;
use super::draft::Draft;
use crate::app::background::Background;
use crate::app::gallery::{Gallery, Thumbnail};
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::heading::dialog_title;

/// Side of the small copies, in points.
const SIDE: f32 = 76.0;

/// The page in the making, and small copies of its pictures.
pub struct Page {
    /// What is written so far.
    pub draft: Draft,
    /// Of each picture, as soon as there is one.
    small: Vec<Option<TextureHandle>>,
}

/// What is done to the order.
enum Change {
    Up(usize),
    Off(usize),
}

impl Page {
    pub(super) fn new(draft: Draft) -> Self {
        Self { small: vec![None; draft.pictures.len()], draft }
    }

    /// Takes the small copies that the gallery has by now.
    pub fn illustrate(&mut self, gallery: &mut Gallery, background: &Background) {
        for (small, placed) in self.small.iter_mut().zip(&self.draft.pictures) {
            if small.is_none()
                && let Thumbnail::Ready(texture) = gallery.thumbnails.get(&placed.path, background)
            {
                *small = Some(texture.clone());
            }
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui) -> Option<Done> {
        let close = dialog_title(ui, "Page of results");
        let weak = tokens(ui).text_weak;
        ui.label(
            RichText::new("Starred pictures as one HTML file, with their captions, commands and recipes.").color(weak),
        );
        ui.add_space(4.0);
        field(ui, &mut self.draft.title, 1, "The page's heading", "Heading");
        ui.add_space(8.0);
        let height = (ui.ctx().content_rect().height() - 320.0).max(160.0);
        let mut change = None;
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            for number in 0..self.draft.pictures.len() {
                change = self.row(ui, number).or(change.take());
            }
        });
        match change {
            Some(Change::Up(number)) => {
                self.draft.pictures.swap(number, number - 1);
                self.small.swap(number, number - 1);
            }
            Some(Change::Off(number)) => {
                self.draft.pictures.remove(number);
                self.small.remove(number);
            }
            None => {}
        }
        ui.add_space(8.0);
        let count = self.draft.pictures.len();
        let text = if count == 1 {
            "Save page with 1 picture…".to_owned()
        } else {
            format!("Save page with {count} pictures…")
        };
        let save = ui.add_enabled_ui(count > 0, |ui| buttons::primary(ui, &text, None)).inner;
        let enter = ui.input(|input| input.modifiers.command && input.key_pressed(Key::Enter));
        if count > 0 && (save.clicked() || enter) {
            return Some(Done::SavePage(self.draft.clone()));
        }
        close.then_some(Done::Nothing)
    }

    fn row(&mut self, ui: &mut Ui, number: usize) -> Option<Change> {
        let mut change = None;
        ui.horizontal_top(|ui| {
            match &self.small[number] {
                Some(texture) => {
                    ui.add(egui::Image::new(texture).fit_to_exact_size(Vec2::splat(SIDE)).corner_radius(4));
                }
                None => drop(ui.allocate_exact_size(Vec2::splat(SIDE), egui::Sense::hover())),
            }
            ui.with_layout(Layout::right_to_left(egui::Align::Min), |ui| {
                let name = |what: &str| format!("{what} {}", number + 1);
                if buttons::icon(ui, Icon::Cross, &name("Leave out picture"), "Leave it out of the page").clicked() {
                    change = Some(Change::Off(number));
                }
                let up = ui.add_enabled_ui(number > 0, |ui| {
                    buttons::icon(ui, Icon::Up, &name("Move up picture"), "Further up").clicked()
                });
                if up.inner {
                    change = Some(Change::Up(number));
                }
                field(ui, &mut self.draft.pictures[number].caption, 3, "What is to be seen here?", &name("Caption"));
            });
        });
        ui.add_space(6.0);
        change
    }
}

fn field(ui: &mut Ui, text: &mut String, rows: usize, hint: &str, name: &str) {
    let hint = RichText::new(hint).color(tokens(ui).text_faint);
    let edit = if rows > 1 { TextEdit::multiline(text).desired_rows(rows) } else { TextEdit::singleline(text) };
    let edit = edit.hint_text(hint).desired_width(f32::INFINITY).margin(egui::Margin::symmetric(10, 8));
    ui.add(edit).accessible_name(name);
}
