//! Two pictures in one place with a divider that is dragged over them.

use egui::{
    Align2, Color32, CursorIcon, FontId, PointerButton, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use super::compare::Compared;
use crate::app::theme::tokens;
use crate::app::widgets::view::navigate;

/// Draws them as large as fits until the wheel zooms at the pointer; dragging moves the divider, with another button the
/// pictures, and a double click makes them fit again.
pub fn divider(ui: &mut Ui, compared: &mut Compared) {
    let (response, painter) = ui.allocate_painter(ui.available_size(), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "Comparison"));
    let tokens = tokens(ui);
    let size = compared.after.size_vec2();
    let room = response.rect.size() - vec2(48.0, 72.0);
    let fitted = (room / size).min_elem().max(0.01);
    let others = [PointerButton::Middle, PointerButton::Secondary];
    let (zoom, pan) = navigate(ui, &response, &mut compared.view, fitted, &others);
    let rect = Rect::from_center_size(response.rect.center() + pan, size * zoom);
    if (response.dragged_by(PointerButton::Primary) || response.clicked())
        && let Some(pointer) = response.interact_pointer_pos()
    {
        compared.split = egui::remap_clamp(pointer.x, rect.x_range(), 0.0..=1.0);
    }
    let x = egui::lerp(rect.left()..=rect.right(), compared.split);
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    painter.image(compared.after.id(), rect, whole, Color32::WHITE);
    painter.image(compared.before.id(), rect.with_max_x(x), whole.with_max_x(compared.split), Color32::WHITE);
    painter.rect_stroke(rect, 0.0, Stroke::new(1.0, tokens.border), StrokeKind::Outside);
    for (width, colour) in [(4.0, Color32::from_black_alpha(120)), (2.0, Color32::WHITE)] {
        painter.line_segment([pos2(x, rect.top()), pos2(x, rect.bottom())], Stroke::new(width, colour));
    }
    painter.circle(pos2(x, rect.center().y), 9.0, tokens.panel, Stroke::new(2.0, Color32::WHITE));
    let font = FontId::proportional(12.0);
    let below = Vec2::new(0.0, 6.0);
    painter.text(rect.left_bottom() + below, Align2::LEFT_TOP, compared.names[0], font.clone(), tokens.text_weak);
    painter.text(rect.right_bottom() + below, Align2::RIGHT_TOP, compared.names[1], font, tokens.text_weak);
    if response.hovered() {
        ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
    }
}
