//! The noise schedule drawn: ᾱ_t, and the signal-to-noise ratio on a logarithmic scale; with a handle for every value
//! of t, which is the same slider as the one above it.

use egui::{Align2, CursorIcon, FontId, Painter, Pos2, Rect, Role, Sense, Slider, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::explain::{self, Line, Symbol};
use crate::app::theme::tokens;

/// What is drawn, and what is moved on it.
pub struct Curve<'a> {
    /// ᾱ_t by t.
    pub alphas_cumprod: &'a [f32],
    /// The values of t.
    pub values: &'a mut [usize],
    /// The one that the slider moves.
    pub chosen: &'a mut usize,
}

/// What the user did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// A value was changed.
    pub changed: bool,
    /// A handle is in hand.
    pub moving: bool,
}

/// The ends of the SNR's scale, in decibels.
const DECIBELS: (f32, f32) = (-40.0, 40.0);

/// 10 log₁₀ of ᾱ/(1 - ᾱ).
pub fn snr_db(alpha_prod: f32) -> f32 {
    10.0 * (alpha_prod / (1.0 - alpha_prod).max(f32::MIN_POSITIVE)).log10()
}

impl Curve<'_> {
    /// Draws slider and curve.
    pub fn ui(mut self, ui: &mut Ui) -> Moved {
        let mut moved = Moved::default();
        let last = self.alphas_cumprod.len().saturating_sub(1);
        self.slider(ui, last, &mut moved);
        let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Noise schedule"));
        let room = response.rect;
        let plot = Rect::from_min_max(room.min + vec2(34.0, 18.0), room.max - vec2(40.0, 20.0));
        if let Some(pointer) = response.interact_pointer_pos() {
            let t = egui::remap_clamp(pointer.x, plot.x_range(), 0.0..=last as f32).round() as usize;
            if response.drag_started() {
                let nearest = self.values.iter().enumerate().min_by_key(|(_, value)| value.abs_diff(t));
                *self.chosen = nearest.map_or(0, |(at, _)| at);
            }
            moved.moving |= response.dragged();
            self.set(t, &mut moved);
        }
        if response.hovered() {
            ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
        }
        self.draw(ui, &painter, plot);
        moved
    }

    fn set(&mut self, t: usize, moved: &mut Moved) {
        if let Some(value) = self.values.get_mut(*self.chosen).filter(|value| **value != t) {
            *value = t;
            moved.changed = true;
        }
    }

    fn slider(&mut self, ui: &mut Ui, last: usize, moved: &mut Moved) {
        let tokens = tokens(ui);
        let Some(mut t) = self.values.get(*self.chosen).copied() else { return };
        let words = |t: usize, alpha_prod: f32| format!("t {t} · ᾱ {alpha_prod:.4} · SNR {:.1} dB", snr_db(alpha_prod));
        // The rail ends where the longest words begin, so that it stays while they change.
        let widest = ui.painter().layout_no_wrap(words(888, 1e-4), FontId::proportional(12.5), tokens.text).size().x;
        ui.horizontal(|ui| {
            Line { font: FontId::proportional(13.0), colour: tokens.text_weak }.ui(ui, "t");
            ui.scope(|ui| {
                crate::app::widgets::numbers::slider_style(ui);
                ui.spacing_mut().slider_width = (ui.available_width() - widest - 24.0).max(80.0);
                let slider = Slider::new(&mut t, 0..=last).show_value(false).step_by(1.0);
                let response = ui.add(slider).accessible_name("Timestep t");
                moved.moving |= response.dragged();
                response.on_hover_text("t: how much noise, from 0 (clean) to the end of the schedule (noise alone)");
            });
            let alpha_prod = self.alphas_cumprod[t.min(last)];
            Line { font: FontId::proportional(12.5), colour: tokens.text }.ui(ui, &words(t, alpha_prod));
        });
        self.set(t, moved);
    }

    fn draw(&self, ui: &Ui, painter: &Painter, plot: Rect) {
        let tokens = tokens(ui);
        let last = self.alphas_cumprod.len().saturating_sub(1);
        let x = |t: usize| egui::remap(t as f32, 0.0..=last as f32, plot.x_range());
        let y = |part: f32| egui::remap(part, 0.0..=1.0, plot.bottom()..=plot.top());
        let part = |db: f32| egui::remap_clamp(db, DECIBELS.0..=DECIBELS.1, 0.0..=1.0);
        let font = FontId::proportional(11.0);
        // Little room has place for the ends alone.
        for quarter in (0..=4_u8).step_by(if plot.height() < 70.0 { 4 } else { 1 }) {
            let level = f32::from(quarter) / 4.0;
            painter.line_segment(
                [pos2(plot.left(), y(level)), pos2(plot.right(), y(level))],
                Stroke::new(1.0, tokens.border),
            );
            let left = pos2(plot.left() - 6.0, y(level));
            painter.text(left, Align2::RIGHT_CENTER, format!("{level}"), font.clone(), tokens.accent_text);
            let db = egui::lerp(DECIBELS.0..=DECIBELS.1, level);
            let right = pos2(plot.right() + 6.0, y(level));
            painter.text(right, Align2::LEFT_CENTER, format!("{db:.0}"), font.clone(), tokens.warning);
        }
        for fifth in 0..=5 {
            let t = ((last + 1) * fifth / 5).min(last);
            let at = pos2(x(t), plot.bottom() + 5.0);
            painter.text(at, Align2::CENTER_TOP, t.to_string(), font.clone(), tokens.text_faint);
        }
        let top = plot.top() - 4.0;
        for (corner, align, text, colour, symbol) in [
            (pos2(plot.left(), top), Align2::LEFT_BOTTOM, "ᾱ", tokens.accent_text, Symbol::AlphaBar),
            (pos2(plot.right(), top), Align2::RIGHT_BOTTOM, "SNR in dB", tokens.warning, Symbol::Snr),
        ] {
            let place = painter.text(corner, align, text, font.clone(), colour);
            let response = ui.interact(place.expand(3.0), ui.scope_id().with(text), Sense::CLICK);
            let name = format!("Explain the curve of {}", symbol.about().name);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name.clone()));
            explain::explains(response, symbol);
        }
        let width = |symbol: Symbol, plain: f32| if explain::is_marked(ui.ctx(), symbol) { plain + 2.0 } else { plain };
        // A point for every two points of the screen is all that can be seen.
        let points = (plot.width() / 2.0).max(2.0) as usize;
        let sampled = |value: &dyn Fn(f32) -> f32| -> Vec<Pos2> {
            (0..=points).map(|i| last * i / points).map(|t| pos2(x(t), y(value(self.alphas_cumprod[t])))).collect()
        };
        painter.line(
            sampled(&|alpha_prod| part(snr_db(alpha_prod))),
            Stroke::new(width(Symbol::Snr, 1.5), tokens.warning),
        );
        painter.line(sampled(&|alpha_prod| alpha_prod), Stroke::new(width(Symbol::AlphaBar, 2.0), tokens.accent_text));
        for (at, &t) in self.values.iter().enumerate() {
            let on = at == *self.chosen;
            let (thin, radius) = if on { (width(Symbol::Timestep, 2.0), 6.0) } else { (1.0, 4.5) };
            let colour = if on { tokens.accent_text } else { tokens.text_weak };
            painter.line_segment([pos2(x(t), plot.top()), pos2(x(t), plot.bottom())], Stroke::new(thin, colour));
            let knob = pos2(x(t), y(self.alphas_cumprod[t.min(last)]));
            painter.circle(knob, radius, tokens.panel, Stroke::new(2.0, colour));
        }
    }
}
