//! What the window keeps up with from frame to frame beside what it shows: the session's file, its own title, the
//! gallery's folder.

use std::time::{Duration, Instant};

use egui::Context;

use super::lab::Lab;

/// How long a change waits before it is written.
const SAVE_AFTER: Duration = Duration::from_millis(700);

impl Lab {
    /// Writes the session now, at the end.
    pub fn save_now(&self) {
        // At the end there is no window left to say it in.
        let _ = self.session.save(&self.home);
        // What is still being opened is no crash.
        self.background.mark().take_away();
    }

    /// The gallery is listed again when the user comes back to the window.
    pub(super) fn relist(&mut self, ctx: &Context) {
        let focused = ctx.input(|input| input.focused);
        if focused && !self.was_focused {
            self.gallery.list(&self.background);
        }
        self.was_focused = focused;
    }

    /// The running job's progress in the window's title.
    pub(super) fn title(&mut self, ctx: &Context) {
        let percent = self.jobs.running().map(|job| (job.fraction() * 100.0) as u32);
        if percent != self.percent {
            self.percent = percent;
            let title =
                percent.map_or_else(|| "Diffusion Lab".to_owned(), |percent| format!("{percent} % · Diffusion Lab"));
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title));
        }
    }

    pub(super) fn save_soon(&mut self, ctx: &Context) {
        let window = ctx.input(|input| {
            let viewport = input.viewport();
            viewport.inner_rect.filter(|_| viewport.fullscreen != Some(true) && viewport.minimized != Some(true))
        });
        if let Some(rect) = window.filter(|rect| rect.width() > 200.0) {
            self.session.window = (rect.size() * ctx.zoom_factor()).round().into();
        }
        if self.session != self.saved {
            self.saved = self.session.clone();
            self.changed = Some(Instant::now());
            ctx.request_repaint_after(SAVE_AFTER + Duration::from_millis(20));
        }
        if self.changed.is_some_and(|at| at.elapsed() >= SAVE_AFTER) {
            self.changed = None;
            let (session, home) = (self.session.clone(), self.home.clone());
            self.saving.push(((), self.background.run_in_order("saving the session", move || session.save(&home))));
        }
    }
}
