//! One frame of the window: what has happened is taken in, then rail, inspector, bar, gallery and the middle are drawn, and
//! what was asked for is done.

use egui::{CentralPanel, Context, Frame, Margin, Panel, Ui, UiBuilder};

use super::{Window, centre, desktop, drop, rail};
use crate::app::commands::pressed;
use crate::app::dialogs::Dialog;
use crate::app::shared::Shared;
use crate::app::theme::{self, tokens};
use crate::app::workspaces::kind::Workspace;

/// Height of the bottom bar, in points.
const BAR: f32 = 44.0;
/// Height of the gallery's strip, in points.
const STRIP: f32 = 100.0;
/// No strip is shown below this height.
const LOW: f32 = 460.0;
/// The rail shows icons only below this width.
const NARROW: f32 = 1180.0;

impl Window {
    /// Fonts, styles and options, once, before the first frame that draws.
    pub fn install(&mut self, ctx: &Context) {
        theme::install(ctx);
        ctx.options_mut(|options| {
            options.quit_shortcuts.clear();
            options.zoom_with_keyboard = false;
        });
        self.desktop.installed = true;
    }

    /// Takes in what the worker and the background said; done for a hidden window too.
    pub fn logic(&mut self, ctx: &Context) {
        if !self.desktop.installed {
            return;
        }
        self.take_events(ctx);
        self.poll(ctx);
        self.follow_panel(ctx);
        if self.desktop.stops_closing(ctx, &self.shared.queue.jobs) {
            self.dialogs.open = Some(Dialog::Close);
        }
        self.inspector.follow(&self.shared.session, &self.shared.background);
        if self.shared.session.live && self.panel().workspace == Workspace::Noise && self.why_not().is_none() {
            self.workspaces.follow_hand(ctx, &mut self.shared);
        }
        self.viewer.follow_timeline(ctx, &self.shared.queue.jobs);
        self.shared.session.painted_masks = self.workspaces.painted();
        self.undo.follow(ctx, &self.shared.session);
        desktop::follow_size(ctx, &mut self.shared.session);
        if self.desktop.came_back(ctx) {
            self.gallery.list(&self.shared.background);
        }
        self.desktop.title(ctx, &self.shared.queue.jobs);
        if self.shared.background.mark().settle() {
            ctx.request_repaint();
        }
        self.autosave.follow(ctx, &self.shared);
    }

    /// Draws a frame, and does what was asked for in it.
    pub fn ui(&mut self, ui: &mut Ui) {
        if !self.desktop.installed {
            self.install(ui.ctx());
            ui.request_repaint();
            return; // the fonts are there from the next frame on
        }
        self.shared.commands.extend(pressed(ui.ctx(), self.dialogs.open.is_some()));
        self.shared.toasts.tick(ui);
        draw(self, ui);
        if let Some(done) = self.dialogs.ui(ui, &mut self.gallery, &mut self.shared) {
            self.done(ui.ctx(), done);
        }
        if let Some((path, then)) = self.shared.to_show.take() {
            self.show_picture(path, then);
        }
        for command in std::mem::take(&mut self.shared.commands) {
            self.perform(ui.ctx(), command);
        }
    }
}

/// Draws everything but dialogs and toasts, in the order in which Tab goes through it: what to do at the left, with which
/// settings at the right, the middle, the gallery under it, the bar at the bottom.
fn draw(window: &mut Window, ui: &mut Ui) {
    let panel = Frame::new().fill(tokens(ui).panel);
    let room = ui.available_rect_before_wrap();
    let (above, below) = room.split_top_bottom_at_y(room.bottom() - BAR);
    let messages = window.shared.toasts.height();
    let (above, rows) = above.split_top_bottom_at_y(above.bottom() - messages);
    ui.scope_builder(UiBuilder::new().max_rect(above), |ui| above_bar(window, ui, panel));
    if messages > 0.0 {
        ui.scope_builder(UiBuilder::new().max_rect(rows), |ui| {
            window.shared.commands.extend(window.shared.toasts.rows(ui));
        });
    }
    ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
        let frame = panel.inner_margin(Margin::symmetric(12, 0));
        Panel::bottom("bar").exact_size(BAR).resizable(false).frame(frame).show(ui, |ui| bar(window, ui));
    });
    drop::ui(&mut window.shared, ui);
}

fn bar(window: &mut Window, ui: &mut Ui) {
    let model = window.shared.session.recipe().networks.model.clone();
    let Shared { queue, toasts, commands, .. } = &mut window.shared;
    if let Some(id) = queue.ui(ui, window.gallery.paths.len(), &model, toasts, commands) {
        window.show_job(ui.ctx(), id);
    }
}

fn above_bar(window: &mut Window, ui: &mut Ui, panel: Frame) {
    if window.shared.session.side_panels {
        let narrow = ui.available_width() < NARROW;
        let frame = panel.inner_margin(Margin::same(if narrow { 8 } else { 12 }));
        Panel::left("rail")
            .exact_size(if narrow { 56.0 } else { 208.0 })
            .resizable(false)
            .frame(frame)
            .show(ui, |ui| rail::ui(window, ui, narrow));
        if window.shared.session.lessons.open {
            let frame = panel.inner_margin(Margin::same(12)).fill(tokens(ui).sheet);
            let width = if narrow { 248.0 } else { 300.0 };
            let pressed = Panel::left("lesson")
                .exact_size(width)
                .resizable(false)
                .frame(frame)
                .show(ui, |ui| window.shared.session.lessons.ui(ui));
            if pressed.inner.load {
                let recipe = (window.shared.session.lessons.lesson().recipe)();
                window.inspector.open(recipe, &mut window.shared.session);
            }
        }
        Panel::right("inspector")
            .exact_size(if narrow { 328.0 } else { 352.0 })
            .resizable(false)
            .frame(panel)
            .show(ui, |ui| window.inspector.ui(ui, &mut window.shared));
    }
    let room = ui.available_rect_before_wrap();
    // Training and scoring make no pictures for the gallery, and their pages need the room; so does a canvas in a low window.
    let pages = [Workspace::Training, Workspace::Score];
    let has_strip =
        window.shared.session.side_panels && !pages.contains(&window.panel().workspace) && room.height() > LOW;
    let strip = if has_strip { STRIP } else { 0.0 };
    let (middle, below) = room.split_top_bottom_at_y(room.bottom() - strip);
    ui.scope_builder(UiBuilder::new().max_rect(middle), |ui| {
        let frame = Frame::new().fill(tokens(ui).stage);
        CentralPanel::no_frame().frame(frame).show(ui, |ui| centre::ui(window, ui));
    });
    if strip > 0.0 {
        ui.scope_builder(UiBuilder::new().max_rect(below), |ui| {
            let frame = panel.inner_margin(Margin { left: 12, right: 12, top: 14, bottom: 6 });
            Panel::bottom("strip")
                .exact_size(STRIP)
                .resizable(false)
                .frame(frame)
                .show(ui, |ui| window.gallery.ui(ui, &mut window.shared));
        });
    }
}
