//! Short messages at the lower right: what was done goes by itself, what went wrong stays until it is closed and
//! can be copied.

use egui::{Align2, Area, Frame, Id, Margin, Order, RichText, Stroke, Ui, vec2};

use super::buttons;
use crate::app::commands::Command;
use crate::app::text::sentence;
use crate::app::theme::{Icon, RADIUS_LARGE, tokens};

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

    /// Takes everything back.
    pub fn clear(&mut self) {
        self.all.clear();
    }

    /// Everything that is being said.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|toast| toast.text.as_str())
    }

    /// Draws them above the corner at `bottom`; returns what was asked for.
    pub fn show(&mut self, ui: &Ui, bottom: f32) -> Option<Command> {
        let now = ui.input(|input| input.time);
        self.all.retain(|toast| toast.until.is_none_or(|until| now < until));
        let mut asked = None;
        let mut closed = None;
        let offset = vec2(-16.0, -bottom);
        Area::new(Id::unique("toasts")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, offset).show(
            ui.ctx(),
            |ui| {
                for (i, toast) in self.all.iter_mut().enumerate() {
                    if toast.until.is_none() && toast.tone != Tone::Failed {
                        toast.until = Some(now + if toast.tone == Tone::Done { 4.0 } else { 8.0 });
                    }
                    if let Some(until) = toast.until {
                        ui.request_repaint_after(std::time::Duration::from_secs_f64((until - now).max(0.0)));
                    }
                    ui.push_id(i, |ui| draw(ui, toast, &mut asked).then(|| closed = Some(i)));
                }
            },
        );
        if let Some(i) = closed {
            self.all.remove(i);
        }
        asked
    }
}

/// True when it is to go.
fn draw(ui: &mut Ui, toast: &Toast, asked: &mut Option<Command>) -> bool {
    let tokens = tokens(ui);
    let (colour, icon) = match toast.tone {
        Tone::Done => (tokens.success, Icon::Check),
        Tone::Note => (tokens.accent_text, Icon::Help),
        Tone::Failed => (tokens.danger, Icon::Cross),
    };
    let mut close = false;
    let frame = Frame::new()
        .fill(tokens.sheet)
        .stroke(Stroke::new(1.0, tokens.border_strong))
        .corner_radius(RADIUS_LARGE)
        .inner_margin(Margin::symmetric(12, 8))
        .shadow(ui.visuals().popup_shadow);
    frame.show(ui, |ui| {
        ui.set_width(380.0);
        ui.horizontal_top(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(18.0, 28.0), egui::Sense::hover());
            icon.paint(ui.painter(), rect.shrink2(vec2(0.0, 5.0)), colour);
            ui.vertical(|ui| {
                ui.set_width(380.0 - 18.0 - 32.0 - 16.0);
                ui.add_space(5.0);
                ui.add(egui::Label::new(RichText::new(&toast.text).size(12.5)).wrap());
                let buttons = toast.tone == Tone::Failed || toast.action.is_some();
                if !buttons {
                    return;
                }
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 20.0;
                    if toast.tone == Tone::Failed && buttons::quiet(ui, Icon::Copy, "Copy details").clicked() {
                        ui.copy_text(toast.details.clone().unwrap_or_else(|| toast.text.clone()));
                    }
                    if let Some((text, command)) = toast.action
                        && buttons::chip(ui, text).clicked()
                    {
                        *asked = Some(command);
                        close = true;
                    }
                });
            });
            close |= buttons::icon(ui, Icon::Cross, "Dismiss", "").clicked();
        });
    });
    close
}
