//! Short messages, none of which covers anything: what was done is a line of the bar for a few seconds; what is to be known
//! or went wrong takes a row above the bar, and what went wrong stays there until it is closed and can be copied.

use std::collections::HashSet;

use egui::{Align, Layout, RichText, Stroke, Ui, UiBuilder, vec2};

use super::buttons;
use crate::app::commands::Command;
use crate::app::text::sentence;
use crate::app::theme::{Icon, tokens};

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Done,
    /// Something to know.
    Note,
    /// Something failed.
    Failed,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Toast {
    /// How it is meant.
    pub tone: Tone,
    /// What it says.
    pub text: String,
    /// What to copy, where that is more than the text.
    pub details: Option<String>,
    /// A button, and what it does.
    pub action: Option<(&'static str, Command)>,
    until: Option<f64>,
}

/// The messages that are there.
#[derive(Default)]
pub struct Toasts {
    all: Vec<Toast>,
    /// What was told once and is not told again.
    told: HashSet<String>,
}

const SHOWN: usize = 4;

impl Toasts {
    /// Says something.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) -> &mut Toast {
        let text = sentence(&text.into());
        self.all.retain(|toast| toast.text != text);
        if self.all.len() >= SHOWN {
            self.all.remove(0);
        }
        self.all.push(Toast { tone, text, details: None, action: None, until: None });
        let last = self.all.len() - 1;
        &mut self.all[last]
    }

    /// Says something that has neither button nor details.
    pub fn tell(&mut self, tone: Tone, text: impl Into<String>) {
        self.say(tone, text);
    }

    /// Tells what every job of a kind says, the first time that it is said.
    pub fn tell_once(&mut self, text: &str) {
        if self.told.insert(text.to_owned()) {
            self.tell(Tone::Note, text);
        }
    }

    /// Takes everything back.
    pub fn clear(&mut self) {
        self.all.clear();
    }

    /// Everything that is being said.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|toast| toast.text.as_str())
    }

    /// Whether what was done is being said.
    pub fn says_done(&self) -> bool {
        self.all.iter().any(|toast| toast.tone == Tone::Done)
    }

    /// Lets messages go whose time is over; called once a frame.
    pub fn tick(&mut self, ui: &Ui) {
        let now = ui.input(|input| input.time);
        for toast in self.all.iter_mut().filter(|toast| toast.until.is_none() && toast.tone != Tone::Failed) {
            let seconds = if toast.tone == Tone::Done && toast.action.is_none() { 4.0 } else { 8.0 };
            toast.until = Some(now + seconds);
        }
        self.all.retain(|toast| toast.until.is_none_or(|until| now < until));
        if let Some(next) = self.all.iter().filter_map(|toast| toast.until).min_by(f64::total_cmp) {
            ui.request_repaint_after(std::time::Duration::from_secs_f64((next - now).max(0.0)));
        }
    }

    /// Draws the newest of what was done as a line of the bar; returns what was asked for.
    pub fn line(&mut self, ui: &mut Ui) -> Option<Command> {
        let at = self.all.iter().rposition(|toast| toast.tone == Tone::Done)?;
        let toast = &self.all[at];
        let tokens = tokens(ui);
        let mut pressed = None;
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 28.0), egui::Sense::hover());
            Icon::Check.paint(ui.painter(), rect, tokens.success);
            let room = (ui.available_width() - toast.action.map_or(0.0, |_| 130.0)).max(60.0);
            ui.scope(|ui| {
                ui.set_max_width(room);
                ui.add(egui::Label::new(RichText::new(&toast.text).size(12.0).color(tokens.text)).truncate());
            });
            if let Some((text, command)) = toast.action
                && buttons::chip(ui, text).clicked()
            {
                pressed = Some(command);
            }
        });
        if pressed.is_some() {
            self.all.remove(at);
        }
        pressed
    }

    /// Height of the messages that take room of their own, one under the other.
    pub fn height(&self) -> f32 {
        self.all.iter().filter(|toast| toast.tone != Tone::Done).count() as f32 * ROW
    }

    /// Draws those: what is to be known and what went wrong, in all the room there is; returns what was asked for.
    pub fn rows(&mut self, ui: &mut Ui) -> Option<Command> {
        let (mut asked, mut closed) = (None, None);
        ui.spacing_mut().item_spacing.y = 0.0;
        for (i, toast) in self.all.iter().enumerate().filter(|(_, toast)| toast.tone != Tone::Done) {
            ui.push_id(i, |ui| row(ui, toast, &mut asked).then(|| closed = Some(i)));
        }
        if let Some(i) = closed {
            self.all.remove(i);
        }
        asked
    }
}

/// Height of a message's row, in points.
const ROW: f32 = 34.0;

/// True when it is to go.
fn row(ui: &mut Ui, toast: &Toast, asked: &mut Option<Command>) -> bool {
    let tokens = tokens(ui);
    let (colour, icon) = match toast.tone {
        Tone::Failed => (tokens.danger, Icon::Cross),
        Tone::Done | Tone::Note => (tokens.accent_text, Icon::Help),
    };
    let mut close = false;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), egui::Sense::hover());
    ui.painter().rect_filled(rect, 0.0, tokens.sheet);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, tokens.border));
    let inner = rect.shrink2(vec2(12.0, 2.0));
    let layout = Layout::right_to_left(Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(inner).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        close |= buttons::icon(ui, Icon::Cross, "Dismiss", "").clicked();
        if toast.tone == Tone::Failed && buttons::quiet(ui, Icon::Copy, "Copy details").clicked() {
            ui.copy_text(toast.details.clone().unwrap_or_else(|| toast.text.clone()));
        }
        if let Some((text, command)) = toast.action
            && buttons::chip(ui, text).clicked()
        {
            *asked = Some(command);
            close = true;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let (sign, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
            icon.paint(ui.painter(), sign, colour);
            let text = RichText::new(&toast.text).size(12.5);
            ui.add(egui::Label::new(text).truncate());
        });
    });
    close
}
