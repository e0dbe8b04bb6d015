//! The timeline under the pictures: play, slider, what is looked at, the way off; and the step's formula.

use egui::{Align, FontId, Layout, RichText, Slider, Ui, vec2};

use super::step_history::Look;
use super::{Viewer, formula};
use crate::app::commands::Command;
use crate::app::explain::Line;
use crate::app::queue::Jobs;
use crate::app::shared::Shared;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::{buttons, choice, numbers};

impl Viewer {
    /// Height of the timeline, with and without a step's formula; nothing where there are no steps.
    pub(super) fn timeline_height(&self, jobs: &Jobs, room: f32) -> f32 {
        match (self.steps_shown(jobs), self.timeline.at) {
            (0, _) if self.lacks_steps(jobs) => 36.0,
            (0, _) => 0.0,
            (_, None) => 36.0,
            (_, Some(_)) if room < 420.0 => 72.0,
            (_, Some(_)) => 134.0,
        }
    }

    /// Draws it.
    pub(super) fn timeline_ui(&mut self, ui: &mut Ui, shared: &mut Shared) {
        let steps = self.steps_shown(&shared.queue.jobs);
        if steps == 0 {
            return without_steps(ui, shared);
        }
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.horizontal(|ui| {
            let (icon, name) = if self.timeline.playing { (Icon::Pause, "Pause") } else { (Icon::Play, "Play steps") };
            if buttons::icon(ui, icon, name, "Go through the steps (P)").clicked() {
                self.timeline.play();
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let text = match (self.timeline.at, self.step_shown(&shared.queue.jobs)) {
                    (Some(_), Some((frame, _))) => {
                        let stage = if frame.stage == 2 { "stage II · " } else { "" };
                        format!("{stage}step {} of {} · t {}", frame.step + 1, frame.of, frame.timestep)
                    }
                    _ if shared.queue.jobs.running().is_some() => format!("{steps} steps so far"),
                    _ => format!("{steps} steps"),
                };
                ui.allocate_ui_with_layout(vec2(136.0, 28.0), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_width(136.0);
                    ui.label(RichText::new(text).size(12.0).color(tokens(ui).text_weak));
                });
                slider(self, ui, steps);
            });
        });
        if self.timeline.at.is_some() {
            if look(self, ui) {
                self.branch(shared);
            }
            if ui.available_height() > 50.0 {
                formula_lines(self, &shared.queue.jobs, ui);
            }
        }
    }
}

/// Why there are no steps to go through, and the way to have them.
fn without_steps(ui: &mut Ui, shared: &mut Shared) {
    ui.horizontal(|ui| {
        ui.set_min_height(28.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(8.0);
            let about = Command::MakeAgain.about();
            if buttons::quiet(ui, Icon::Restore, about.text).on_hover_text(about.help).clicked() {
                shared.commands.push(Command::MakeAgain);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = "Its steps are gone: they stay in memory for the newest jobs of an open window";
                ui.add(egui::Label::new(RichText::new(text).size(12.0).color(tokens(ui).text_weak)).truncate());
            });
        });
    });
}

fn slider(viewer: &mut Viewer, ui: &mut Ui, steps: usize) {
    let mut at = viewer.timeline.at.unwrap_or(steps);
    ui.scope(|ui| {
        numbers::slider_style(ui);
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
        let response = ui.add(Slider::new(&mut at, 0..=steps).show_value(false).step_by(1.0)).accessible_name("Step");
        if response.changed() {
            viewer.timeline.at = (at < steps).then_some(at);
            viewer.timeline.playing = false;
        }
        response.on_hover_text("Every step from the first to the end; , and . go one back and on");
    });
}

/// What of the step is looked at; true where it is to be branched from.
fn look(viewer: &mut Viewer, ui: &mut Ui) -> bool {
    ui.horizontal(|ui| {
        let names = Look::ALL.map(|(_, name)| name);
        let current = Look::ALL.iter().find(|(look, _)| *look == viewer.timeline.look).map_or("", |(_, name)| name);
        let chosen = ui.allocate_ui(vec2(200.0, 30.0), |ui| choice::segments(ui, &names, current)).inner;
        if let Some(name) = chosen
            && let Some((look, _)) = Look::ALL.iter().find(|(_, known)| *known == name)
        {
            viewer.timeline.look = *look;
        }
        ui.add_space(10.0);
        let (name, help) = ("Branch from here", "Go on from this step with another prompt, γ, mask or sampler");
        match ui.available_width() < 140.0 {
            true => buttons::icon(ui, Icon::Branch, name, help).clicked(),
            false => buttons::quiet(ui, Icon::Branch, name).on_hover_text(help).clicked(),
        }
    })
    .inner
}

fn formula_lines(viewer: &Viewer, jobs: &Jobs, ui: &mut Ui) {
    let Some((frame, recipe)) = viewer.step_shown(jobs) else { return };
    ui.spacing_mut().item_spacing.y = 2.0;
    let look = Line { font: FontId::proportional(12.0), colour: tokens(ui).text_weak };
    for line in formula::lines(&frame.leap, frame.sampler, recipe.sampling.eta) {
        look.ui(ui, &line);
    }
}
