//! The script of the screenshots: what leads to each picture, by hand where a hand would do it.

use std::sync::Arc;

use egui::{Context, Event, Modifiers, PointerButton, Pos2, pos2};
use image::RgbImage;

use crate::app::commands::Command;
use crate::app::dialogs::Dialog;
use crate::app::session::Layout;
use crate::app::theme::Theme;
use crate::app::viewer::Look;
use crate::app::widgets::canvas::{Tool, Tools};
use crate::app::widgets::toasts::Tone;
use crate::app::widgets::view::View;
use crate::app::window::Window;
use crate::experiments::{Recipe, Source, find, preset};
use crate::models::digits::Kind;
use crate::models::find_model;
use crate::pictures::drawing::Edges;

/// One picture: what leads to it, and when it is there. Without a name it only leads to the next.
pub struct Shot {
    pub name: &'static str,
    pub prepare: fn(&mut Window, &Context) -> Vec<Event>,
    pub ready: fn(&Window) -> bool,
}

const fn shot(name: &'static str, prepare: fn(&mut Window, &Context) -> Vec<Event>) -> Shot {
    Shot { name, prepare, ready: idle }
}

pub const SCRIPT: [Shot; 30] = [
    Shot {
        name: "start-dark",
        prepare: |_, _| Vec::new(),
        ready: |window| !window.inspector.model.models().is_empty(),
    },
    Shot {
        name: "running",
        prepare: start,
        ready: |window| window.shared.queue.jobs.running().is_some_and(|job| job.fraction() > 0.6),
    },
    shot("sample-dark", |_, _| Vec::new()),
    shot("sample-light", |window, _| theme(window, Theme::Light)),
    shot("steps", steps),
    shot("page", page),
    shot("palette", palette),
    shot("about", |window, ctx| dialog(window, ctx, Command::About)),
    shot("keys", |window, ctx| dialog(window, ctx, Command::Help)),
    Shot { name: "plane", prepare: |window, ctx| dialog(window, ctx, Command::Toy), ready: walked },
    shot("upscale", upscale),
    shot("", |window, _| panel(window, "edit", false)),
    shot("draw", draw),
    shot("edit", edit),
    Shot { name: "add-noise", prepare: add_noise, ready: |window| window.workspaces.noise.shown().len() == 3 },
    Shot { name: "denoise", prepare: denoise, ready: |window| window.workspaces.noise.answered() && idle(window) },
    shot("", village),
    shot("mask", mask),
    shot("inpaint", inpaint),
    shot("compare", compare),
    shot("anagram-compose", compose),
    shot("", anagram),
    shot("anagram", |window, ctx| later(window, ctx, Command::Fit)),
    shot("", hybrid),
    shot("hybrid", |window, ctx| later(window, ctx, Command::Fit)),
    shot("", |window, _| train(window, 2e-4, 60)),
    Shot { name: "train", prepare: |window, _| train(window, 2e-3, 150), ready: |window| epochs(window) >= 1 },
    Shot { name: "digits", prepare: digits, ready: |window| !window.training.browser.shown().is_empty() },
    shot("draw-digits", draw_digits),
    shot("lessons", lessons),
];

fn idle(window: &Window) -> bool {
    window.shared.queue.jobs.open().next().is_none()
}

fn walked(window: &Window) -> bool {
    matches!(&window.dialogs.open, Some(Dialog::Toy(toy)) if !toy.clouds().is_empty())
}

fn theme(window: &mut Window, theme: Theme) -> Vec<Event> {
    window.shared.session.theme = theme;
    Vec::new()
}

fn later(window: &mut Window, _: &Context, command: Command) -> Vec<Event> {
    window.shared.commands.push(command);
    Vec::new()
}

fn start(window: &mut Window, _: &Context) -> Vec<Event> {
    let prompts = window.inspector.model.recommendations().stage_1.prompts.iter().take(3).cloned().collect();
    window.shared.session.open(Recipe::new("sample").with(|recipe| recipe.prompting.prompt = prompts));
    window.shared.commands.push(Command::Generate);
    Vec::new()
}

