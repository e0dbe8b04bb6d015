//! The source picture of the open panel: as a texture for its form, and as a square of any side for a workspace. Each is
//! made once for each source, in the background.

use std::sync::Arc;

use egui::{Context, TextureHandle};
use image::RgbImage;

use crate::app::background::{Background, Pending};
use crate::app::pixels::{shrink, texture};
use crate::app::widgets::source::Offered;
use crate::error::{Error, Result};
use crate::experiments::Source;
use crate::pictures::{self, BUILT_IN, built_in, fit_square};

/// Pixels a side of a picture that is offered.
const OFFERED: u32 = 64;
/// Longest side of the picture in its form, in pixels.
const SHOWN: u32 = 512;

/// The picture as a square.
enum Square {
    Asked(Pending<RgbImage>),
    Here(Arc<RgbImage>),
    Failed,
}

/// The picture that is shown, and of what it is.
#[derive(Default)]
pub struct SourceView {
    of: Option<Source>,
    pixels: Option<Arc<RgbImage>>,
    texture: Option<TextureHandle>,
    reading: Option<Pending<RgbImage>>,
    shrinking: Option<Pending<RgbImage>>,
    /// By their sides.
    squares: Vec<(u32, Square)>,
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
    pub fn square(&mut self, side: u32, background: &Background) -> Option<Arc<RgbImage>> {
        let pixels = self.pixels.as_ref()?;
        if pixels.dimensions() == (side, side) {
            return Some(Arc::clone(pixels));
        }
        match self.squares.iter().find(|(known, _)| *known == side) {
            Some((_, Square::Here(square))) => return Some(Arc::clone(square)),
            Some((_, Square::Asked(_) | Square::Failed)) => return None,
            None => {}
        }
        let asked = self.resized(pixels, background, move |pixels| fit_square(pixels, side));
        self.squares.push((side, Square::Asked(asked)));
        None
    }

    /// The picture to be looked at under a canvas of that side: a small square one as it is, pixel for pixel.
    pub fn crisp(&mut self, side: u32, background: &Background) -> Option<Arc<RgbImage>> {
        let pixels = self.pixels.as_ref()?;
        if pixels.width() == pixels.height() && pixels.width() < side {
            return Some(Arc::clone(pixels));
        }
        self.square(side, background)
    }

    /// Follows the recipe; a file is read in the background.
    pub fn follow(&mut self, source: Option<&Source>, background: &Background) {
        if same(self.of.as_ref(), source) {
            return;
        }
        // After a stroke the old picture stays until the new one is there.
        let texture = self.texture.take().filter(|_| matches!(source, Some(Source::Held(_))));
        let offered = std::mem::take(&mut self.offered);
        *self = Self { of: source.cloned(), texture, offered, ..Self::default() };
        match source {
            Some(Source::Held(pixels)) => self.show(Arc::clone(pixels), background),
            Some(Source::Fitted(sizes)) => {
                if let Some(largest) = sizes.first() {
                    self.show(Arc::new(largest.clone()), background);
                }
            }
            Some(Source::File(path)) => {
                let (name, path) = (format!("reading {}", path.display()), path.clone());
                self.reading = Some(background.run_opening(true, name, move || pictures::load(&path)));
            }
            // Small, and in memory already. A name that there is not is said when it is run.
            Some(source @ Source::BuiltIn(_)) => {
                if let Ok(pixels) = source.load() {
                    self.show(pixels, background);
                }
            }
            Some(Source::Carried(_)) | None => {}
        }
    }

    /// Takes in what was read and resized; what went wrong.
    pub fn poll(&mut self, ctx: &Context, background: &Background) -> Result<()> {
        match Pending::take_from(&mut self.reading) {
            Some(Ok(pixels)) => self.show(Arc::new(pixels), background),
            // While a path is being typed, it is no file yet.
            Some(Err(error)) if !error.is_missing() => return Err(error),
            Some(Err(_)) | None => {}
        }
        if let Some(small) = Pending::take_from(&mut self.shrinking).transpose()? {
            self.texture = Some(texture(ctx, "source", &small));
        }
        let mut wrong: Option<Error> = None;
        for (_, square) in &mut self.squares {
            if let Square::Asked(pending) = square
                && let Some(answer) = pending.take()
            {
                *square = match answer {
                    Ok(pixels) => Square::Here(Arc::new(pixels)),
                    Err(error) => {
                        wrong = Some(error);
                        Square::Failed
                    }
                };
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    fn show(&mut self, pixels: Arc<RgbImage>, background: &Background) {
        self.shrinking = Some(self.resized(&pixels, background, |pixels| shrink(pixels, SHOWN)));
        self.pixels = Some(pixels);
    }

    /// A file's pixels may be what ends the program; those that are painted here are written at every stroke.
    fn resized(
        &self,
        pixels: &Arc<RgbImage>,
        background: &Background,
        resize: impl FnOnce(&RgbImage) -> RgbImage + Send + 'static,
    ) -> Pending<RgbImage> {
        let (is_file, pixels) = (matches!(self.of, Some(Source::File(_))), Arc::clone(pixels));
        background.run_opening(is_file, "resizing a picture", move || Ok(resize(&pixels)))
    }
}
