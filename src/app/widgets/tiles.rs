//! Pictures of one size in as many rows as make them largest, each with its caption beneath.

use egui::{
    Align2, Color32, FontId, Pos2, Rect, Role, Sense, Stroke, StrokeKind, TextureId, Ui, Vec2, WidgetInfo, vec2,
};

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

const CAPTION: f32 = 20.0;
const BETWEEN: f32 = 12.0;

/// Draws them in all the room there is; the one that was clicked.
pub fn tiles(ui: &mut Ui, name: &str, tiles: &[Tile]) -> Option<usize> {
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name));
    let tokens = tokens(ui);
    let (columns, side) = fit(tiles.len(), response.rect.size());
    let rows = tiles.len().div_ceil(columns);
    let height = rows as f32 * (side + CAPTION) + (rows as f32 - 1.0) * BETWEEN;
    let top = response.rect.center().y - height / 2.0;
    let mut under = None;
    for (i, tile) in tiles.iter().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let in_row = columns.min(tiles.len() - row * columns) as f32;
        let left = response.rect.center().x - (in_row * (side + BETWEEN) - BETWEEN) / 2.0;
        let at = Pos2::new(left + column as f32 * (side + BETWEEN), top + row as f32 * (side + CAPTION + BETWEEN));
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
        let font = FontId::proportional(12.0);
        let mut job = egui::text::LayoutJob::simple_singleline(tile.caption.clone(), font, tokens.text_weak);
        job.wrap = egui::text::TextWrapping::truncate_at_width(side + BETWEEN);
        let galley = painter.layout_job(job);
        let corner = Align2::CENTER_TOP.anchor_size(rect.center_bottom() + vec2(0.0, 5.0), galley.size()).min;
        painter.galley(corner, galley, tokens.text_weak);
        if response.interact_pointer_pos().is_some_and(|pointer| rect.contains(pointer)) {
            under = Some(i);
        }
    }
    under.filter(|_| response.clicked())
}

/// How many in a row, and their side.
fn fit(count: usize, room: Vec2) -> (usize, f32) {
    let side = |columns: usize| {
        let rows = count.div_ceil(columns) as f32;
        let across = (room.x - (columns as f32 - 1.0) * BETWEEN) / columns as f32;
        let down = (room.y - rows * CAPTION - (rows - 1.0) * BETWEEN) / rows;
        across.min(down).max(16.0)
    };
    let columns = (1..=count.max(1)).max_by(|a, b| side(*a).total_cmp(&side(*b)).then(b.cmp(a))).unwrap_or(1);
    (columns, side(columns).floor())
}
