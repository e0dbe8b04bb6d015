//! The tables in the dialog of models: what is here, and what can be fetched; both in the same columns.

use egui::{Align, Color32, FontId, Label, Layout, ProgressBar, RichText, Role, Ui, WidgetInfo};
use egui_extras::{Column, TableBuilder, TableRow};

use super::downloads::{Listed, Running};
use crate::app::theme::{GAP, medium, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::table::{HEAD, Sort, head, table};
use crate::files::size;
use crate::models::{Need, Package};

/// Widths of the columns beside the model's own.
const DOWNLOAD: f32 = 80.0;
const MEMORY: f32 = 136.0;
const ACTION: f32 = 72.0;

/// Heights of what a cell is made of.
const NAME: f32 = 20.0;
const LINK: f32 = 19.0;
const PROGRESS: f32 = 34.0;

/// What is asked of the hub.
pub enum Asked {
    /// A package.
    Fetch(&'static Package),
    /// That the running fetch stops for now.
    Pause,
}

/// Draws what is on this machine.
pub fn here(ui: &mut Ui, listed: &Listed) {
    ui.scope(|ui| {
        let (table, room) = columns(ui, "here");
        let table =
            table.header(HEAD, |mut row| ["Model", "", "Memory", ""].iter().for_each(|text| head(&mut row, text)));
        table.body(|mut body| {
            for model in &listed.here {
                let height = NAME + height(body.ui_mut(), &model.sentence, room);
                body.row(height, |mut row| {
                    row.col(|ui| words(ui, &model.name, &model.sentence));
                    row.col(|_| {});
                    row.col(|ui| memory(ui, model.need, listed.memory));
                    row.col(|_| {});
                });
            }
        });
    });
}

/// Draws what the hub has; something once it is asked for.
pub fn packages(ui: &mut Ui, listed: &Listed, running: Option<&Running>, sort: &mut Sort) -> Option<Asked> {
    let order = sort.order(listed.packages.len(), |at, column| {
        let (package, _, need) = &listed.packages[at];
        match column {
            1 => Some(package.bytes as f64),
            _ => need.map(|need| need.together as f64),
        }
    });
    let mut asked = None;
    ui.scope(|ui| {
        let (table, room) = columns(ui, "packages");
        let table = table.header(HEAD, |mut row| {
            head(&mut row, "Model");
            sort.head(&mut row, "Download");
            sort.head(&mut row, "Memory");
            head(&mut row, "");
        });
        table.body(|mut body| {
            for (package, here, need) in order.iter().map(|&at| listed.packages[at]) {
                let comes = running.filter(|running| running.name == package.name);
                let licence = package.licence().map_or(0.0, |_| LINK);
                let progress = comes.map_or(0.0, |_| PROGRESS);
                let height = NAME + progress + height(body.ui_mut(), package.sentence, room) + licence;
                body.row(height, |mut row| {
                    row.col(|ui| {
                        words(ui, package.name, package.sentence);
                        comes.iter().for_each(|running| self::progress(ui, running));
                        if let Some(page) = package.licence() {
                            let text = RichText::new("Licence, to accept first").size(12.0);
                            ui.hyperlink_to(text, format!("https://huggingface.co/{page}"));
                        }
                    });
                    row.col(|ui| weak(ui, &size(package.bytes)));
                    row.col(|ui| memory(ui, need, listed.memory));
                    asked = action(&mut row, package, here, comes.is_some(), running.is_none()).or(asked.take());
                });
            }
        });
    });
    asked
}

/// The columns of both, and the room that the model's own has.
fn columns<'a>(ui: &'a mut Ui, name: &str) -> (TableBuilder<'a>, f32) {
    ui.spacing_mut().item_spacing.y = 6.0;
    let room = (ui.available_width() - DOWNLOAD - MEMORY - ACTION - 3.0 * GAP - 2.0).max(120.0);
    let table = [room, DOWNLOAD, MEMORY, ACTION]
        .iter()
        .fold(table(ui, name), |table, width| table.column(Column::exact(*width)));
    (table.vscroll(false).cell_layout(Layout::top_down(Align::Min)), room)
}

/// How high a sentence is in so much room.
fn height(ui: &Ui, sentence: &str, room: f32) -> f32 {
    let font = FontId::proportional(12.0);
    ui.fonts_mut(|fonts| fonts.layout(sentence.to_owned(), font, Color32::PLACEHOLDER, room)).size().y + 4.0
}

fn words(ui: &mut Ui, name: &str, sentence: &str) {
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.add(Label::new(RichText::new(name).font(medium(13.0))).truncate()).on_hover_text(name);
    ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Wrap);
    weak(ui, sentence);
}

/// What networks need, and under it how that fits into what is free.
fn memory(ui: &mut Ui, need: Option<Need>, free: Option<u64>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    if let Some(need) = need {
        weak(ui, &size(need.bytes(free)));
        weak(ui, need.within(free).words());
    }
}

fn action(row: &mut TableRow<'_, '_>, package: &'static Package, here: bool, comes: bool, free: bool) -> Option<Asked> {
    let mut asked = None;
    row.col(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            if comes {
                asked = buttons::chip(ui, "Pause").clicked().then_some(Asked::Pause);
            } else if here {
                weak(ui, "Here");
            } else {
                let fetch = ui.add_enabled_ui(free, |ui| buttons::chip(ui, "Fetch")).inner;
                fetch.widget_info(|| WidgetInfo::labeled(Role::Button, free, format!("Fetch {}", package.name)));
                asked = fetch.clicked().then_some(Asked::Fetch(package));
            }
        });
    });
    asked
}

fn progress(ui: &mut Ui, running: &Running) {
    let Some(fetching) = running.fetching() else {
        return weak(ui, "Asking the hub…");
    };
    ui.add(ProgressBar::new(fetching.fraction()).desired_height(8.0));
    let left = fetching.left_secs().map_or(String::new(), |left| format!(" · {left:.0} s left"));
    let speed = size(fetching.bytes_per_sec as u64);
    weak(ui, &format!("{} of {} · {speed}/s{left}", size(fetching.bytes), size(fetching.of)));
}

/// A line that is read second.
pub(super) fn weak(ui: &mut Ui, text: &str) {
    let colour = tokens(ui).text_weak;
    ui.label(RichText::new(text).size(12.0).color(colour));
}
