//! The plane drawn: where points belong, the score as arrows, the points of a step with the way that some of them came,
//! and under the pointer where one point is taken to end.

use egui::{Color32, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::walk::{Cloud, RING, Settings, mixture};
use crate::app::explain::{self, Symbol};
use crate::app::theme::{RADIUS, tokens};

/// Half of the plane's side.
const REACH: f32 = 2.6;
/// Arrows in a row.
const ARROWS: usize = 15;
/// Points whose way is drawn.
const WAYS: usize = 24;

/// Draws step `at` of `clouds` in a square of that side.
pub fn plane(ui: &mut Ui, side: f32, clouds: &[Cloud], at: usize, settings: &Settings) {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Points in the plane"));
    let tokens = tokens(ui);
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect(rect, RADIUS, tokens.stage, Stroke::new(1.0, tokens.border), StrokeKind::Inside);
    let scale = side / (2.0 * REACH);
    let place = |point: [f32; 2]| rect.center() + vec2(point[0], -point[1]) * scale;
    let mixture = mixture();
    for (class, means) in mixture.classes.iter().enumerate() {
        let colour = [tokens.accent_text, tokens.warning][class % 2].gamma_multiply(0.22);
        for mean in means {
            painter.circle_filled(place(*mean), 2.0 * mixture.deviation * scale, colour);
        }
    }
    let Some(cloud) = clouds.get(at) else { return };
    // Between the score of all points and the ring's, as far as γ goes.
    let guided = |x: [f32; 2]| {
        let [all, ring] = [0, RING].map(|text| mixture.score(x, cloud.alpha_prod, text));
        [0, 1].map(|axis| all[axis] + settings.guidance * (ring[axis] - all[axis]))
    };
    if cloud.alpha_prod < 1.0 {
        arrows(&painter, rect, tokens.text_faint, &place, guided);
    }
    for point in 0..WAYS.min(cloud.x.len()) {
        let way: Vec<Pos2> = clouds[..=at].iter().map(|cloud| place(cloud.x[point])).collect();
        painter.line(way, Stroke::new(1.0, tokens.accent_text.gamma_multiply(0.5)));
    }
    let marked = explain::is_marked(ui.ctx(), Symbol::Sample);
    for point in &cloud.x {
        painter.circle_filled(place(*point), if marked { 3.0 } else { 2.0 }, tokens.text);
    }
    if let Some(pointer) = response.hover_pos() {
        let distance = |point: &[f32; 2]| place(*point).distance(pointer);
        let nearest = (0..cloud.x.len()).min_by(|a, b| distance(&cloud.x[*a]).total_cmp(&distance(&cloud.x[*b])));
        let Some(nearest) = nearest.filter(|nearest| distance(&cloud.x[*nearest]) < 14.0) else { return };
        let (from, to) = (place(cloud.x[nearest]), place(cloud.original[nearest]));
        painter.line_segment([from, to], Stroke::new(1.5, tokens.success));
        painter.circle_stroke(to, 4.0, Stroke::new(1.5, tokens.success));
        explain::mark(ui.ctx(), Symbol::Estimate);
        response.on_hover_text_at_pointer("x, and where the network takes it to end: x̂₀");
    }
}

/// The score on a grid; long arrows are cut to the grid's width.
fn arrows(
    painter: &egui::Painter,
    rect: Rect,
    colour: Color32,
    place: &dyn Fn([f32; 2]) -> Pos2,
    score: impl Fn([f32; 2]) -> [f32; 2],
) {
    let cell = rect.width() / ARROWS as f32;
    for number in 0..ARROWS * ARROWS {
        let across = |part: usize| ((part as f32 + 0.5) / ARROWS as f32 * 2.0 - 1.0) * REACH;
        let x = [across(number % ARROWS), across(number / ARROWS)];
        let slope = score(x);
        let size = slope[0].hypot(slope[1]);
        if size < 1e-4 {
            continue;
        }
        let length = cell * 0.75 * (size / (1.0 + size));
        let from = place(x);
        let tip = from + vec2(slope[0], -slope[1]) / size * length;
        let stroke = Stroke::new(1.0, colour.gamma_multiply(0.55));
        painter.line_segment([from, tip], stroke);
        let back = (from - tip).normalized() * 3.0;
        for turn in [0.5_f32, -0.5] {
            let side = vec2(back.x * turn.cos() - back.y * turn.sin(), back.x * turn.sin() + back.y * turn.cos());
            painter.line_segment([tip, pos2(tip.x + side.x, tip.y + side.y)], stroke);
        }
    }
}
