//! The models: what is here, what the hub has, whether the machine has the memory for it, and how far a fetch is.

use egui::{RichText, ScrollArea, TextEdit, Ui};

use super::downloads::{Downloads, Listed};
use super::table::{Asked, here, packages, weak};
use crate::app::background::Background;
use crate::app::dialogs::done::Done;
use crate::app::theme::{medium, tokens};
use crate::app::widgets::heading::dialog_title;
use crate::app::widgets::table::Sort;
use crate::files::size;
use crate::models::DeviceChoice;

/// The open dialog.
pub struct Models {
    device: DeviceChoice,
    token: String,
    sort: Sort,
}

impl Models {
    /// On the device that is computed on.
    pub fn new(device: DeviceChoice) -> Self {
        Self { device, token: String::new(), sort: Sort::default() }
    }

    /// Draws it; something once it is to close.
    pub fn ui(&mut self, ui: &mut Ui, downloads: &mut Downloads, background: &Background) -> Option<Done> {
        let close = dialog_title(ui, "Models");
        let (mut asked, mut chosen) = (None, None);
        said(ui, downloads);
        let height = (ui.ctx().content_rect().height() - 240.0).max(200.0);
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| match &downloads.listed {
            None => drop(ui.label("Looking through this machine…")),
            Some(listed) => {
                chosen = devices(ui, listed, self.device);
                heading(ui, "On this machine");
                here(ui, listed);
                heading(ui, "From the hub");
                asked = packages(ui, listed, downloads.running.as_ref(), &mut self.sort);
            }
        });
        ui.separator();
        ui.horizontal(|ui| {
            let label = ui.label("Token");
            ui.add(
                TextEdit::singleline(&mut self.token).password(true).hint_text("empty: HF_TOKEN or `hf auth login`"),
            )
            .labelled_by(label.id)
            .on_hover_text("For models with a licence to accept; used for this session, never saved");
        });
        match asked {
            Some(Asked::Pause) => downloads.stop(),
            Some(Asked::Fetch(package)) => downloads.fetch(package, &self.token, ui.ctx(), background),
            None => {}
        }
        chosen.map(Done::Device).or_else(|| close.then_some(Done::Nothing))
    }
}

/// Where to compute, and how much memory is free there; another one that was chosen.
fn devices(ui: &mut Ui, listed: &Listed, current: DeviceChoice) -> Option<DeviceChoice> {
    heading(ui, "Computes on");
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        for (choice, memory) in std::iter::once(&(DeviceChoice::Auto, None)).chain(&listed.devices) {
            let free = memory.map_or(String::new(), |bytes| format!(" · {} free", size(bytes)));
            if ui.selectable_label(*choice == current, format!("{}{free}", choice.words())).clicked() {
                chosen = Some(*choice);
            }
        }
    });
    if let [_] = listed.devices.as_slice() {
        weak(ui, "A GPU appears here if the program was built with --features cuda or metal.");
    }
    chosen
}

/// How the last fetch ended.
fn said(ui: &mut Ui, downloads: &Downloads) {
    if let Some((well, text)) = &downloads.said {
        let tokens = tokens(ui);
        ui.label(RichText::new(text).color(if *well { tokens.text_weak } else { tokens.danger }));
    }
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(6.0);
    ui.label(RichText::new(text).font(medium(12.5)).color(tokens(ui).accent_text));
}
