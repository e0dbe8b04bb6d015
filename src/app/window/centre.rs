//! The middle of the window: a line about what is shown with its tools, and under it the open panel's workspace, the
//! pictures, or both.

use egui::{Align, Frame, Margin, RichText, Stroke, Ui, UiBuilder, vec2};

use super::{Middle, Window};
use crate::app::commands::Command;
use crate::app::session::Layout;
use crate::app::theme::{Icon, medium, tokens};
use crate::app::viewer::Shown;
use crate::app::widgets::heading::heading;
use crate::app::widgets::view::View;
use crate::app::widgets::{buttons, choice};
use crate::app::workspaces::kind::Workspace;
use crate::experiments::settings::prompting;

/// Draws it.
pub fn ui(window: &mut Window, ui: &mut Ui) {
    let middle = window.middle();
    if window.middle_before.replace(middle) != Some(middle) {
        // What stands there anew finds its size in this frame, and its place in the next.
        ui.request_repaint();
    }
    if middle == Middle::Training {
        let plan = window.inspector.plan(window.shared.session.recipe(), &*window.shared.queue.engine);
        return window.training.ui(ui, &plan, &mut window.shared);
    }
    if middle == Middle::Scores {
        return window.scores.ui(ui, &mut window.shared);
    }
    Frame::new().inner_margin(Margin { left: 16, right: 8, top: 8, bottom: 0 }).show(ui, |ui| toolbar(window, ui));
    match middle {
        Middle::Training | Middle::Scores => {}
        Middle::Empty => empty(window, ui),
        Middle::Of(Layout::Workspace) => workspace(window, ui, ui.available_width()),
        Middle::Of(Layout::Pictures) => window.viewer.ui(ui, &mut window.shared),
        Middle::Of(Layout::Both) => {
            let room = ui.available_rect_before_wrap();
            let (left, right) = room.split_left_right_at_fraction(0.5);
            ui.scope_builder(UiBuilder::new().max_rect(left), |ui| workspace(window, ui, left.width()));
            ui.painter().vline(room.center().x, room.y_range(), Stroke::new(1.0, tokens(ui).border));
            ui.scope_builder(UiBuilder::new().max_rect(right), |ui| window.viewer.ui(ui, &mut window.shared));
        }
    }
}

fn workspace(window: &mut Window, ui: &mut Ui, width: f32) {
    Frame::new().inner_margin(Margin { left: 12, right: 12, top: 4, bottom: 8 }).show(ui, |ui| {
        ui.set_width(width - 24.0);
        ui.set_height(ui.available_height());
        let panel = window.panel();
        let shown = window
            .viewer
            .current(&window.shared.queue.jobs)
            .and_then(|current| Some((current.pixels, current.recipe?.harmless().clone())));
        let shown = shown.filter(|(_, recipe)| recipe.experiment == panel.verb);
        window.noting_strokes(|window| {
            let Window { workspaces, inspector, training, shared, .. } = window;
            workspaces.ui(ui, panel, inspector, &mut training.digits, shown, shared);
        });
    });
}

