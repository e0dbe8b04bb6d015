//! A grid of pictures with labels that is zoomed at the pointer and moved; crisp pixels above 1×.

use egui::{
    Color32, FontId, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use super::stage::Cell;
use crate::app::explain;
use crate::app::theme::tokens;
use crate::app::widgets::view::{View, navigate};

const LABEL: f32 = 24.0;
const BETWEEN: f32 = 16.0;
const MARGIN: f32 = 24.0;

/// What the pointer did on the stage.
pub struct GridResponse {
    /// The whole stage.
    pub response: Response,
    /// The cell under the pointer.
    pub cell: Option<usize>,
    /// The zoom in use, in screen points for one pixel; none where no cell has a picture.
    pub zoom: Option<f32>,
}

/// Where cells are: how many in a row, their side in points, and the grid's size.
struct Grid {
    columns: usize,
    side: f32,
    size: Vec2,
}

/// Draws the pictures, a line around the `chosen` one, and takes zoom and pan.
pub fn picture_grid(
    ui: &mut Ui,
    cells: &[Cell],
    columns: usize,
    chosen: Option<usize>,
    view: &mut View,
) -> GridResponse {
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Pictures"));
    let largest = largest(cells);
    let reference = largest.unwrap_or(1.0);
    let fitted = fit(cells.len(), columns, response.rect.size() - Vec2::splat(2.0 * MARGIN));
    let fitted_zoom = fitted.side / reference;
    let buttons = [PointerButton::Primary, PointerButton::Middle];
    let (zoom, pan) = navigate(ui, &response, view, fitted_zoom, &buttons);
    let grid = sized(fitted.columns, cells.len(), zoom * reference);
    let corner = response.rect.center() + pan - grid.size / 2.0;
    let mut under = None;
    for (i, cell) in cells.iter().enumerate() {
        let (row, column) = (i / grid.columns, i % grid.columns);
        let at = corner + vec2(column as f32 * (grid.side + BETWEEN), row as f32 * (grid.side + BETWEEN + LABEL));
        let rect = Rect::from_min_size(at.round(), Vec2::splat(grid.side));
        if painter.clip_rect().intersects(rect.expand(LABEL)) {
            draw(ui, &painter, cell, rect, chosen == Some(i));
        }
        if response.hover_pos().is_some_and(|pointer| rect.with_max_y(rect.bottom() + LABEL).contains(pointer)) {
            under = Some(i);
            cell.symbol.iter().for_each(|symbol| explain::mark(ui.ctx(), *symbol));
        }
    }
    GridResponse { response, cell: under, zoom: largest.map(|_| zoom) }
}

/// Pixels on a side of the largest picture, where there is one.
fn largest(cells: &[Cell]) -> Option<f32> {
    let side = |cell: &Cell| {
        let size = cell.picture.as_ref()?.size_vec2() * cell.part.size();
        Some(size.x.max(size.y))
    };
    cells.iter().filter_map(side).max_by(f32::total_cmp).map(|side| side.max(1.0))
}

/// The grid that makes the most of `room`.
fn fit(count: usize, columns: usize, room: Vec2) -> Grid {
    let count = count.max(1);
    let side = |columns: usize| {
        let rows = count.div_ceil(columns) as f32;
        let columns = columns as f32;
        let across = (room.x - (columns - 1.0) * BETWEEN) / columns;
        let down = (room.y - rows * LABEL - (rows - 1.0) * BETWEEN) / rows;
        across.min(down).max(8.0)
    };
    let columns = match columns {
        // A full table is worth a fifth of the size.
        0 => {
            let worth = |columns: usize| side(columns) * if count.is_multiple_of(columns) { 1.25 } else { 1.0 };
            (1..=count).max_by(|a, b| worth(*a).total_cmp(&worth(*b)).then(b.cmp(a))).unwrap_or(1)
        }
        columns => columns.min(count),
    };
    sized(columns, count, side(columns))
}

fn sized(columns: usize, count: usize, side: f32) -> Grid {
    let (columns, rows) = (columns.max(1), count.div_ceil(columns.max(1)).max(1) as f32);
    let across = columns as f32;
    let size = vec2(across * side + (across - 1.0) * BETWEEN, rows * (side + LABEL) + (rows - 1.0) * BETWEEN);
    Grid { columns, side, size }
}

fn draw(ui: &Ui, painter: &egui::Painter, cell: &Cell, rect: Rect, chosen: bool) {
    let tokens = tokens(ui);
    match &cell.picture {
        Some(texture) => {
            let size = texture.size_vec2() * cell.part.size();
            let scale = rect.width() / size.x.max(size.y);
            let inner = Rect::from_center_size(rect.center(), size * scale);
            painter.image(texture.id(), inner, cell.part, Color32::WHITE);
            let border = if cell.live { tokens.accent_text } else { tokens.border };
            painter.rect_stroke(inner, 0.0, Stroke::new(1.0, border), StrokeKind::Outside);
            let marked = cell.symbol.is_some_and(|symbol| explain::is_marked(ui.ctx(), symbol));
            if chosen || marked {
                let line = Stroke::new(2.0, tokens.accent_text);
                painter.rect_stroke(inner.expand(3.0), 2.0, line, StrokeKind::Outside);
            }
        }
        None => {
            painter.rect_filled(rect, 4.0, tokens.empty_cell);
            painter.rect_stroke(rect, 4.0, Stroke::new(1.0, tokens.border), StrokeKind::Inside);
        }
    }
    let mut job =
        egui::text::LayoutJob::simple_singleline(cell.label.clone(), FontId::proportional(12.0), tokens.text_weak);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width().max(60.0));
    let galley = painter.layout_job(job);
    let top: Pos2 = pos2(rect.center().x - galley.size().x / 2.0, rect.bottom() + 5.0);
    painter.galley(top, galley, tokens.text_weak);
}
