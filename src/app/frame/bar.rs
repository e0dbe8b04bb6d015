//! The bottom bar: what runs, how far it is, how to stop it, and the list of jobs.

use egui::{Align, Layout, RichText, Ui};

use crate::app::lab::Lab;
use crate::app::theme::tokens;
use crate::app::widgets::queue;

/// Draws the bar.
pub fn ui(lab: &mut Lab, ui: &mut Ui) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let change = queue::queue(ui, &lab.jobs);
        if let Some(id) = change.cancel {
            lab.cancel(id);
        }
        if let Some((id, earlier)) = change.earlier {
            lab.jobs.reorder(id, earlier);
            lab.engine.reorder(id, if earlier { -1 } else { 1 });
        }
        if let Some(id) = change.show {
            lab.show_job(ui.ctx(), id);
        }
        match lab.jobs.running().cloned() {
            Some(job) => {
                if let Some(id) = queue::progress(ui, &job) {
                    lab.cancel(id);
                }
            }
            None => {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let text = RichText::new(lab.idle_words()).size(12.0).color(tokens(ui).text_weak);
                    ui.add(egui::Label::new(text).truncate());
                });
            }
        }
    });
}
