//! What was done, newest last, so that Ctrl+Z takes back whatever it was: a setting, a stroke, a throwing away. A
//! slider that is dragged or a word that is typed is one change.

use std::time::{Duration, Instant};

use egui::Context;

use super::Session;
use crate::experiments::Recipe;
use crate::pictures::drawing::Edges;

/// A change of settings is complete when nothing moved for so long.
const SETTLED: Duration = Duration::from_millis(600);
/// Entries that are kept.
const KEPT: usize = 300;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq)]
pub enum UndoEntry {
    /// Settings changed; the recipe on the other side of the change.
    Settings(Box<Recipe>),
    /// The edges of a panel's mask were changed; the panel's verb, and the edges on the other side of the change.
    Edges(String, Edges),
    /// Something was painted at the canvas of the panel of that verb.
    Stroke(&'static str),
    /// A picture was thrown away.
    Trash,
}

impl UndoEntry {
    /// Whether it is a panel's own; the gallery is every panel's.
    fn is_of(&self, panel: &str) -> bool {
        match self {
            Self::Settings(recipe) => recipe.experiment == panel,
            Self::Edges(verb, _) => verb == panel,
            Self::Stroke(verb) => *verb == panel,
            Self::Trash => true,
        }
    }
}

/// What can be set at a panel.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// The recipe without its mask, which has its own undo on the canvas.
    recipe: Recipe,
    /// The mask's edges.
    edges: Edges,
}

impl Settings {
    /// Those of the open panel.
    pub fn of(session: &Session) -> Self {
        Self { recipe: light(session.recipe()), edges: session.edges(&session.panel) }
    }

    fn are_of(&self, verb: &str) -> bool {
        self.recipe.experiment == verb
    }
}

/// The entries, and the settings as they were when last looked at.
#[derive(Default)]
pub struct Undo {
    past: Vec<UndoEntry>,
    future: Vec<UndoEntry>,
    /// Each panel's settings, as far as they are accounted for.
    seen: Vec<Settings>,
    last: Option<(Settings, Instant)>,
}

fn light(recipe: &Recipe) -> Recipe {
    recipe.clone().with(|recipe| recipe.inpainting.mask = None)
}

impl Undo {
    /// Notes a entry that is no setting.
    pub fn note(&mut self, entry: UndoEntry) {
        self.future.clear();
        self.past.push(entry);
        if self.past.len() > KEPT {
            self.past.remove(0);
        }
    }

    /// Follows the open panel's settings from frame to frame.
    pub fn follow(&mut self, ctx: &Context, session: &Session) {
        let now = Settings::of(session);
        if self.last.as_ref().is_none_or(|(last, _)| *last != now) {
            self.last = Some((now, Instant::now()));
        }
        let Some((last, since)) = &self.last else { return };
        let Some(seen) = self.seen.iter().find(|seen| seen.are_of(&session.panel)) else {
            self.seen.push(last.clone());
            return;
        };
        if seen == last {
            return;
        }
        let busy = ctx.input(|input| input.pointer.any_down());
        if busy || since.elapsed() < SETTLED {
            ctx.request_repaint_after(SETTLED);
            return;
        }
        let now = last.clone();
        self.settle(now);
    }

    /// Accounts for a change of settings to what they are `now`.
    pub fn settle(&mut self, now: Settings) {
        let Some(seen) = self.seen.iter_mut().find(|seen| seen.are_of(&now.recipe.experiment)) else { return };
        let before = std::mem::replace(seen, now.clone());
        if before.edges != now.edges {
            self.note(UndoEntry::Edges(now.recipe.experiment.clone(), before.edges));
        }
        if before.recipe != now.recipe {
            self.note(UndoEntry::Settings(Box::new(before.recipe)));
        }
    }

    /// The settings of a panel were changed by something that is a entry of its own, such as a stroke.
    pub fn account(&mut self, session: &Session) {
        self.seen.retain(|seen| !seen.are_of(&session.panel));
        self.seen.push(Settings::of(session));
    }

    /// How much there is to take back, and to do again, at the panel of that verb.
    pub fn depth(&self, verb: &str) -> (usize, usize) {
        let count = |entries: &[UndoEntry]| entries.iter().filter(|entry| entry.is_of(verb)).count();
        (count(&self.past), count(&self.future))
    }

    /// The last stroke at the canvas of the panel of that verb is taken back, or made again, by the canvas's own buttons.
    pub fn step_stroke(&mut self, session: &Session, verb: &'static str, forwards: bool) {
        let (from, to) = match forwards {
            false => (&mut self.past, &mut self.future),
            true => (&mut self.future, &mut self.past),
        };
        if let Some(at) = from.iter().rposition(|entry| *entry == UndoEntry::Stroke(verb)) {
            to.push(from.remove(at));
        }
        self.account(session);
    }

    /// The open panel's newest entry, to take back or, forwards, to do again. What was done at other panels stays.
    pub fn step(&mut self, session: &mut Session, forwards: bool) -> Option<UndoEntry> {
        self.settle(Settings::of(session));
        let (from, to) = match forwards {
            false => (&mut self.past, &mut self.future),
            true => (&mut self.future, &mut self.past),
        };
        let at = from.iter().rposition(|entry| entry.is_of(&session.panel))?;
        let entry = from.remove(at);
        to.push(match &entry {
            UndoEntry::Settings(other) => {
                let mask = session.recipes.get(&other.experiment).and_then(|recipe| recipe.inpainting.mask.clone());
                let there = session.recipes.get(&other.experiment).map(light);
                session.open((**other).clone().with(|recipe| recipe.inpainting.mask = mask));
                UndoEntry::Settings(Box::new(there.unwrap_or_else(|| (**other).clone())))
            }
            UndoEntry::Edges(verb, other) => {
                let there = session.edges(verb);
                session.set_edges(verb, *other);
                UndoEntry::Edges(verb.clone(), there)
            }
            other => other.clone(),
        });
        self.account(session);
        Some(entry)
    }
}
