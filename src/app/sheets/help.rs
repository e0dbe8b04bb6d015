//! F1: everything that can be pressed, from the list of commands, and what the mouse does.

use egui::{Grid, RichText, ScrollArea, Ui};

use super::{Done, title};
use crate::app::commands::Command;
use crate::app::theme::{medium, tokens};

const MOUSE: [(&str, &str); 7] = [
    ("Wheel on the picture", "Zoom at the pointer"),
    ("Drag on the picture", "Move it; double click fits it again"),
    ("Drop a picture that was saved here", "Restore its settings"),
    ("Drop or paste any other picture", "Make it the source of Upscale"),
    ("Right click on a setting's name", "Reset it, copy its flag"),
    ("Right click on a thumbnail", "Restore, copy, use as source, move to trash"),
    ("Ctrl+C", "Copy the picture, outside of a text field"),
];

pub(super) fn ui(ui: &mut Ui) -> Option<Done> {
    title(ui, "Keyboard and mouse");
    let height = (ui.ctx().content_rect().height() - 220.0).max(200.0);
    ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        let mut sections: Vec<&str> = Vec::new();
        for command in Command::ALL {
            let section = command.about().section;
            if !sections.contains(&section) {
                sections.push(section);
            }
        }
        for section in sections {
            let with_keys = Command::ALL.iter().filter(|command| command.about().section == section);
            let lines: Vec<(String, &str)> =
                with_keys.filter_map(|command| Some((command.keys()?, command.about().text))).collect();
            table(ui, section, lines.iter().map(|(keys, text)| (keys.as_str(), *text)));
        }
        table(ui, "Mouse and clipboard", MOUSE.into_iter());
    });
    ui.add_space(8.0);
    ui.button("Close").clicked().then_some(Done::Nothing)
}

fn table<'a>(ui: &mut Ui, section: &str, lines: impl Iterator<Item = (&'a str, &'a str)>) {
    ui.add_space(8.0);
    ui.label(RichText::new(section).font(medium(12.5)).color(tokens(ui).accent_text));
    Grid::new(section).num_columns(2).min_col_width(230.0).spacing([16.0, 6.0]).show(ui, |ui| {
        for (keys, text) in lines {
            ui.label(RichText::new(keys).color(tokens(ui).text_weak));
            ui.label(text);
            ui.end_row();
        }
    });
}
