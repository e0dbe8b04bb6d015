//! The window is to close while work runs.

use egui::Ui;

use super::done::Done;
use crate::app::widgets::heading::dialog_title;

pub(super) fn ui(ui: &mut Ui) -> Option<Done> {
    let close = dialog_title(ui, "Stop the running work?");
    ui.label(
        "A job is not done yet. Finished pictures are saved, and so is a network in training; the rest would be lost.",
    );
    ui.add_space(8.0);
    ui.horizontal(|ui| {
        let stay = ui.button("Keep working");
        let leave = ui.button("Stop and close");
        if leave.clicked() { Some(Done::Leave) } else { (stay.clicked() || close).then_some(Done::Nothing) }
    })
    .inner
}
