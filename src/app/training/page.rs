//! Where everything stands: the hands on top, the curves with their list of runs, the heat map and the pictures of the
//! epochs below.

use std::path::Path;

use egui::{Align, Layout, Rect, RichText, Ui, UiBuilder, pos2, vec2};

use super::browser::Wanted;
use super::curve::Along;
use super::files::{Exported, write_runs};
use super::options::{Options, SMOOTHING};
use super::state::Training;
use super::{control, list};
use crate::app::commands::Command;
use crate::app::files::Purpose;
use crate::app::form::panels::panel;
use crate::app::shared::Shared;
use crate::app::text::file_name;
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::choice;
use crate::app::widgets::heading::heading;
use crate::app::widgets::knob::Knob;
use crate::experiments::Source;

/// From here on the list of runs stands beside the curves.
const WIDE: f32 = 820.0;
/// Width of the list there.
const LIST: f32 = 220.0;
/// Most runs in the list above the curves before it is scrolled.
const ROWS: usize = 3;
/// The experiment that takes a digit of the set.
const DENOISE: &str = "digits-denoise";
const MARGIN: f32 = 14.0;
const GAP: f32 = 10.0;

impl Training {
    /// Draws the dashboard in all the room there is; `plan` is what Train would do.
    pub fn ui(&mut self, ui: &mut Ui, plan: &str, shared: &mut Shared) {
        let room = ui.available_rect_before_wrap().shrink2(vec2(MARGIN, 8.0));
        if self.runs.all.is_empty() && !self.browser.open {
            ui.scope_builder(UiBuilder::new().max_rect(room), |ui| empty(self, ui, plan, shared));
            return;
        }
        self.smooth();
        let mut left = room;
        if !self.runs.all.is_empty() {
            let head = cut(&mut left, control::HEIGHT);
            ui.scope_builder(UiBuilder::new().max_rect(head), |ui| control::ui(self, ui, shared));
        }
        let tools = cut(&mut left, 30.0);
        ui.scope_builder(UiBuilder::new().max_rect(tools), |ui| toolbar(self, ui, shared));
        if self.browser.open {
            ui.scope_builder(UiBuilder::new().max_rect(left), |ui| self.browse(ui, shared));
            return;
        }
        let below = left.height() * self.part_below();
        let above = left.height() - below - if below > 0.0 { GAP } else { 0.0 };
        let curves = cut(&mut left, above);
        let (list, plot) = beside(curves, self.runs.all.len());
        ui.scope_builder(UiBuilder::new().max_rect(list), |ui| list::ui(self, ui, shared));
        ui.scope_builder(UiBuilder::new().max_rect(plot), |ui| {
            let Self { plot, runs, options, .. } = self;
            plot.ui(ui, &runs.all, options);
        });
        if below > 0.0 {
            self.below_ui(ui, left);
        }
    }

    /// Writes every step of the runs that are shown where the user says; as JSON where the name ends so.
    pub fn export(&self, name: &'static str, shared: &mut Shared) {
        let shown = self.runs.all.iter().filter(|run| run.shown);
        let runs: Vec<_> = shown.map(Exported::of).collect();
        let write = move |path: &Path| write_runs(path, &runs);
        shared.files.save(name, shared.home.exports(), &shared.background, write);
    }

    /// The digits of the set that the form names.
    fn browse(&mut self, ui: &mut Ui, shared: &mut Shared) {
        let name = shared.session.recipe().digits.data.clone();
        let Self { browser, digits, .. } = self;
        let Some(wanted) = browser.ui(ui, &name, digits, &shared.background) else { return };
        let Some(recipe) = shared.session.recipes.get(DENOISE).cloned() else { return };
        let recipe = recipe.with(|recipe| {
            recipe.digits.data = name;
            recipe.sampling.count = 1;
        });
        shared.session.open(match wanted {
            Wanted::Denoise(pick) => recipe.with(|recipe| {
                recipe.source.image = None;
                recipe.digits.pick = vec![pick];
            }),
            Wanted::Source(pixels) => recipe.with(|recipe| {
                recipe.source.image = Some(Source::Held(pixels));
                recipe.digits.pick = Vec::new();
            }),
        });
    }

