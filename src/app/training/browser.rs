//! The digits that networks learn from and are judged on: page by page, by class, each with its label; one that is
//! clicked can be noised and denoised.

use std::sync::Arc;

use egui::{
    Align, Align2, Color32, ColorImage, FontId, Layout, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextureHandle,
    Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};
use image::RgbImage;

use super::axis::whole;
use super::digits::{Digits, picture};
use crate::app::background::Background;
use crate::app::pixels::PIXELS;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::{self, buttons, choice};
use crate::datasets::{Dataset, SIDE, Split};

/// Side of a digit on the screen, and from one to the next.
const TILE: (f32, f32) = (42.0, 48.0);

/// Whether of the test digits, and of which class.
type Filter = (bool, Option<u8>);

/// What is browsed.
#[derive(Default)]
pub struct Browser {
    /// Whether it stands in place of the curves.
    pub open: bool,
    /// Whether the test digits are shown, rather than those for training.
    pub test: bool,
    /// The class that is shown; none: all.
    pub class: Option<u8>,
    /// Which page of them.
    pub page: usize,
    /// The digit that was clicked, by its number in its half.
    pub picked: Option<usize>,
    /// The set that the page is of.
    of: String,
    /// The numbers of the digits that are shown, for the half and class that they are of.
    listed: Option<(Filter, Vec<usize>)>,
    made: Option<(Vec<usize>, TextureHandle)>,
}

/// What is wanted of a digit.
pub enum Wanted {
    /// To denoise test digit `0`.
    Denoise(usize),
    /// To denoise a digit that is none of the test's.
    Source(Arc<RgbImage>),
}

impl Browser {
    /// The numbers of the digits on this page.
    pub fn shown(&self) -> &[usize] {
        self.made.as_ref().map_or(&[], |(shown, _)| shown)
    }

