//! Pictures of one size in as many rows as make them largest, each with its caption beneath.

use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{
    Align, Color32, FontId, Galley, Pos2, Rect, Role, Sense, Stroke, StrokeKind, TextureId, Ui, Vec2, WidgetInfo, vec2,
};

use crate::app::explain;
use crate::app::theme::tokens;

/// One picture.
pub struct Tile {
    /// What it shows; none yet where it waits.
    pub texture: Option<TextureId>,
    /// What is beneath it.
    pub caption: String,
    /// Whether it is the chosen one.
    pub on: bool,
}

/// The most lines of a caption.
const LINES: usize = 3;
/// Height of a caption of one line, and of what each further one adds.
const CAPTION: f32 = 20.0;
const LINE: f32 = 15.0;
const BETWEEN: f32 = 12.0;

/// Draws them in all the room there is; the one that was clicked.
pub fn tiles(ui: &mut Ui, name: &str, tiles: &[Tile]) -> Option<usize> {
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name));
    let tokens = tokens(ui);
    let captions = |width: f32| -> Vec<Arc<Galley>> {
        tiles.iter().map(|tile| painter.layout_job(caption(&tile.caption, width, tokens.text_weak))).collect()
    };
    let (mut columns, mut side, mut below) = (1, 0.0, CAPTION);
    for lines in 1..=LINES {
        below = CAPTION + (lines - 1) as f32 * LINE;
        (columns, side) = fit(tiles.len(), response.rect.size(), below);
        if captions(side + BETWEEN).iter().all(|galley| galley.rows.len() <= lines) {
            break;
        }
    }
    let captions = captions(side + BETWEEN);
    let rows = tiles.len().div_ceil(columns);
    let height = rows as f32 * (side + below) + (rows as f32 - 1.0) * BETWEEN;
    let top = response.rect.center().y - height / 2.0;
    let mut under = None;
    for (i, tile) in tiles.iter().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let in_row = columns.min(tiles.len() - row * columns) as f32;
        let left = response.rect.center().x - (in_row * (side + BETWEEN) - BETWEEN) / 2.0;
        let at = Pos2::new(left + column as f32 * (side + BETWEEN), top + row as f32 * (side + below + BETWEEN));
        let rect = Rect::from_min_size(at.round(), Vec2::splat(side));
        match tile.texture {
            Some(texture) => {
                let all = Rect::from_min_max(Pos2::ZERO, egui::pos2(1.0, 1.0));
                painter.image(texture, rect, all, Color32::WHITE);
            }
            None => {
                painter.rect_filled(rect, 4.0, tokens.empty_cell);
            }
        }
        let stroke = match tile.on {
            true => Stroke::new(2.0, tokens.accent_text),
            false => Stroke::new(1.0, tokens.border),
        };
        painter.rect_stroke(rect, 0.0, stroke, StrokeKind::Outside);
        let below = rect.center_bottom() + vec2(0.0, 5.0);
        painter.galley(below, Arc::clone(&captions[i]), tokens.text_weak);
        explain_caption(ui, response.id.with(i), captions[i].rect.translate(below.to_vec2()), &tile.caption);
        if response.interact_pointer_pos().is_some_and(|pointer| rect.contains(pointer)) {
            under = Some(i);
        }
    }
    under.filter(|_| response.clicked())
}

/// A caption in lines of that width, around its place.
fn caption(text: &str, width: f32, colour: Color32) -> LayoutJob {
    let mut job = LayoutJob::simple(text.to_owned(), FontId::proportional(12.0), colour, width);
    job.wrap.max_rows = LINES;
    job.halign = Align::Center;
    job
}

/// What a caption measures or shows, said where it stands.
fn explain_caption(ui: &Ui, id: egui::Id, rect: Rect, caption: &str) {
    let Some(symbol) = explain::of_caption(caption) else { return };
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Explain: {caption}")));
    explain::explains(response, symbol);
}

/// How many in a row, and their side, with captions so high.
fn fit(count: usize, room: Vec2, caption: f32) -> (usize, f32) {
    let side = |columns: usize| {
        let rows = count.div_ceil(columns) as f32;
        let across = (room.x - (columns as f32 - 1.0) * BETWEEN) / columns as f32;
        let down = (room.y - rows * caption - (rows - 1.0) * BETWEEN) / rows;
        across.min(down).max(16.0)
    };
    let columns = (1..=count.max(1)).max_by(|a, b| side(*a).total_cmp(&side(*b)).then(b.cmp(a))).unwrap_or(1);
    (columns, side(columns).floor())
}
