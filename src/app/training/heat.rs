//! Loss by diffusion time as a heat map: times up, training steps along. The picture is made anew only when a column
//! is complete.

use egui::{
    Align2, Color32, ColorImage, FontId, Painter, Rect, Role, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions,
    Ui, WidgetInfo, pos2, vec2,
};

use super::axis::{short, whole};
use super::by_time::{BINS, ByTime};
use super::run::Run;
use crate::app::theme::{heat, tokens};

/// The map of the run that was last looked at.
#[derive(Default)]
pub struct HeatView {
    made: Option<Made>,
}

struct Made {
    /// The run's colour, and the version of its cells.
    of: (usize, u64),
    texture: TextureHandle,
    /// The lowest and the highest loss.
    range: (f64, f64),
}

/// Room around the map for its words and its scale.
const LEFT: f32 = 52.0;
const RIGHT: f32 = 68.0;
const ABOVE: f32 = 22.0;
const BELOW: f32 = 20.0;

impl HeatView {
    /// Draws the map of a run in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui, run: &Run) {
        let cells = &run.by_time;
        let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Loss by diffusion time"));
        let tokens = tokens(ui);
        let room = response.rect;
        let title = FontId::proportional(12.0);
        painter.text(room.left_top(), Align2::LEFT_TOP, "Loss by diffusion time", title, tokens.text_weak);
        let map = Rect::from_min_max(room.min + vec2(LEFT, ABOVE), room.max - vec2(RIGHT, BELOW));
        let key = (run.colour, cells.version());
        if self.made.as_ref().is_none_or(|made| made.of != key) {
            let Some(range) = cells.range() else { return };
            let image = picture(cells, range, tokens.empty_cell);
            let texture = ui.ctx().load_texture("loss by time", image, TextureOptions::NEAREST);
            self.made = Some(Made { of: key, texture, range });
        }
        let Some(Made { texture, range, .. }) = &self.made else { return };
        let whole_texture = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture.id(), map, whole_texture, Color32::WHITE);
        painter.rect_stroke(map, 0.0, Stroke::new(1.0, tokens.border), StrokeKind::Outside);
        words(&painter, map, cells, tokens.text_faint);
        scale(&painter, map, *range, tokens.text_faint);
        if let Some(pointer) = response.hover_pos().filter(|pointer| map.contains(*pointer)) {
            let part = |value: f32, low: f32, high: f32, count: usize| {
                (((value - low) / (high - low) * count as f32) as usize).min(count - 1)
            };
            let column = part(pointer.x, map.left(), map.right(), cells.columns());
            let bin = part(pointer.y, map.bottom(), map.top(), BINS);
            response.on_hover_text_at_pointer(said(cells, column, bin));
        }
    }
}

/// What a cell says.
fn said(cells: &ByTime, column: usize, bin: usize) -> String {
    let ((low, high), (first, last)) = (ByTime::times(bin), cells.steps(column));
    let steps = match first == last {
        true => format!("step {}", whole(first as i64)),
        false => format!("steps {} to {}", whole(first as i64), whole(last as i64)),
    };
    let loss = cells.mean(column, bin).map_or_else(|| "no example".to_owned(), |mean| format!("loss {}", short(mean)));
    format!("t {low:.3} to {high:.3} · {steps} · {loss}")
}

/// One pixel a cell, late times above, coloured by the logarithm of the loss.
fn picture(cells: &ByTime, range: (f64, f64), empty: Color32) -> ColorImage {
    let (low, high) = (range.0.ln(), range.1.ln());
    let columns = cells.columns();
    let pixel = |at: usize| {
        let (row, column) = (at / columns, at % columns);
        match cells.mean(column, BINS - 1 - row) {
            Some(mean) if mean > 0.0 => heat(((mean.ln() - low) / (high - low).max(1e-9)) as f32),
            Some(_) => heat(0.0),
            None => empty,
        }
    };
    ColorImage::new([columns, BINS], (0..columns * BINS).map(pixel).collect())
}

/// Times at the left, steps below.
fn words(painter: &Painter, map: Rect, cells: &ByTime, colour: Color32) {
    let font = FontId::proportional(11.0);
    for (part, text) in [(0.0, "t = 0"), (0.5, "0.5"), (1.0, "t = 1")] {
        let y = egui::lerp(map.bottom()..=map.top(), part);
        let align = [Align2::RIGHT_BOTTOM, Align2::RIGHT_CENTER, Align2::RIGHT_TOP][(part * 2.0) as usize];
        painter.text(pos2(map.left() - 6.0, y), align, text, font.clone(), colour);
    }
    let below = map.bottom() + 4.0;
    let (first, last) = (cells.steps(0).0, cells.steps(cells.columns() - 1).1);
    let text = |step: usize| format!("step {}", whole(step as i64));
    painter.text(pos2(map.left(), below), Align2::LEFT_TOP, text(first), font.clone(), colour);
    if last > first {
        painter.text(pos2(map.right(), below), Align2::RIGHT_TOP, text(last), font, colour);
    }
}

/// What the colours mean, at the right.
fn scale(painter: &Painter, map: Rect, (low, high): (f64, f64), colour: Color32) {
    const PARTS: usize = 32;
    let bar = Rect::from_min_max(pos2(map.right() + 10.0, map.top()), pos2(map.right() + 18.0, map.bottom()));
    for part in 0..PARTS {
        let (from, to) = (part as f32 / PARTS as f32, (part + 1) as f32 / PARTS as f32);
        let y = |part: f32| egui::lerp(bar.bottom()..=bar.top(), part);
        let rect = Rect::from_min_max(pos2(bar.left(), y(to)), pos2(bar.right(), y(from)));
        painter.rect_filled(rect, 0.0, heat((from + to) / 2.0));
    }
    let font = FontId::proportional(11.0);
    painter.text(bar.right_top() + vec2(5.0, 0.0), Align2::LEFT_TOP, short(high), font.clone(), colour);
    painter.text(bar.right_bottom() + vec2(5.0, 0.0), Align2::LEFT_BOTTOM, short(low), font, colour);
}
