//! The script of the screenshots: what leads to each picture, by hand where a hand would do it.

use std::sync::Arc;

use egui::{Context, Event, Modifiers, PointerButton, Pos2, pos2};
use image::RgbImage;

use crate::app::commands::Command;
use crate::app::film::Look;
use crate::app::lab::Lab;
use crate::app::session::Layout;
use crate::app::stage::View;
use crate::app::theme::Theme;
use crate::app::widgets::canvas::{Tool, Tools};
use crate::app::widgets::toasts::Tone;
use crate::experiments::{Recipe, Source, find, preset};
use crate::models::digits::Kind;
use crate::models::find_model;
use crate::pictures::drawing::Edges;

/// One picture: what leads to it, and when it is there. Without a name it only leads to the next.
pub struct Shot {
    pub name: &'static str,
    pub prepare: fn(&mut Lab, &Context) -> Vec<Event>,
    pub ready: fn(&Lab) -> bool,
}

const fn shot(name: &'static str, prepare: fn(&mut Lab, &Context) -> Vec<Event>) -> Shot {
    Shot { name, prepare, ready: idle }
}

pub const SCRIPT: [Shot; 28] = [
    Shot { name: "start-dark", prepare: |_, _| Vec::new(), ready: |lab| !lab.model.models().is_empty() },
    Shot { name: "running", prepare: start, ready: |lab| lab.jobs.running().is_some_and(|job| job.fraction() > 0.6) },
    shot("sample-dark", |_, _| Vec::new()),
    shot("sample-light", |lab, _| theme(lab, Theme::Light)),
    shot("steps", steps),
    shot("page", page),
    shot("palette", palette),
    shot("about", |lab, ctx| sheet(lab, ctx, Command::About)),
    shot("keys", |lab, ctx| sheet(lab, ctx, Command::Help)),
    shot("upscale", upscale),
    shot("", |lab, _| panel(lab, "edit", false)),
    shot("draw", draw),
    shot("edit", edit),
    Shot { name: "add-noise", prepare: add_noise, ready: |lab| lab.benches.noise.shown().len() == 3 },
    Shot { name: "denoise", prepare: denoise, ready: |lab| lab.benches.noise.answered() && idle(lab) },
    shot("", village),
    shot("mask", mask),
    shot("inpaint", inpaint),
    shot("compare", compare),
    shot("anagram-compose", compose),
    shot("", anagram),
    shot("anagram", |lab, ctx| later(lab, ctx, Command::Fit)),
    shot("", hybrid),
    shot("hybrid", |lab, ctx| later(lab, ctx, Command::Fit)),
    shot("", |lab, _| train(lab, 2e-4, 60)),
    Shot { name: "train", prepare: |lab, _| train(lab, 2e-3, 150), ready: |lab| epochs(lab) >= 1 },
    Shot { name: "digits", prepare: digits, ready: |lab| !lab.dashboard.browser.shown().is_empty() },
    shot("draw-digits", draw_digits),
];

fn idle(lab: &Lab) -> bool {
    lab.jobs.open().next().is_none()
}

fn theme(lab: &mut Lab, theme: Theme) -> Vec<Event> {
    lab.session.theme = theme;
    Vec::new()
}

fn later(lab: &mut Lab, _: &Context, command: Command) -> Vec<Event> {
    lab.pending.push(command);
    Vec::new()
}

fn start(lab: &mut Lab, _: &Context) -> Vec<Event> {
    let prompts = lab.model.recommendations().stage_1.prompts.iter().take(3).cloned().collect();
    lab.session.open(Recipe { prompt: prompts, ..Recipe::new("sample") });
    lab.pending.push(Command::Generate);
    Vec::new()
}

fn steps(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.session.theme = Theme::Dark;
    lab.timeline.at = Some(lab.steps_shown() * 2 / 3);
    lab.timeline.look = Look::Everything;
    Vec::new()
}

