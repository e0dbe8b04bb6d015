//! Seeds: a list, a die that draws a new one, and a lock that keeps it from one press of Generate to the next.

use egui::{Id, Ui};

use super::buttons;
use super::field::{buffered, line};
use crate::app::theme::Icon;

/// What the user did with the seeds.
#[derive(Default)]
pub struct SeedChange {
    /// A new text.
    pub typed: Option<String>,
    /// A new seed was asked for.
    pub rolled: bool,
}

/// Draws field, die and lock.
pub fn seed(ui: &mut Ui, salt: Id, label: Id, text: &str, wrong: bool, locked: &mut bool) -> SeedChange {
    let mut change = SeedChange::default();
    ui.spacing_mut().item_spacing.x = 2.0;
    let width = ui.available_width() - 2.0 * 32.0;
    change.typed = buffered(ui, salt, text, |ui, text| line(ui, text, "180", width, label, wrong)).1;
    change.rolled = buttons::icon(ui, Icon::Dice, "New seed", "Draw a new random seed (Ctrl+R)").clicked();
    let (icon, help) = match *locked {
        true => (Icon::Lock, "The seed stays: the same settings give the same pictures. Click for a new one each time"),
        false => (Icon::Unlock, "Every Generate draws a new seed. Click to keep it"),
    };
    if buttons::icon_button(ui, icon, "Keep seed", help, *locked).clicked() {
        *locked = !*locked;
    }
    change
}

/// A seed that is short enough to read aloud.
pub fn random() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish() % 1_000_000
}