fn toolbar(window: &mut Window, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let seen = window.shows_pictures();
            if seen {
                zoom_tools(window, ui);
            }
            layout_choice(window, ui);
            live_choice(window, ui);
            if seen && matches!(window.viewer.stage.shown, Shown::Picture(_)) {
                picture_tools(window, ui);
            }
            let running = window.shared.queue.jobs.running().map(|job| job.id);
            if running.is_some_and(|id| !seen || window.viewer.stage.shown != Shown::Job(id))
                && padded(ui, Icon::Spark, Command::ShowJob.about().text).clicked()
            {
                window.shared.commands.push(Command::ShowJob);
            }
            if seen {
                ui.with_layout(egui::Layout::left_to_right(Align::Center), |ui| {
                    let text = window.viewer.title(&window.shared.queue.jobs);
                    ui.add(egui::Label::new(RichText::new(text).size(12.5).color(tokens(ui).text_weak)).truncate());
                });
            }
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
fn live_choice(window: &mut Window, ui: &mut Ui) {
    let session = &mut window.shared.session;
    if session.panel != "denoise" {
        return;
    }
    let help = "The network answers as soon as the hand lets go; switch it off where that takes too long";
    if buttons::icon_button(ui, Icon::Spark, "Answer at once", help, session.live).clicked() {
        session.live = !session.live;
    }
}

/// Workspace, both or pictures, where there are both.
fn layout_choice(window: &mut Window, ui: &mut Ui) {
    let own = window.viewer.belongs_to(&window.shared.session.panel, &window.shared.queue.jobs);
    if window.panel().workspace == Workspace::Pictures || !own {
        return;
    }
    const WORDS: [(&str, Layout); 3] =
        [("Workspace", Layout::Workspace), ("Both", Layout::Both), ("Pictures", Layout::Pictures)];
    let session = &mut window.shared.session;
    let current = WORDS.iter().find(|(_, layout)| *layout == session.layout).map_or("", |(word, _)| word);
    ui.allocate_ui(vec2(236.0, 30.0), |ui| {
        if let Some(word) = choice::segments(ui, &WORDS.map(|(word, _)| word), current)
            && let Some((_, layout)) = WORDS.iter().find(|(known, _)| *known == word)
        {
            session.layout = *layout;
        }
    });
    ui.add_space(10.0);
}

fn zoom_tools(window: &mut Window, ui: &mut Ui) {
    let stage = &window.viewer.stage;
    let fit = buttons::icon_button(ui, Icon::Fit, "Fit to window", "Show everything (F)", stage.view == View::Fit);
    if fit.clicked() {
        window.shared.commands.push(Command::Fit);
    }
    let Some(zoom) = window.viewer.zoom() else { return };
    let text = RichText::new(format!("{:.0} %", zoom * 100.0)).size(12.0).color(tokens(ui).text_weak);
    let actual = ui.add(egui::Button::new(text).frame_when_inactive(false).min_size(vec2(56.0, 28.0)));
    if actual.on_hover_text("Click for actual size: one pixel of the picture is one of the screen (1)").clicked() {
        window.shared.commands.push(Command::ActualSize);
    }
}

fn picture_tools(window: &mut Window, ui: &mut Ui) {
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
        ui.add_enabled_ui(window.can(command), |ui| {
            let loaded = window.viewer.stage.loaded.as_ref();
            let on = match command {
                Command::Star => loaded.is_some_and(|loaded| window.gallery.is_starred(&loaded.path)),
                Command::Compare => window.viewer.compared.is_some(),
                _ => false,
            };
            let (text, help) = (command.about().text, command.help_with_keys());
            if buttons::icon_button(ui, icon, text, &help, on).clicked() {
                window.shared.commands.push(command);
            }
        });
    }
    ui.add_space(6.0);
}

/// What stands there before there is a picture.
fn empty(window: &mut Window, ui: &mut Ui) {
    let session = &mut window.shared.session;
    let Ok(experiment) = session.recipe().experiment() else { return };
    let examples: Vec<String> =
        window.inspector.model.recommendations().stage_1.prompts.iter().take(6).cloned().collect();
    let tokens = tokens(ui);
    let takes_words = prompting::prompt.applies(session.recipe(), window.inspector.model.summary());
    let new_here = session.lessons.done.is_empty() && !session.lessons.open;
    ui.add_space((ui.available_height() * 0.5 - 130.0).max(8.0));
    ui.vertical_centered(|ui| {
        heading(ui, crate::app::form::panels::panel(experiment.verb).icon, experiment.title, experiment.sentence);
        if let Some(error) = window.shared.queue.last_error(&session.panel) {
            ui.add_space(8.0);
            ui.label(RichText::new(error).size(13.0).color(tokens.danger));
        }
        ui.add_space(20.0);
        if takes_words && !examples.is_empty() {
            ui.label(RichText::new("Try one of these").font(medium(12.5)).color(tokens.text_weak));
            ui.add_space(4.0);
            if let Some(prompt) = centred_chips(ui, &examples) {
                session.recipe_mut().prompting.prompt = vec![prompt];
            }
        }
        if new_here {
            ui.add_space(16.0);
            let text = "New here? Take the lessons";
            if buttons::quiet(ui, Icon::Book, text).on_hover_text(Command::Lessons.help_with_keys()).clicked() {
                window.shared.commands.push(Command::Lessons);
            }
        }
    });
}

/// Chips in the middle, two in a row where there is room; a row's width is known only once its chips are measured. The one
/// that was clicked.
fn centred_chips(ui: &mut Ui, texts: &[String]) -> Option<String> {
    const BETWEEN: f32 = 8.0;
    let font = egui::FontId::proportional(12.5);
    let room = ui.available_width();
    let widths: Vec<f32> = texts
        .iter()
        .map(|text| ui.painter().layout_no_wrap(text.clone(), font.clone(), egui::Color32::WHITE).size().x + 20.0)
        .collect();
    let (mut at, mut clicked) = (0, None);
    while at < texts.len() {
        let pair = widths.get(at..at + 2).map(|pair| pair.iter().sum::<f32>() + BETWEEN).filter(|pair| *pair <= room);
        let (count, total) = pair.map_or((1, widths[at]), |pair| (2, pair));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = BETWEEN;
            ui.add_space(((room - total) / 2.0 - BETWEEN).max(0.0));
            for text in &texts[at..at + count] {
                if buttons::chip(ui, text).clicked() {
                    clicked = Some(text.clone());
                }
            }
        });
        at += count;
    }
    clicked
}
