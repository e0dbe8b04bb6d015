//! The runs as a legend that works: colour, name and loss of each, shown or hidden by a click on its colour, looked at by
//! a click on its row, taken off the dashboard by its cross; in another order by the head of the losses, and more by the
//! right button.

use egui::{Align, Align2, Color32, FontId, Layout, Rect, Role, Sense, Stroke, TextEdit, Ui, Vec2, WidgetInfo, vec2};
use egui_extras::{Column, TableBody, TableRow};

use super::axis::short;
use super::control::After;
use super::run::{Run, RunState};
use super::state::Training;
use crate::app::shared::Shared;
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::table::{HEAD, head, table};

/// Height of a run's row.
const ROW: f32 = 28.0;
const GAP: f32 = 4.0;
/// Widths of the columns beside the name.
const SWATCH: f32 = 22.0;
const CROSS: f32 = 30.0;

/// How high the list is with so many runs.
pub fn height(runs: usize) -> f32 {
    let heads = if runs > 1 { HEAD + GAP } else { 0.0 };
    heads + (ROW + GAP) * runs as f32
}

/// Draws the list.
pub fn ui(training: &mut Training, ui: &mut Ui, shared: &mut Shared) {
    let looked_at = training.looked_at().map(|run| run.colour);
    let Training { runs, sort, .. } = training;
    let mut asked: Vec<(usize, Asked)> = Vec::new();
    let order = sort.order(runs.all.len(), |at, _| loss(&runs.all[at]).map(f64::from));
    // The names have what the losses leave them; the head and its arrow need so much.
    let losses = runs.all.iter().map(|run| width(ui, &words(run))).fold(42.0, f32::max);
    ui.spacing_mut().item_spacing = Vec2::splat(GAP);
    let mut table = table(ui, "runs").column(Column::exact(SWATCH)).column(Column::remainder().clip(true));
    table = table.column(Column::exact(losses)).column(Column::exact(CROSS)).auto_shrink(false);
    let table = table.min_scrolled_height(0.0).cell_layout(Layout::left_to_right(Align::Center));
    let mut body = |body: TableBody<'_>| {
        body.rows(ROW, order.len(), |mut row| {
            let at = order[row.index()];
            let run = &mut runs.all[at];
            let on = looked_at == Some(run.colour);
            asked.extend(self::row(&mut row, run, at + 1, on).map(|wish| (run.colour, wish)));
        });
    };
    // One run is in no order.
    if order.len() > 1 {
        let table = table.header(HEAD, |mut row| {
            ["", "Run"].iter().for_each(|text| head(&mut row, text));
            sort.head(&mut row, "Loss");
            head(&mut row, "");
        });
        table.body(&mut body);
    } else {
        table.body(&mut body);
    }
    for (colour, wish) in asked {
        match wish {
            Asked::Choose => training.choose(colour),
            Asked::Remove => training.runs.all.retain(|run| run.colour != colour),
            Asked::GoOn => training.go_on(colour, shared),
            Asked::Play => training.play_with(colour, &mut shared.session),
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

/// Draws a run's row. Its loss is its button for the keyboard; the pointer may click anywhere.
fn row(row: &mut TableRow<'_, '_>, run: &mut Run, number: usize, on: bool) -> Option<Asked> {
    let mut asked = None;
    row.set_selected(on);
    row.col(|ui| swatch(ui, run, number));
    row.col(|ui| name(ui, run, number));
    let mut look = None;
    row.col(|ui| look = Some(self::look(ui, run, number, on)));
    row.col(|ui| {
        let open = run.state.is_open();
        let help = if open { "Stop it first" } else { "Take it off the dashboard; its files stay" };
        ui.add_enabled_ui(!open, |ui| {
            if buttons::icon(ui, Icon::Cross, &format!("Remove run {number}"), help).clicked() {
                asked = Some(Asked::Remove);
            }
        });
    });
    for response in [Some(row.response()), look].into_iter().flatten() {
        if response.clicked() {
            asked = Some(Asked::Choose);
        }
        response.context_menu(|ui| asked = menu(ui, run).or(asked.take()));
    }
    asked
}

fn menu(ui: &mut Ui, run: &Run) -> Option<Asked> {
    let can = After::of(run);
    let mut asked = None;
    for (able, text, wish) in [(can.go_on, "Train further", Asked::GoOn), (can.play, "Use this network", Asked::Play)] {
        if ui.add_enabled(able, egui::Button::new(text)).clicked() {
            asked = Some(wish);
        }
    }
    if ui.button("Copy the folder's path").clicked() {
        ui.copy_text(run.folder.display().to_string());
    }
    asked
}

/// The run's name, to be changed.
fn name(ui: &mut Ui, run: &mut Run, number: usize) {
    let tokens = tokens(ui);
    let name = TextEdit::singleline(&mut run.name)
        .frame(egui::Frame::NONE)
        .desired_width(ui.available_width() - 4.0)
        .min_size(vec2(0.0, 22.0))
        .align(Align2::LEFT_CENTER)
        .text_color(if run.shown { tokens.text } else { tokens.text_faint });
    let help = run.folder.display().to_string();
    ui.add(name).accessible_name(format!("Name of run {number}")).on_hover_text(help);
}

/// How a run is, as a button to look at it.
fn look(ui: &mut Ui, run: &Run, number: usize, on: bool) -> egui::Response {
    let tokens = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, format!("Look at run {number}")));
    buttons::focus_ring(ui, rect, &response);
    let colour = match run.state {
        RunState::Failed(_) => tokens.danger,
        _ => tokens.text_weak,
    };
    ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, words(run), small(), colour);
    match &run.state {
        RunState::Failed(error) => response.on_hover_text(error),
        _ => response,
    }
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

fn small() -> FontId {
    FontId::proportional(11.5)
}

/// How wide a text of that size is.
fn width(ui: &Ui, text: &str) -> f32 {
    ui.fonts_mut(|fonts| fonts.layout_no_wrap(text.to_owned(), small(), Color32::PLACEHOLDER)).size().x.ceil()
}

/// How a run is, or its newest smoothed loss.
fn words(run: &Run) -> String {
    match (&run.state, loss(run)) {
        (RunState::Failed(_) | RunState::Waiting, _) | (_, None) => run.state.word().to_owned(),
        (_, Some(loss)) => short(f64::from(loss)),
    }
}

fn loss(run: &Run) -> Option<f32> {
    run.curve.points().len().checked_sub(1).and_then(|last| run.curve.smoothed(last))
}
