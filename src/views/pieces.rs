//! Drawing a picture cut in pieces, each on its own way: turned, shrunk, glided.

use image::RgbImage;

use super::frame::{BACKGROUND, sample, turned};

/// Where a piece is drawn: its origin's place, clockwise radians about it, and its size.
pub(super) struct Placement {
    pub at: (f64, f64),
    pub turn: f64,
    pub scale: f64,
}

/// A square of pixels cut into pieces.
pub(super) struct Pieces {
    size: usize,
    /// Each pixel's piece, row by row.
    labels: Vec<usize>,
    /// The point of each piece that a placement puts down.
    origins: Vec<(f64, f64)>,
    /// Each piece's first and last pixel, (left, top, right, bottom).
    boxes: Vec<(usize, usize, usize, usize)>,
}

impl Pieces {
    /// Pixel (x, y) belongs to piece `label(x, y)`, an index into `origins`.
    pub fn new(size: usize, origins: Vec<(f64, f64)>, label: impl Fn(usize, usize) -> usize) -> Self {
        let labels: Vec<usize> = (0..size * size).map(|at| label(at % size, at / size)).collect();
        let mut boxes = vec![(usize::MAX, usize::MAX, 0, 0); origins.len()];
        for (at, &piece) in labels.iter().enumerate() {
            let (x, y) = (at % size, at / size);
            let (left, top, right, bottom) = boxes[piece];
            boxes[piece] = (left.min(x), top.min(y), right.max(x), bottom.max(y));
        }
        Self { size, labels, origins, boxes }
    }

    /// Where piece `piece` is before it moves.
    pub fn origin(&self, piece: usize) -> (f64, f64) {
        self.origins[piece]
    }

    /// The pieces of `picture` where `placement` puts them, the last on top.
    pub fn draw(&self, picture: &RgbImage, placement: impl Fn(usize) -> Placement) -> RgbImage {
        let mut canvas = RgbImage::from_pixel(picture.width(), picture.height(), BACKGROUND);
        for piece in 0..self.origins.len() {
            self.draw_piece(&mut canvas, picture, piece, &placement(piece));
        }
        canvas
    }

    fn draw_piece(&self, canvas: &mut RgbImage, picture: &RgbImage, piece: usize, placement: &Placement) {
        let Placement { at, turn, scale } = *placement;
        let origin = self.origins[piece];
        let (left, top, right, bottom) = self.boxes[piece];
        if left > right {
            return;
        }
        let (left, top) = (left as f64 - 0.5, top as f64 - 0.5);
        let (right, bottom) = (right as f64 + 0.5, bottom as f64 + 0.5);
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)]
            .map(|(x, y)| turned((at.0 + (x - origin.0) * scale, at.1 + (y - origin.1) * scale), at, turn));
        let last = self.size as f64 - 1.0;
        let span = |values: [f64; 4]| {
            let low = values.into_iter().fold(f64::INFINITY, f64::min).floor().clamp(0.0, last);
            let high = values.into_iter().fold(f64::NEG_INFINITY, f64::max).ceil().clamp(0.0, last);
            low as u32..=high as u32
        };
        for y in span(corners.map(|corner| corner.1)) {
            for x in span(corners.map(|corner| corner.0)) {
                let (dx, dy) = turned((f64::from(x), f64::from(y)), at, -turn);
                let from = (origin.0 + (dx - at.0) / scale, origin.1 + (dy - at.1) / scale);
                let nearest = (from.0.round(), from.1.round());
                let inside = [nearest.0, nearest.1].iter().all(|v| (0.0..=last).contains(v));
                if !inside || self.labels[nearest.1 as usize * self.size + nearest.0 as usize] != piece {
                    continue;
                }
                // A piece that only glides keeps its pixels: between them there may be other pieces' colours.
                let from = if turn == 0.0 { nearest } else { from };
                if let Some(colour) = sample(picture, from.0, from.1) {
                    canvas.put_pixel(x, y, colour);
                }
            }
        }
    }
}

/// `amount` of the way from one place to another, along a straight line.
pub(super) fn glide(from: (f64, f64), to: (f64, f64), amount: f64) -> (f64, f64) {
    (from.0 + (to.0 - from.0) * amount, from.1 + (to.1 - from.1) * amount)
}
