//! The frame of the whole window: rail, inspector, bar, gallery strip, and the stage in the middle.

mod bar;
mod centre;
mod drop;
mod inspector;
mod rail;
mod steps;

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::benches::Bench;
use super::lab::Lab;
use super::theme::tokens;

/// Height of the bottom bar, in points.
const BAR: f32 = 44.0;
/// The rail shows icons only below this width.
const NARROW: f32 = 1180.0;

/// What stands under toasts, in points: the bar and, where it is shown, the button of the inspector, which is to stay
/// in reach.
pub fn under_toasts(inspector: bool) -> f32 {
    BAR + if inspector { inspector::FOOT } else { 0.0 } + 12.0
}

/// Draws everything but sheets and toasts.
pub fn ui(lab: &mut Lab, ui: &mut Ui) {
    let tokens = tokens(ui);
    let panel = Frame::new().fill(tokens.panel);
    let margin = Margin::symmetric(12, 0);
    Panel::bottom("bar")
        .exact_size(BAR)
        .resizable(false)
        .frame(panel.inner_margin(margin))
        .show(ui, |ui| bar::ui(lab, ui));
    if lab.session.side_panels {
        let narrow = ui.available_width() < NARROW;
        let frame = panel.inner_margin(Margin::same(if narrow { 8 } else { 12 }));
        Panel::left("rail")
            .exact_size(if narrow { 56.0 } else { 208.0 })
            .resizable(false)
            .frame(frame)
            .show(ui, |ui| rail::ui(lab, ui, narrow));
        Panel::right("inspector")
            .exact_size(if narrow { 328.0 } else { 352.0 })
            .resizable(false)
            .frame(panel)
            .show(ui, |ui| inspector::ui(lab, ui));
        // Training makes no pictures for the gallery, and its dashboard needs the room.
        if lab.bench() != Bench::Training {
            Panel::bottom("strip")
                .exact_size(100.0)
                .resizable(false)
                .frame(panel.inner_margin(Margin { left: 12, right: 12, top: 14, bottom: 6 }))
                .show(ui, |ui| centre::strip(lab, ui));
        }
    }
    CentralPanel::no_frame().frame(Frame::new().fill(tokens.stage)).show(ui, |ui| centre::ui(lab, ui));
    drop::ui(lab, ui);
}
