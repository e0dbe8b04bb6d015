//! The timeline under the pictures: play, slider, what is looked at, the way off; and the step's formula.

use egui::{Align, Layout, RichText, Slider, Ui, vec2};

use crate::app::commands::Command;
use crate::app::film::Look;
use crate::app::formula;
use crate::app::lab::Lab;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::{buttons, choice, numbers};

/// Height of the timeline, with and without a step's formula.
pub fn height(lab: &Lab, room: f32) -> f32 {
    match (lab.steps_shown(), lab.timeline.at) {
        (0, _) => 0.0,
        (_, None) => 36.0,
        (_, Some(_)) if room < 420.0 => 72.0,
        (_, Some(_)) => 134.0,
    }
}

/// Draws it.
pub fn ui(lab: &mut Lab, ui: &mut Ui) {
    let steps = lab.steps_shown();
    if steps == 0 {
        return;
    }
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        let (icon, name) = if lab.timeline.playing { (Icon::Pause, "Pause") } else { (Icon::Play, "Play steps") };
        if buttons::icon(ui, icon, name, "Go through the steps (P)").clicked() {
            lab.pending.push(Command::Play);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = match (lab.timeline.at, lab.step_shown()) {
                (Some(_), Some((frame, _))) => {
                    let stage = if frame.stage == 2 { "stage II · " } else { "" };
                    format!("{stage}step {} of {} · t {}", frame.step + 1, frame.of, frame.timestep)
                }
                _ if lab.jobs.running().is_some() => format!("{steps} steps so far"),
                _ => format!("{steps} steps"),
            };
            ui.allocate_ui_with_layout(vec2(136.0, 28.0), Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(136.0);
                ui.label(RichText::new(text).size(12.0).color(tokens(ui).text_weak));
            });
            slider(lab, ui, steps);
        });
    });
    if lab.timeline.at.is_some() {
        look(lab, ui);
        if ui.available_height() > 50.0 {
            formula_lines(lab, ui);
        }
    }
}

fn slider(lab: &mut Lab, ui: &mut Ui, steps: usize) {
    let mut at = lab.timeline.at.unwrap_or(steps);
    ui.scope(|ui| {
        numbers::slider_style(ui);
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(40.0);
        let response = ui.add(Slider::new(&mut at, 0..=steps).show_value(false).step_by(1.0)).accessible_name("Step");
        if response.changed() {
            lab.timeline.at = (at < steps).then_some(at);
            lab.timeline.playing = false;
        }
        response.on_hover_text("Every step from the first to the end; , and . go one back and on");
    });
}

fn look(lab: &mut Lab, ui: &mut Ui) {
    ui.horizontal(|ui| {
        let names = Look::ALL.map(|(_, name)| name);
        let current = Look::ALL.iter().find(|(look, _)| *look == lab.timeline.look).map_or("", |(_, name)| name);
        let chosen = ui.allocate_ui(vec2(200.0, 30.0), |ui| choice::segments(ui, &names, current)).inner;
        if let Some(name) = chosen
            && let Some((look, _)) = Look::ALL.iter().find(|(_, known)| *known == name)
        {
            lab.timeline.look = *look;
        }
        ui.add_space(10.0);
        let (name, help) = ("Branch from here", "Go on from this step with another prompt, γ, mask or sampler");
        let clicked = match ui.available_width() < 140.0 {
            true => buttons::icon(ui, Icon::Branch, name, help).clicked(),
            false => buttons::quiet(ui, Icon::Branch, name).on_hover_text(help).clicked(),
        };
        if clicked {
            lab.pending.push(Command::Branch);
        }
    });
}

fn formula_lines(lab: &Lab, ui: &mut Ui) {
    let Some((frame, recipe)) = lab.step_shown() else { return };
    let sampler = if frame.stage == 2 && !recipe.upscales() { recipe.stage_2_sampler } else { recipe.sampler };
    ui.spacing_mut().item_spacing.y = 2.0;
    for line in formula::lines(&frame.leap, sampler, recipe.eta) {
        let text = RichText::new(line).size(11.5).color(tokens(ui).text_faint);
        let label = egui::Label::new(text.clone()).truncate();
        ui.add(label);
    }
}
