//! Every score in a table: by network, γ and steps, so that checkpoints are compared by a look along a column.

use egui::{Align, Layout, RichText, Ui};
use egui_extras::Column;

use super::Scores;
use crate::app::theme::tokens;
use crate::app::widgets::table::{head, table};

const ROW: f32 = 26.0;

/// The numbers of a row, by which it is sorted.
fn value(scores: &Scores, row: (usize, usize), column: usize) -> Option<f64> {
    let score = scores.all.get(row.0)?;
    let scored = score.scored.get(row.1)?;
    match column {
        1 => scored.drawn.map(|(guidance, ..)| guidance),
        2 => scored.drawn.map(|(_, steps, _)| steps as f64),
        3 => scored.drawn.map(|(_, _, seed)| seed as f64),
        4 => Some(scored.samples as f64),
        5 => scored.accuracy,
        6 => Some(scored.distance),
        _ => None,
    }
}

/// Draws it in all the room there is.
pub fn ui(scores: &mut Scores, ui: &mut Ui) {
    let rows: Vec<(usize, usize)> =
        scores.all.iter().enumerate().flat_map(|(at, score)| (0..score.scored.len()).map(move |of| (at, of))).collect();
    let order = scores.sort.order(rows.len(), |row, column| value(scores, rows[row], column));
    let looked_at = scores.looked_at().map(|(score, scored)| (score.folder.clone(), scored.clone()));
    let mut sort = scores.sort;
    let mut chosen = None;
    let mut table = table(ui, "scores").column(Column::remainder().clip(true).at_least(90.0));
    for width in [48.0, 52.0, 90.0, 58.0, 72.0, 72.0] {
        table = table.column(Column::exact(width));
    }
    let table = table.auto_shrink(false).min_scrolled_height(0.0).cell_layout(Layout::left_to_right(Align::Center));
    table
        .header(crate::app::widgets::table::HEAD, |mut row| {
            head(&mut row, "Network");
            for text in ["γ", "Steps", "Seed", "Digits", "As asked", "Fréchet"] {
                sort.head(&mut row, text);
            }
        })
        .body(|body| {
            body.rows(ROW, order.len(), |mut row| {
                let (at, of) = rows[order[row.index()]];
                let score = &scores.all[at];
                let scored = &score.scored[of];
                let on = looked_at.as_ref().is_some_and(|(folder, known)| *folder == score.folder && known == scored);
                row.set_selected(on);
                let drawn = |text: fn((f64, u64, u64)) -> String| scored.drawn.map_or_else(String::new, text);
                let percent = scored.accuracy.map_or_else(|| "–".to_owned(), |part| format!("{:.1} %", 100.0 * part));
                let cells = [
                    drawn(|(guidance, ..)| guidance.to_string()),
                    drawn(|(_, steps, _)| steps.to_string()),
                    drawn(|(_, _, seed)| seed.to_string()),
                    scored.samples.to_string(),
                    percent,
                    format!("{:.2}", scored.distance),
                ];
                let mut clicked = false;
                row.col(|ui| clicked = name(ui, &score.checkpoint(), at, on));
                for cell in cells {
                    row.col(|ui| {
                        ui.add(egui::Label::new(RichText::new(cell).size(12.0).color(tokens(ui).text)).truncate());
                    });
                }
                if clicked || row.response().clicked() {
                    chosen = Some((score.folder.clone(), of));
                }
            });
        });
    scores.sort = sort;
    if chosen.is_some() {
        scores.chosen = chosen;
    }
}

/// The network's name, which is the row's button.
fn name(ui: &mut Ui, text: &str, number: usize, on: bool) -> bool {
    let colour = if on { tokens(ui).accent_text } else { tokens(ui).text };
    let button = egui::Button::new(RichText::new(text).size(12.0).color(colour)).frame(false).truncate();
    ui.add(button).accessible_name(format!("Score {} of {text}", number + 1)).clicked()
}
