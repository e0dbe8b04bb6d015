//! Version, and the licences and credits of everything that is embedded in the program.

use egui::{RichText, ScrollArea, Ui};

use super::done::Done;
use crate::app::theme::{medium, tokens};
use crate::app::widgets::heading::dialog_title;
use crate::models::credits;

const INTER: &str = include_str!("../../../assets/fonts/OFL.txt");

pub(super) fn ui(ui: &mut Ui) -> Option<Done> {
    let close = dialog_title(ui, "Diffusion Lab");
    let weak = tokens(ui).text_weak;
    ui.label(
        RichText::new(concat!("Version ", env!("CARGO_PKG_VERSION"), " · ", env!("CARGO_PKG_LICENSE"))).color(weak),
    );
    ui.label("A desktop laboratory for playing with diffusion models by hand. Everything runs on this machine.");
    ui.separator();
    let height = (ui.ctx().content_rect().height() - 300.0).max(160.0);
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        text(ui, credits());
        ui.add_space(8.0);
        ui.label(RichText::new("The interface's typeface").font(medium(13.0)));
        ui.label("Inter by Rasmus Andersson and contributors, SIL Open Font License 1.1");
        egui::CollapsingHeader::new("Licence of Inter")
            .show(ui, |ui| ui.label(RichText::new(INTER).size(11.5).color(weak)));
    });
    close.then_some(Done::Nothing)
}

/// As much of Markdown as the credits use.
fn text(ui: &mut Ui, markdown: &str) {
    ui.spacing_mut().item_spacing.y = 5.0;
    for line in markdown.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(heading) = line.strip_prefix("## ") {
            ui.add_space(6.0);
            ui.label(RichText::new(heading).font(medium(13.0)));
        } else if let Some(heading) = line.strip_prefix("# ") {
            ui.label(RichText::new(heading).color(tokens(ui).text_weak));
        } else if let Some(item) = line.strip_prefix("- ") {
            ui.horizontal_top(|ui| {
                ui.label("•");
                ui.add(egui::Label::new(item).wrap());
            });
        } else {
            ui.label(line);
        }
    }
}
