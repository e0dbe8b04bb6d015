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
    texture: Option<TextureHandle>,
}

impl SourceView {
    /// The texture, once it is there.
    pub fn texture(&self) -> Option<&TextureHandle> {
        self.texture.as_ref()
    }

    /// Follows the recipe; a file is read by `helper`.
    pub fn follow(&mut self, ctx: &Context, source: Option<&Source>, helper: &Helper) {
        let same = match (&self.of, source) {
            (Some(Source::Held(a)), Some(Source::Held(b))) => Arc::ptr_eq(a, b),
            (Some(Source::Held(_)), _) | (_, Some(Source::Held(_))) => false,
            (a, b) => a.as_ref() == b,
        };
        if same {
            return;
        }
        self.of = source.cloned();
        self.texture = match source {
            Some(Source::Held(pixels)) => Some(texture(ctx, "source", pixels)),
            Some(Source::File(path)) => {
                helper.ask(Request::Picture(path.clone()));
                None
            }
            _ => None,
        };
    }

    /// Takes in a picture that was read, if it is the source.
    pub fn read(&mut self, ctx: &Context, path: &PathBuf, pixels: &RgbImage) {
        if matches!(&self.of, Some(Source::File(of)) if of == path) {
            self.texture = Some(texture(ctx, "source", pixels));
        }
    }
}
