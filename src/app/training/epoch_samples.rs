//! What the network makes of the same digits or the same noise, epoch after epoch: one picture at a time with a
//! slider over the epochs, and what was measured as small curves beside it.

use std::sync::Arc;

use egui::{
    Align2, Color32, FontId, Rect, RichText, Role, Sense, Slider, Stroke, StrokeKind, TextureHandle, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use image::RgbImage;

use super::axis::short;
use super::run::{EpochSamples, Run};
use crate::app::pixels::texture;
use crate::app::theme::tokens;
use crate::app::widgets::note;
use crate::app::widgets::numbers::slider_style;

/// Height of a measure's line.
const MEASURE: f32 = 26.0;

/// Which epoch is shown.
#[derive(Default)]
pub struct EpochSamplesView {
    /// Its place among the run's pictures; none: the newest.
    at: Option<usize>,
    made: Option<(Arc<RgbImage>, TextureHandle)>,
}

impl EpochSamplesView {
    /// Goes `by` pictures on of `count`; past the last is the newest, whichever that will be.
    pub fn step(&mut self, by: isize, count: usize) {
        let Some(last) = count.checked_sub(1) else { return };
        let at = self.at.unwrap_or(last).min(last).saturating_add_signed(by);
        self.at = (at < last).then_some(at);
    }

    /// The picture that is shown.
    pub fn shown<'a>(&self, run: &'a Run) -> Option<&'a EpochSamples> {
        let last = run.samples.len().checked_sub(1)?;
        run.samples.get(self.at.unwrap_or(last).min(last))
    }

    /// Draws them in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui, run: &Run) {
        let tokens = tokens(ui);
        let Some(last) = run.samples.len().checked_sub(1) else {
            return note(ui, "After each epoch: what the network makes of the same digits", tokens.text_faint);
        };
        let Some(samples) = self.shown(run).cloned() else { return };
        ui.horizontal(|ui| {
            ui.set_min_height(24.0);
            let text = format!("Epoch {} of {}", samples.epoch, run.samples[last].epoch);
            ui.label(RichText::new(text).size(12.0).color(tokens.text_weak));
            if last > 0 {
                self.slider(ui, last);
            }
        });
        let measures = run.measured();
        let room = ui.available_rect_before_wrap();
        let below = MEASURE * measures.len().min(3) as f32;
        let (above, below) = room.split_top_bottom_at_y(room.bottom() - below.min(room.height() * 0.5));
        self.picture(ui, above, &samples);
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            measures.iter().take(3).for_each(|name| measure(ui, run, name, samples.epoch));
        });
    }

    fn slider(&mut self, ui: &mut Ui, last: usize) {
        let mut at = self.at.unwrap_or(last).min(last);
        ui.scope(|ui| {
            slider_style(ui);
            ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
            let response =
                ui.add(Slider::new(&mut at, 0..=last).show_value(false).step_by(1.0)).accessible_name("Epoch");
            if response.changed() {
                self.at = (at < last).then_some(at);
            }
            response
                .on_hover_text("The same digits or the same noise after each epoch; the arrow keys go through them");
        });
    }

    fn picture(&mut self, ui: &mut Ui, room: Rect, samples: &EpochSamples) {
        if self.made.as_ref().is_none_or(|(made, _)| !Arc::ptr_eq(made, &samples.pixels)) {
            self.made = Some((Arc::clone(&samples.pixels), texture(ui.ctx(), "epoch", &samples.pixels)));
        }
        let Some((_, texture)) = &self.made else { return };
        let response = ui.allocate_rect(room, Sense::hover());
        let name = format!("Samples after epoch {}", samples.epoch);
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name.clone()));
        let size = texture.size_vec2();
        let scale = ((room.width() - 2.0) / size.x).min((room.height() - 8.0) / size.y).max(0.0);
        let rect = Rect::from_center_size(room.center(), size * scale);
        let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.id(), rect, all, Color32::WHITE);
        ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, tokens(ui).border), StrokeKind::Outside);
    }
}

/// A measure in words and as a curve over the epochs, with a dot where the picture is.
fn measure(ui: &mut Ui, run: &Run, name: &str, epoch: usize) {
    let tokens = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), MEASURE), Sense::hover());
    let points: Vec<(usize, f64)> =
        run.samples.iter().filter_map(|samples| Some((samples.epoch, samples.number(name)?))).collect();
    let value = points.iter().find(|(known, _)| *known == epoch).map(|(_, value)| *value);
    let text = format!("{} {}", name.replace('_', " "), value.map_or_else(|| "–".to_owned(), short));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.clone()));
    let font = FontId::proportional(12.0);
    let painter = ui.painter().with_clip_rect(rect);
    painter.text(rect.left_center(), Align2::LEFT_CENTER, text, font, tokens.text_weak);
    let plot = rect.with_min_x(rect.left() + (rect.width() * 0.5).max(150.0)).shrink2(vec2(5.0, 6.0));
    let extremes =
        points.iter().fold((f64::MAX, f64::MIN), |(low, high), (_, value)| (low.min(*value), high.max(*value)));
    let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else { return };
    let place = |(epoch, value): (usize, f64)| {
        let along = (epoch - first) as f32 / (last - first).max(1) as f32;
        let up = ((value - extremes.0) / (extremes.1 - extremes.0).max(1e-12)) as f32;
        pos2(egui::lerp(plot.x_range(), along), egui::lerp(plot.bottom()..=plot.top(), up))
    };
    let colour = tokens.series(run.colour);
    painter.line(points.iter().map(|point| place(*point)).collect(), Stroke::new(1.5, colour));
    if let Some(value) = value {
        painter.circle_filled(place((epoch, value)), 3.0, colour);
    }
}