fn page(lab: &mut Lab, ctx: &Context) -> Vec<Event> {
    lab.timeline.at = None;
    let captions = ["Seed 180, γ 3, 20 steps of stage I and 10 of stage II.", "The same seed, another prompt."];
    lab.session.captions.title = "First pictures".to_owned();
    let newest: Vec<_> = lab.gallery.paths.iter().take(3).rev().cloned().collect();
    for (path, caption) in newest.iter().zip(captions.into_iter().chain([""])) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        lab.session.captions.of.insert(name, caption.to_owned());
        if let Err(error) = lab.gallery.star(path) {
            lab.toasts.tell(Tone::Failed, error.to_string());
        }
    }
    sheet(lab, ctx, Command::Page)
}

fn palette(lab: &mut Lab, ctx: &Context) -> Vec<Event> {
    sheet(lab, ctx, Command::Palette)
}

fn sheet(lab: &mut Lab, ctx: &Context, command: Command) -> Vec<Event> {
    lab.sheet = None;
    lab.perform(ctx, command);
    Vec::new()
}

fn defaults(verb: &str) -> Recipe {
    find(verb).map_or_else(|_| Recipe::new(verb), |experiment| (experiment.defaults)())
}

fn made(lab: &Lab, number: usize) -> Option<Arc<RgbImage>> {
    lab.jobs.all.first().and_then(|job| job.pictures.get(number)).map(|picture| Arc::clone(&picture.pixels))
}

fn upscale(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.sheet = None;
    if let Some(pixels) = made(lab, 2) {
        lab.use_as_source(pixels, "the gallery");
    }
    lab.toasts.clear();
    lab.session.recipe_mut().prompt =
        lab.model.recommendations().stage_1.prompts.iter().skip(2).take(1).cloned().collect();
    // A model without stage II would only fail.
    let model = find_model(&lab.session.recipe().model);
    if model.is_ok_and(|folder| folder.subfolder("stage-2").is_some()) {
        lab.pending.push(Command::Generate);
    }
    Vec::new()
}

/// Opens a panel on an empty stage, with the first picture as its source.
fn panel(lab: &mut Lab, verb: &str, source: bool) -> Vec<Event> {
    lab.toasts.clear();
    lab.stage.clear();
    let image = made(lab, 0).filter(|_| source).map(Source::Held);
    lab.session.open(Recipe { image, ..defaults(verb) });
    lab.session.tools = Tools::default();
    Vec::new()
}

/// The pointer along a line on the canvas, in parts of its side.
fn stroke(lab: &Lab, points: &[(f32, f32)]) -> Vec<Event> {
    let Some(rect) = lab.benches.place(lab.panel().verb) else { return Vec::new() };
    let at = |(x, y): (f32, f32)| pos2(rect.left() + x * rect.width(), rect.top() + y * rect.height());
    let press = |pos: Pos2, pressed: bool| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let moves = points.windows(2).flat_map(|pair| {
        (0..=8).map(move |i| {
            let part = i as f32 / 8.0;
            (pair[0].0 + (pair[1].0 - pair[0].0) * part, pair[0].1 + (pair[1].1 - pair[0].1) * part)
        })
    });
    let (first, last) = (at(points[0]), at(points[points.len() - 1]));
    let mut events = vec![Event::PointerMoved(first), Event::PointerMoved(first), press(first, true)];
    events.extend(moves.map(|point| Event::PointerMoved(at(point))));
    events.push(press(last, false));
    events
}

/// A house in the hand of a child, drawn with one colour after the other: the brush for its walls by hand.
fn draw(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.session.tools.colour = [200, 60, 50];
    lab.session.tools.size = 30.0;
    let red = [
        (0.40, 0.20),
        (0.60, 0.20),
        (0.42, 0.42),
        (0.58, 0.42),
        (0.41, 0.62),
        (0.60, 0.62),
        (0.36, 0.80),
        (0.64, 0.80),
    ];
    let mut events = stroke(lab, &red);
    events.extend(stroke(lab, &[(0.05, 0.90), (0.95, 0.90)]));
    events.extend(stroke(lab, &[(0.50, 0.12), (0.50, 0.86)]));
    events
}

