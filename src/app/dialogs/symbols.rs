//! Every symbol, curve and measure with its explanation; one may be looked at first.

use egui::{ScrollArea, Ui};

use super::done::Done;
use crate::app::explain::{Symbol, card};
use crate::app::theme::tokens;
use crate::app::widgets::heading::dialog_title;

pub(super) fn ui(ui: &mut Ui, first: &mut Option<Symbol>) -> Option<Done> {
    let close = dialog_title(ui, "Symbols and measures");
    let height = (ui.ctx().content_rect().height() - 220.0).max(200.0);
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - 16.0);
        for symbol in Symbol::ALL {
            let ground = if *first == Some(*symbol) { tokens(ui).accent_soft } else { egui::Color32::TRANSPARENT };
            let shown =
                egui::Frame::new().fill(ground).inner_margin(8).corner_radius(6).show(ui, |ui| card(ui, *symbol));
            if *first == Some(*symbol) {
                shown.response.scroll_to_me(Some(egui::Align::Min));
            }
        }
    });
    // It is scrolled to once; then the hand has it.
    if first.is_some() && ui.input(|input| input.smooth_scroll_delta().y != 0.0) {
        *first = None;
    }
    close.then_some(Done::Nothing)
}
