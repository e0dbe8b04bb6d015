//! The inspector drawn: the open experiment's name, presets and form, and the one button under them.

use egui::{CentralPanel, Frame, Margin, Panel, RichText, ScrollArea, Ui};

use super::Inspector;
use super::panels::panel;
use super::recipe_form::{Form, Surroundings};
use crate::app::commands::Command;
use crate::app::shared::Shared;
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::buttons;
use crate::experiments::Experiment;

/// Height of the part with the button, in points.
const FOOT: f32 = 84.0;

impl Inspector {
    /// Draws it.
    pub fn ui(&mut self, ui: &mut Ui, shared: &mut Shared) {
        let Ok(experiment) = shared.session.recipe().experiment() else { return };
        let side = |top, bottom| Frame::new().inner_margin(Margin { left: 16, right: 16, top, bottom });
        Panel::top("inspector head").exact_size(52.0).frame(side(12, 4)).show_separator_line(false).show(ui, |ui| {
            self.head(ui, experiment, shared);
        });
        Panel::bottom("inspector foot").exact_size(FOOT).frame(side(8, 12)).show_separator_line(false).show(ui, |ui| {
            self.foot(ui, shared);
        });
        CentralPanel::no_frame().show(ui, |ui| {
            ScrollArea::vertical().id_salt(experiment.verb).auto_shrink([false, false]).show(ui, |ui| {
                side(4, 12).show(ui, |ui| {
                    branch(ui, shared);
                    self.form(ui, experiment, shared);
                });
            });
        });
    }

    fn head(&mut self, ui: &mut Ui, experiment: &'static Experiment, shared: &mut Shared) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(experiment.title).font(medium(16.0))).on_hover_text(experiment.sentence);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 12.0;
                let help = "Put every setting back to its default";
                if buttons::icon(ui, Icon::Restore, "Reset settings", help).clicked() {
                    shared.commands.push(Command::ResetPanel);
                }
                let presets = buttons::quiet(ui, Icon::Bookmark, "Presets");
                egui::Popup::menu(&presets).width(340.0).show(|ui| self.presets(ui, experiment, shared));
                presets.on_hover_text("Ready to run: the rows of the course, and more");
            });
        });
    }

    fn presets(&mut self, ui: &mut Ui, experiment: &Experiment, shared: &mut Shared) {
        ui.set_min_width(328.0);
        for preset in experiment.presets {
            let text = format!("{}   {}", preset.name.to_uppercase(), preset.title);
            let button = egui::Button::new(text).frame_when_inactive(false).min_size(egui::vec2(328.0, 0.0));
            if ui.add(button).clicked() {
                self.open((preset.recipe)(), &mut shared.session);
                ui.close();
            }
        }
    }

    fn form(&mut self, ui: &mut Ui, experiment: &'static Experiment, shared: &mut Shared) {
        let Self { source, model, views, wanted, tokens, wrong, .. } = self;
        let Shared { session, files, background, .. } = shared;
        source.offer(ui.ctx());
        let history = session.prompts.clone();
        let mut locked = session.seed_locked;
        let around = Surroundings {
            model,
            tokens,
            background,
            history: &history,
            source,
            seed_locked: &mut locked,
            files,
            views,
            wanted,
        };
        let wrong = wrong.entry(experiment.verb).or_default();
        let mut form = Form::new(session.recipe_mut(), wrong, around);
        form.ui(ui, panel(experiment.verb).by_hand);
        session.seed_locked = locked;
    }

    fn foot(&mut self, ui: &mut Ui, shared: &mut Shared) {
        let (recipe, queue) = (shared.session.recipe(), &shared.queue);
        let why_not = self.why_not(&shared.session);
        let text = why_not.clone().unwrap_or_else(|| self.plan(recipe, &*queue.engine));
        let tokens = tokens(ui);
        let colour = if why_not.is_some() { tokens.warning } else { tokens.text_faint };
        ui.spacing_mut().item_spacing.y = 6.0;
        let unread = self.unread(&shared.session);
        let sense = if unread.is_some() { egui::Sense::CLICK } else { egui::Sense::hover() };
        let said = ui.add(egui::Label::new(RichText::new(text).size(11.5).color(colour)).truncate().sense(sense));
        if unread.is_some() && said.on_hover_text("Click to go to the setting").clicked() {
            self.wanted = unread;
        }
        let keys = Command::Generate.keys();
        let button = ui.add_enabled_ui(why_not.is_none(), |ui| {
            let name = match queue.jobs.open().next() {
                Some(_) => "Add to queue",
                None if recipe.trains() => "Train",
                None => "Generate",
            };
            buttons::primary(ui, name, keys.as_deref())
        });
        if button.inner.clicked() {
            shared.commands.push(Command::Generate);
        }
    }
}

/// That the next run goes on from another's step, and the way back from that.
fn branch(ui: &mut Ui, shared: &mut Shared) {
    let Some(branch) = shared.session.recipe().source.branch.clone() else { return };
    ui.horizontal(|ui| {
        let text = RichText::new(format!("Goes on from step {} of an earlier run", branch.step + 1)).size(12.0);
        ui.label(text.color(tokens(ui).accent_text)).on_hover_text(branch.path.display().to_string());
        if buttons::icon(ui, Icon::Cross, "Leave the branch", "Begin from noise again").clicked() {
            shared.session.recipe_mut().source.branch = None;
        }
    });
}
