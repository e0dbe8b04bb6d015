//! A picture at any noise: every value of t has a handle on the schedule's curve, and its x_t is shown while the
//! handle moves. Beside it, for `denoise`, what a blur makes of it at once, and what the network makes of it in one
//! step and in many as soon as the hand lets go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::{Device, Tensor};
use egui::{Context, TextureHandle, Ui, UiBuilder};
use image::RgbImage;

use super::around::Around;
use super::curve::{Curve, Moved};
use crate::app::pixels::{PIXELS, colour_image};
use crate::app::theme::{GAP, tokens};
use crate::app::widgets::note;
use crate::app::widgets::tiles::{Tile, tiles};
use crate::diffusion::forward::forward;
use crate::error::Result;
use crate::experiments::Recipe;
use crate::models::Codec;
use crate::pictures::{psnr, ssim};
use crate::tensors::{Generators, gaussian_blur};
use crate::worker::JobId;

/// At most so many values of t are noised live.
const MOST: usize = 12;
/// The network is asked once nothing moved for so long.
const STILL: Duration = Duration::from_millis(150);

/// A picture with its measures against the clean one.
struct Shown {
    texture: TextureHandle,
    caption: String,
}

/// What the pictures were made of, so that they are made again only when it changes.
#[derive(Clone, PartialEq)]
struct Made {
    model: String,
    clean: usize,
    seed: u64,
    t: Vec<usize>,
    chosen: usize,
    blur: Option<(usize, f64)>,
}

/// The live pictures.
#[derive(Default)]
pub struct NoiseWorkspace {
    clean: Option<(Arc<RgbImage>, Tensor, TextureHandle)>,
    noise: Option<(u64, usize, Tensor)>,
    noised: Vec<Shown>,
    blurred: Option<Shown>,
    made: Option<Made>,
    /// Which of the values the slider moves.
    chosen: usize,
    /// What the network made of it, by the caption in the job's figure.
    network: Vec<Shown>,
    /// What the network's pictures are of.
    of: Option<Recipe>,
    /// What is on its way, and the job that brings it.
    asked: Option<Recipe>,
    job: Option<JobId>,
    /// What will be asked for if nothing moves, and since when.
    wish: Option<(Recipe, Instant)>,
    /// What went wrong.
    wrong: Option<String>,
}

impl NoiseWorkspace {
    /// The values of t that are shown now.
    pub fn shown(&self) -> &[usize] {
        self.made.as_ref().map_or(&[], |made| &made.t)
    }

    /// Whether the network's pictures are there.
    pub fn answered(&self) -> bool {
        self.asked.is_none() && !self.network.is_empty()
    }

    /// What stands beneath the pictures.
    pub fn captions(&self) -> Vec<&str> {
        self.noised.iter().chain(&self.blurred).chain(&self.network).map(|shown| shown.caption.as_str()).collect()
    }

    /// The job that brings what was wanted.
    pub fn expect(&mut self, job: JobId) {
        self.job = Some(job);
    }

    /// Takes in the figure of a live job, if it is the newest.
    pub fn finished(&mut self, ctx: &Context, job: JobId, figure: &[(String, Arc<RgbImage>)]) {
        if self.job != Some(job) {
            return;
        }
        let wanted = |caption: &str| caption.starts_with("one-step") || caption.starts_with("iterative");
        self.network = figure
            .iter()
            .filter(|(caption, _)| wanted(caption))
            .map(|(caption, pixels)| Shown {
                texture: ctx.load_texture("network", colour_image(pixels), PIXELS),
                caption: spaced(caption),
            })
            .collect();
        self.of = self.asked.take();
    }

    /// The job that is wanted now, if the network's pictures are of something else and nothing moved for a moment.
    pub fn wanted(&mut self, ctx: &Context, recipe: &Recipe, moving: bool) -> Option<Recipe> {
        let t = *self.made.as_ref()?.t.get(self.chosen)?;
        if recipe.experiment != "denoise" || recipe.source.image.is_none() || self.clean.is_none() || moving {
            return None;
        }
        let wanted = recipe.clone().with(|it| {
            it.source.t = vec![t];
            it.source.i_start = Vec::new();
            it.sampling.count = 1;
            it.sampling.seed = recipe.sampling.seed.iter().take(1).copied().collect();
            it.guidance.scale = recipe.guidance.scale.iter().take(1).copied().collect();
            it.sampling.steps = recipe.sampling.steps.iter().take(1).copied().collect();
            it.prompting.prompt = recipe.prompting.prompt.iter().take(1).cloned().collect();
            it.grid.x = None;
            it.grid.y = None;
        });
        if self.asked.as_ref().or(self.of.as_ref()) == Some(&wanted) {
            return None;
        }
        let still = self.wish.take().filter(|(known, _)| *known == wanted);
        let (wish, since) = still.unwrap_or((wanted, Instant::now()));
        if since.elapsed() < STILL {
            self.wish = Some((wish, since));
            ctx.request_repaint_after(STILL);
            return None;
        }
        self.asked = Some(wish.clone());
        Some(wish)
    }

