//! Diffusion in the plane: points instead of pictures, so that everything can be seen at once, the noise, the score, the
//! way of each sampler. The loop and the samplers are the same as for pictures; the network is a mixture whose score is
//! known exactly.

mod plane;
mod walk;

use std::time::{Duration, Instant};

use egui::{FontId, RichText, Ui, vec2};

use super::background::{Background, Latest};
use super::explain::{Line, symbols};
use super::theme::{Icon, tokens};
use super::widgets::knob::Knob;
use super::widgets::{buttons, choice, note, numbers, seed};
use crate::diffusion::samplers::Sampler;
pub use walk::{Cloud, Settings, mixture, walked};

/// A step is shown for so long while it plays.
const EACH: Duration = Duration::from_millis(70);

/// What is walked, and where one is in it.
pub struct Toy {
    settings: Settings,
    walk: Latest<Settings, Vec<Cloud>>,
    /// The step that is shown; past the last one, the end.
    at: usize,
    playing: bool,
    ticked: Option<Instant>,
}

impl Default for Toy {
    fn default() -> Self {
        Self { settings: Settings::default(), walk: Latest::default(), at: usize::MAX, playing: false, ticked: None }
    }
}

impl Toy {
    /// The steps that are there to be looked at.
    pub fn clouds(&self) -> &[Cloud] {
        self.walk.get().map_or(&[], Vec::as_slice)
    }

    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, background: &Background) {
        self.walk.poll();
        self.walk.follow(self.settings, |settings| {
            let settings = *settings;
            background.run("walking in the plane", move || walked(&settings))
        });
        let narrow = ui.available_width() < 700.0;
        let side: f32 = if narrow { 320.0 } else { 430.0 };
        let side = side.min(ui.ctx().content_rect().height() - 220.0).max(220.0);
        ui.horizontal_top(|ui| {
            ui.allocate_ui(vec2(side, side), |ui| self.plane(ui, side));
            ui.add_space(8.0);
            ui.vertical(|ui| self.hands(ui));
        });
    }

    fn plane(&mut self, ui: &mut Ui, side: f32) {
        let clouds = self.walk.get().map_or(&[][..], Vec::as_slice);
        let last = clouds.len().saturating_sub(1);
        if self.playing {
            let ticked = *self.ticked.get_or_insert_with(Instant::now);
            if ticked.elapsed() >= EACH {
                self.ticked = Some(Instant::now());
                self.at = self.at.min(last) + 1;
                self.playing = self.at < last;
            }
            ui.request_repaint_after(EACH);
        }
        self.at = if clouds.is_empty() { self.at } else { self.at.min(last) };
        plane::plane(ui, side, clouds, self.at, &self.settings);
    }

    fn hands(&mut self, ui: &mut Ui) {
        let colour = tokens(ui).text_weak;
        ui.spacing_mut().item_spacing.y = 8.0;
        let text = "A ring and a pair of blobs, as points. All begin as noise; the arrows are the score, the way towards \
                    more likely places, and each sampler follows it in its own strides.";
        ui.add(egui::Label::new(RichText::new(text).size(12.5).color(tokens(ui).text)).wrap());
        // A consistency model has timesteps of its own, of which the points know nothing.
        let samplers: Vec<Sampler> = Sampler::ALL.into_iter().filter(|known| *known != Sampler::Consistency).collect();
        let words: Vec<&str> = samplers.iter().map(|known| known.name()).collect();
        let (salt, current) = (ui.scope_id().with("sampler"), self.settings.sampler.name());
        let said = |word: &str| symbols::word("sampler", word);
        let chosen = choice::words(ui, salt, "Sampler", &words, current, said);
        if let Some(sampler) = samplers.into_iter().find(|known| chosen.as_deref() == Some(known.name())) {
            self.settings.sampler = sampler;
        }
        self.knobs(ui);
        let last = self.clouds().len().saturating_sub(1);
        if let Some(error) = self.walk.error() {
            return note(ui, &error.to_string(), tokens(ui).danger);
        }
        if last == 0 {
            ui.label(RichText::new("Walking …").size(12.0).color(colour));
            return;
        }
        ui.horizontal(|ui| {
            let (icon, name) =
                if self.playing { (Icon::Pause, "Pause the walk") } else { (Icon::Play, "Play the walk") };
            if buttons::icon(ui, icon, name, "From the noise to the end").clicked() {
                self.playing = !self.playing;
                (self.at, self.ticked) = (if self.playing && self.at >= last { 0 } else { self.at }, None);
            }
            numbers::slider_style(ui);
            ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(60.0);
            let slider = egui::Slider::new(&mut self.at, 0..=last).show_value(false).step_by(1.0);
            if ui.add(slider).accessible_name("Step of the walk").changed() {
                self.playing = false;
            }
        });
        if let Some(cloud) = self.clouds().get(self.at.min(last)) {
            let text =
                format!("step {} of {last} · t {} · ᾱ {:.4}", self.at.min(last), cloud.timestep, cloud.alpha_prod);
            Line { font: FontId::proportional(12.5), colour }.ui(ui, &text);
        }
    }

    fn knobs(&mut self, ui: &mut Ui) {
        let mut steps = self.settings.steps as f32;
        let knob = Knob {
            name: "Steps",
            help: "How many strides from noise to the end, 2 to 100",
            range: 2.0..=100.0,
            default: 30.0,
            step: 1.0,
            rail: 150.0,
            logarithmic: true,
        };
        if knob.ui(ui, &mut steps, &self.settings.steps.to_string()) {
            self.settings.steps = steps.round() as usize;
        }
        let text = format!("{:.1}", self.settings.guidance);
        let help = "γ: 0 any point, 1 the ring alone, more exaggerates what tells the ring from the rest";
        let knob = Knob { name: "γ", help, range: 0.0..=8.0, default: 0.0, step: 0.1, rail: 150.0, ..Knob::default() };
        knob.ui(ui, &mut self.settings.guidance, &text);
        if self.settings.sampler == Sampler::Ddim {
            let text = format!("{:.2}", self.settings.eta);
            let help = "η: 0 adds no noise on the way, 1 as much as DDPM";
            let knob = Knob { name: "η", help, rail: 150.0, ..Knob::default() };
            knob.ui(ui, &mut self.settings.eta, &text);
        }
        if buttons::quiet(ui, Icon::Dice, "Other noise").on_hover_text("Begin from other points").clicked() {
            self.settings.seed = seed::random();
        }
    }
}
