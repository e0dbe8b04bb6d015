//! The inspector at the right: the open experiment's name, presets and form, and the one button under them.

use egui::{CentralPanel, Frame, Margin, Panel, RichText, ScrollArea, Ui};

use crate::app::benches::Bench;
use crate::app::commands::Command;
use crate::app::lab::Lab;
use crate::app::panels::{Form, Surroundings, panel};
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::buttons;
use crate::experiments::Experiment;

/// Height of the part with the button, in points.
pub const FOOT: f32 = 84.0;

/// Draws the inspector.
pub fn ui(lab: &mut Lab, ui: &mut Ui) {
    let Ok(experiment) = lab.session.recipe().experiment() else { return };
    let side = |top, bottom| Frame::new().inner_margin(Margin { left: 16, right: 16, top, bottom });
    Panel::top("inspector head").exact_size(52.0).frame(side(12, 4)).show_separator_line(false).show(ui, |ui| {
        head(lab, ui, experiment);
    });
    Panel::bottom("inspector foot").exact_size(FOOT).frame(side(8, 12)).show_separator_line(false).show(ui, |ui| {
        foot(lab, ui);
    });
    CentralPanel::no_frame().show(ui, |ui| {
        ScrollArea::vertical().id_salt(experiment.verb).auto_shrink([false, false]).show(ui, |ui| {
            side(4, 12).show(ui, |ui| form(lab, ui, experiment));
        });
    });
}

fn head(lab: &mut Lab, ui: &mut Ui, experiment: &'static Experiment) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(experiment.title).font(medium(16.0))).on_hover_text(experiment.sentence);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            if buttons::icon(ui, Icon::Restore, "Reset settings", "Put every setting back to its default").clicked() {
                lab.pending.push(Command::ResetPanel);
            }
            let presets = buttons::quiet(ui, Icon::Bookmark, "Presets");
            egui::Popup::menu(&presets).width(340.0).show(|ui| {
                ui.set_min_width(328.0);
                for preset in experiment.presets {
                    let text = format!("{}   {}", preset.name.to_uppercase(), preset.title);
                    if ui
                        .add(egui::Button::new(text).frame_when_inactive(false).min_size(egui::vec2(328.0, 0.0)))
                        .clicked()
                    {
                        lab.open_recipe((preset.recipe)());
                        ui.close();
                    }
                }
            });
            presets.on_hover_text("Ready to run: the rows of the course, and more");
        });
    });
}

/// That the next run goes on from another's step, and the way back from that.
fn branch(lab: &mut Lab, ui: &mut Ui) {
    let Some(branch) = lab.session.recipe().branch.clone() else { return };
    ui.horizontal(|ui| {
        let text = RichText::new(format!("Goes on from step {} of an earlier run", branch.step + 1)).size(12.0);
        ui.label(text.color(tokens(ui).accent_text)).on_hover_text(branch.path.display().to_string());
        if buttons::icon(ui, Icon::Cross, "Leave the branch", "Begin from noise again").clicked() {
            lab.session.recipe_mut().branch = None;
        }
    });
}

fn form(lab: &mut Lab, ui: &mut Ui, experiment: &'static Experiment) {
    branch(lab, ui);
    let Lab { session, model, tokens: counts, background, source, asks, .. } = lab;
    let (views, wrong, wanted) = (&mut lab.views, &mut lab.wrong, &mut lab.wanted);
    source.offer(ui.ctx());
    let history = session.prompts.clone();
    let mut locked = session.seed_locked;
    let around = Surroundings {
        model,
        tokens: counts,
        background,
        history: &history,
        source,
        seed_locked: &mut locked,
        asks,
        views,
        wanted,
    };
    let wrong = wrong.entry(experiment.verb).or_default();
    let mut form = Form::new(session.recipe_mut(), wrong, around);
    (panel(experiment.verb).ui)(&mut form, ui);
    session.seed_locked = locked;
}

fn foot(lab: &mut Lab, ui: &mut Ui) {
    let why_not = lab.why_not();
    let text = match &why_not {
        Some(why) => why.clone(),
        None => lab.plan(),
    };
    let tokens = tokens(ui);
    let colour = if why_not.is_some() { tokens.warning } else { tokens.text_faint };
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.add(egui::Label::new(RichText::new(text).size(11.5).color(colour)).truncate());
    let keys = Command::Generate.keys();
    let button = ui.add_enabled_ui(why_not.is_none(), |ui| {
        let name = match (lab.jobs.open().next(), lab.bench()) {
            (Some(_), _) => "Add to queue",
            (None, Bench::Training) => "Train",
            (None, _) => "Generate",
        };
        buttons::primary(ui, name, keys.as_deref())
    });
    if button.inner.clicked() {
        lab.pending.push(Command::Generate);
    }
}
