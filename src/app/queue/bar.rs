//! The bottom bar: what runs, how far it is, how to stop it, and the list of jobs; and while nothing runs, how the last
//! job ended.

use egui::{Align, Layout, RichText, Ui};

use super::jobs::JobState;
use super::{Queue, list};
use crate::app::commands::Command;
use crate::app::text::{counted, sentence};
use crate::app::theme::tokens;
use crate::app::widgets::toasts::Toasts;
use crate::files::time;
use crate::worker::JobId;

impl Queue {
    /// Draws the bar, with what was done as `toasts` say it; `pictures` are in the gallery, `model` is the open panel's. A
    /// job that is to be shown.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        pictures: usize,
        model: &str,
        toasts: &mut Toasts,
        commands: &mut Vec<Command>,
    ) -> Option<JobId> {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let change = list::queue(ui, &self.jobs);
            if let Some(id) = change.cancel {
                self.cancel(id);
            }
            if let Some((id, earlier)) = change.earlier {
                self.reorder(id, earlier);
            }
            match self.jobs.running() {
                Some(job) => {
                    if let Some(id) = list::progress(ui, job, |ui| commands.extend(toasts.line(ui))) {
                        self.cancel(id);
                    }
                }
                None => {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        if toasts.says_done() {
                            return commands.extend(toasts.line(ui));
                        }
                        let text = RichText::new(self.idle_text(pictures, model)).size(12.0);
                        ui.add(egui::Label::new(text.color(tokens(ui).text_weak)).truncate());
                    });
                }
            }
            change.show
        })
        .inner
    }

    fn idle_text(&self, pictures: usize, model: &str) -> String {
        let waiting = self.jobs.open().count();
        if waiting > 0 {
            return format!("{} waiting", counted(waiting, "job"));
        }
        let gallery = match pictures {
            0 => String::new(),
            n => format!(" · {} in the gallery", counted(n, "picture")),
        };
        let last = self.jobs.listed().next_back();
        match last.map(|job| (&job.state, job)) {
            Some((JobState::Finished(seconds), job)) if job.recipe.trains() => {
                format!("Trained in {}{gallery}", time(*seconds))
            }
            Some((JobState::Finished(seconds), job)) if job.pictures.is_empty() => {
                format!("Done in {}{gallery}", time(*seconds))
            }
            Some((JobState::Finished(seconds), job)) => {
                format!("{} in {}{gallery}", counted(job.pictures.len(), "picture"), time(*seconds))
            }
            Some((JobState::Failed(_), _)) => format!("The last job failed{gallery}"),
            Some((JobState::Cancelled, _)) => format!("Cancelled{gallery}"),
            _ => format!("Ready · {model}{gallery}"),
        }
    }

    /// Why the last job of a panel failed, if it did.
    pub fn last_error(&self, panel: &str) -> Option<String> {
        let job = self.jobs.listed().rev().find(|job| job.recipe.experiment == panel)?;
        match &job.state {
            JobState::Failed(error) => Some(sentence(&error.to_string())),
            _ => None,
        }
    }
}
