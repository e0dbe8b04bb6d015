//! What the curves say under the pointer: every run's values at its step nearest to it.

use egui::{Id, PopupAnchor, Response, RichText, Sense, Stroke, Tooltip, Ui, pos2, vec2};
use egui_plot::PlotTransform;

use super::axis::{short, whole};
use super::options::Options;
use super::run::Run;
use crate::app::theme::tokens;
use crate::files::time;

/// Runs in the readout; more would not fit the window.
const MOST: usize = 12;

/// Draws line, dots and values while the pointer is over the curves.
pub fn ui(ui: &Ui, response: &Response, transform: &PlotTransform, runs: &[&Run], options: &Options) {
    let Some(pointer) = response.hover_pos().filter(|_| !response.dragged()) else { return };
    let x = transform.value_from_position(pointer).x;
    let along = options.along;
    let mut found: Vec<(&Run, usize, f64)> = Vec::new();
    for run in runs {
        let nearest = run.curve.nearest(along, x);
        found.extend(nearest.and_then(|index| Some((*run, index, run.curve.x(index, along)?))));
    }
    let Some(at) = found.iter().map(|(.., at)| *at).min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs())) else {
        return;
    };
    // A run that is not there yet, or not any more, says nothing.
    let reach = 6.0 * transform.dvalue_dpos()[0].abs();
    found.retain(|(.., place)| (place - at).abs() <= reach.max(1e-9));
    let tokens = tokens(ui);
    let painter = ui.painter().with_clip_rect(*transform.frame());
    let line = transform.position_from_point_x(at);
    painter.vline(line, transform.frame().y_range(), Stroke::new(1.0, tokens.border_strong));
    for (run, index, place) in &found {
        let value = if options.smoothing > 0.0 { run.curve.smoothed(*index) } else { None };
        let value = f64::from(value.unwrap_or(run.curve.points()[*index].loss));
        let y = if options.logarithmic { value.log10() } else { value };
        let dot = pos2(transform.position_from_point_x(*place), transform.position_from_point_y(y));
        painter.circle(dot, 3.5, tokens.series(run.colour), Stroke::new(1.5, tokens.stage));
    }
    let anchor = PopupAnchor::Pointer;
    let tooltip = Tooltip::always_open(ui.ctx().clone(), ui.layer_id(), Id::unique("curve readout"), anchor);
    tooltip.gap(14.0).width(420.0).show(|ui| table(ui, &found, options));
}

/// A grid, not one of egui_extras' tables: a tooltip is as wide as its words, and nothing in it can be clicked.
fn table(ui: &mut Ui, found: &[(&Run, usize, f64)], options: &Options) {
    let tokens = tokens(ui);
    let faint = |text: &str| RichText::new(text.to_owned()).size(11.5).color(tokens.text_faint);
    let plain = |text: String| RichText::new(text).size(12.0).color(tokens.text);
    let smooths = options.smoothing > 0.0;
    egui::Grid::new("readout").num_columns(7).spacing(vec2(12.0, 3.0)).min_row_height(14.0).show(ui, |ui| {
        let smoothed = if smooths { "smoothed" } else { "" };
        ["", "step", "epoch", "loss", smoothed, "lr", "after"].iter().for_each(|head| drop(ui.label(faint(head))));
        ui.end_row();
        for (run, index, _) in found.iter().take(MOST) {
            let point = &run.curve.points()[*index];
            ui.horizontal(|ui| {
                let (dot, _) = ui.allocate_exact_size(vec2(8.0, 12.0), Sense::hover());
                ui.painter().circle_filled(dot.center(), 4.0, tokens.series(run.colour));
                ui.label(plain(run.name.clone()));
            });
            ui.label(plain(whole(point.step as i64)));
            ui.label(plain(point.epoch.to_string()));
            ui.label(plain(short(f64::from(point.loss))));
            let smoothed = run.curve.smoothed(*index).filter(|_| smooths);
            ui.label(plain(smoothed.map_or_else(String::new, |value| short(f64::from(value)))));
            ui.label(plain(short(point.learning_rate)));
            ui.label(plain(time(point.seconds)));
            ui.end_row();
        }
    });
}
