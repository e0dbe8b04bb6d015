//! A small slider in one line: its name, its rail, its value. A double click puts the default back.

use egui::{Align, Layout, RichText, Slider, Ui};

use crate::app::theme::tokens;

/// Room for the value, in points.
const VALUE: f32 = 38.0;
const GAP: f32 = 6.0;

/// What a knob shows.
pub struct Knob<'a> {
    /// Its name.
    pub name: &'a str,
    /// Symbol, meaning, range.
    pub help: &'a str,
    /// Its ends.
    pub range: std::ops::RangeInclusive<f32>,
    /// Where a double click puts it.
    pub default: f32,
    /// Steps between its values.
    pub step: f32,
    /// Whether small values get as much room as large ones.
    pub logarithmic: bool,
    /// Length of its rail in points.
    pub rail: f32,
}

impl Default for Knob<'_> {
    fn default() -> Self {
        Self { name: "", help: "", range: 0.0..=1.0, default: 0.0, step: 0.01, logarithmic: false, rail: 76.0 }
    }
}

impl Knob<'_> {
    /// Draws it; true when `value` was changed. `text` says the value.
    pub fn ui(&self, ui: &mut Ui, value: &mut f32, text: &str) -> bool {
        let tokens = tokens(ui);
        let before = *value;
        let font = egui::FontId::proportional(12.0);
        let name = ui.fonts_mut(|fonts| fonts.layout_no_wrap(self.name.to_owned(), font, tokens.text_weak));
        // The width is known beforehand, so that a row of knobs can be wrapped.
        let size = egui::vec2(name.size().x + self.rail + VALUE + 2.0 * GAP, 24.0);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            ui.label(name).on_hover_text(self.help);
            ui.scope(|ui| {
                super::numbers::slider_style(ui);
                ui.spacing_mut().slider_width = self.rail;
                let slider = Slider::new(value, self.range.clone())
                    .show_value(false)
                    .step_by(f64::from(self.step))
                    .logarithmic(self.logarithmic);
                let response = ui.add(slider).accessible_name(self.name).on_hover_text(self.help);
                if response.double_clicked() {
                    *value = self.default;
                }
            });
            let text = RichText::new(text).size(11.5).color(tokens.text_faint);
            ui.add_sized([VALUE, 20.0], egui::Label::new(text));
        });
        *value != before
    }
}
