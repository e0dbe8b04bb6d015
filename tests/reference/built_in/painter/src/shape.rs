//! Outlines in the unit square, to be filled: polygons, ellipses, smooth curves, strokes. tiny-skia covers the pixels.

use std::f32::consts::TAU;

use tiny_skia::{FillRule, LineCap, LineJoin, PathBuilder, Stroke, Transform};

use crate::canvas::Mask;
use crate::math::{Vec2, turned, vec2};

#[derive(Clone)]
pub struct Shape(Option<tiny_skia::Path>);

impl Shape {
    pub fn polygon(points: &[Vec2]) -> Shape {
        let mut path = PathBuilder::new();
        lines(&mut path, points);
        path.close();
        Shape(path.finish())
    }

    pub fn rect(left: f32, top: f32, right: f32, bottom: f32) -> Shape {
        Shape::polygon(&[vec2(left, top), vec2(right, top), vec2(right, bottom), vec2(left, bottom)])
    }

    /// Half axes `radii`, turned by `angle` (radians).
    pub fn ellipse(centre: Vec2, radii: Vec2, angle: f32) -> Shape {
        let count = 40;
        let points: Vec<Vec2> = (0..count)
            .map(|k| centre + turned(Vec2::from_angle(TAU * k as f32 / count as f32) * radii, angle))
            .collect();
        Shape::polygon(&points)
    }

    pub fn circle(centre: Vec2, radius: f32) -> Shape {
        Shape::ellipse(centre, vec2(radius, radius), 0.0)
    }

    /// A closed smooth curve through `points` (Catmull-Rom).
    pub fn blob(points: &[Vec2]) -> Shape {
        let mut path = PathBuilder::new();
        let count = points.len();
        let at = |k: usize| points[k % count];
        path.move_to(points[0].x, points[0].y);
        for k in 0..count {
            bend(&mut path, at(k + count - 1), at(k), at(k + 1), at(k + 2));
        }
        path.close();
        Shape(path.finish())
    }

    /// A line through `points`, `width` wide, with round ends.
    pub fn line(points: &[Vec2], width: f32) -> Shape {
        let mut path = PathBuilder::new();
        lines(&mut path, points);
        stroked(path, width)
    }

    /// A smooth line through `points`, `width` wide, with round ends.
    pub fn curve(points: &[Vec2], width: f32) -> Shape {
        let mut path = PathBuilder::new();
        let at = |k: isize| points[k.clamp(0, points.len() as isize - 1) as usize];
        path.move_to(points[0].x, points[0].y);
        for k in 0..points.len() as isize - 1 {
            bend(&mut path, at(k - 1), at(k), at(k + 1), at(k + 2));
        }
        stroked(path, width)
    }

    /// A limb: circles of `radii` along `points`, joined.
    pub fn limb(points: &[Vec2], radii: &[f32]) -> Shape {
        let mut path = PathBuilder::new();
        for k in 0..points.len() - 1 {
            let (a, b, ra, rb) = (points[k], points[k + 1], radii[k], radii[k + 1]);
            let side = (b - a).normalize_or_zero().perp();
            // Turning the way the circles do, lest they cancel where they overlap.
            lines(&mut path, &[a - side * ra, b - side * rb, b + side * rb, a + side * ra]);
            path.close();
        }
        for (centre, radius) in points.iter().zip(radii) {
            path.push_circle(centre.x, centre.y, radius.max(1e-4));
        }
        Shape(path.finish())
    }

    /// All of them at once.
    pub fn together(shapes: &[Shape]) -> Shape {
        let mut path = PathBuilder::new();
        for shape in shapes {
            if let Some(part) = &shape.0 {
                path.push_path(part);
            }
        }
        Shape(path.finish())
    }

    /// Its cover on a canvas of `size` pixels; empty where it lies outside.
    pub fn mask(&self, size: usize) -> Mask {
        let nothing = Mask { left: 0, top: 0, width: 0, height: 0, cover: Vec::new() };
        let Some(path) = self.0.as_ref() else { return nothing };
        let scale = size as f32;
        let bounds = path.bounds();
        let clamp = |v: f32| (v * scale).clamp(0.0, scale);
        let (left, top) = (clamp(bounds.left()).floor() as usize, clamp(bounds.top()).floor() as usize);
        let (right, bottom) = (clamp(bounds.right()).ceil() as usize, clamp(bounds.bottom()).ceil() as usize);
        if right <= left || bottom <= top {
            return nothing;
        }
        let (width, height) = (right - left, bottom - top);
        let Some(mut mask) = tiny_skia::Mask::new(width as u32, height as u32) else { return nothing };
        let place = Transform::from_scale(scale, scale).post_translate(-(left as f32), -(top as f32));
        mask.fill_path(path, FillRule::Winding, true, place);
        let cover = mask.data().iter().map(|&cover| cover as f32 / 255.0).collect();
        Mask { left, top, width, height, cover }
    }
}

fn lines(path: &mut PathBuilder, points: &[Vec2]) {
    path.move_to(points[0].x, points[0].y);
    for point in &points[1..] {
        path.line_to(point.x, point.y);
    }
}

fn bend(path: &mut PathBuilder, before: Vec2, from: Vec2, to: Vec2, after: Vec2) {
    let (a, b) = (from + (to - before) / 6.0, to - (after - from) / 6.0);
    path.cubic_to(a.x, a.y, b.x, b.y, to.x, to.y);
}

fn stroked(path: PathBuilder, width: f32) -> Shape {
    let stroke =
        Stroke { width: width.max(1e-4), line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    Shape(path.finish().and_then(|path| path.stroke(&stroke, 512.0)))
}
