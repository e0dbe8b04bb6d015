//! The source picture of the open panel: as a texture for its form, and as a square of any side for a bench. Each is
//! made once for each source, by the helper.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, TextureHandle};
use image::RgbImage;

use super::helper::{Helper, Request};
use super::pixels::texture;
use super::widgets::source::Offered;
use crate::experiments::Source;
use crate::pictures::{BUILT_IN, built_in, fit_square};

/// Pixels a side of a picture that is offered.
const OFFERED: u32 = 64;

/// The picture that is shown, and of what it is.
#[derive(Default)]
pub struct SourceView {
    of: Option<Source>,
    pixels: Option<Arc<RgbImage>>,
    texture: Option<TextureHandle>,
    squares: Vec<(u32, Option<Arc<RgbImage>>)>,
    offered: Vec<Offered>,
}

/// Whether two sources are the same, without a look at their pixels.
pub fn same(a: Option<&Source>, b: Option<&Source>) -> bool {
    match (a, b) {
        (Some(Source::Held(a)), Some(Source::Held(b))) => Arc::ptr_eq(a, b),
        (Some(Source::Fitted(a)), Some(Source::Fitted(b))) => Arc::ptr_eq(a, b),
        (Some(Source::File(a)), Some(Source::File(b))) => a == b,
        (Some(Source::BuiltIn(a)), Some(Source::BuiltIn(b))) => a == b,
        (Some(Source::Carried(a)), Some(Source::Carried(b))) => a == b,
        (None, None) => true,
        _ => false,
    }
}

impl SourceView {
    /// The texture, once it is there.
    pub fn texture(&self) -> Option<&TextureHandle> {
        self.texture.as_ref()
    }

    /// Makes the next of the pictures that come along ready to be offered; one a frame, so that no frame is long.
    pub fn offer(&mut self, ctx: &Context) {
        let Some(next) = BUILT_IN.get(self.offered.len()) else { return };
        if let Ok(pixels) = built_in(next.name) {
            let texture = texture(ctx, next.name, &fit_square(&pixels, OFFERED));
            let path = Source::BuiltIn(next.name.to_owned()).name().unwrap_or_default();
            self.offered.push(Offered { name: next.name, path, sentence: next.sentence, texture });
            ctx.request_repaint();
        }
    }

    /// The pictures that come along, those that are ready.
    pub fn offered(&self) -> &[Offered] {
        &self.offered
    }

    /// The picture as a square of that side, once it is there; asked for where it is not.
    pub fn square(&mut self, side: u32, helper: &Helper) -> Option<Arc<RgbImage>> {
        let pixels = self.pixels.as_ref()?;
        if pixels.dimensions() == (side, side) {
            return Some(Arc::clone(pixels));
        }
        if let Some((_, square)) = self.squares.iter().find(|(known, _)| *known == side) {
            return square.clone();
        }
        self.squares.push((side, None));
        self.ask(Request::Square(Arc::clone(pixels), side), helper);
        None
    }

    /// The picture to be looked at under a canvas of that side: a small square one as it is, pixel for pixel.
    pub fn crisp(&mut self, side: u32, helper: &Helper) -> Option<Arc<RgbImage>> {
        let pixels = self.pixels.as_ref()?;
        if pixels.width() == pixels.height() && pixels.width() < side {
            return Some(Arc::clone(pixels));
        }
        self.square(side, helper)
    }

    /// Follows the recipe; a file is read by `helper`.
    pub fn follow(&mut self, source: Option<&Source>, helper: &Helper) {
        if same(self.of.as_ref(), source) {
            return;
        }
        // After a stroke the old picture stays until the new one is there.
        let texture = self.texture.take().filter(|_| matches!(source, Some(Source::Held(_))));
        let offered = std::mem::take(&mut self.offered);
        *self = Self { of: source.cloned(), texture, offered, ..Self::default() };
        match source {
            Some(Source::Held(pixels)) => self.show(Arc::clone(pixels), helper),
            Some(Source::Fitted(sizes)) => {
                if let Some(largest) = sizes.first() {
                    self.show(Arc::new(largest.clone()), helper);
                }
            }
            Some(Source::File(path)) => helper.ask_source(Request::Picture(path.clone())),
            // Small, and in memory already. A name that there is not is said when it is run.
            Some(source @ Source::BuiltIn(_)) => {
                if let Ok(pixels) = source.load() {
                    self.show(pixels, helper);
                }
            }
            Some(Source::Carried(_)) | None => {}
        }
    }

    /// Takes in a picture that was read, if it is the source.
    pub fn read(&mut self, path: &PathBuf, pixels: &Arc<RgbImage>, helper: &Helper) {
        if self.pixels.is_none() && matches!(&self.of, Some(Source::File(of)) if of == path) {
            self.show(Arc::clone(pixels), helper);
        }
    }

    /// A file's pixels may be what ends the program; those that are painted here are written at every stroke.
    fn ask(&self, request: Request, helper: &Helper) {
        match self.of {
            Some(Source::File(_)) => helper.ask_source(request),
            _ => helper.ask(request),
        }
    }

    fn show(&mut self, pixels: Arc<RgbImage>, helper: &Helper) {
        self.pixels = Some(Arc::clone(&pixels));
        self.ask(Request::Shrink(pixels), helper);
    }

    /// Takes in a small copy, if it is the source's.
    pub fn shrunk(&mut self, ctx: &Context, pixels: &Arc<RgbImage>, small: &RgbImage) {
        if self.is_of(pixels) {
            self.texture = Some(texture(ctx, "source", small));
        }
    }

    /// Takes in a square, if it is the source's.
    pub fn squared(&mut self, pixels: &Arc<RgbImage>, square: RgbImage) {
        if self.is_of(pixels)
            && let Some(entry) = self.squares.iter_mut().find(|(side, _)| *side == square.width())
        {
            entry.1 = Some(Arc::new(square));
        }
    }

    fn is_of(&self, pixels: &Arc<RgbImage>) -> bool {
        self.pixels.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, pixels))
    }
}
