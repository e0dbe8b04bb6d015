//! Between the window and the desktop: the job's progress in the title, whether the user has come back, and whether the
//! window may close.

use egui::{Context, ViewportCommand};

use crate::app::queue::Jobs;
use crate::app::session::Session;
use crate::app::theme;

/// What the desktop was told, and what it said last.
pub struct Desktop {
    /// The progress in the title.
    percent: Option<u32>,
    focused: bool,
    /// Whether the window closes in spite of unfinished work.
    pub leaving: bool,
    /// Whether fonts and styles are there.
    pub installed: bool,
}

impl Default for Desktop {
    fn default() -> Self {
        Self { percent: None, focused: true, leaving: false, installed: false }
    }
}

impl Desktop {
    /// Puts the running job's progress into the window's title.
    pub fn title(&mut self, ctx: &Context, jobs: &Jobs) {
        let percent = jobs.running().map(|job| (job.fraction() * 100.0) as u32);
        if percent != self.percent {
            self.percent = percent;
            let title =
                percent.map_or_else(|| "Diffusion Lab".to_owned(), |percent| format!("{percent} % · Diffusion Lab"));
            ctx.send_viewport_cmd(ViewportCommand::Title(title));
        }
    }

    /// Whether the user has just come back to the window.
    pub fn came_back(&mut self, ctx: &Context) -> bool {
        let focused = ctx.input(|input| input.focused);
        let before = std::mem::replace(&mut self.focused, focused);
        focused && !before
    }

    /// Keeps the window from closing on unfinished work; true where it was about to.
    pub fn stops_closing(&self, ctx: &Context, jobs: &Jobs) -> bool {
        let asked = ctx.input(|input| input.viewport().close_requested());
        let stops = asked && !self.leaving && jobs.open().next().is_some();
        if stops {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        }
        stops
    }

    /// Closes the window.
    pub fn leave(&mut self, ctx: &Context) {
        self.leaving = true;
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }
}

/// Notes how large the window is, and makes the interface as large as the session says.
pub fn follow_size(ctx: &Context, session: &mut Session) {
    theme::apply(session.theme, ctx);
    if ctx.zoom_factor() != session.scale {
        ctx.set_zoom_factor(session.scale);
    }
    let window = ctx.input(|input| {
        let viewport = input.viewport();
        viewport.inner_rect.filter(|_| viewport.fullscreen != Some(true) && viewport.minimized != Some(true))
    });
    if let Some(rect) = window.filter(|rect| rect.width() > 200.0) {
        session.window = (rect.size() * ctx.zoom_factor()).round().into();
    }
}