    /// The part of the room that the heat map and the pictures take: little before there is one, none where there
    /// will be none.
    fn part_below(&self) -> f32 {
        match self.looked_at() {
            Some(run) if !run.samples.is_empty() || !run.by_time.is_empty() => 0.42,
            Some(run) if run.state.is_open() => 0.12,
            _ => 0.0,
        }
    }

    /// The heat map and the pictures of the run that is looked at.
    fn below_ui(&mut self, ui: &mut Ui, room: Rect) {
        let colour = self.looked_at().map(|run| run.colour);
        let Self { runs, heat, samples, .. } = self;
        let Some(run) = runs.all.iter().find(|run| Some(run.colour) == colour) else { return };
        let line = [pos2(room.left(), room.top() - GAP / 2.0), pos2(room.right(), room.top() - GAP / 2.0)];
        ui.painter().line_segment(line, egui::Stroke::new(1.0, tokens(ui).border));
        let at = if run.by_time.is_empty() { room.left() } else { room.left() + (room.width() - 2.0 * GAP) * 0.5 };
        if !run.by_time.is_empty() {
            ui.scope_builder(UiBuilder::new().max_rect(room.with_max_x(at)), |ui| heat.ui(ui, run));
        }
        let from = if run.by_time.is_empty() { at } else { at + 2.0 * GAP };
        ui.scope_builder(UiBuilder::new().max_rect(room.with_min_x(from)), |ui| samples.ui(ui, run));
    }
}

/// Takes a strip of that height off the top.
fn cut(room: &mut Rect, height: f32) -> Rect {
    let (above, below) = room.split_top_bottom_at_y(room.top() + height);
    *room = below.with_min_y((below.top() + GAP).min(below.bottom()));
    above
}

/// The list's place and the plot's: beside each other, or one above the other.
fn beside(room: Rect, runs: usize) -> (Rect, Rect) {
    if room.width() >= WIDE {
        let (plot, list) = room.split_left_right_at_x(room.right() - LIST);
        return (list.with_min_x(list.left() + GAP), plot);
    }
    let (list, plot) = room.split_top_bottom_at_y(room.top() + list::height(runs.min(ROWS)));
    (list, plot)
}

/// Axis, smoothing, scale; and at the right what concerns files.
fn toolbar(training: &mut Training, ui: &mut Ui, shared: &mut Shared) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            files(training, ui, shared);
            let browser = &mut training.browser;
            let help = "The digits that networks learn from, by class and page";
            if buttons::icon_button(ui, Icon::Picture, "Browse the digits", help, browser.open).clicked() {
                browser.open = !browser.open;
            }
            if training.browser.open {
                return;
            }
            if buttons::icon(ui, Icon::Fit, "Show all of the curves", "A double click does too").clicked() {
                training.plot.show_all();
            }
            let Training { options, plot, .. } = training;
            let help = "A zoomed view moves on with the newest step";
            if buttons::icon_button(ui, Icon::ChevronRight, "Follow the newest step", help, options.follow).clicked() {
                options.follow = !options.follow;
                plot.go_to_newest();
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| how(options, ui));
        });
    });
}

fn how(options: &mut Options, ui: &mut Ui) {
    ui.spacing_mut().item_spacing.x = 12.0;
    let current = Along::ALL.iter().find(|(_, along)| *along == options.along).map_or("", |(word, _)| word);
    let words = Along::ALL.map(|(word, _)| word);
    let chosen = ui.allocate_ui(vec2(168.0, 30.0), |ui| choice::segments(ui, &words, current)).inner;
    if let Some((_, along)) = Along::ALL.iter().find(|(word, _)| chosen.as_deref() == Some(*word)) {
        options.along = *along;
    }
    let smoothing = Knob {
        name: "Smoothing",
        help: "How much of the smoothed curve each step keeps of the steps before it (debiased exponential mean); less \
               while a run is short, so that it stays a curve. The loss itself stays as a faint line. A double click \
               puts 0.95 back",
        range: 0.0..=0.999,
        default: SMOOTHING,
        step: 0.001,
        rail: if ui.available_width() > 330.0 { 110.0 } else { 60.0 },
        ..Knob::default()
    };
    let text = format!("{:.3}", options.smoothing);
    smoothing.ui(ui, &mut options.smoothing, &text);
    if buttons::chip_on(ui, "log", options.logarithmic).on_hover_text("The loss on a logarithmic scale").clicked() {
        options.logarithmic = !options.logarithmic;
    }
}

