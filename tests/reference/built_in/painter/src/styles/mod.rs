//! Six styles, by how they are made. Each takes a finished canvas and paints it anew at the canvas's own size.

mod cartoon;
mod contours;
mod field;
mod grain;
mod hatching;
mod lithograph;
mod oil;
mod pencil;
mod photo;
mod strokes;
mod watercolour;

use crate::canvas::Canvas;
use crate::random::Rng;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    Photo,
    Oil,
    Lithograph,
    Pencil,
    Watercolour,
    Cartoon,
}

impl Style {
    pub const ALL: [Style; 6] =
        [Style::Photo, Style::Oil, Style::Lithograph, Style::Pencil, Style::Watercolour, Style::Cartoon];

    /// Its share of the pictures where a subject does not say otherwise, in the order of `ALL`.
    pub const SHARES: [f32; 6] = [0.4, 0.26, 0.12, 0.07, 0.08, 0.07];

    pub fn apply(self, canvas: &mut Canvas, random: &mut Rng) {
        match self {
            Style::Photo => photo::apply(canvas, random),
            Style::Oil => oil::apply(canvas, random),
            Style::Lithograph => lithograph::apply(canvas, random),
            Style::Pencil => pencil::apply(canvas, random),
            Style::Watercolour => watercolour::apply(canvas, random),
            Style::Cartoon => cartoon::apply(canvas, random),
        }
    }

    /// What stands before the subject in a caption; the first is what people say most.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Style::Photo => &["a photo of", "a photograph of"],
            Style::Oil => &["an oil painting of", "a painting of"],
            Style::Lithograph => &["a lithograph of", "a lithographic print of"],
            Style::Pencil => &["a pencil sketch of", "a pencil drawing of"],
            Style::Watercolour => &["a watercolor of", "a watercolor painting of"],
            Style::Cartoon => &["a cartoon of", "a drawing of"],
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Style::Photo => "photo",
            Style::Oil => "oil",
            Style::Lithograph => "lithograph",
            Style::Pencil => "pencil",
            Style::Watercolour => "watercolour",
            Style::Cartoon => "cartoon",
        }
    }
}