fn edit(lab: &mut Lab, _: &Context) -> Vec<Event> {
    let recipe = lab.session.recipe_mut();
    recipe.prompt = vec!["a red and white lighthouse".to_owned()];
    recipe.i_start = vec![5, 10, 15, 20];
    lab.pending.push(Command::Generate);
    Vec::new()
}

fn add_noise(lab: &mut Lab, _: &Context) -> Vec<Event> {
    panel(lab, "forward", true)
}

fn denoise(lab: &mut Lab, _: &Context) -> Vec<Event> {
    panel(lab, "denoise", true);
    lab.session.recipe_mut().t = vec![400];
    Vec::new()
}

fn village(lab: &mut Lab, _: &Context) -> Vec<Event> {
    panel(lab, "inpaint", false);
    lab.session.recipe_mut().image = Some(Source::named("built-in:landscape"));
    Vec::new()
}

fn mask(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.session.tools.size = 88.0;
    lab.session.set_edges("inpaint", Edges { grow: 0, feather: 10.0 });
    stroke(lab, &[(0.50, 0.17), (0.51, 0.50), (0.50, 0.83)])
}

fn inpaint(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.session.recipe_mut().prompt = vec!["a red and white lighthouse".to_owned()];
    lab.session.recipe_mut().guidance = vec![5.0];
    lab.pending.push(Command::Generate);
    Vec::new()
}

fn compare(lab: &mut Lab, ctx: &Context) -> Vec<Event> {
    lab.session.layout = Layout::Pictures;
    lab.perform(ctx, Command::Compare);
    Vec::new()
}

fn compose(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.compared = None;
    lab.session.layout = Layout::Both;
    panel(lab, "anagram", false);
    if let Some(preset) = preset("playing-card") {
        lab.session.open((preset.recipe)());
    }
    Vec::new()
}

fn anagram(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.session.recipe_mut().count = 2;
    lab.pending.push(Command::Generate);
    Vec::new()
}

fn hybrid(lab: &mut Lab, _: &Context) -> Vec<Event> {
    panel(lab, "hybrid", false);
    if let Some(preset) = preset("ink-over-paint") {
        lab.session.open((preset.recipe)());
    }
    lab.stage.view = View::Fit;
    lab.session.tools.tool = Tool::Brush;
    lab.pending.push(Command::Generate);
    Vec::new()
}

/// A small network for a few steps, so that it ends while one waits.
fn train(lab: &mut Lab, lr: f64, max_steps: usize) -> Vec<Event> {
    lab.toasts.clear();
    let (hidden, batch, epochs) = (Some(8), Some(128), Some(1));
    let sizes = Recipe { hidden, batch, epochs, max_steps: Some(max_steps), ..defaults("digits-train") };
    lab.session.open(Recipe { kind: Some(Kind::Class), lr: Some(lr), steps: vec![20], ..sizes });
    lab.pending.push(Command::Generate);
    Vec::new()
}

/// Epochs of the newest run that have a picture.
fn epochs(lab: &Lab) -> usize {
    lab.dashboard.runs.all.last().map_or(0, |run| run.sheets.len())
}

fn digits(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.toasts.clear();
    lab.dashboard.browser.open = true;
    lab.pending.push(Command::CancelAll);
    Vec::new()
}

fn draw_digits(lab: &mut Lab, _: &Context) -> Vec<Event> {
    lab.toasts.clear();
    let classes = "2026".to_owned();
    lab.session.open(Recipe { classes, count: 2, steps: vec![100], guidance: vec![3.0], ..defaults("digits-sample") });
    lab.pending.push(Command::Generate);
    Vec::new()
}
