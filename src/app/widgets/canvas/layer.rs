//! A texture that follows pixels: whole once, then only the rectangle that changed.

use egui::{Color32, ColorImage, Context, TextureHandle, TextureId};

use crate::app::pixels::PIXELS;
use crate::pictures::drawing::Area;

/// A texture and the size of what it shows.
#[derive(Default)]
pub struct Layer {
    texture: Option<TextureHandle>,
}

impl Layer {
    /// Shows `pixel(index)` for every pixel of `area`; all of them where the size is new.
    pub fn update(
        &mut self,
        ctx: &Context,
        (width, height): (usize, usize),
        area: Option<Area>,
        pixel: impl Fn(usize) -> Color32,
    ) {
        let fits = self.texture.as_ref().is_some_and(|texture| texture.size() == [width, height]);
        let whole = Area::whole(width, height);
        let area = if fits { area } else { Some(whole) };
        let Some(area) = area else { return };
        let pixels = area.rows(width).flatten().map(pixel).collect();
        let image = ColorImage::new([area.width, area.height], pixels);
        match &mut self.texture {
            Some(texture) if fits => texture.set_partial([area.x, area.y], image, PIXELS),
            texture => *texture = Some(ctx.load_texture("layer", image, PIXELS)),
        }
    }

    /// The texture, once there is one.
    pub fn id(&self) -> Option<TextureId> {
        self.texture.as_ref().map(TextureHandle::id)
    }
}
