//! F1: everything that can be pressed, from the list of commands, and what the mouse does.

use egui::{RichText, ScrollArea, Ui};

use super::done::Done;
use crate::app::commands::Command;
use crate::app::theme::{medium, tokens};
use crate::app::widgets::heading::dialog_title;

const MOUSE: [(&str, &str); 15] = [
    ("Wheel", "Zoom at the pointer"),
    ("Drag", "Move the picture"),
    ("Double click", "Fit; open one of several"),
    ("Drop", "Restore a saved picture's settings"),
    ("Drop or Ctrl+V", "Make a picture the source"),
    ("Right click on a name", "Reset a setting, copy its flag"),
    ("Right click on a picture", "Everything that can be done with it"),
    ("Ctrl+C", "Copy the picture"),
    ("Right button on a canvas", "Erase"),
    ("Shift on a canvas", "A straight line from the last point"),
    ("Alt on a canvas", "Pick a colour"),
    ("Space or middle button", "Move the canvas"),
    ("Drag over curves", "Zoom into the rectangle"),
    ("Double click on curves", "Show all of them"),
    ("Alt+Up, Alt+Down in a prompt", "Earlier prompts"),
];

pub(super) fn ui(ui: &mut Ui) -> Option<Done> {
    let close = dialog_title(ui, "Keyboard and mouse");
    let height = (ui.ctx().content_rect().height() - 220.0).max(200.0);
    ScrollArea::vertical().max_height(height).min_scrolled_height(height.min(560.0)).auto_shrink([false, true]).show(
        ui,
        |ui| {
            let mut sections: Vec<&str> = Vec::new();
            for command in Command::ALL {
                let section = command.about().section;
                if !sections.contains(&section) {
                    sections.push(section);
                }
            }
            let mut tables: Vec<(&str, Vec<(String, &str)>)> =
                sections.into_iter().map(|section| (section, commands(section))).collect();
            let mouse = MOUSE.iter().map(|(keys, text)| ((*keys).to_owned(), *text)).collect();
            tables.push(("Mouse and clipboard", mouse));
            ui.set_max_width(ui.available_width() - 20.0);
            ui.spacing_mut().item_spacing.x = 40.0;
            ui.columns(2, |columns| {
                // Each table goes to the shorter column.
                let mut lines = [0; 2];
                for (section, table_lines) in tables {
                    let column = usize::from(lines[1] < lines[0]);
                    lines[column] += table_lines.len() + 2;
                    table(&mut columns[column], section, table_lines);
                }
            });
        },
    );
    close.then_some(Done::Nothing)
}

fn commands(section: &str) -> Vec<(String, &'static str)> {
    let mine = Command::ALL.iter().filter(|command| command.about().section == section);
    mine.filter_map(|command| Some((command.keys()?, command.about().text))).collect()
}

fn table(ui: &mut Ui, section: &str, lines: Vec<(String, &str)>) {
    let tokens = tokens(ui);
    ui.add_space(4.0);
    ui.label(RichText::new(section).font(medium(12.5)).color(tokens.accent_text));
    ui.spacing_mut().interact_size.y = 18.0;
    ui.spacing_mut().item_spacing.y = 4.0;
    for (keys, text) in lines {
        ui.horizontal(|ui| {
            ui.label(text);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(RichText::new(keys).size(12.0).color(tokens.text_weak));
            });
        });
    }
    ui.add_space(6.0);
}
