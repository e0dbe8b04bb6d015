//! The middle of the window: a line about what is shown, the pictures, and the strip of the gallery under them.

use egui::{Align, Frame, Margin, RichText, Stroke, Ui, UiBuilder, vec2};

use crate::app::benches::Bench;
use crate::app::commands::Command;
use crate::app::dashboard;
use crate::app::film::Look;
use crate::app::lab::Lab;
use crate::app::session::Layout;
use crate::app::stage::{Shown, View};
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::heading::heading;
use crate::app::widgets::{buttons, choice, divider, note, picture_stage, strip as strip_widget};

use super::steps;

/// Draws the stage.
pub fn ui(lab: &mut Lab, ui: &mut Ui) {
    if lab.bench() == Bench::Training {
        return dashboard::ui(lab, ui);
    }
    Frame::new().inner_margin(Margin { left: 16, right: 8, top: 8, bottom: 0 }).show(ui, |ui| toolbar(lab, ui));
    match middle(lab) {
        Layout::Bench => bench(lab, ui, ui.available_width()),
        Layout::Pictures if lab.stage.shown == Shown::Nothing => empty(lab, ui),
        Layout::Pictures => pictures(lab, ui),
        Layout::Both => {
            let room = ui.available_rect_before_wrap();
            let (left, right) = room.split_left_right_at_fraction(0.5);
            ui.scope_builder(UiBuilder::new().max_rect(left), |ui| bench(lab, ui, left.width()));
            ui.painter().vline(room.center().x, room.y_range(), Stroke::new(1.0, tokens(ui).border));
            ui.scope_builder(UiBuilder::new().max_rect(right), |ui| pictures(lab, ui));
        }
    }
}

/// What stands in the middle now.
fn middle(lab: &Lab) -> Layout {
    match (lab.bench(), &lab.stage.shown) {
        (Bench::Pictures, _) => Layout::Pictures,
        (_, Shown::Nothing) => Layout::Bench,
        // Another panel's pictures do not take the bench's room.
        (_, Shown::Job(id)) if lab.session.layout == Layout::Both && !lab.is_of_panel(*id) => Layout::Bench,
        _ => lab.session.layout,
    }
}

fn bench(lab: &mut Lab, ui: &mut Ui, width: f32) {
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 4, bottom: 8 }).show(ui, |ui| {
        ui.set_width(width - 24.0);
        ui.set_height(ui.available_height());
        lab.bench_ui(ui);
    });
}

fn pictures(lab: &mut Lab, ui: &mut Ui) {
    if let Some(compared) = &mut lab.compared {
        divider::divider(ui, compared);
        return;
    }
    let room = ui.available_rect_before_wrap();
    let height = steps::height(lab, room.height());
    let (above, below) = room.split_top_bottom_at_y(room.bottom() - height);
    ui.scope_builder(UiBuilder::new().max_rect(above), |ui| grid(lab, ui));
    if height > 0.0 {
        let below = below.shrink2(vec2(16.0, 2.0));
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| steps::ui(lab, ui));
    }
}

fn grid(lab: &mut Lab, ui: &mut Ui) {
    let stage = &mut lab.stage;
    let shown = match lab.timeline.at {
        Some(_) => {
            let columns = if lab.timeline.look == Look::Everything { 0 } else { stage.columns };
            picture_stage::picture_stage(ui, &lab.timeline.cells, columns, &mut stage.view)
        }
        None => picture_stage::picture_stage(ui, &stage.cells, stage.columns, &mut stage.view),
    };
    if let (Some(cell), true) = (shown.cell, shown.response.clicked())
        && lab.timeline.look != Look::Everything
        && matches!(lab.stage.shown, Shown::Job(_))
    {
        lab.timeline.picture = cell;
    }
    lab.zoom = shown.zoom * ui.pixels_per_point();
    let path = shown.cell.and_then(|cell| lab.stage.cells.get(cell)?.path.clone());
    if shown.response.secondary_clicked() {
        lab.under_menu = path.clone();
    }
    let several = lab.stage.cells.len() > 1;
    if several
        && shown.response.double_clicked()
        && let Some(path) = &path
    {
        lab.select(path.clone());
    }
    shown.response.context_menu(|ui| menu(lab, ui));
}

