//! An anagram turning: from one reading to the other, each with its prompt beneath. Before there is one, a sample
//! picture as each prompt would see it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{
    CentralPanel, Color32, Context, FontId, Panel, Rect, RichText, Role, Sense, TextureHandle, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};
use image::RgbImage;

use super::around::Around;
use super::canvas_tools;
use crate::app::background::Latest;
use crate::app::form::view_pictures::{TURN, eased};
use crate::app::pixels::{PIXELS, SamePixels, colour_image};
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::tiles::{Tile, tiles};
use crate::error::{Error, Result};
use crate::experiments::Recipe;
use crate::experiments::settings::digits;
use crate::views::ViewSpec;

/// The picture that turns, and how far it is.
#[derive(Default)]
pub struct AnagramWorkspace {
    /// For each view of a picture, the pictures on the way from it to the view.
    ways: Latest<(SamePixels, Vec<ViewSpec>), Vec<Vec<RgbImage>>>,
    texture: Option<TextureHandle>,
    /// The reading that is shown, and the one that it comes from.
    reading: usize,
    from: usize,
    began: Option<Instant>,
    drawn: Option<(usize, usize)>,
    samples: Vec<TextureHandle>,
    sampled: Vec<ViewSpec>,
}

/// Whether each view is to be a digit, rather than what a prompt says.
fn reads_digits(recipe: &Recipe) -> bool {
    recipe.experiment().is_ok_and(|experiment| experiment.uses(&digits::classes))
}

/// What view `at` of the recipe's picture is to be read as: a prompt, or one of its digits.
fn asked_of(recipe: &Recipe, at: usize) -> Option<String> {
    match reads_digits(recipe) {
        true => recipe.digits.classes.chars().nth(at).map(String::from),
        false => recipe.prompting.prompt.get(at).cloned(),
    }
}

impl AnagramWorkspace {
    /// Takes in the ways from a picture to its views; what went wrong.
    pub fn poll(&mut self) -> Option<Error> {
        let come = self.ways.poll()?;
        self.drawn = None;
        come.err()
    }

    /// The reading that is shown.
    pub fn reading(&self) -> usize {
        self.reading
    }

