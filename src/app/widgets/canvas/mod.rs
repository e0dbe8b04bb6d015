//! The painting surface: a drawing that is zoomed at the pointer, moved, and painted on by mouse or pen. What is
//! painted is in `pictures::drawing`; here are hand and eye.

mod gesture;
mod layer;
mod outline;
mod tools;
mod view;

use egui::{Color32, CursorIcon, Painter, Pos2, Rect, Response, Role, Sense, TextureId, Ui, WidgetInfo, pos2};

pub use gesture::Happened;
pub use layer::Layer;
pub use tools::{MAX_SIZE, Tool, Tools};

use crate::app::widgets::view::View;
use crate::pictures::drawing::{Drawing, Ink};
use gesture::Gesture;

/// Where a canvas is looked at, and what the hand is doing.
pub struct CanvasState {
    /// Zoom and pan.
    pub view: View,
    gesture: Gesture,
    /// Where the last stroke ended, for straight lines.
    last: Option<[f32; 2]>,
}

impl Default for CanvasState {
    fn default() -> Self {
        Self { view: View::Fit, gesture: Gesture::Rest, last: None }
    }
}

/// Where the drawing lies on the screen in this frame.
pub struct Placed {
    /// Draws on the canvas alone.
    pub painter: Painter,
    /// The whole surface.
    pub response: Response,
    /// The drawing.
    pub rect: Rect,
    /// Screen points for one of its pixels.
    pub zoom: f32,
}

impl Placed {
    /// A screen position in pixels of the drawing.
    pub fn image_from_screen(&self, at: Pos2) -> [f32; 2] {
        let offset = (at - self.rect.min) / self.zoom;
        [offset.x, offset.y]
    }

    /// A pixel's position on the screen.
    pub fn screen_from_image(&self, at: [f32; 2]) -> Pos2 {
        self.rect.min + egui::vec2(at[0], at[1]) * self.zoom
    }

    /// Draws a texture over the whole drawing.
    pub fn layer(&self, texture: Option<TextureId>) {
        if let Some(texture) = texture {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            self.painter.image(texture, self.rect, all, Color32::WHITE);
        }
    }
}

/// Takes room for a canvas, zooms, moves and paints. What it shows is drawn by the caller, who then calls
/// [`finish`]; so a stroke is seen in the frame in which it was made.
pub fn canvas<const C: usize>(
    ui: &mut Ui,
    name: &str,
    state: &mut CanvasState,
    drawing: &mut Drawing<C>,
    tools: &Tools,
    ink: Ink<C>,
) -> (Placed, Happened<C>) {
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name));
    let (rect, zoom) = view::place(ui, &response, &mut state.view, drawing.size());
    let placed = Placed { painter, response, rect, zoom };
    let happened = gesture::paint(ui, &placed, state, drawing, tools, ink);
    (placed, happened)
}

/// Draws what the hand is about to do: the brush at its true size, a rectangle, a lasso.
pub fn finish(ui: &Ui, placed: &Placed, state: &CanvasState, tools: &Tools) {
    if let Some(pointer) = placed.response.hover_pos() {
        ui.set_cursor_icon(match (&state.gesture, tools.tool) {
            (Gesture::Pan, _) => CursorIcon::Grabbing,
            _ if view::wants_pan(ui) => CursorIcon::Grab,
            (_, tool) if tool.is_brush() => CursorIcon::None,
            _ => CursorIcon::Crosshair,
        });
        if tools.tool.is_brush() && !view::wants_pan(ui) {
            outline::ring(placed, pointer, tools.size);
        }
    }
    outline::gesture(placed, &state.gesture);
}
