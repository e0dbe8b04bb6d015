//! What the hand is about to do, drawn so that it is seen on any picture: a dark line with a light one on it.

use egui::{Color32, Pos2, Rect, Stroke, StrokeKind};

use super::Placed;
use super::gesture::Gesture;

const DARK: Stroke = Stroke { width: 3.0, color: Color32::from_black_alpha(150) };
const LIGHT: Stroke = Stroke { width: 1.2, color: Color32::WHITE };

/// The brush at its true size; a cross marks the middle of a small one.
pub fn ring(placed: &Placed, pointer: Pos2, size: f32) {
    let radius = (size / 2.0 * placed.zoom).max(1.5);
    for stroke in [DARK, LIGHT] {
        placed.painter.circle_stroke(pointer, radius, stroke);
    }
    if radius < 4.0 {
        for stroke in [DARK, LIGHT] {
            for way in [egui::vec2(1.0, 0.0), egui::vec2(-1.0, 0.0), egui::vec2(0.0, 1.0), egui::vec2(0.0, -1.0)] {
                placed.painter.line_segment([pointer + way * 6.0, pointer + way * 10.0], stroke);
            }
        }
    }
}

/// A rectangle or a lasso that is being drawn up.
pub fn gesture(placed: &Placed, gesture: &Gesture) {
    match gesture {
        Gesture::Rectangle(from, to, _) => {
            let rect = Rect::from_two_pos(placed.screen_from_image(*from), placed.screen_from_image(*to));
            for stroke in [DARK, LIGHT] {
                placed.painter.rect_stroke(rect, 0.0, stroke, StrokeKind::Middle);
            }
        }
        Gesture::Lasso(points, _) => {
            let line: Vec<Pos2> = points.iter().map(|point| placed.screen_from_image(*point)).collect();
            for stroke in [DARK, LIGHT] {
                placed.painter.line(line.clone(), stroke);
            }
        }
        Gesture::Rest | Gesture::Stroke | Gesture::Pan => {}
    }
}