/// Runs from files, and curves into files.
fn files(training: &mut Training, ui: &mut Ui, shared: &mut Shared) {
    let save = buttons::icon(ui, Icon::Save, "Export curves", "Every step of the runs that are shown, as CSV or JSON");
    egui::Popup::menu(&save).show(|ui| {
        for (text, name) in [("As CSV…", "curves.csv"), ("As JSON…", "curves.json")] {
            if ui.button(text).clicked() {
                training.export(name, shared);
                ui.close();
            }
        }
    });
    let open = buttons::icon(ui, Icon::Folder, "Open a run", "An earlier run's curves over these");
    egui::Popup::menu(&open).width(260.0).show(|ui| {
        if open.clicked() {
            training.list(shared.home.runs(), &shared.background);
        }
        earlier(training, ui, shared);
    });
}

/// The runs in the program's own folder, and any other's.
fn earlier(training: &mut Training, ui: &mut Ui, shared: &mut Shared) {
    ui.set_min_width(240.0);
    let known: Vec<_> = training.runs.all.iter().map(|run| run.folder.clone()).collect();
    let others = training.earlier.iter().filter(|folder| !known.contains(folder));
    egui::ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
        for folder in others {
            let name = file_name(folder);
            if ui.add(egui::Button::new(name).frame_when_inactive(false).min_size(vec2(230.0, 0.0))).clicked() {
                shared.files.open(folder.clone(), None, &shared.background);
                ui.close();
            }
        }
    });
    ui.separator();
    if ui.button("Choose a folder…").clicked() {
        shared.files.choose(Purpose::Run, &shared.background);
        ui.close();
    }
}

/// What stands there before there is a run.
fn empty(training: &mut Training, ui: &mut Ui, plan: &str, shared: &mut Shared) {
    let Ok(experiment) = shared.session.recipe().experiment() else { return };
    let tokens = tokens(ui);
    ui.add_space((ui.available_height() * 0.5 - 110.0).max(8.0));
    ui.vertical_centered(|ui| {
        heading(ui, panel(experiment.verb).icon, experiment.title, experiment.sentence);
        ui.label(RichText::new(plan).size(12.5).color(tokens.text_faint));
        ui.add_space(16.0);
        let row = ui.available_width();
        ui.horizontal(|ui| {
            ui.add_space((row / 2.0 - 200.0).max(0.0));
            ui.spacing_mut().item_spacing.x = 32.0;
            if buttons::quiet(ui, Icon::Play, "Start training").clicked() {
                shared.commands.push(Command::Generate);
            }
            if buttons::quiet(ui, Icon::Picture, "Browse the digits").clicked() {
                training.browser.open = true;
            }
            let open = buttons::quiet(ui, Icon::Folder, "Open a run");
            egui::Popup::menu(&open).width(260.0).show(|ui| {
                if open.clicked() {
                    training.list(shared.home.runs(), &shared.background);
                }
                earlier(training, ui, shared);
            });
        });
        finished(training, ui, shared);
    });
}

/// Most runs of earlier days that are named on the empty page.
const NAMED: usize = 6;

/// The runs of earlier days, each to be opened by a click.
fn finished(training: &Training, ui: &mut Ui, shared: &mut Shared) {
    if training.earlier.is_empty() {
        return;
    }
    ui.add_space(24.0);
    ui.label(RichText::new("Trained before").font(medium(12.5)).color(tokens(ui).text_weak));
    ui.add_space(4.0);
    for folder in training.earlier.iter().take(NAMED) {
        if buttons::chip(ui, &file_name(folder)).on_hover_text(folder.display().to_string()).clicked() {
            shared.files.open(folder.clone(), None, &shared.background);
        }
    }
    if let Some(more) = training.earlier.len().checked_sub(NAMED).filter(|more| *more > 0) {
        ui.label(RichText::new(format!("{more} more under \"Open a run\"")).size(12.0).color(tokens(ui).text_faint));
    }
}
