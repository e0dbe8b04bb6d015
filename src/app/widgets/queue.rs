//! Progress of the running job in the bottom bar, and the list of jobs behind its button.

use egui::{Align, Align2, FontId, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use super::buttons;
use crate::app::dashboard::trains;
use crate::app::jobs::{JobView, Jobs, State};
use crate::app::theme::{Icon, tokens};
use crate::files::time;
use crate::worker::JobId;

/// The running job as a bar with what it does in words. Returns the job to cancel.
pub fn progress(ui: &mut Ui, job: &JobView) -> Option<JobId> {
    let tokens = tokens(ui);
    let mut cancel = None;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.add_enabled_ui(!job.cancelling, |ui| {
            ui.add_space(8.0);
            let button = buttons::quiet(ui, Icon::Cross, "Cancel").on_hover_text("Stop within a moment (Esc)");
            cancel = button.clicked().then_some(job.id);
        });
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.set_max_width(ui.available_width() - 16.0);
            let width = (ui.available_width() * 0.32).clamp(80.0, 320.0);
            let (rect, response) = ui.allocate_exact_size(vec2(width, 6.0), Sense::hover());
            let fraction = job.fraction();
            response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Progress"));
            ui.painter().rect_filled(rect, 3.0, tokens.active);
            let done = Rect::from_min_size(rect.min, vec2(rect.width() * fraction, rect.height()));
            ui.painter().rect_filled(done, 3.0, tokens.accent);
            ui.label(RichText::new(format!("{:.0} %", fraction * 100.0)).size(12.0).color(tokens.text));
            ui.add(egui::Label::new(RichText::new(words(job)).size(12.0).color(tokens.text_weak)).truncate());
        });
    });
    cancel
}

/// What a job does now.
pub fn words(job: &JobView) -> String {
    if job.cancelling {
        return "stopping…".to_owned();
    }
    match (&job.loading, job.step) {
        (Some(what), _) => format!("reading {what}"),
        (None, Some(step)) => {
            let stage = match step.stage {
                _ if trains(&job.recipe) => format!("epoch {}", step.timestep),
                2 => "stage II".to_owned(),
                _ => "stage I".to_owned(),
            };
            let left = step.left_secs.map_or_else(String::new, |left| format!(" · {} left", time(left)));
            format!("{stage} · step {} of {} · {} per step{left}", step.step, step.of, time(step.step_secs))
        }
        _ => "starting".to_owned(),
    }
}

/// What the user did with the list of jobs.
#[derive(Default)]
pub struct QueueChange {
    /// A job to cancel.
    pub cancel: Option<JobId>,
    /// A job to show.
    pub show: Option<JobId>,
    /// A waiting job, and whether it is to run earlier rather than later.
    pub earlier: Option<(JobId, bool)>,
}

/// The button with the list of jobs behind it.
pub fn queue(ui: &mut Ui, jobs: &Jobs) -> QueueChange {
    let mut change = QueueChange::default();
    let open = jobs.open().count();
    let text = match open {
        0 => "Jobs".to_owned(),
        1 => "1 job".to_owned(),
        n => format!("{n} jobs"),
    };
    let button = buttons::quiet(ui, Icon::Layers, &text).on_hover_text("Every job since the window opened");
    egui::Popup::menu(&button).width(380.0).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(368.0);
        if jobs.listed().next().is_none() {
            ui.label(RichText::new("Nothing has been generated yet").color(tokens(ui).text_weak));
        }
        egui::ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            // What is to come in its order, then what is done, newest first.
            jobs.open().chain(jobs.listed().rev().filter(|job| !job.is_open())).for_each(|job| {
                row(ui, job, &mut change);
            });
        });
    });
    change
}

fn row(ui: &mut Ui, job: &JobView, change: &mut QueueChange) {
    let tokens = tokens(ui);
    let (state, colour) = match &job.state {
        State::Queued => ("waiting".to_owned(), tokens.text_weak),
        State::Running => (format!("{:.0} %", job.fraction() * 100.0), tokens.accent_text),
        State::Finished(seconds) => (format!("done in {}", time(*seconds)), tokens.success),
        State::Failed(_) => ("failed".to_owned(), tokens.danger),
        State::Cancelled => ("cancelled".to_owned(), tokens.text_faint),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(368.0, 34.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Job {}", job.id.0)));
    if response.hovered() {
        ui.painter().rect_filled(rect, 6.0, tokens.hover);
    }
    let mut title = egui::text::LayoutJob::simple_singleline(job.title(), FontId::proportional(12.5), tokens.text);
    let room = if matches!(job.state, State::Queued) { 180.0 } else { 210.0 };
    title.wrap = egui::text::TextWrapping::truncate_at_width(room);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(title));
    let at = rect.left_center() + vec2(8.0, -galley.size().y / 2.0);
    ui.painter().galley(at, galley, tokens.text);
    let waits = matches!(job.state, State::Queued) && !job.cancelling;
    let right = rect.right_center() - vec2(if waits { 100.0 } else { 40.0 }, 0.0);
    ui.painter().text(right, Align2::RIGHT_CENTER, state, FontId::proportional(12.0), colour);
    if response.clicked() {
        change.show = Some(job.id);
    }
    if job.is_open() {
        let place = Rect::from_center_size(rect.right_center() - vec2(18.0, 0.0), vec2(30.0, 30.0));
        ui.scope_builder(egui::UiBuilder::new().max_rect(place), |ui| {
            let name = format!("Cancel job {}", job.id.0);
            if buttons::icon(ui, Icon::Cross, &name, "Take it off the queue").clicked() {
                change.cancel = Some(job.id);
            }
        });
    }
    for (place, earlier, icon, name) in
        [(84.0, true, Icon::Up, "Run earlier"), (52.0, false, Icon::ChevronDown, "Run later")]
    {
        if waits {
            let at = Rect::from_center_size(rect.right_center() - vec2(place, 0.0), vec2(30.0, 30.0));
            ui.scope_builder(egui::UiBuilder::new().max_rect(at), |ui| {
                let help = "Change places with the job beside it";
                if buttons::icon(ui, icon, &format!("{name}: job {}", job.id.0), help).clicked() {
                    change.earlier = Some((job.id, earlier));
                }
            });
        }
    }
    if let State::Failed(error) = &job.state {
        response.on_hover_text(error.to_string());
    }
}
