//! Zoom and pan of pictures: fitted, or by hand with wheel and drag.

use egui::{CursorIcon, PointerButton, Response, Ui, Vec2};

/// Zoom: fitted, or points of the screen for one pixel of the picture, moved by so much.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View {
    /// As large as fits.
    Fit,
    /// By hand.
    Free {
        /// Screen points for one pixel.
        zoom: f32,
        /// The middle of the pictures against the middle of the room.
        pan: Vec2,
    },
}

/// Wheel at the pointer, drag with one of `buttons`; double click fits. Returns the zoom and how far the middle is moved.
pub fn navigate(ui: &Ui, response: &Response, view: &mut View, fitted: f32, buttons: &[PointerButton]) -> (f32, Vec2) {
    let (mut zoom, mut pan) = match *view {
        View::Fit => (fitted, Vec2::ZERO),
        View::Free { zoom, pan } => (zoom, pan),
    };
    if response.double_clicked() {
        *view = View::Fit;
        return (fitted, Vec2::ZERO);
    }
    let mut moved = false;
    if let Some(pointer) = response.hover_pos() {
        let factor = ui.input(|input| input.zoom_delta() * (input.smooth_scroll_delta().y * 0.0025).exp());
        if factor != 1.0 {
            let new = (zoom * factor).clamp(0.05, 64.0);
            let from_centre = pointer - response.rect.center() - pan;
            pan += from_centre * (1.0 - new / zoom);
            zoom = new;
            moved = true;
        }
    }
    if buttons.iter().any(|button| response.dragged_by(*button)) {
        pan += response.drag_delta();
        moved |= response.drag_delta() != Vec2::ZERO;
        ui.set_cursor_icon(CursorIcon::Grabbing);
    }
    if moved {
        *view = View::Free { zoom, pan };
    }
    (zoom, pan)
}