fn menu(lab: &mut Lab, ui: &mut Ui) {
    let commands = [
        Command::Star,
        Command::Compare,
        Command::RestoreSettings,
        Command::RestoreButSeed,
        Command::UseAsSource,
        Command::CopyPicture,
        Command::CopyCommand,
        Command::Trash,
    ];
    if let Some(path) = lab.under_menu.clone() {
        for command in commands {
            if ui.button(command.about().text).clicked() {
                lab.with_picture(path.clone(), command);
                ui.close();
            }
        }
        ui.separator();
    }
    for command in [Command::Fit, Command::ActualSize] {
        if ui.button(command.about().text).clicked() {
            lab.pending.push(command);
            ui.close();
        }
    }
}

fn toolbar(lab: &mut Lab, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            zoom_tools(lab, ui);
            layout_choice(lab, ui);
            live_choice(lab, ui);
            if matches!(lab.stage.shown, Shown::Picture(_)) {
                picture_tools(lab, ui);
            }
            let running = lab.jobs.running().map(|job| job.id);
            if running.is_some_and(|id| lab.stage.shown != Shown::Job(id))
                && padded(ui, Icon::Spark, "Show running job").clicked()
            {
                lab.pending.push(Command::ShowJob);
            }
            ui.with_layout(egui::Layout::left_to_right(Align::Center), |ui| {
                let text = RichText::new(lab.shown_words()).size(12.5).color(tokens(ui).text_weak);
                ui.add(egui::Label::new(text).truncate());
            });
        });
    });
}

/// A quiet button with room around it.
fn padded(ui: &mut Ui, icon: Icon, text: &str) -> egui::Response {
    ui.add_space(10.0);
    let response = buttons::quiet(ui, icon, text);
    ui.add_space(10.0);
    response
}

/// Whether the network answers at once: with a large model one would rather ask.
fn live_choice(lab: &mut Lab, ui: &mut Ui) {
    if lab.session.panel != "denoise" {
        return;
    }
    let help = "The network answers as soon as the hand lets go; switch it off where that takes too long";
    if buttons::icon_button(ui, Icon::Spark, "Answer at once", help, lab.session.live).clicked() {
        lab.session.live = !lab.session.live;
    }
}

/// Bench, both or pictures.
fn layout_choice(lab: &mut Lab, ui: &mut Ui) {
    if lab.bench() == Bench::Pictures || lab.stage.shown == Shown::Nothing {
        return;
    }
    const WORDS: [(&str, Layout); 3] =
        [("Bench", Layout::Bench), ("Both", Layout::Both), ("Pictures", Layout::Pictures)];
    let current = WORDS.iter().find(|(_, layout)| *layout == lab.session.layout).map_or("", |(word, _)| word);
    ui.allocate_ui(vec2(210.0, 30.0), |ui| {
        if let Some(word) = choice::segments(ui, &WORDS.map(|(word, _)| word), current)
            && let Some((_, layout)) = WORDS.iter().find(|(known, _)| *known == word)
        {
            lab.session.layout = *layout;
        }
    });
    ui.add_space(10.0);
}

fn zoom_tools(lab: &mut Lab, ui: &mut Ui) {
    if lab.stage.shown == Shown::Nothing {
        return;
    }
    let fit = buttons::icon_button(ui, Icon::Fit, "Fit to window", "Show everything (F)", lab.stage.view == View::Fit);
    if fit.clicked() {
        lab.pending.push(Command::Fit);
    }
    let percent = format!("{:.0} %", lab.zoom * 100.0);
    let text = RichText::new(percent).size(12.0).color(tokens(ui).text_weak);
    let actual = ui.add(egui::Button::new(text).frame_when_inactive(false).min_size(vec2(56.0, 28.0)));
    if actual.on_hover_text("Click for actual size: one pixel of the picture is one of the screen (1)").clicked() {
        lab.pending.push(Command::ActualSize);
    }
}