    /// Draws the set of that name in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui, name: &str, digits: &mut Digits, background: &Background) -> Option<Wanted> {
        if self.of != name {
            *self = Self { open: self.open, of: name.to_owned(), ..Self::default() };
        }
        let set = match digits.set(name, background) {
            Some(Ok(set)) => set,
            Some(Err(error)) => return note(ui, &error.to_string(), true),
            None => return note(ui, "Reading the digits…", false),
        };
        let split = if self.test { &set.test } else { &set.train };
        self.list(split);
        let room = ui.available_rect_before_wrap();
        let (head, rest) = room.split_top_bottom_at_y(room.top() + 36.0);
        let (middle, foot) = rest.split_top_bottom_at_y(rest.bottom() - 36.0);
        let columns = ((middle.width() / TILE.1) as usize).max(1);
        let page = columns * ((middle.height() / TILE.1) as usize).max(1);
        ui.scope_builder(UiBuilder::new().max_rect(head), |ui| self.head(ui, &set));
        ui.scope_builder(UiBuilder::new().max_rect(middle), |ui| self.digits(ui, split, page, columns));
        ui.scope_builder(UiBuilder::new().max_rect(foot), |ui| self.foot(ui, split, page)).inner
    }

    fn list(&mut self, split: &Split) {
        let key = (self.test, self.class);
        if self.listed.as_ref().is_none_or(|(known, _)| *known != key) {
            let wanted = |index: &usize| self.class.is_none_or(|class| split.labels()[*index] == class);
            self.listed = Some((key, (0..split.count()).filter(wanted).collect()));
            (self.page, self.picked, self.made) = (0, None, None);
        }
    }

    fn listed(&self) -> &[usize] {
        self.listed.as_ref().map_or(&[], |(_, listed)| listed)
    }

    /// Which set, which half, which class.
    fn head(&mut self, ui: &mut Ui, set: &Dataset) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            const HALVES: [&str; 2] = ["Training", "Test"];
            let chosen = ui
                .allocate_ui(vec2(150.0, 30.0), |ui| choice::segments(ui, &HALVES, HALVES[usize::from(self.test)]))
                .inner;
            if let Some(half) = chosen {
                self.test = half == HALVES[1];
            }
            ui.add_space(8.0);
            if buttons::chip_on(ui, "All", self.class.is_none()).clicked() {
                self.class = None;
            }
            for class in 0..10 {
                if buttons::chip_on(ui, &class.to_string(), self.class == Some(class)).clicked() {
                    self.class = Some(class);
                }
            }
            ui.add_space(8.0);
            let (train, test) = (whole(set.train.count() as i64), whole(set.test.count() as i64));
            let text = format!("{} · {train} for training, {test} for testing", set.name);
            ui.add(egui::Label::new(RichText::new(text).size(12.0).color(tokens(ui).text_weak)).truncate());
        });
    }

    fn digits(&mut self, ui: &mut Ui, split: &Split, page: usize, columns: usize) {
        let pages = self.listed().len().div_ceil(page).max(1);
        self.page = self.page.min(pages - 1);
        let shown: Vec<usize> = self.listed().iter().skip(self.page * page).take(page).copied().collect();
        if self.made.as_ref().is_none_or(|(made, _)| *made != shown) {
            let texture = ui.ctx().load_texture("digits", atlas(split, &shown, columns), PIXELS);
            self.made = Some((shown, texture));
        }
        let Some((shown, texture)) = &self.made else { return };
        let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Digits of the data set"));
        let tokens = tokens(ui);
        let rows = shown.len().div_ceil(columns).max(1);
        let mut clicked = None;
        for (place, &index) in shown.iter().enumerate() {
            let (row, column) = (place / columns, place % columns);
            let corner = response.rect.min + vec2(column as f32, row as f32) * TILE.1;
            let rect = Rect::from_min_size(corner, Vec2::splat(TILE.0));
            let part = |x: usize, y: usize| pos2(x as f32 / columns as f32, y as f32 / rows as f32);
            let uv = Rect::from_min_max(part(column, row), part(column + 1, row + 1));
            painter.image(texture.id(), rect, uv, Color32::WHITE);
            let label = rect.right_bottom() - vec2(3.0, 1.0);
            let font = FontId::proportional(10.5);
            painter.text(label, Align2::RIGHT_BOTTOM, split.labels()[index], font, tokens.curves[1]);
            if self.picked == Some(index) {
                painter.rect_stroke(rect, 2.0, Stroke::new(2.0, tokens.accent_text), StrokeKind::Outside);
            }
            if response.interact_pointer_pos().is_some_and(|pointer| rect.contains(pointer)) {
                clicked = Some(index);
            }
        }
        if response.clicked() {
            self.picked = clicked;
        }
    }

    /// The pages, and what can be done with the digit that was clicked.
    fn foot(&mut self, ui: &mut Ui, split: &Split, page: usize) -> Option<Wanted> {
        let pages = self.listed().len().div_ceil(page).max(1);
        let mut wanted = None;
        ui.horizontal(|ui| {
            ui.set_min_height(36.0);
            ui.add_enabled_ui(self.page > 0, |ui| {
                if buttons::icon(ui, Icon::Undo, "Earlier digits", "The page before").clicked() {
                    self.page -= 1;
                }
            });
            let text = format!("page {} of {}", whole(self.page as i64 + 1), whole(pages as i64));
            ui.label(RichText::new(text).size(12.0).color(tokens(ui).text_weak));
            ui.add_enabled_ui(self.page + 1 < pages, |ui| {
                if buttons::icon(ui, Icon::Redo, "Later digits", "The page after").clicked() {
                    self.page += 1;
                }
            });
            let Some(index) = self.picked else { return };
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                let help = "Open it in \"Denoise digits\", with more and more noise on it";
                if buttons::quiet(ui, Icon::Droplet, "Denoise this digit").on_hover_text(help).clicked() {
                    wanted = Some(match self.test {
                        true => Wanted::Denoise(index),
                        false => Wanted::Source(Arc::new(picture(split, index))),
                    });
                }
                ui.add_space(12.0);
                let half = if self.test { "test" } else { "training" };
                let text = format!("{half} digit {} · label {}", whole(index as i64), split.labels()[index]);
                ui.label(RichText::new(text).size(12.0).color(tokens(ui).text));
            });
        });
        wanted
    }
}

fn note(ui: &mut Ui, text: &str, wrong: bool) -> Option<Wanted> {
    let tokens = tokens(ui);
    let colour = if wrong { tokens.danger } else { tokens.text_weak };
    widgets::note(ui, text, colour);
    None
}

/// Digits side by side in so many columns.
fn atlas(split: &Split, shown: &[usize], columns: usize) -> ColorImage {
    let rows = shown.len().div_ceil(columns).max(1);
    let mut image = ColorImage::filled([columns * SIDE, rows * SIDE], Color32::BLACK);
    for (place, &index) in shown.iter().enumerate() {
        let (left, top) = (place % columns * SIDE, place / columns * SIDE);
        for (at, &byte) in split.picture(index).iter().enumerate() {
            image.pixels[(top + at / SIDE) * columns * SIDE + left + at % SIDE] = Color32::from_gray(byte);
        }
    }
    image
}