    /// A live job came to nothing; the same is not asked for again.
    pub fn failed(&mut self, job: JobId) {
        if self.job == Some(job) {
            self.network.clear();
            self.of = self.asked.take();
        }
    }

    /// The values of t that the recipe stands for.
    fn values(around: &Around<'_>) -> Vec<usize> {
        let (recipe, glance) = (&*around.recipe, around.model.stage_1());
        let last = glance.map_or(999, |glance| glance.last_timestep());
        if !recipe.source.t.is_empty() {
            return recipe.source.t.iter().take(MOST).map(|&t| t.min(last)).collect();
        }
        let mut starts = around.model.starts(recipe);
        starts.truncate(MOST);
        if starts.is_empty() { vec![last / 2] } else { starts }
    }

    /// Draws the workspace; true while a handle is being moved.
    pub fn ui(&mut self, ui: &mut Ui, around: &mut Around<'_>) -> bool {
        let mut values = Self::values(around);
        self.chosen = self.chosen.min(values.len().saturating_sub(1));
        let room = ui.available_rect_before_wrap();
        let curve_height = 200.0_f32.min(room.height() * 0.4);
        let (top, bottom) = room.split_top_bottom_at_y(room.bottom() - curve_height);
        // The curve comes first, so that the pictures show this frame's t.
        let below = bottom.with_min_y(bottom.top() + GAP);
        let moving = ui.scope_builder(UiBuilder::new().max_rect(below), |ui| self.curve(ui, around, &mut values)).inner;
        if let Err(error) = self.make(ui.ctx(), around, &values) {
            self.wrong = Some(error.to_string());
        }
        ui.scope_builder(UiBuilder::new().max_rect(top), |ui| self.pictures(ui, around, &values));
        moving
    }

    fn curve(&mut self, ui: &mut Ui, around: &mut Around<'_>, values: &mut [usize]) -> bool {
        let Some(glance) = around.model.stage_1() else { return false };
        let alphas_cumprod: Vec<f32> = (0..=glance.last_timestep()).filter_map(|t| glance.alpha_prod(t).ok()).collect();
        let Moved { changed, moving } =
            Curve { alphas_cumprod: &alphas_cumprod, values, chosen: &mut self.chosen }.ui(ui);
        if changed {
            around.recipe.source.t = values.to_vec();
        }
        moving
    }

    /// Makes x_t and the blur of this frame.
    fn make(&mut self, ctx: &Context, around: &mut Around<'_>, values: &[usize]) -> Result<()> {
        let model = around.model;
        let Some(glance) = model.stage_1() else { return Ok(()) };
        let side = glance.sample_size;
        let Some(square) = around.source.square(side as u32, around.background) else {
            if around.recipe.source.image.is_none() {
                (self.clean, self.made) = (None, None);
                self.noised.clear();
            }
            return Ok(());
        };
        if self.clean.as_ref().is_none_or(|(known, ..)| !Arc::ptr_eq(known, &square)) {
            let x_0 = glance.pixels.codec().encode(&square, &Device::Cpu)?;
            let texture = ctx.load_texture("clean", colour_image(&square), PIXELS);
            self.clean = Some((square, x_0, texture));
            self.made = None;
        }
        let Some((picture, x_0, _)) = &self.clean else { return Ok(()) };
        let seed = around.recipe.sampling.seed.first().copied().unwrap_or(0);
        if self.noise.as_ref().is_none_or(|(known, size, _)| (*known, *size) != (seed, side)) {
            self.noise = Some((seed, side, Generators::new(seed, 1).randn((x_0.dim(1)?, side, side), &Device::Cpu)?));
        }
        let Some((.., noise)) = &self.noise else { return Ok(()) };
        let blurs = around.recipe.experiment == "denoise";
        let blur = blurs.then_some((around.recipe.blur.kernel | 1, around.recipe.blur.sigma));
        let clean = Arc::as_ptr(picture) as usize;
        let chosen = self.chosen;
        let made = Made { model: around.recipe.networks.model.clone(), clean, seed, t: values.to_vec(), chosen, blur };
        if self.made.as_ref() == Some(&made) {
            return Ok(());
        }
        let (measured, codec) = (blurs, glance.pixels.codec());
        for (at, &t) in values.iter().enumerate() {
            let x_t = forward(x_0, noise, glance.alpha_prod(t)?)?;
            let caption = caption(&format!("x at t = {t}"), codec, &x_t, x_0, measured)?;
            put(ctx, &mut self.noised, at, codec.decode(&x_t)?.pop(), caption);
            if let (true, Some((kernel, sigma))) = (at == chosen, blur) {
                let kernel = kernel.min(2 * side - 1);
                let x = gaussian_blur(&x_t, kernel, sigma)?;
                let caption = self::caption("blur", codec, &x, x_0, true)?;
                let mut one: Vec<Shown> = self.blurred.take().into_iter().collect();
                put(ctx, &mut one, 0, codec.decode(&x)?.pop(), caption);
                self.blurred = one.pop();
            }
        }
        self.noised.truncate(values.len());
        if !blurs {
            self.blurred = None;
        }
        self.made = Some(made);
        Ok(())
    }

