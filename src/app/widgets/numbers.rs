//! Numbers: a list such as "5, 20, 40" (one run each) with a slider for the usual case of one, or a single number.

use egui::{Id, Slider, Ui, vec2};

use super::field::{buffered, line};
use crate::app::theme::tokens;

/// What a number field shows.
pub struct Numbers<'a> {
    /// The values as text, comma separated.
    pub text: &'a str,
    /// What an empty field means.
    pub hint: &'a str,
    /// The value that the slider shows where it is one.
    pub value: Option<f64>,
    /// The slider's ends; none: no slider.
    pub span: Option<std::ops::RangeInclusive<f64>>,
    /// Whole numbers.
    pub whole: bool,
    /// The name of the setting.
    pub name: &'a str,
    /// What is wrong with what was typed.
    pub wrong: Option<&'a str>,
}

impl Numbers<'_> {
    /// The text field, at the right of its label.
    pub fn field(&self, ui: &mut Ui, salt: Id, label: Id) -> Option<String> {
        let width = ui.available_width();
        let show = |ui: &mut Ui, text: &mut String| line(ui, text, self.hint, width, label, self.wrong.is_some());
        buffered(ui, salt, self.text, show).1
    }

    /// Whether there is one value for a slider to show.
    pub fn has_slider(&self) -> bool {
        self.value.is_some() && self.span.is_some()
    }

    /// The slider beneath, and what is wrong.
    pub fn slider(&self, ui: &mut Ui) -> Option<String> {
        let mut chosen = None;
        if let (Some(value), Some(span)) = (self.value, &self.span) {
            let mut value = value.clamp(*span.start(), *span.end());
            slider_style(ui);
            let slider =
                Slider::new(&mut value, span.clone()).show_value(false).step_by(if self.whole { 1.0 } else { 0.1 });
            let response = ui.add(slider).accessible_name(format!("{} slider", self.name));
            if response.changed() {
                chosen =
                    Some(if self.whole { format!("{value:.0}") } else { format!("{}", (value * 10.0).round() / 10.0) });
            }
        }
        if let Some(wrong) = self.wrong {
            ui.allocate_ui(vec2(ui.available_width(), 0.0), |ui| {
                ui.label(egui::RichText::new(wrong).size(11.5).color(tokens(ui).danger));
            });
        }
        chosen
    }
}

/// A thin rail and a ring in the accent.
pub fn slider_style(ui: &mut Ui) {
    let tokens = tokens(ui);
    ui.spacing_mut().slider_width = ui.available_width();
    ui.spacing_mut().interact_size.y = 18.0;
    let visuals = ui.visuals_mut();
    visuals.selection.bg_fill = tokens.accent;
    for state in [&mut visuals.widgets.inactive, &mut visuals.widgets.hovered, &mut visuals.widgets.active] {
        state.fg_stroke = egui::Stroke::new(2.0, tokens.accent_text);
    }
    visuals.widgets.hovered.bg_fill = tokens.active;
    visuals.widgets.active.bg_fill = tokens.accent;
}

/// The parts of a comma-separated list.
pub fn parts(text: &str) -> Vec<String> {
    text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
