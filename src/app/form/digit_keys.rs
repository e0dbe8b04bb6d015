//! The digits that are to be drawn, named by a press on a key.

use egui::{RichText, Ui, vec2};

use super::recipe_form::Form;
use crate::app::theme::{medium, tokens};
use crate::app::widgets::buttons;
use crate::experiments::Recipe;
use crate::experiments::settings::digits;

/// Keys in a row.
const IN_A_ROW: u8 = 5;
const KEY_HEIGHT: f32 = 38.0;

/// What the list of classes is after a key was pressed: the first press begins a list of one's own.
fn pressed(classes: &str, digit: u8) -> String {
    let own = classes != Recipe::new("digits-sample").digits.classes && classes != "none";
    format!("{}{digit}", if own { classes } else { "" })
}

/// The list without its last digit; every digit where none is left.
fn taken_back(classes: &str) -> String {
    let digits = if classes == "none" { "" } else { classes };
    match digits.char_indices().next_back() {
        Some((at, _)) if at > 0 => digits[..at].to_owned(),
        _ => Recipe::new("digits-sample").digits.classes,
    }
}

impl Form<'_> {
    /// A key for each digit, and one that takes the last back.
    pub(super) fn digit_keys(&mut self, ui: &mut Ui) {
        let tokens = tokens(ui);
        let width = (ui.available_width() - f32::from(IN_A_ROW - 1) * 6.0) / f32::from(IN_A_ROW);
        let mut classes = self.recipe.digits.classes.clone();
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        for row in 0..10 / IN_A_ROW {
            ui.horizontal(|ui| {
                for digit in row * IN_A_ROW..(row + 1) * IN_A_ROW {
                    let text = RichText::new(digit.to_string()).font(medium(16.0)).color(tokens.text);
                    let key = ui.add(egui::Button::new(text).min_size(vec2(width, KEY_HEIGHT)));
                    let key = key.accessible_name(format!("Draw a {digit}"));
                    if key.on_hover_text(format!("Draw one more {digit}")).clicked() {
                        classes = pressed(&classes, digit);
                    }
                }
            });
        }
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if buttons::chip(ui, "Take back").on_hover_text("Without the last digit").clicked() {
                classes = taken_back(&classes);
            }
            for (text, list, help) in [
                ("0 to 9", "0123456789", "Each digit once"),
                ("No class", "none", "The network is told no class: any digit"),
            ] {
                if buttons::chip_on(ui, text, classes == list).on_hover_text(help).clicked() {
                    classes = list.to_owned();
                }
            }
        });
        if classes != self.recipe.digits.classes {
            self.wrong.remove(digits::classes.key);
            self.recipe.digits.classes = classes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{pressed, taken_back};

    #[test]
    fn the_first_key_begins_a_list() {
        let typed = [2, 0, 2, 6].into_iter().fold("0123456789".to_owned(), |classes, digit| pressed(&classes, digit));
        assert_eq!(typed, "2026");
        assert_eq!(pressed("none", 7), "7");
        assert_eq!(taken_back("2026"), "202");
        assert_eq!([taken_back("2"), taken_back("none")], ["0123456789", "0123456789"]);
    }
}
