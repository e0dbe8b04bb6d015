//! Two pictures under one divider: a result and its source, or two pictures of the gallery.

use std::sync::Arc;

use egui::{Context, TextureHandle};
use image::RgbImage;

use super::Viewer;
use crate::app::pixels::texture;
use crate::app::shared::Shared;
use crate::app::widgets::toasts::Tone;
use crate::app::widgets::view::View;
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

impl Viewer {
    /// Compares the shown picture, or ends it.
    pub fn compare(&mut self, ctx: &Context, shared: &mut Shared) {
        if self.compared.take().is_some() {
            return;
        }
        let Some(current) = self.current(&shared.queue.jobs) else { return };
        let side = current.pixels.width().min(current.pixels.height());
        let source = current.recipe.as_ref().and_then(|recipe| recipe.harmless().source.image.clone());
        // A file would have to be read; what the run used is here.
        let source = source.filter(|source| matches!(source, Source::Held(_) | Source::Fitted(_)));
        let source = source.and_then(|source| source.at(side as usize).ok()).map(Arc::new);
        let earlier = self.earlier.clone().filter(|earlier| !Arc::ptr_eq(earlier, &current.pixels));
        let (before, name): (Arc<RgbImage>, _) = match (source, earlier) {
            (Some(source), _) => (source, "source"),
            (None, Some(earlier)) => (earlier, "shown before"),
            (None, None) => {
                shared.toasts.tell(Tone::Note, "look at another picture first, then compare this one with it");
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
}
