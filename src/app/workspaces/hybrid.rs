//! A hybrid from near and from far: the picture shrinks as if one stepped back, or is blurred as by narrowed eyes.

use std::sync::Arc;

use egui::{Color32, Rect, RichText, Role, Sense, Slider, TextureHandle, Ui, Vec2, WidgetInfo, pos2, vec2};
use image::RgbImage;

use super::around::Around;
use crate::app::background::Latest;
use crate::app::pixels::{PIXELS, SamePixels, colour_image};
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::{buttons, note, numbers};
use crate::error::Error;
use crate::experiments::Recipe;
use crate::pictures::{resize_bilinear, squinted};

/// So many times farther away than as large as fits.
const FARTHEST: f32 = 20.0;
/// From here on the coarse part is what is read.
const FAR: f32 = 4.0;

/// How far away the picture is.
pub struct HybridWorkspace {
    distance: f32,
    squint: bool,
    blurred: Latest<SamePixels, RgbImage>,
    texture: Option<TextureHandle>,
    drawn: Option<(u32, bool)>,
}

impl Default for HybridWorkspace {
    fn default() -> Self {
        Self { distance: 1.0, squint: false, blurred: Latest::default(), texture: None, drawn: None }
    }
}

impl HybridWorkspace {
    /// Takes in the blurred picture; what went wrong.
    pub fn poll(&mut self) -> Option<Error> {
        let come = self.blurred.poll()?;
        self.drawn = None;
        come.err()
    }

    /// Draws the workspace.
    pub fn ui(&mut self, ui: &mut Ui, around: &mut Around<'_>) {
        let shown = around.shown.clone().filter(|(_, recipe)| recipe.parts.decomposition.is_some());
        let Some((pixels, recipe)) = shown else {
            note(ui, "Generate a hybrid, then step back from it here", tokens(ui).text_weak);
            return;
        };
        let key = SamePixels(Arc::clone(&pixels));
        if self.blurred.key() != Some(&key) {
            let (distance, squint) = (self.distance, self.squint);
            *self = Self { distance, squint, ..Self::default() };
            self.blurred.follow(key, |SamePixels(pixels)| {
                let pixels = Arc::clone(pixels);
                around.background.run("blurring a picture", move || squinted(&pixels))
            });
        }
        self.picture(ui, &pixels, &recipe);
        ui.horizontal(|ui| {
            ui.label(RichText::new("Distance").size(12.0).color(tokens(ui).text_weak));
            ui.scope(|ui| {
                numbers::slider_style(ui);
                ui.spacing_mut().slider_width = (ui.available_width() - 150.0).max(60.0);
                let slider = Slider::new(&mut self.distance, 1.0..=FARTHEST).show_value(false).logarithmic(true);
                let response = ui.add(slider).accessible_name("Distance");
                response.on_hover_text("How far away the picture is seen from, 1 (near) to 20 times");
            });
            ui.label(RichText::new(format!("{:.1} ×", self.distance)).size(12.0));
            let help = "Narrow your eyes: only the coarse part is left";
            if buttons::icon_button(ui, Icon::Eye, "Squint", help, self.squint).clicked() {
                self.squint = !self.squint;
            }
        });
    }

    fn picture(&mut self, ui: &mut Ui, pixels: &Arc<RgbImage>, recipe: &Recipe) {
        let room = ui.available_size() - vec2(0.0, 40.0);
        let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
        let far = self.distance >= FAR || self.squint;
        let part = if far { recipe.prompting.prompt.first() } else { recipe.prompting.prompt.last() };
        let prompt = part.cloned().unwrap_or_default();
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, format!("Reading: {prompt}")));
        let largest = (room.y - 40.0).min(room.x - 24.0).max(32.0);
        let side = (largest / self.distance).max(4.0);
        let place = Rect::from_center_size(rect.center() - vec2(0.0, 16.0), Vec2::splat(largest));
        let at = Rect::from_center_size(place.center(), Vec2::splat(side));
        self.draw(ui, pixels, (side * ui.pixels_per_point()).round() as u32);
        if let Some(texture) = &self.texture {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), at, all, Color32::WHITE);
        }
        let tokens = tokens(ui);
        let galley = ui.painter().layout(format!("“{prompt}”"), medium(14.0), tokens.text, rect.width() - 16.0);
        let corner = pos2(place.center().x - galley.size().x / 2.0, place.bottom() + 10.0);
        ui.painter().galley(corner, galley, tokens.text);
    }

    /// The picture at the size of the screen's pixels: what is too fine for them is averaged, as an eye does.
    fn draw(&mut self, ui: &Ui, pixels: &Arc<RgbImage>, side: u32) {
        let source = self.blurred.get().filter(|_| self.squint).unwrap_or(pixels);
        let side = side.clamp(1, source.width());
        if self.drawn == Some((side, self.squint)) {
            return;
        }
        self.drawn = Some((side, self.squint));
        let image = colour_image(&resize_bilinear(source, side, side));
        match &mut self.texture {
            Some(texture) => texture.set(image, PIXELS),
            None => self.texture = Some(ui.ctx().load_texture("hybrid", image, PIXELS)),
        }
    }
}
