//! Two pictures under one divider: a result and its source, or two pictures of the gallery.

use std::sync::Arc;

use egui::{Context, TextureHandle};
use image::RgbImage;

use super::draft::Draft;
use super::lab::Lab;
use super::pixels::texture;
use super::sheets::Sheet;
use super::stage::View;
use super::widgets::toasts::Tone;
use crate::experiments::Source;

/// What is compared.
pub struct Compared {
    /// Left of the divider.
    pub before: TextureHandle,
    /// Right of it.
    pub after: TextureHandle,
    /// What they are.
    pub names: [&'static str; 2],
    /// Where the divider is, 0 to 1.
    pub split: f32,
    /// Zoom and pan.
    pub view: View,
}

impl Lab {
    /// Compares the shown picture, or ends it.
    pub fn compare(&mut self, ctx: &Context) {
        if self.compared.take().is_some() {
            return;
        }
        let Some(current) = self.current() else { return };
        let side = current.pixels.width().min(current.pixels.height());
        let source = current.recipe.as_ref().and_then(|recipe| recipe.image.clone());
        // A file would have to be read; what the run used is here.
        let source = source.filter(|source| matches!(source, Source::Held(_) | Source::Fitted(_)));
        let source = source.and_then(|source| source.at(side as usize).ok()).map(Arc::new);
        let earlier = self.earlier.clone().filter(|earlier| !Arc::ptr_eq(earlier, &current.pixels));
        let (before, name): (Arc<RgbImage>, _) = match (source, earlier) {
            (Some(source), _) => (source, "source"),
            (None, Some(earlier)) => (earlier, "shown before"),
            (None, None) => {
                self.toasts.tell(Tone::Note, "look at another picture first, then compare this one with it");
                return;
            }
        };
        self.compared = Some(Compared {
            before: texture(ctx, "before", &before),
            after: texture(ctx, "after", &current.pixels),
            names: [name, "this picture"],
            split: 0.5,
            view: View::Fit,
        });
    }

    /// Opens a page of the starred pictures, oldest first; of the shown one where none is starred.
    pub fn open_page(&mut self) {
        let mut paths: Vec<_> =
            self.gallery.paths.iter().rev().filter(|path| self.gallery.is_starred(path)).cloned().collect();
        if paths.is_empty() {
            let shown = self.current().and_then(|current| current.path);
            paths.extend(shown.or_else(|| self.gallery.paths.first().cloned()));
        }
        self.sheet = Some(Sheet::page(Draft::new(paths, &self.session.captions)));
    }

    /// Marks the shown picture as a favourite, or not any more.
    pub fn star(&mut self) {
        let Some(path) = self.current().and_then(|current| current.path) else { return };
        if let Err(error) = self.gallery.star(&path) {
            self.toasts.tell(Tone::Failed, error.to_string());
        }
    }
}
