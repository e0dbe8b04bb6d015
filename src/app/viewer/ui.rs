//! The pictures drawn: under a divider, or as a grid with the timeline of their steps beneath.

use egui::{Ui, UiBuilder, vec2};

use super::divider::divider;
use super::picture_grid::picture_grid;
use super::{Look, Shown, Viewer};
use crate::app::commands::Command;
use crate::app::queue::Jobs;
use crate::app::shared::Shared;

/// Commands in a picture's menu.
const MENU: [Command; 9] = [
    Command::Star,
    Command::Compare,
    Command::RestoreSettings,
    Command::RestoreButSeed,
    Command::UseAsSource,
    Command::Nearest,
    Command::CopyPicture,
    Command::CopyCommand,
    Command::Trash,
];

impl Viewer {
    /// Draws them in all the room there is.
    pub fn ui(&mut self, ui: &mut Ui, shared: &mut Shared) {
        if let Some(compared) = &mut self.compared {
            divider(ui, compared);
            return;
        }
        let room = ui.available_rect_before_wrap();
        let height = self.timeline_height(&shared.queue.jobs, room.height());
        let (above, below) = room.split_top_bottom_at_y(room.bottom() - height);
        ui.scope_builder(UiBuilder::new().max_rect(above), |ui| self.grid(ui, shared));
        if height > 0.0 {
            let below = below.shrink2(vec2(16.0, 2.0));
            ui.scope_builder(UiBuilder::new().max_rect(below), |ui| self.timeline_ui(ui, shared));
        }
    }

    fn grid(&mut self, ui: &mut Ui, shared: &mut Shared) {
        let chosen = self.chosen(&shared.queue.jobs);
        let Self { stage, timeline, .. } = self;
        let shown = match timeline.at {
            Some(_) if timeline.look == Look::Everything => picture_grid(ui, &timeline.cells, 0, None, &mut stage.view),
            Some(_) => picture_grid(ui, &timeline.cells, stage.columns, chosen, &mut stage.view),
            None => picture_grid(ui, &stage.cells, stage.columns, chosen, &mut stage.view),
        };
        if let (Some(cell), true) = (shown.cell, shown.response.clicked())
            && timeline.look != Look::Everything
            && matches!(stage.shown, Shown::Job(_))
        {
            timeline.picture = cell;
        }
        self.zoom = shown.zoom.map(|zoom| zoom * ui.pixels_per_point());
        let path = shown.cell.and_then(|cell| stage.cells.get(cell)?.path.clone());
        if shown.response.secondary_clicked() {
            self.under_menu.clone_from(&path);
        }
        if stage.cells.len() > 1 && shown.response.double_clicked() && path.is_some() {
            shared.to_show = path.map(|path| (path, None));
        }
        shown.response.context_menu(|ui| self.menu(ui, shared));
    }

    /// The one of several pictures that commands are about, once it is finished.
    fn chosen(&self, jobs: &Jobs) -> Option<usize> {
        let Shown::Job(id) = self.stage.shown else { return None };
        (self.stage.cells.len() > 1).then(|| self.of_job(jobs.get(id)?).map(|picture| picture.index))?
    }

    fn menu(&self, ui: &mut Ui, shared: &mut Shared) {
        if let Some(path) = &self.under_menu {
            for command in MENU {
                if ui.button(command.about().text).clicked() {
                    shared.to_show = Some((path.clone(), Some(command)));
                    ui.close();
                }
            }
            ui.separator();
        }
        for command in [Command::Fit, Command::ActualSize] {
            if ui.button(command.about().text).clicked() {
                shared.commands.push(command);
                ui.close();
            }
        }
    }
}