    fn pictures(&mut self, ui: &mut Ui, around: &Around<'_>, values: &[usize]) {
        let Some((.., clean)) = &self.clean else {
            let text = match (self.wrong.clone().or_else(|| around.model.wrong()), around.recipe.source.image.is_some())
            {
                (Some(wrong), _) => wrong,
                (None, true) => "Reading the picture …".to_owned(),
                (None, false) => "Drop, paste or choose a picture to noise it".to_owned(),
            };
            return note(ui, &text, tokens(ui).text_weak);
        };
        let whole = |texture: &TextureHandle, caption: &str, on: bool| Tile {
            texture: Some(texture.id()),
            caption: caption.to_owned(),
            on,
        };
        let mut shown = vec![whole(clean, "clean x₀", false)];
        if around.recipe.experiment == "denoise" {
            let stale = self.asked.is_some();
            let waiting = if stale || self.wish.is_some() { " …" } else { "" };
            shown.extend(self.noised.get(self.chosen).map(|it| whole(&it.texture, &it.caption, values.len() > 1)));
            shown.extend(self.blurred.as_ref().map(|it| whole(&it.texture, &it.caption, false)));
            for (place, name) in ["one-step", "iterative"].into_iter().enumerate() {
                match self.network.get(place).filter(|_| !stale) {
                    Some(it) => shown.push(whole(&it.texture, &it.caption, false)),
                    None => shown.push(Tile { texture: None, caption: format!("{name}{waiting}"), on: false }),
                }
            }
        } else {
            let several = values.len() > 1;
            let noised = self.noised.iter().enumerate();
            shown.extend(noised.map(|(at, it)| whole(&it.texture, &it.caption, several && at == self.chosen)));
        }
        if let Some(clicked) = tiles(ui, "Noised pictures", &shown)
            && around.recipe.experiment != "denoise"
            && clicked > 0
        {
            self.chosen = clicked - 1;
        }
    }
}

/// A name with PSNR and SSIM to the clean picture.
fn caption(name: &str, codec: &dyn Codec, x: &Tensor, clean: &Tensor, measured: bool) -> Result<String> {
    if !measured {
        return Ok(name.to_owned());
    }
    let (x, clean) = (codec.signed(&x.get(0)?)?, codec.signed(&clean.get(0)?)?);
    Ok(measures(name, &format!("{:.1}", psnr(&x, &clean)?), "dB", &format!("{:.3}", ssim(&x, &clean)?)))
}

/// A name with two measures; a line may end between them, but not before a unit.
fn measures(name: &str, psnr: &str, unit: &str, ssim: &str) -> String {
    format!("{name} · {psnr}\u{a0}{unit} · {ssim}")
}

/// The worker's captions in the words of this workspace: "blur 20.1 dB 0.512".
fn spaced(caption: &str) -> String {
    let mut words = caption.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(name), Some(psnr), Some(unit), Some(ssim)) => measures(name, psnr, unit, ssim),
        _ => caption.to_owned(),
    }
}

/// Shows `pixels` as picture `at`, in the texture that is there already.
fn put(ctx: &Context, shown: &mut Vec<Shown>, at: usize, pixels: Option<RgbImage>, caption: String) {
    let Some(pixels) = pixels else { return };
    let image = colour_image(&pixels);
    match shown.get_mut(at) {
        Some(known) => {
            known.texture.set(image, PIXELS);
            known.caption = caption;
        }
        None => shown.push(Shown { texture: ctx.load_texture("noised", image, PIXELS), caption }),
    }
}
