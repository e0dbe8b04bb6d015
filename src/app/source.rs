//! The source picture of the open panel as a texture, read once for each recipe's source.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, TextureHandle};
use image::RgbImage;

use super::helper::{Helper, Request};
use super::pixels::texture;
use crate::experiments::Source;

/// The picture that is shown, and of what it is.
#[derive(Default)]
pub struct SourceView {
    of: Option<Source>,
    pixels: Option<Arc<RgbImage>>,
    texture: Option<TextureHandle>,
}

impl SourceView {
    /// The texture, once it is there.
    pub fn texture(&self) -> Option<&TextureHandle> {
        self.texture.as_ref()
    }

    /// Follows the recipe; a file is read by `helper`.
    pub fn follow(&mut self, source: Option<&Source>, helper: &Helper) {
        let same = match (&self.of, source) {
            (Some(Source::Held(a)), Some(Source::Held(b))) => Arc::ptr_eq(a, b),
            (Some(Source::Held(_)), _) | (_, Some(Source::Held(_))) => false,
            (a, b) => a.as_ref() == b,
        };
        if same {
            return;
        }
        self.of = source.cloned();
        (self.pixels, self.texture) = (None, None);
        match source {
            Some(Source::Held(pixels)) => self.show(Arc::clone(pixels), helper),
            Some(Source::File(path)) => helper.ask(Request::Picture(path.clone())),
            _ => {}
        }
    }

    /// Takes in a picture that was read, if it is the source.
    pub fn read(&mut self, path: &PathBuf, pixels: &Arc<RgbImage>, helper: &Helper) {
        if matches!(&self.of, Some(Source::File(of)) if of == path) {
            self.show(Arc::clone(pixels), helper);
        }
    }

    fn show(&mut self, pixels: Arc<RgbImage>, helper: &Helper) {
        self.pixels = Some(Arc::clone(&pixels));
        helper.ask(Request::Shrink(pixels));
    }

    /// Takes in a small copy, if it is the source's.
    pub fn shrunk(&mut self, ctx: &Context, pixels: &Arc<RgbImage>, small: &RgbImage) {
        if self.pixels.as_ref().is_some_and(|mine| Arc::ptr_eq(mine, pixels)) {
            self.texture = Some(texture(ctx, "source", small));
            self.pixels = None;
        }
    }
}