fn steps(window: &mut Window, _: &Context) -> Vec<Event> {
    window.shared.session.theme = Theme::Dark;
    window.viewer.timeline.at = Some(window.viewer.steps_shown(&window.shared.queue.jobs) * 2 / 3);
    window.viewer.timeline.look = Look::Everything;
    Vec::new()
}

fn page(window: &mut Window, ctx: &Context) -> Vec<Event> {
    window.viewer.timeline.at = None;
    let captions = ["Seed 180, γ 3, 20 steps of stage I and 10 of stage II.", "The same seed, another prompt."];
    window.shared.session.captions.title = "First pictures".to_owned();
    let newest: Vec<_> = window.gallery.paths.iter().take(3).rev().cloned().collect();
    for (path, caption) in newest.iter().zip(captions.into_iter().chain([""])) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        window.shared.session.captions.of.insert(name, caption.to_owned());
        if let Err(error) = window.gallery.star(path) {
            window.shared.toasts.tell(Tone::Failed, error.to_string());
        }
    }
    dialog(window, ctx, Command::Page)
}

fn palette(window: &mut Window, ctx: &Context) -> Vec<Event> {
    dialog(window, ctx, Command::Palette)
}

fn dialog(window: &mut Window, ctx: &Context, command: Command) -> Vec<Event> {
    window.dialogs.open = None;
    window.perform(ctx, command);
    Vec::new()
}

fn defaults(verb: &str) -> Recipe {
    find(verb).map_or_else(|_| Recipe::new(verb), |experiment| experiment.recipe())
}

fn made(window: &Window, number: usize) -> Option<Arc<RgbImage>> {
    window
        .shared
        .queue
        .jobs
        .all
        .first()
        .and_then(|job| job.pictures.get(number))
        .map(|picture| Arc::clone(&picture.pixels))
}

fn upscale(window: &mut Window, _: &Context) -> Vec<Event> {
    window.dialogs.open = None;
    if let Some(pixels) = made(window, 2) {
        window.shared.use_as_source(pixels, "the gallery");
    }
    window.shared.toasts.clear();
    window.shared.session.recipe_mut().prompting.prompt =
        window.inspector.model.recommendations().stage_1.prompts.iter().skip(2).take(1).cloned().collect();
    // A model without stage II would only fail.
    let model = find_model(&window.shared.session.recipe().networks.model);
    if model.is_ok_and(|folder| folder.subfolder("stage-2").is_some()) {
        window.shared.commands.push(Command::Generate);
    }
    Vec::new()
}

/// Opens a panel on an empty stage, with the first picture as its source.
fn panel(window: &mut Window, verb: &str, source: bool) -> Vec<Event> {
    window.shared.toasts.clear();
    window.viewer.stage.clear();
    let image = made(window, 0).filter(|_| source).map(Source::Held);
    window.shared.session.open(defaults(verb).with(|recipe| recipe.source.image = image));
    window.shared.session.tools = Tools::default();
    Vec::new()
}

