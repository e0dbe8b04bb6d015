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
    ui.spacing_mut().item_spacing.y = BETWEEN;
    let about = Command::Lessons.about();
    let open = window.shared.session.lessons.open;
    let help = Command::Lessons.help_with_keys();
    if item(ui, Icon::Book, about.text, Role::Button, open, narrow, 30.0).on_hover_text(help).clicked() {
        window.shared.commands.push(Command::Lessons);
    }
    let room = ui.available_height() - tools_height(narrow);
    let height = item_height(room, narrow);
    let shown = egui::ScrollArea::vertical()
        .max_height(room)
        .auto_shrink([false, true])
        .show(ui, |ui| experiments(window, ui, narrow, height));
    let hidden = shown.content_size.y - shown.state.clamped_offset().y - shown.inner_rect.height();
    if hidden > 1.0 {
        more_below(ui, shown.inner_rect);
    }
    let layout = if narrow { Layout::bottom_up(Align::Center) } else { Layout::bottom_up(Align::Min) };
    ui.with_layout(layout, |ui| {
        if narrow {
            tools(window, ui, true);
        } else {
            ui.horizontal(|ui| tools(window, ui, false));
        }
    });
}

/// Between two items, before a group, and the name of one, in points.
const BETWEEN: f32 = 2.0;
const BEFORE_GROUP: [f32; 2] = [16.0, 8.0];
const GROUP_NAME: f32 = 14.0 + 4.0 + 2.0 * BETWEEN;
/// An item where there is room, and the smallest that a hand still hits.
const HIGH: f32 = 36.0;
const LOW: f32 = 24.0;

/// How high an item is, so that every experiment is in reach in a low window too.
fn item_height(room: f32, narrow: bool) -> f32 {
    let mut groups: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.group).collect();
    groups.dedup();
    let heads = groups.len() as f32 * (BEFORE_GROUP[usize::from(narrow)] + if narrow { 0.0 } else { GROUP_NAME });
    let each = (room - heads) / EXPERIMENTS.len() as f32 - BETWEEN;
    each.floor().clamp(LOW, HIGH)
}

/// A sign that the list goes on.
fn more_below(ui: &Ui, list: Rect) {
    let ground = list.with_min_y(list.bottom() - 18.0);
    ui.painter().rect_filled(ground, 0.0, tokens(ui).panel.gamma_multiply(0.9));
    let sign = Rect::from_center_size(ground.center(), Vec2::splat(16.0));
    Icon::ChevronDown.paint(ui.painter(), sign, tokens(ui).accent_text);
}

/// The experiments, under the names of their groups.
fn experiments(window: &mut Window, ui: &mut Ui, narrow: bool, height: f32) {
    let mut group = "";
    for experiment in EXPERIMENTS {
        if experiment.group != group {
            group = experiment.group;
            ui.add_space(BEFORE_GROUP[usize::from(narrow)]);
            if !narrow {
                ui.label(egui::RichText::new(group).size(11.5).color(tokens(ui).text_faint));
                ui.add_space(4.0);
            }
        }
        let on = window.shared.session.panel == experiment.verb;
        let icon = panel(experiment.verb).icon;
        let help = if narrow {
            format!("{}: {}", experiment.title, experiment.sentence)
        } else {
            experiment.sentence.to_owned()
        };
        let item = item(ui, icon, experiment.title, Role::Tab, on, narrow, height).on_hover_text(help);
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
    if narrow { 2.0 * 34.0 + 8.0 } else { 40.0 }
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

fn item(ui: &mut Ui, icon: Icon, title: &str, role: Role, on: bool, narrow: bool, height: f32) -> egui::Response {
    let tokens = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(role, true, on, title));
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

/// What concerns the whole program; a narrow rail leaves the rest to the menu.
fn tools(window: &mut Window, ui: &mut Ui, narrow: bool) {
    ui.spacing_mut().item_spacing = Vec2::splat(4.0);
    if !narrow {
        let dark = ui.visuals().dark_mode;
        let (icon, next) = if dark { (Icon::Sun, Theme::Light) } else { (Icon::Moon, Theme::Dark) };
        let name = if dark { "Light theme" } else { "Dark theme" };
        if buttons::icon(ui, icon, name, "Light or dark; the menu's View can follow the desktop").clicked() {
            window.shared.session.theme = next;
        }
    }
    let offered = [(Icon::Search, Command::Palette), (Icon::Help, Command::Help), (Icon::Folder, Command::Open)];
    for (icon, command) in offered.into_iter().take(if narrow { 2 } else { 3 }) {
        if buttons::icon(ui, icon, command.about().text, &command.help_with_keys()).clicked() {
            window.shared.commands.push(command);
        }
    }
}
