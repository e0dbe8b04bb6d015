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
    /// The slider's ends.
    pub span: std::ops::RangeInclusive<f64>,
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
        let width = ui.available_width() - 18.0;
        let show = |ui: &mut Ui, text: &mut String| line(ui, text, self.hint, width, label, self.wrong.is_some());
        buffered(ui, salt, self.text, show).1
    }

    /// The slider beneath, and what is wrong.
    pub fn slider(&self, ui: &mut Ui) -> Option<String> {
        let mut chosen = None;
        if let Some(value) = self.value {
            let mut value = value.clamp(*self.span.start(), *self.span.end());
            ui.spacing_mut().slider_width = ui.available_width();
            ui.spacing_mut().interact_size.y = 20.0;
            let slider = Slider::new(&mut value, self.span.clone())
                .show_value(false)
                .step_by(if self.whole { 1.0 } else { 0.1 });
            let response = ui.add(slider).accessible_name(format!("{} slider", self.name));
            if response.changed() {
                chosen = Some(if self.whole { format!("{value:.0}") } else { format!("{}", (value * 10.0).round() / 10.0) });
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

/// The parts of a comma-separated list.
pub fn parts(text: &str) -> Vec<String> {
    text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
