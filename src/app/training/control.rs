//! The hands on the run that trains: how far and how fast it is, pause, stop, and its learning rate.

use egui::{Align, Label, Layout, Rect, RichText, Role, Sense, TextEdit, Ui, WidgetInfo, vec2};

use super::axis::{short, whole};
use super::run::{Run, RunState};
use super::start::player;
use super::state::Training;
use crate::app::shared::Shared;
use crate::app::theme::{Icon, medium, tokens};
use crate::app::widgets::buttons;
use crate::app::widgets::toasts::Tone;
use crate::files::time;
use crate::worker::JobId;

/// Height of its lines.
pub const HEIGHT: f32 = 64.0;

/// The run that trains, else the one that is looked at.
fn subject(training: &Training) -> Option<&Run> {
    training.runs.live().or_else(|| training.looked_at())
}

/// Draws them.
pub fn ui(training: &mut Training, ui: &mut Ui, shared: &mut Shared) {
    let Some(run) = subject(training) else { return };
    let tokens = tokens(ui);
    let colour = match run.state {
        RunState::Running => tokens.success,
        RunState::Waiting | RunState::Pausing | RunState::Paused => tokens.warning,
        RunState::Failed(_) => tokens.danger,
        RunState::Finished(_) | RunState::Stopped | RunState::Read => tokens.text_faint,
    };
    let title = format!("{} · {}", run.name, run.state.word());
    let (facts, fraction) = (facts(run), run.progress.map_or(0.0, |progress| progress.fraction));
    let open = run.job.filter(|_| run.state.is_open());
    let (colour_number, can) = (run.colour, After::of(run));
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        ui.set_min_height(32.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            match open {
                Some(job) => hands(training, ui, job, shared),
                None => afterwards(training, ui, colour_number, can, shared),
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let (dot, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter().circle_filled(dot.center(), 4.0, colour);
                ui.add(Label::new(RichText::new(title).font(medium(13.0)).color(tokens.text)).truncate());
            });
        });
    });
    if open.is_some() {
        bar(ui, fraction);
    }
    ui.add(Label::new(RichText::new(facts).size(12.0).color(tokens.text_weak)).truncate());
}

fn bar(ui: &mut Ui, fraction: f32) {
    let tokens = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Training progress"));
    ui.painter().rect_filled(rect, 2.0, tokens.active);
    let done = Rect::from_min_size(rect.min, vec2(rect.width() * fraction, rect.height()));
    ui.painter().rect_filled(done, 2.0, tokens.accent);
}

/// What can be done with a run that is over.
#[derive(Clone, Copy)]
pub struct After {
    /// To train it further.
    pub go_on: bool,
    /// To make digits with its network, or clean some.
    pub play: bool,
}

impl After {
    /// What can be done with `run`.
    pub fn of(run: &Run) -> Self {
        let ended = run.recipe.as_ref().is_some_and(|recipe| recipe.harmless().training.max_steps.is_none());
        let complete =
            matches!(run.state, RunState::Finished(_)) || (run.state == RunState::Read && run.recipe.is_some());
        let over = !run.state.is_open() && run.last().is_some();
        Self { go_on: over && !(complete && ended), play: over && player(run).is_some() }
    }
}

/// The buttons of a run that is over, from the right.
fn afterwards(training: &mut Training, ui: &mut Ui, colour: usize, can: After, shared: &mut Shared) {
    ui.spacing_mut().item_spacing.x = 18.0;
    ui.add_space(8.0);
    if can.go_on {
        let help = "Trains further where it was saved, as if it had never stopped";
        if buttons::quiet(ui, Icon::Play, "Train further").on_hover_text(help).clicked() {
            training.go_on(colour, shared);
        }
    }
    if can.play && buttons::quiet(ui, Icon::Spark, "Use this network").on_hover_text(PLAY).clicked() {
        training.play_with(colour, &mut shared.session);
    }
}

/// What it is to play with a run's network.
pub const PLAY: &str = "Opens the panel that draws or cleans digits, with this run's checkpoint";

