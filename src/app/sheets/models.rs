//! The models: what is here, what the hub has, whether the machine has the memory for it, and how far a fetch is.

use egui::{ProgressBar, RichText, ScrollArea, TextEdit, Ui};

use super::{Done, title};
use crate::app::downloads::{Downloads, Listed, Running, State};
use crate::app::theme::{medium, tokens};
use crate::app::widgets::buttons;
use crate::files::size;
use crate::models::{DeviceChoice, Need, Package};

/// The open sheet.
pub struct Models {
    downloads: Downloads,
    device: DeviceChoice,
    token: String,
    asked: bool,
}

impl Models {
    /// On what is fetched now, or was, and on the device that is computed on.
    pub fn new(downloads: Downloads, device: DeviceChoice) -> Self {
        Self { downloads, device, token: String::new(), asked: false }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui) -> Option<Done> {
        if !std::mem::replace(&mut self.asked, true) {
            self.downloads.list(ui.ctx());
        }
        let close = title(ui, "Models");
        let mut wanted = None;
        let (mut stop, mut chosen) = (false, None);
        {
            let state = self.downloads.look();
            said(ui, &state);
            let height = (ui.ctx().content_rect().height() - 300.0).max(200.0);
            ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| match &state.listed {
                None => drop(ui.label("Looking through this machine…")),
                Some(listed) => {
                    chosen = devices(ui, listed, self.device);
                    here(ui, listed);
                    (wanted, stop) = packages(ui, listed, state.running.as_ref());
                }
            });
        }
        ui.separator();
        ui.horizontal(|ui| {
            let label = ui.label("Token");
            ui.add(
                TextEdit::singleline(&mut self.token).password(true).hint_text("empty: HF_TOKEN or `hf auth login`"),
            )
            .labelled_by(label.id)
            .on_hover_text("For models with a licence to accept; used for this session, never saved");
        });
        if stop {
            self.downloads.stop();
        }
        if let Some(package) = wanted {
            self.downloads.fetch(package, &self.token, ui.ctx());
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
fn said(ui: &mut Ui, state: &State) {
    if let Some((well, text)) = &state.said {
        let tokens = tokens(ui);
        ui.label(RichText::new(text).color(if *well { tokens.text_weak } else { tokens.danger }));
    }
}

fn here(ui: &mut Ui, listed: &Listed) {
    heading(ui, "On this machine");
    for model in &listed.here {
        ui.label(RichText::new(&model.name).font(medium(13.0)));
        weak(ui, &format!("{}{}", model.sentence, memory_words(model.need, listed.memory)));
    }
}

/// A package that was asked for, and whether the running one is to stop.
fn packages(ui: &mut Ui, listed: &Listed, running: Option<&Running>) -> (Option<&'static Package>, bool) {
    heading(ui, "From the hub");
    let (mut wanted, mut stop) = (None, false);
    for &(package, here, need) in &listed.packages {
        let comes = running.filter(|running| running.name == package.name);
        ui.horizontal(|ui| {
            ui.label(RichText::new(package.name).font(medium(13.0)));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| match comes {
                Some(_) => stop |= buttons::chip(ui, "Pause").clicked(),
                None if here => drop(ui.label("Here")),
                None => {
                    let text = format!("Fetch {}", size(package.bytes));
                    let free = running.is_none();
                    if ui.add_enabled_ui(free, |ui| buttons::chip(ui, &text)).inner.clicked() {
                        wanted = Some(package);
                    }
                }
            });
        });
        if let Some(running) = comes {
            progress(ui, running);
        }
        weak(ui, &format!("{}{}", package.sentence, memory_words(need, listed.memory)));
        if let Some(page) = package.licence() {
            ui.hyperlink_to(
                RichText::new("Licence, to accept first").size(12.0),
                format!("https://huggingface.co/{page}"),
            );
        }
        ui.add_space(4.0);
    }
    (wanted, stop)
}

fn progress(ui: &mut Ui, running: &Running) {
    let Some(fetching) = &running.fetching else {
        weak(ui, "Asking the hub…");
        return;
    };
    ui.add(ProgressBar::new(fetching.fraction()).desired_height(8.0));
    let left = fetching.left_secs().map_or(String::new(), |left| format!(" · {left:.0} s left"));
    let speed = size(fetching.bytes_per_sec as u64);
    let done = format!("{} of {} · {speed}/s{left}", size(fetching.bytes), size(fetching.of));
    weak(ui, &done);
}

/// What networks need, and how that fits into what is free.
fn memory_words(need: Option<Need>, free: Option<u64>) -> String {
    need.map_or(String::new(), |need| format!(" · memory {}", need.words(free)))
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(6.0);
    ui.label(RichText::new(text).font(medium(12.5)).color(tokens(ui).accent_text));
}

fn weak(ui: &mut Ui, text: &str) {
    let colour = tokens(ui).text_weak;
    ui.label(RichText::new(text).size(12.0).color(colour));
}
