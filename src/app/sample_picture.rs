//! A small picture that looks different whichever way it is turned: what a view or a filter does, seen before anything
//! is generated.

use image::{Rgb, RgbImage};

use crate::pictures::drawing::{Brush, Drawing, Ink, Shape};

/// Its side in pixels.
pub const SIDE: u32 = 64;

/// A house under the sun, with a tree at its left and a path to the right.
pub fn sample_picture() -> RgbImage {
    let sky = RgbImage::from_fn(SIDE, SIDE, |_, y| {
        let part = y as f32 / SIDE as f32;
        Rgb([(120.0 + 90.0 * part) as u8, (176.0 + 50.0 * part) as u8, (236.0 - 20.0 * part) as u8])
    });
    let mut drawing = Drawing::on(&sky);
    let mut fill = |shape: Shape, colour: [u8; 3]| {
        drawing.fill_shape(&shape, Ink::Colour(colour));
    };
    fill(Shape::Rectangle([0.0, 46.0], [64.0, 64.0]), [92, 158, 82]);
    fill(Shape::Lasso(vec![[38.0, 46.0], [46.0, 46.0], [64.0, 64.0], [44.0, 64.0]]), [214, 190, 140]);
    fill(Shape::Rectangle([24.0, 28.0], [46.0, 48.0]), [238, 226, 204]);
    fill(Shape::Lasso(vec![[20.0, 29.0], [35.0, 14.0], [50.0, 29.0]]), [186, 62, 50]);
    fill(Shape::Rectangle([38.0, 36.0], [44.0, 48.0]), [110, 72, 48]);
    fill(Shape::Rectangle([27.0, 33.0], [34.0, 40.0]), [70, 110, 160]);
    fill(Shape::Rectangle([8.0, 34.0], [11.0, 50.0]), [104, 74, 48]);
    let mut dot = |size: f32, colour: [u8; 3], at: [f32; 2]| {
        drawing.begin(Brush { size, softness: 0.0 }, Ink::Colour(colour), at);
        drawing.finish();
    };
    dot(17.0, [44, 112, 60], [9.5, 28.0]);
    dot(11.0, [252, 216, 92], [54.0, 10.0]);
    drawing.picture()
}