fn picture_tools(lab: &mut Lab, ui: &mut Ui) {
    let tools = [
        (Icon::Trash, Command::Trash),
        (Icon::Star, Command::Star),
        (Icon::Compare, Command::Compare),
        (Icon::Terminal, Command::CopyCommand),
        (Icon::Copy, Command::CopyPicture),
        (Icon::Expand, Command::UseAsSource),
        (Icon::Restore, Command::RestoreSettings),
    ];
    for (icon, command) in tools {
        let about = command.about();
        let keys = command.keys().map_or_else(String::new, |keys| format!(" ({keys})"));
        ui.add_enabled_ui(lab.can(command), |ui| {
            let on = match command {
                Command::Star => lab.stage.loaded.as_ref().is_some_and(|it| lab.gallery.is_starred(&it.path)),
                Command::Compare => lab.compared.is_some(),
                _ => false,
            };
            if buttons::icon_button(ui, icon, about.text, &format!("{}{keys}", about.help), on).clicked() {
                lab.pending.push(command);
            }
        });
    }
    ui.add_space(6.0);
}

/// What the stage says before there is a picture.
fn empty(lab: &mut Lab, ui: &mut Ui) {
    let Ok(experiment) = lab.session.recipe().experiment() else { return };
    let examples: Vec<String> = lab.model.recommendations().stage_1.prompts.iter().take(6).cloned().collect();
    let tokens = tokens(ui);
    let takes_words = experiment.reads("prompt");
    ui.add_space((ui.available_height() * 0.5 - 130.0).max(8.0));
    ui.vertical_centered(|ui| {
        heading(ui, crate::app::panels::panel(experiment.verb).icon, experiment.title, experiment.sentence);
        if let Some(error) = lab.last_error() {
            ui.add_space(8.0);
            ui.label(RichText::new(error).size(13.0).color(tokens.danger));
        }
        ui.add_space(20.0);
        if takes_words && !examples.is_empty() {
            ui.label(RichText::new("Try one of these").font(medium(12.5)).color(tokens.text_weak));
            ui.add_space(4.0);
            centred_chips(lab, ui, &examples);
        }
    });
}

/// Chips in the middle, two in a row where there is room; a row's width is known only once its chips are measured.
fn centred_chips(lab: &mut Lab, ui: &mut Ui, texts: &[String]) {
    const BETWEEN: f32 = 8.0;
    let font = egui::FontId::proportional(12.5);
    let room = ui.available_width();
    let widths: Vec<f32> = texts
        .iter()
        .map(|text| ui.painter().layout_no_wrap(text.clone(), font.clone(), egui::Color32::WHITE).size().x + 20.0)
        .collect();
    let mut at = 0;
    while at < texts.len() {
        let pair = widths.get(at..at + 2).map(|pair| pair.iter().sum::<f32>() + BETWEEN).filter(|pair| *pair <= room);
        let (count, total) = pair.map_or((1, widths[at]), |pair| (2, pair));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = BETWEEN;
            ui.add_space(((room - total) / 2.0 - BETWEEN).max(0.0));
            for text in &texts[at..at + count] {
                if buttons::chip(ui, text).clicked() {
                    lab.session.recipe_mut().prompt = vec![text.clone()];
                }
            }
        });
        at += count;
    }
}

/// Draws the gallery strip.
pub fn strip(lab: &mut Lab, ui: &mut Ui) {
    if lab.gallery.paths.is_empty() {
        let text = "Finished pictures gather here, each with the settings that made it inside";
        return note(ui, text, tokens(ui).text_faint);
    }
    let change = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let help = "Show only pictures with a star (S gives one)";
            if buttons::icon_button(ui, Icon::Star, "Only starred", help, lab.gallery.only_starred).clicked() {
                lab.gallery.only_starred = !lab.gallery.only_starred;
            }
            strip_widget::strip(ui, &mut lab.gallery, &lab.background)
        })
        .inner;
    if let Some(path) = change.chosen {
        lab.select(path);
    }
    if let Some((path, command)) = change.command {
        lab.with_picture(path, command);
    }
}
