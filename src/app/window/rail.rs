//! The rail at the left: name, experiments by group, and what concerns the whole program.

use egui::{Align, Align2, FontId, Layout, Rect, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use super::Window;
use crate::app::commands::Command;
use crate::app::form::panels::panel;
use crate::app::theme::{Icon, RADIUS, Theme, medium, tokens};
use crate::app::widgets::buttons;
use crate::experiments::EXPERIMENTS;

/// Draws the rail; only icons when it is narrow.
pub fn ui(window: &mut Window, ui: &mut Ui, narrow: bool) {
    header(window, ui, narrow);
    ui.spacing_mut().item_spacing.y = 2.0;
    let room = ui.available_height() - tools_height(narrow);
    egui::ScrollArea::vertical()
        .max_height(room)
        .auto_shrink([false, true])
        .show(ui, |ui| experiments(window, ui, narrow));
    let layout = if narrow { Layout::bottom_up(Align::Center) } else { Layout::bottom_up(Align::Min) };
    ui.with_layout(layout, |ui| {
        if narrow {
            tools(window, ui);
        } else {
            ui.horizontal(|ui| tools(window, ui));
        }
    });
}

/// The experiments, under the names of their groups.
fn experiments(window: &mut Window, ui: &mut Ui, narrow: bool) {
    let mut group = "";
    for experiment in EXPERIMENTS {
        if experiment.group != group {
            group = experiment.group;
            ui.add_space(if narrow { 8.0 } else { 16.0 });
            if !narrow {
                ui.label(egui::RichText::new(group).size(11.5).color(tokens(ui).text_faint));
                ui.add_space(4.0);
            }
        }
        let on = window.shared.session.panel == experiment.verb;
        let icon = panel(experiment.verb).icon;
        let item = item(ui, icon, experiment.title, on, narrow).on_hover_text(experiment.sentence);
        if on && follows(ui, experiment.verb) {
            item.scroll_to_me(None);
        }
        if item.clicked() {
            window.shared.session.panel = experiment.verb.to_owned();
        }
    }
}

/// Whether another experiment than `verb` was open in the last frame: then the rail follows, wherever it was opened from.
fn follows(ui: &Ui, verb: &'static str) -> bool {
    let id = egui::Id::unique("rail's experiment");
    let before = ui.data(|data| data.get_temp::<&'static str>(id));
    ui.data_mut(|data| data.insert_temp(id, verb));
    before.is_some_and(|before| before != verb)
}

/// Room for what stands at the bottom.
fn tools_height(narrow: bool) -> f32 {
    if narrow { 4.0 * 34.0 + 8.0 } else { 40.0 }
}

fn header(window: &mut Window, ui: &mut Ui, narrow: bool) {
    ui.horizontal(|ui| {
        let menu = buttons::icon(ui, Icon::Menu, "Menu", "");
        menu_of_commands(window, &menu);
        if !narrow {
            ui.label(egui::RichText::new("Diffusion Lab").font(medium(14.5)));
        }
    });
}

fn menu_of_commands(window: &mut Window, button: &egui::Response) {
    egui::Popup::menu(button).width(250.0).show(|ui| {
        let mut sections: Vec<&str> = Command::ALL.iter().map(|command| command.about().section).collect();
        sections.dedup();
        let mut seen = Vec::new();
        for section in sections {
            if seen.contains(&section) {
                continue;
            }
            seen.push(section);
            ui.menu_button(section, |ui| {
                ui.set_min_width(230.0);
                for command in Command::ALL.iter().filter(|command| command.about().section == section) {
                    let about = command.about();
                    let mut item = egui::Button::new(about.text);
                    if let Some(keys) = command.keys() {
                        item = item.shortcut_text(keys);
                    }
                    if ui.add_enabled(window.can(*command), item).on_hover_text(about.help).clicked() {
                        window.shared.commands.push(*command);
                        ui.close();
                    }
                }
            });
        }
    });
}

fn item(ui: &mut Ui, icon: Icon, title: &str, on: bool, narrow: bool) -> egui::Response {
    let tokens = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, title));
    if on {
        ui.painter().rect_filled(rect, RADIUS, tokens.accent_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, RADIUS, tokens.hover);
    }
    buttons::focus_ring(ui, rect, &response);
    let colour = if on { tokens.accent_text } else { tokens.text_weak };
    let centre = if narrow { rect.center() } else { rect.left_center() + vec2(20.0, 0.0) };
    icon.paint(ui.painter(), Rect::from_center_size(centre, Vec2::splat(18.0)), colour);
    if !narrow {
        let colour = if on || response.hovered() { tokens.text } else { tokens.text_weak };
        let font = if on { medium(13.0) } else { FontId::proportional(13.0) };
        ui.painter().text(rect.left_center() + vec2(40.0, 0.0), Align2::LEFT_CENTER, title, font, colour);
    }
    response
}

fn tools(window: &mut Window, ui: &mut Ui) {
    ui.spacing_mut().item_spacing = Vec2::splat(4.0);
    let dark = ui.visuals().dark_mode;
    let (icon, next) = if dark { (Icon::Sun, Theme::Light) } else { (Icon::Moon, Theme::Dark) };
    let name = if dark { "Light theme" } else { "Dark theme" };
    if buttons::icon(ui, icon, name, "Light or dark; the menu's View can follow the desktop").clicked() {
        window.shared.session.theme = next;
    }
    for (icon, command) in
        [(Icon::Search, Command::Palette), (Icon::Help, Command::Help), (Icon::Folder, Command::Open)]
    {
        if buttons::icon(ui, icon, command.about().text, &command.help_with_keys()).clicked() {
            window.shared.commands.push(command);
        }
    }
}
