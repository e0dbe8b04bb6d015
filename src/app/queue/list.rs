//! Progress of the running job in the bottom bar, and the list of jobs behind its button.

use egui::{Align, FontId, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};
use egui_extras::Column;

use super::jobs::{JobState, JobView, Jobs};
use crate::app::theme::{Icon, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::table::table;
use crate::files::time;
use crate::worker::JobId;

/// The running job as a bar with what it does in words, and behind them what was `said`. Returns the job to cancel.
pub fn progress(ui: &mut Ui, job: &JobView, said: impl FnOnce(&mut Ui)) -> Option<JobId> {
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
            ui.add_space(16.0);
            said(ui);
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
                _ if job.recipe.trains() => format!("epoch {}", step.timestep),
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
        // What is to come in its order, then what is done, newest first.
        let listed: Vec<&JobView> = jobs.open().chain(jobs.listed().rev().filter(|job| !job.is_open())).collect();
        rows(ui, &listed, &mut change);
    });
    change
}

/// Widths of the columns beside the job's name, and the height of a row.
const STATE: f32 = 96.0;
const HANDS: f32 = 90.0;
const ROW: f32 = 30.0;

/// The jobs, without heads: their order is that of the queue, and is changed by the buttons in the rows.
fn rows(ui: &mut Ui, jobs: &[&JobView], change: &mut QueueChange) {
    ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
    let table = table(ui, "jobs").column(Column::remainder().clip(true)).column(Column::exact(STATE));
    let table = table.column(Column::exact(HANDS)).max_scroll_height(360.0);
    table.cell_layout(Layout::right_to_left(Align::Center)).body(|body| {
        body.rows(ROW, jobs.len(), |mut row| {
            let job = jobs[row.index()];
            let mut title = None;
            row.col(|ui| title = Some(self::title(ui, job)));
            if title.as_ref().is_some_and(egui::Response::hovered) {
                row.set_hovered(true);
            }
            row.col(|ui| state(ui, job));
            row.col(|ui| hands(ui, job, change));
            let mut clicked = row.response().clicked();
            if let Some(title) = title {
                clicked |= title.clicked();
                if let JobState::Failed(error) = &job.state {
                    title.on_hover_text(error.to_string());
                }
            }
            if clicked {
                change.show = Some(job.id);
            }
        });
    });
}

/// A job's name, which is the row's button: a click or the keyboard shows the job.
fn title(ui: &mut Ui, job: &JobView) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Job {}: {}", job.id.0, job.title())));
    let tokens = tokens(ui);
    if response.hovered() {
        ui.painter().rect_filled(rect.expand(2.0), 0.0, tokens.active);
    }
    buttons::focus_ring(ui, rect, &response);
    let mut title = egui::text::LayoutJob::simple_singleline(job.title(), FontId::proportional(12.5), tokens.text);
    title.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 12.0);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(title));
    ui.painter().galley(rect.left_center() + vec2(8.0, -galley.size().y / 2.0), galley, tokens.text);
    response
}

fn state(ui: &mut Ui, job: &JobView) {
    let tokens = tokens(ui);
    let (state, colour) = match &job.state {
        JobState::Queued => ("waiting".to_owned(), tokens.text_weak),
        JobState::Running => (format!("{:.0} %", job.fraction() * 100.0), tokens.accent_text),
        JobState::Finished(seconds) => (format!("done in {}", time(*seconds)), tokens.success),
        JobState::Failed(_) => ("failed".to_owned(), tokens.danger),
        JobState::Cancelled => ("cancelled".to_owned(), tokens.text_faint),
    };
    ui.label(RichText::new(state).size(12.0).color(colour));
}

/// Off the queue; and where it waits, earlier or later.
fn hands(ui: &mut Ui, job: &JobView, change: &mut QueueChange) {
    ui.spacing_mut().item_spacing.x = 0.0;
    if !job.is_open() {
        return;
    }
    if buttons::icon(ui, Icon::Cross, &format!("Cancel job {}", job.id.0), "Take it off the queue").clicked() {
        change.cancel = Some(job.id);
    }
    if !matches!(job.state, JobState::Queued) || job.cancelling {
        return;
    }
    for (earlier, icon, name) in [(false, Icon::ChevronDown, "Run later"), (true, Icon::Up, "Run earlier")] {
        let help = "Change places with the job beside it";
        if buttons::icon(ui, icon, &format!("{name}: job {}", job.id.0), help).clicked() {
            change.earlier = Some((job.id, earlier));
        }
    }
}