    /// Draws the workspace.
    pub fn ui(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        let shown = around.shown.clone().filter(|(_, recipe)| !recipe.views.view.is_empty());
        let Some((pixels, recipe)) = shown else {
            self.sample(ui, around);
            return;
        };
        let key = (SamePixels(Arc::clone(&pixels)), recipe.views.view.clone());
        if self.ways.key() != Some(&key) {
            *self = Self::default();
            self.ways.follow(key, |(SamePixels(pixels), views)| {
                let (pixels, views) = (Arc::clone(pixels), views.clone());
                around
                    .background
                    .run("turning a picture", move || views.iter().map(|view| way(&pixels, view)).collect())
            });
        }
        self.reading = self.reading.min(recipe.views.view.len() - 1);
        let prompt = |at: usize| asked_of(&recipe, at).or(asked_of(&recipe, 0)).unwrap_or_default();
        canvas_tools::edge(Panel::bottom("readings"), 8, 0).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| self.readings(ui, &recipe.views.view, &prompt));
        });
        CentralPanel::no_frame().show(ui, |ui| self.picture(ui, &pixels, &prompt(self.reading)));
    }

    /// A button for each reading.
    fn readings(&mut self, ui: &mut Ui, views: &[ViewSpec], prompt: &dyn Fn(usize) -> String) {
        for (at, view) in views.iter().enumerate() {
            let text = format!("{} · {}", at + 1, view.entry().label);
            let response = buttons::chip_on(ui, &text, at == self.reading);
            if response.on_hover_text(prompt(at)).clicked() && at != self.reading {
                self.turn_to(at);
            }
        }
        let next = (self.reading + 1) % views.len();
        ui.add_space(8.0);
        if buttons::quiet(ui, Icon::Turn, "Turn").on_hover_text("To the next reading").clicked() {
            self.turn_to(next);
        }
    }

    fn turn_to(&mut self, reading: usize) {
        self.from = self.reading;
        self.reading = reading;
        self.began = Some(Instant::now());
    }

    fn picture(&mut self, ui: &mut Ui, pixels: &Arc<RgbImage>, prompt: &str) {
        let room = ui.available_size();
        let (rect, response) = ui.allocate_exact_size(room, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, format!("Reading: {prompt}")));
        let side = (room.y - 40.0).min(room.x - 24.0).max(32.0);
        let at = Rect::from_center_size(rect.center() - vec2(0.0, 16.0), Vec2::splat(side));
        self.draw(ui.ctx(), pixels);
        if let Some(texture) = &self.texture {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), at, all, Color32::WHITE);
        }
        let tokens = tokens(ui);
        let galley = ui.painter().layout(format!("“{prompt}”"), medium(14.0), tokens.text, rect.width() - 16.0);
        let corner = pos2(at.center().x - galley.size().x / 2.0, at.bottom() + 10.0);
        ui.painter().galley(corner, galley, tokens.text);
        if response.clicked()
            && let Some((_, views)) = self.ways.key()
        {
            self.turn_to((self.reading + 1) % views.len());
        }
    }

    /// Brings the texture to where the turning is.
    fn draw(&mut self, ctx: &Context, pixels: &Arc<RgbImage>) {
        let ways = self.ways.get().map_or(&[][..], Vec::as_slice);
        let last = ways.first().map_or(0, |way| way.len().saturating_sub(1));
        let (reading, at) = match self.began {
            // Back from the one reading to the picture itself, then on to the other.
            Some(began) => {
                let part = began.elapsed().as_secs_f64() / TURN;
                if part >= 2.0 {
                    self.began = None;
                }
                ctx.request_repaint_after(Duration::from_millis(16));
                let back = (1.0 - eased(part)) * last as f64;
                let on = eased(part - 1.0) * last as f64;
                if part < 1.0 { (self.from, back) } else { (self.reading, on) }
            }
            None => (self.reading, last as f64),
        };
        let wanted = (reading, at.round() as usize);
        if self.drawn == Some(wanted) && self.texture.is_some() {
            return;
        }
        self.drawn = Some(wanted);
        let frame = ways.get(wanted.0).and_then(|way| way.get(wanted.1));
        let image = colour_image(frame.unwrap_or(pixels));
        match &mut self.texture {
            Some(texture) => texture.set(image, PIXELS),
            None => self.texture = Some(ctx.load_texture("turning", image, PIXELS)),
        }
    }

    /// What each prompt would see of a sample picture.
    fn sample(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        let views = &around.recipe.views.view;
        if self.sampled != *views {
            self.samples =
                views.iter().filter_map(|view| around.views.picture(ui.ctx(), view, false).cloned()).collect();
            self.sampled.clone_from(views);
        }
        let of_digits = reads_digits(around.recipe);
        let text = match of_digits {
            true => "A sample picture in each view. Generate makes one that is another digit in each.",
            false => "How each prompt sees a sample picture. Generate makes one that answers all of them.",
        };
        ui.vertical_centered(|ui| ui.label(RichText::new(text).size(12.5).color(tokens(ui).text_weak)));
        let all: Vec<Tile> = self
            .samples
            .iter()
            .zip(views)
            .enumerate()
            .map(|(at, (texture, view))| {
                let prompt = asked_of(around.recipe, at).unwrap_or_default();
                let caption = match prompt.as_str() {
                    "" => view.entry().label.to_owned(),
                    digit if of_digits => format!("here it is to be a {digit}"),
                    _ => prompt,
                };
                Tile { texture: Some(texture.id()), caption, on: false }
            })
            .collect();
        if all.is_empty() {
            let font = FontId::proportional(13.0);
            ui.label(RichText::new("Add a view").font(font).color(tokens(ui).text_weak));
            return;
        }
        tiles(ui, "Sample picture in each view", &all);
    }
}

/// Pictures between a picture and its view.
const ON_THE_WAY: usize = 24;

/// From the picture to its view, both ends included.
fn way(pixels: &RgbImage, view: &ViewSpec) -> Result<Vec<RgbImage>> {
    let side = pixels.width() as usize;
    let view = view.at(side, side)?;
    (0..=ON_THE_WAY).map(|at| view.frame(pixels, at as f64 / ON_THE_WAY as f64)).collect()
}