/// The pointer along a line on the canvas, in parts of its side.
fn stroke(window: &Window, points: &[(f32, f32)]) -> Vec<Event> {
    let Some(rect) = window.workspaces.place(window.panel().verb) else { return Vec::new() };
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
fn draw(window: &mut Window, _: &Context) -> Vec<Event> {
    window.shared.session.tools.colour = [200, 60, 50];
    window.shared.session.tools.size = 30.0;
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
    let mut events = stroke(window, &red);
    events.extend(stroke(window, &[(0.05, 0.90), (0.95, 0.90)]));
    events.extend(stroke(window, &[(0.50, 0.12), (0.50, 0.86)]));
    events
}

fn edit(window: &mut Window, _: &Context) -> Vec<Event> {
    let recipe = window.shared.session.recipe_mut();
    recipe.prompting.prompt = vec!["a red and white lighthouse".to_owned()];
    recipe.source.i_start = vec![5, 10, 15, 20];
    window.shared.commands.push(Command::Generate);
    Vec::new()
}

fn add_noise(window: &mut Window, _: &Context) -> Vec<Event> {
    panel(window, "forward", true)
}

fn denoise(window: &mut Window, _: &Context) -> Vec<Event> {
    panel(window, "denoise", true);
    window.shared.session.recipe_mut().source.t = vec![400];
    Vec::new()
}

fn village(window: &mut Window, _: &Context) -> Vec<Event> {
    panel(window, "inpaint", false);
    window.shared.session.recipe_mut().source.image = Some(Source::named("built-in:landscape"));
    Vec::new()
}

fn mask(window: &mut Window, _: &Context) -> Vec<Event> {
    window.shared.session.tools.size = 88.0;
    window.shared.session.set_edges("inpaint", Edges { grow: 0, feather: 10.0 });
    stroke(window, &[(0.50, 0.17), (0.51, 0.50), (0.50, 0.83)])
}

fn inpaint(window: &mut Window, _: &Context) -> Vec<Event> {
    window.shared.session.recipe_mut().prompting.prompt = vec!["a red and white lighthouse".to_owned()];
    window.shared.session.recipe_mut().guidance.scale = vec![5.0];
    window.shared.commands.push(Command::Generate);
    Vec::new()
}

fn compare(window: &mut Window, ctx: &Context) -> Vec<Event> {
    window.shared.session.layout = Layout::Pictures;
    window.perform(ctx, Command::Compare);
    Vec::new()
}

fn compose(window: &mut Window, _: &Context) -> Vec<Event> {
    window.viewer.compared = None;
    window.shared.session.layout = Layout::Both;
    panel(window, "anagram", false);
    if let Some(preset) = preset("playing-card") {
        window.shared.session.open((preset.recipe)());
    }
    Vec::new()
}

fn anagram(window: &mut Window, _: &Context) -> Vec<Event> {
    window.shared.session.recipe_mut().sampling.count = 2;
    window.shared.commands.push(Command::Generate);
    Vec::new()
}

fn hybrid(window: &mut Window, _: &Context) -> Vec<Event> {
    panel(window, "hybrid", false);
    if let Some(preset) = preset("ink-over-paint") {
        window.shared.session.open((preset.recipe)());
    }
    window.viewer.stage.view = View::Fit;
    window.shared.session.tools.tool = Tool::Brush;
    window.shared.commands.push(Command::Generate);
    Vec::new()
}

/// A small network for a few steps, so that it ends while one waits.
fn train(window: &mut Window, lr: f64, max_steps: usize) -> Vec<Event> {
    window.shared.toasts.clear();
    let (hidden, batch, epochs) = (Some(8), Some(128), Some(1));
    let sizes = defaults("digits-train").with(|recipe| {
        recipe.training.hidden = hidden;
        recipe.training.batch = batch;
        recipe.training.epochs = epochs;
        recipe.training.max_steps = Some(max_steps);
    });
    window.shared.session.open(sizes.with(|recipe| {
        recipe.digits.kind = Some(Kind::Class);
        recipe.training.lr = Some(lr);
        recipe.sampling.steps = vec![20];
    }));
    window.shared.commands.push(Command::Generate);
    Vec::new()
}

/// Epochs of the newest run that have a picture.
fn epochs(window: &Window) -> usize {
    window.training.runs.all.last().map_or(0, |run| run.samples.len())
}

fn digits(window: &mut Window, _: &Context) -> Vec<Event> {
    window.shared.toasts.clear();
    window.training.browser.open = true;
    window.shared.commands.push(Command::CancelAll);
    Vec::new()
}

fn draw_digits(window: &mut Window, _: &Context) -> Vec<Event> {
    window.shared.toasts.clear();
    let classes = "2026".to_owned();
    window.shared.session.open(defaults("digits-sample").with(|recipe| {
        recipe.digits.classes = classes;
        recipe.sampling.count = 2;
        recipe.sampling.steps = vec![100];
        recipe.guidance.scale = vec![3.0];
    }));
    window.shared.commands.push(Command::Generate);
    Vec::new()
}

fn lessons(window: &mut Window, ctx: &Context) -> Vec<Event> {
    panel(window, "forward", false);
    later(window, ctx, Command::Lessons)
}
