//! The runs as a legend that works: colour and name of each, shown or hidden by a click on its colour, looked at by a
//! click on its row, taken off the dashboard by its cross; and more by the right button.

use egui::{Align, Layout, Rect, RichText, Role, ScrollArea, Sense, Stroke, TextEdit, Ui, WidgetInfo, vec2};

use super::axis::short;
use super::control::After;
use super::run::{Run, State};
use crate::app::lab::Lab;
use crate::app::theme::{Icon, RADIUS, tokens};
use crate::app::widgets::buttons;

/// Height of a run's row.
pub const ROW: f32 = 30.0;

/// Draws the list.
pub fn ui(lab: &mut Lab, ui: &mut Ui) {
    let dashboard = &mut lab.dashboard;
    let looked_at = dashboard.looked_at().map(|run| run.colour);
    let mut asked: Vec<(usize, Asked)> = Vec::new();
    ScrollArea::vertical().id_salt("runs").auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (number, run) in dashboard.runs.all.iter_mut().enumerate() {
            let on = looked_at == Some(run.colour);
            ui.push_id(run.colour, |ui| {
                asked.extend(row(ui, run, number + 1, on).map(|wish| (run.colour, wish)));
            });
        }
    });
    for (colour, wish) in asked {
        match wish {
            Asked::Choose => lab.dashboard.choose(colour),
            Asked::Remove => lab.dashboard.runs.all.retain(|run| run.colour != colour),
            Asked::GoOn => lab.go_on(colour),
            Asked::Play => lab.play_with(colour),
        }
    }
}

/// What is asked of a run's row.
enum Asked {
    Choose,
    Remove,
    GoOn,
    Play,
}

/// Draws a run's row.
fn row(ui: &mut Ui, run: &mut Run, number: usize, on: bool) -> Option<Asked> {
    let tokens = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, format!("Look at run {number}")));
    if on {
        ui.painter().rect_filled(rect, RADIUS, tokens.accent_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, RADIUS, tokens.hover);
    }
    buttons::focus_ring(ui, rect, &response);
    let mut asked = response.clicked().then_some(Asked::Choose);
    let can = After::of(run);
    response.context_menu(|ui| {
        for (able, text, wish) in [(can.go_on, "Go on", Asked::GoOn), (can.play, "Use this network", Asked::Play)] {
            if ui.add_enabled(able, egui::Button::new(text)).clicked() {
                asked = Some(wish);
            }
        }
        if ui.button("Copy the folder's path").clicked() {
            ui.copy_text(run.folder.display().to_string());
        }
    });
    ui.scope_builder(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(4.0, 0.0))), |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let open = run.state.is_open();
            let help = if open { "Stop it first" } else { "Take it off the dashboard; its files stay" };
            ui.add_enabled_ui(!open, |ui| {
                if buttons::icon(ui, Icon::Cross, &format!("Remove run {number}"), help).clicked() {
                    asked = Some(Asked::Remove);
                }
            });
            let text = RichText::new(words(run)).size(11.5).color(match run.state {
                State::Failed(_) => tokens.danger,
                _ => tokens.text_faint,
            });
            let label = ui.label(text);
            if let State::Failed(error) = &run.state {
                label.on_hover_text(error);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                swatch(ui, run, number);
                let name = TextEdit::singleline(&mut run.name)
                    .frame(egui::Frame::NONE)
                    .desired_width(ui.available_width() - 4.0)
                    .min_size(vec2(0.0, 22.0))
                    .align(egui::Align2::LEFT_CENTER)
                    .text_color(if run.shown { tokens.text } else { tokens.text_faint });
                let help = run.folder.display().to_string();
                ui.add(name).accessible_name(format!("Name of run {number}")).on_hover_text(help);
            });
        });
    });
    asked
}

/// The run's colour; a ring while it is hidden.
fn swatch(ui: &mut Ui, run: &mut Run, number: usize) {
    let colour = tokens(ui).series(run.colour);
    let (rect, response) = ui.allocate_exact_size(vec2(22.0, 24.0), Sense::click());
    let name = format!("{} run {number}", if run.shown { "Hide" } else { "Show" });
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, run.shown, name.clone()));
    let dot = Rect::from_center_size(rect.center(), vec2(10.0, 10.0));
    if run.shown {
        ui.painter().circle_filled(dot.center(), 5.0, colour);
    } else {
        ui.painter().circle_stroke(dot.center(), 4.5, Stroke::new(1.5, colour));
    }
    buttons::focus_ring(ui, rect, &response);
    if response.on_hover_text("Show or hide its curves").clicked() {
        run.shown = !run.shown;
    }
}

/// How a run is, and its newest smoothed loss.
fn words(run: &Run) -> String {
    let last = run.curve.points().len().checked_sub(1);
    let loss = last.and_then(|last| run.curve.smoothed(last)).map(|loss| short(f64::from(loss)));
    match (&run.state, loss) {
        (State::Failed(_) | State::Waiting, _) => run.state.word().to_owned(),
        (_, None) => run.state.word().to_owned(),
        (_, Some(loss)) => loss,
    }
}
