//! Filled shapes: a rectangle between two corners, and whatever a lasso goes round. Edges are smoothed.

use super::{Area, Coverage};

/// What is filled.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Between two opposite corners.
    Rectangle([f32; 2], [f32; 2]),
    /// Inside a closed line; where it crosses itself, even-odd.
    Lasso(Vec<[f32; 2]>),
}

/// Lines of samples in a row of pixels; along a line, coverage is exact.
const SAMPLES: usize = 4;

impl Shape {
    /// What it covers of a drawing of that size.
    pub fn coverage(&self, size: (usize, usize)) -> Option<Coverage> {
        match self {
            Self::Rectangle(a, b) => polygon(&[[a[0], a[1]], [b[0], a[1]], [b[0], b[1]], [a[0], b[1]]], size),
            Self::Lasso(points) => polygon(points, size),
        }
    }
}

fn polygon(points: &[[f32; 2]], size: (usize, usize)) -> Option<Coverage> {
    let fold = |axis: usize, pick: fn(f32, f32) -> f32, from: f32| points.iter().map(|p| p[axis]).fold(from, pick);
    let min = [fold(0, f32::min, f32::INFINITY), fold(1, f32::min, f32::INFINITY)];
    let max = [fold(0, f32::max, f32::NEG_INFINITY), fold(1, f32::max, f32::NEG_INFINITY)];
    let area = Area::around(min, max, size).filter(|_| points.len() > 2)?;
    let mut values = Vec::with_capacity(area.len());
    let mut row = vec![0.0_f32; area.width];
    for y in area.y..area.y + area.height {
        row.fill(0.0);
        for sample in 0..SAMPLES {
            let level = y as f32 + (sample as f32 + 0.5) / SAMPLES as f32;
            for pair in crossings(points, level).chunks_exact(2) {
                add_span(&mut row, pair[0] - area.x as f32, pair[1] - area.x as f32);
            }
        }
        values.extend(row.iter().map(|&covered| (covered * 255.0 / SAMPLES as f32).round().min(255.0) as u8));
    }
    Some(Coverage { area, values })
}

/// Where the closed line crosses a height, from left to right.
fn crossings(points: &[[f32; 2]], level: f32) -> Vec<f32> {
    let next = points.iter().cycle().skip(1);
    let mut found: Vec<f32> = points
        .iter()
        .zip(next)
        .filter(|(a, b)| (a[1] <= level) != (b[1] <= level))
        .map(|(a, b)| a[0] + (level - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
        .collect();
    found.sort_by(f32::total_cmp);
    found
}

/// Adds what a span from `left` to `right` covers of each pixel.
fn add_span(row: &mut [f32], left: f32, right: f32) {
    let (left, right) = (left.max(0.0), right.min(row.len() as f32));
    if right <= left {
        return;
    }
    let (first, last) = (left as usize, (right.ceil() as usize).min(row.len()));
    for (x, covered) in row.iter_mut().enumerate().take(last).skip(first) {
        *covered += (right.min(x as f32 + 1.0) - left.max(x as f32)).max(0.0);
    }
}