/// Pause or go on, stop, and the learning rate, from the right.
fn hands(training: &mut Training, ui: &mut Ui, job: JobId, shared: &mut Shared) {
    let Some(run) = training.runs.of(job) else { return };
    let (state, rate) = (run.state.clone(), run.last().map(|point| point.learning_rate));
    ui.spacing_mut().item_spacing.x = 18.0;
    ui.add_space(8.0);
    let help = "Ends after this step; network and state are saved, and can be resumed";
    if buttons::quiet(ui, Icon::Cross, "Stop").on_hover_text(help).clicked() {
        shared.queue.cancel(job);
    }
    let waits = matches!(state, RunState::Pausing | RunState::Paused);
    if state != RunState::Waiting {
        let (icon, text) = if waits { (Icon::Play, "Resume") } else { (Icon::Pause, "Pause") };
        let help = if waits { "Goes on as if it had never waited" } else { "Waits after this step, everything saved" };
        if buttons::quiet(ui, icon, text).on_hover_text(help).clicked() {
            training.pause(&shared.queue);
        }
    }
    learning_rate(training, ui, job, rate, shared);
}

/// A field for another learning rate: Enter makes it the present one, and the decay goes on from there.
fn learning_rate(training: &mut Training, ui: &mut Ui, job: JobId, present: Option<f64>, shared: &mut Shared) {
    let tokens = tokens(ui);
    let Some(present) = present else { return };
    ui.spacing_mut().item_spacing.x = 6.0;
    let mut text = training.rate.clone().unwrap_or_else(|| short(present));
    let typed = text.trim().parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0);
    let edit = TextEdit::singleline(&mut text)
        .desired_width(64.0)
        .margin(egui::Margin::symmetric(8, 5))
        .text_color_opt((training.rate.is_some() && typed.is_none()).then_some(tokens.danger));
    let help = "Adam's learning rate now; type another and press Enter. Its decay over the epochs goes on from there";
    let response = ui.add(edit).accessible_name("Learning rate now").on_hover_text(help);
    ui.label(RichText::new("lr").size(12.0).color(tokens.text_weak));
    if response.changed() {
        training.rate = Some(text.clone());
    }
    if response.lost_focus() {
        let entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
        let wanted = training.rate.take().filter(|_| entered);
        match (wanted, text.trim().parse::<f64>()) {
            (Some(_), Ok(rate)) if rate.is_finite() && rate > 0.0 => set_rate(training, job, rate, shared),
            (Some(text), _) => {
                shared.toasts.tell(Tone::Failed, format!("`{text}` is not a learning rate; give a number above 0"))
            }
            (None, _) => {}
        }
    }
}

/// Makes `rate` the present learning rate. The worker takes the first epoch's rate and lets it decay from there.
fn set_rate(training: &Training, job: JobId, rate: f64, shared: &mut Shared) {
    let Some(run) = training.runs.of(job) else { return };
    let decayed = match (run.settings(), run.last()) {
        (Some(settings), Some(point)) => settings.decay_in(point.epoch - 1),
        _ => 1.0,
    };
    shared.queue.engine.set_learning_rate(job, rate / decayed);
    shared.toasts.say(Tone::Done, format!("The learning rate is {} from the next step on", short(rate)));
}

/// How far and how fast a run is, in words.
fn facts(run: &Run) -> String {
    let mut words = Vec::new();
    let settings = run.settings();
    match (&run.progress, run.last()) {
        (Some(progress), _) if run.state.is_open() => {
            let epochs = run.epoch_steps.map_or(1, |steps| progress.of.div_ceil(steps));
            words.push(format!("epoch {} of {}", progress.timestep, epochs));
            words.push(format!("step {} of {}", whole(progress.step as i64), whole(progress.of as i64)));
            words.push(match progress.step_secs {
                secs if secs < 0.9995 => format!("{:.0} ms a step", secs * 1000.0),
                secs => format!("{} a step", time(secs)),
            });
            words.extend(run.pictures_per_sec.map(|pace| format!("{} digits/s", whole(pace.round() as i64))));
            words.extend(progress.left_secs.map(|left| format!("{} left", time(left))));
        }
        (_, Some(point)) => {
            words.push(format!("{} steps in {}", whole(point.step as i64), time(point.seconds)));
            words.push(format!("epoch {}", point.epoch));
        }
        (_, None) => {}
    }
    if let RunState::Failed(error) = &run.state {
        words.insert(0, error.clone());
    }
    if let (Some(settings), Some(recipe)) = (settings, &run.recipe) {
        words.push(format!("{} · D {} · batch {}", settings.kind.name(), settings.hidden, settings.batch));
        words.push(recipe.harmless().digits.data.clone());
    }
    words.join(" · ")
}
