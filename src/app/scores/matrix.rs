//! The confusion matrix: a row for each digit that was asked for, a column for each that the classifier read; and where
//! nothing was asked for, the one row of what was read.

use egui::{Align2, FontId, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::Scored;
use crate::app::theme::{heat, tokens};

/// Room for the labels at the left and on top.
const LABELS: f32 = 34.0;
/// The largest cell.
const LARGEST: f32 = 40.0;

/// Draws it as large as there is room.
pub fn matrix(ui: &mut Ui, scored: &Scored) {
    let rows: Vec<&Vec<u64>> = match scored.confusion.is_empty() {
        true => vec![&scored.read_as],
        false => scored.confusion.iter().collect(),
    };
    let columns = rows.iter().map(|row| row.len()).max().unwrap_or(0).max(1);
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Confusion matrix"));
    let room = response.rect.size() - vec2(LABELS, LABELS);
    let side = (room.x / columns as f32).min(room.y / rows.len() as f32).clamp(6.0, LARGEST).floor();
    let corner = response.rect.min + vec2(LABELS, LABELS);
    let tokens = tokens(ui);
    let (font, small) = (FontId::proportional(11.5), FontId::proportional(11.0));
    let across = pos2(corner.x + side * columns as f32 / 2.0, response.rect.top());
    painter.text(across, Align2::CENTER_TOP, "read as", small.clone(), tokens.text_weak);
    for column in 0..columns {
        let at = pos2(corner.x + side * (column as f32 + 0.5), corner.y - 3.0);
        painter.text(at, Align2::CENTER_BOTTOM, column, font.clone(), tokens.text_weak);
    }
    let mut under = None;
    for (number, row) in rows.iter().enumerate() {
        let asked = row.iter().sum::<u64>().max(1);
        let middle = pos2(corner.x - 6.0, corner.y + side * (number as f32 + 0.5));
        let label = if scored.confusion.is_empty() { "all".to_owned() } else { number.to_string() };
        painter.text(middle, Align2::RIGHT_CENTER, label, font.clone(), tokens.text_weak);
        for (column, &count) in row.iter().enumerate() {
            let cell = Rect::from_min_size(corner + vec2(column as f32, number as f32) * side, vec2(side, side));
            // A few misread digits among many are what one looks for: the root of the part shows them.
            let part = (count as f32 / asked as f32).sqrt();
            let fill = if count == 0 { tokens.empty_cell } else { heat(0.15 + 0.8 * part) };
            painter.rect(cell.shrink(1.0), 2.0, fill, Stroke::NONE, StrokeKind::Inside);
            if count > 0 && side >= 22.0 {
                let ink = if part > 0.62 { egui::Color32::BLACK } else { egui::Color32::WHITE };
                painter.text(cell.center(), Align2::CENTER_CENTER, count, small.clone(), ink);
            }
            if response.hover_pos().is_some_and(|pointer| cell.contains(pointer)) {
                painter.rect_stroke(cell, 2.0, Stroke::new(1.5, tokens.accent_text), StrokeKind::Inside);
                under = Some(format!("{count} of {asked} {}read as {column}", asked_for(scored, number)));
            }
        }
    }
    if !scored.confusion.is_empty() {
        let down = pos2(response.rect.left(), corner.y + side * rows.len() as f32 + 4.0);
        painter.text(down, Align2::LEFT_TOP, "rows: asked for", small, tokens.text_faint);
    }
    if let Some(text) = under {
        response.on_hover_text_at_pointer(text);
    }
}

fn asked_for(scored: &Scored, number: usize) -> String {
    if scored.confusion.is_empty() { String::new() } else { format!("that were to be a {number} ") }
}
