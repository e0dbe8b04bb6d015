//! The frame of the whole window: rail, inspector, bar, gallery strip, and the stage in the middle.

mod bar;
mod centre;
mod drop;
mod inspector;
mod rail;
mod steps;

use egui::{CentralPanel, Frame, Margin, Panel, Ui, UiBuilder};

use super::benches::Bench;
use super::lab::Lab;
use super::theme::tokens;

/// Height of the bottom bar, in points.
const BAR: f32 = 44.0;
/// Height of the gallery's strip, in points.
const STRIP: f32 = 100.0;
/// No strip is shown below this height.
const LOW: f32 = 460.0;
/// The rail shows icons only below this width.
const NARROW: f32 = 1180.0;

/// What stands under toasts, in points: the bar and, where it is shown, the button of the inspector, which is to stay
/// in reach.
pub fn under_toasts(inspector: bool) -> f32 {
    BAR + if inspector { inspector::FOOT } else { 0.0 } + 12.0
}

/// Draws everything but sheets and toasts, in the order in which Tab goes through it: what to do at the left, with which
/// settings at the right, the middle, the gallery under it, the bar at the bottom.
pub fn ui(lab: &mut Lab, ui: &mut Ui) {
    let panel = Frame::new().fill(tokens(ui).panel);
    let room = ui.available_rect_before_wrap();
    let (above, below) = room.split_top_bottom_at_y(room.bottom() - BAR);
    ui.scope_builder(UiBuilder::new().max_rect(above), |ui| above_bar(lab, ui, panel));
    ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
        let frame = panel.inner_margin(Margin::symmetric(12, 0));
        Panel::bottom("bar").exact_size(BAR).resizable(false).frame(frame).show(ui, |ui| bar::ui(lab, ui));
    });
    drop::ui(lab, ui);
}

fn above_bar(lab: &mut Lab, ui: &mut Ui, panel: Frame) {
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
    }
    let room = ui.available_rect_before_wrap();
    // Training makes no pictures for the gallery, and its dashboard needs the room; so does a canvas in a low window.
    let has_strip = lab.session.side_panels && lab.bench() != Bench::Training && room.height() > LOW;
    let strip = if has_strip { STRIP } else { 0.0 };
    let (middle, below) = room.split_top_bottom_at_y(room.bottom() - strip);
    ui.scope_builder(UiBuilder::new().max_rect(middle), |ui| {
        let frame = Frame::new().fill(tokens(ui).stage);
        CentralPanel::no_frame().frame(frame).show(ui, |ui| centre::ui(lab, ui));
    });
    if strip > 0.0 {
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
            let frame = panel.inner_margin(Margin { left: 12, right: 12, top: 14, bottom: 6 });
            Panel::bottom("strip")
                .exact_size(STRIP)
                .resizable(false)
                .frame(frame)
                .show(ui, |ui| centre::strip(lab, ui));
        });
    }
}
