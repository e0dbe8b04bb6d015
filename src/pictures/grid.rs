//! Many pictures as one, with their labels: what a job of several runs shows.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage, imageops};

use super::resize_bilinear;
use crate::error::{Error, Result};

const MARGIN: u32 = 12;
const GAP: u32 = 8;
const TEXT_PX: f32 = 15.0;
const LINE: u32 = 20;
const SMALLEST_CELL: u32 = 128;
const LONGEST_ROW_LABEL: u32 = 220;
const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const INK: [f32; 3] = [32.0, 33.0, 36.0];

/// A labelled table of pictures.
pub struct Grid<'a> {
    /// A label over each column, or none.
    pub columns: &'a [String],
    /// A label left of each row, or none.
    pub rows: &'a [String],
    /// A label over each picture, or none (instead of `columns`).
    pub captions: &'a [String],
    /// Pictures in a row.
    pub per_row: usize,
    /// Row by row; all of one size.
    pub pictures: &'a [&'a RgbImage],
}

impl Grid<'_> {
    /// The table as one picture; small pictures are magnified by a whole factor, without smoothing.
    pub fn render(&self) -> Result<RgbImage> {
        let first = self.pictures.first().ok_or_else(|| Error::new("a grid without pictures"))?;
        let factor = SMALLEST_CELL.div_ceil(first.width().max(1)).max(1);
        let (cell_w, cell_h) = (first.width() * factor, first.height() * factor);
        let per_row = self.per_row.max(1);
        let row_count = self.pictures.len().div_ceil(per_row) as u32;
        let pen = Pen::new()?;

        let heads: Vec<Vec<String>> = self.columns.iter().map(|label| pen.wrap(label, cell_w)).collect();
        let head_h = heads.iter().map(Vec::len).max().unwrap_or(0) as u32 * LINE;
        let captions: Vec<Vec<String>> = self.captions.iter().map(|label| pen.wrap(label, cell_w)).collect();
        let caption_h = captions.iter().map(Vec::len).max().unwrap_or(0) as u32 * LINE;
        let sides: Vec<Vec<String>> = self.rows.iter().map(|label| pen.wrap(label, LONGEST_ROW_LABEL)).collect();
        let widest = sides.iter().flatten().map(|line| pen.width(line)).max().unwrap_or(0);
        let side_w = if widest == 0 { 0 } else { widest + GAP };

        let width = 2 * MARGIN + side_w + per_row as u32 * (cell_w + GAP) - GAP;
        let height = 2 * MARGIN + head_h + row_count * (caption_h + cell_h + GAP) - GAP;
        let mut sheet = RgbImage::from_pixel(width, height, PAPER);
        let x_of = |column: u32| MARGIN + side_w + column * (cell_w + GAP);
        let y_of = |row: u32| MARGIN + head_h + row * (caption_h + cell_h + GAP) + caption_h;

        for (column, lines) in heads.iter().enumerate() {
            let top = MARGIN + head_h - lines.len() as u32 * LINE;
            pen.write(&mut sheet, lines, x_of(column as u32), top, cell_w);
        }
        for (row, lines) in sides.iter().enumerate() {
            let top = y_of(row as u32) + (cell_h.saturating_sub(lines.len() as u32 * LINE)) / 2;
            pen.write(&mut sheet, lines, MARGIN, top, widest);
        }
        for (index, picture) in self.pictures.iter().enumerate() {
            let (column, row) = ((index % per_row) as u32, (index / per_row) as u32);
            if let Some(lines) = captions.get(index) {
                pen.write(&mut sheet, lines, x_of(column), y_of(row) - lines.len() as u32 * LINE, cell_w);
            }
            let cell = imageops::resize(*picture, cell_w, cell_h, imageops::FilterType::Nearest);
            imageops::replace(&mut sheet, &cell, i64::from(x_of(column)), i64::from(y_of(row)));
        }
        Ok(sheet)
    }
}

/// Pictures of one height in a row, without a gap: the preview of a run of several.
pub fn side_by_side(pictures: &[RgbImage]) -> RgbImage {
    let height = pictures.iter().map(RgbImage::height).max().unwrap_or(0);
    let width = pictures.iter().map(RgbImage::width).sum();
    let mut row = RgbImage::new(width, height);
    let mut x = 0;
    for picture in pictures {
        let same = picture.height() == height;
        let fitted = if same { picture.clone() } else { resize_bilinear(picture, picture.width(), height) };
        imageops::replace(&mut row, &fitted, x, 0);
        x += i64::from(picture.width());
    }
    row
}

/// Writes small text with the font that the window uses.
struct Pen {
    font: FontRef<'static>,
}

impl Pen {
    fn new() -> Result<Self> {
        let font = FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT)
            .map_err(|error| Error::new(format!("cannot read the built-in font ({error})")))?;
        Ok(Self { font })
    }

    fn width(&self, text: &str) -> u32 {
        let font = self.font.as_scaled(PxScale::from(TEXT_PX));
        text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum::<f32>().ceil() as u32
    }

    /// `text` in at most three lines of `width` pixels, broken between words; what does not fit ends in `…`.
    fn wrap(&self, text: &str, width: u32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}")) <= width => *line = format!("{line} {word}"),
                _ => lines.push(word.to_owned()),
            }
        }
        let cut = lines.len() > 3;
        lines.truncate(3);
        let last = lines.len().saturating_sub(1);
        for (index, line) in lines.iter_mut().enumerate() {
            let ends = cut && index == last;
            if ends || self.width(line) > width {
                while self.width(&format!("{line}…")) > width && line.pop().is_some() {}
                line.push('…');
            }
        }
        lines
    }

    /// Lines centred over `width` pixels from (`x`, `y`).
    fn write(&self, sheet: &mut RgbImage, lines: &[String], x: u32, y: u32, width: u32) {
        let font = self.font.as_scaled(PxScale::from(TEXT_PX));
        for (index, line) in lines.iter().enumerate() {
            let mut at = x as f32 + (width.saturating_sub(self.width(line)) / 2) as f32;
            let baseline = (y + index as u32 * LINE) as f32 + font.ascent();
            for c in line.chars() {
                let id = font.glyph_id(c);
                let glyph = id.with_scale_and_position(PxScale::from(TEXT_PX), point(at, baseline));
                at += font.h_advance(id);
                let Some(outline) = self.font.outline_glyph(glyph) else { continue };
                let origin = outline.px_bounds().min;
                outline.draw(|dx, dy, coverage| {
                    let (px, py) = (origin.x as i64 + i64::from(dx), origin.y as i64 + i64::from(dy));
                    let inside = px >= 0 && py >= 0 && px < i64::from(sheet.width()) && py < i64::from(sheet.height());
                    if inside {
                        let pixel = sheet.get_pixel_mut(px as u32, py as u32);
                        for channel in 0..3 {
                            let paper = f32::from(pixel[channel]);
                            pixel[channel] = (paper + (INK[channel] - paper) * coverage.min(1.0)) as u8;
                        }
                    }
                });
            }
        }
    }
}
