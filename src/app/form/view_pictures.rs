//! The sample picture as each view shows it, made once for each view and its parameters.

use std::collections::HashMap;
use std::time::Instant;

use egui::{Context, TextureHandle};
use image::RgbImage;

use crate::app::pixels::{PIXELS, colour_image};
use crate::pictures::{built_in, fit_square};
use crate::views::ViewSpec;

/// What is shown: a drawing that looks different whichever way it is turned, at so many pixels a side.
const SHOWN: &str = "drawing";
const SIDE: usize = 64;

/// How long a view takes to turn, in seconds.
pub const TURN: f64 = 0.9;

/// Pictures by the view's text.
#[derive(Default)]
pub struct ViewPictures {
    sample: Option<RgbImage>,
    turned: HashMap<String, TextureHandle>,
    turning: Option<(String, Instant, TextureHandle)>,
}

/// 0 to 1, slow at both ends.
pub fn eased(part: f64) -> f64 {
    (1.0 - (std::f64::consts::PI * part.clamp(0.0, 1.0)).cos()) / 2.0
}

impl ViewPictures {
    /// The sample as `spec` shows it; while the pointer is on it, turning there and back.
    pub fn picture(&mut self, ctx: &Context, spec: &ViewSpec, hovered: bool) -> Option<&TextureHandle> {
        let key = spec.to_string();
        if self.sample.is_none() {
            self.sample = Some(fit_square(&built_in(SHOWN).ok()?, SIDE as u32));
        }
        let sample = self.sample.as_ref()?;
        if hovered {
            let view = spec.at(SIDE, SIDE).ok()?;
            let fresh = self.turning.as_ref().is_none_or(|(known, ..)| *known != key);
            if fresh {
                let handle = ctx.load_texture("turning", colour_image(sample), PIXELS);
                self.turning = Some((key, Instant::now(), handle));
            }
            let (_, since, handle) = self.turning.as_mut()?;
            let part = since.elapsed().as_secs_f64() / TURN % 3.0;
            let amount = if part < 1.0 { part } else { (2.0 - part).max(0.0) };
            handle.set(colour_image(&view.frame(sample, eased(amount)).ok()?), PIXELS);
            ctx.request_repaint_after(std::time::Duration::from_millis(33));
            return Some(handle);
        }
        if self.turning.as_ref().is_some_and(|(known, ..)| *known == key) {
            self.turning = None;
        }
        if self.turned.len() > 200 {
            self.turned.clear();
        }
        if !self.turned.contains_key(&key) {
            let seen = spec.at(SIDE, SIDE).and_then(|view| view.frame(sample, 1.0)).ok()?;
            self.turned.insert(key.clone(), ctx.load_texture("view", colour_image(&seen), PIXELS));
        }
        self.turned.get(&key)
    }
}
