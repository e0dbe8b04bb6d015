//! Zoom and pan of a canvas: the wheel zooms at the pointer, the middle button or Space moves.

use egui::{Key, PointerButton, Rect, Response, Ui, Vec2, vec2};

use crate::app::widgets::view::View;

const MARGIN: f32 = 16.0;
/// Screen points for one pixel, least and most.
const ZOOMS: (f32, f32) = (0.1, 64.0);

/// Whether the pointer moves the canvas instead of painting on it.
pub fn wants_pan(ui: &Ui) -> bool {
    !ui.text_edit_focused() && ui.input(|input| input.key_down(Key::Space))
}

/// Where a drawing of that size lies, after this frame's wheel and drag.
pub fn place(ui: &Ui, response: &Response, view: &mut View, (width, height): (usize, usize)) -> (Rect, f32) {
    let size = vec2(width as f32, height as f32);
    let room = response.rect.size() - Vec2::splat(2.0 * MARGIN);
    let fitted = (room / size).min_elem().clamp(ZOOMS.0, ZOOMS.1);
    let (mut zoom, mut pan) = match *view {
        View::Fit => (fitted, Vec2::ZERO),
        View::Free { zoom, pan } => (zoom, pan),
    };
    let mut moved = false;
    if let Some(pointer) = response.hover_pos() {
        let factor = ui.input(|input| input.zoom_delta() * (input.smooth_scroll_delta().y * 0.004).exp());
        if factor != 1.0 {
            let new = (zoom * factor).clamp(ZOOMS.0, ZOOMS.1);
            pan += (pointer - response.rect.center() - pan) * (1.0 - new / zoom);
            zoom = new;
            moved = true;
        }
    }
    let panning =
        response.dragged_by(PointerButton::Middle) || (wants_pan(ui) && response.dragged_by(PointerButton::Primary));
    if panning && response.drag_delta() != Vec2::ZERO {
        pan += response.drag_delta();
        moved = true;
    }
    if moved {
        *view = View::Free { zoom, pan };
    }
    let at = response.rect.center() + pan - size * zoom / 2.0;
    // Whole points, so that pixels are not split between two.
    (Rect::from_min_size(at.round(), size * zoom), zoom)
}
