//! What was done, newest last, so that Ctrl+Z takes back whatever it was: a setting, a stroke, a throwing away. A
//! slider that is dragged or a word that is typed is one change.

use std::time::{Duration, Instant};

use egui::Context;

use super::benches::Bench;
use super::session::Session;
use crate::experiments::Recipe;
use crate::pictures::drawing::Edges;

/// A change of settings is complete when nothing moved for so long.
const SETTLED: Duration = Duration::from_millis(600);
/// Deeds that are kept.
const KEPT: usize = 300;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Settings changed; the recipe on the other side of the change.
    Settings(Box<Recipe>),
    /// The mask's edges were changed; as they are on the other side of the change.
    Edges(Edges),
    /// Something was painted.
    Stroke(Bench),
    /// A picture was thrown away.
    Trash,
}

/// The deeds, and the settings as they were when last looked at.
#[derive(Default)]
pub struct Undo {
    past: Vec<Deed>,
    future: Vec<Deed>,
    /// Each panel's settings, as far as they are accounted for.
    seen: Vec<Recipe>,
    /// The mask's edges, as far as they are accounted for.
    edges: Option<Edges>,
    last: Option<(Recipe, Edges, Instant)>,
}

/// A recipe without its mask, which has its own undo on the canvas.
fn light(recipe: &Recipe) -> Recipe {
    Recipe { mask: None, ..recipe.clone() }
}

impl Undo {
    /// Notes a deed that is no setting.
    pub fn note(&mut self, deed: Deed) {
        self.future.clear();
        self.past.push(deed);
        if self.past.len() > KEPT {
            self.past.remove(0);
        }
    }

    /// Follows the open panel's settings from frame to frame.
    pub fn follow(&mut self, ctx: &Context, session: &Session) {
        let (now, edges) = (light(session.recipe()), session.edges);
        let moved = self.last.as_ref().is_none_or(|(last, shaped, _)| *last != now || *shaped != edges);
        if moved {
            self.last = Some((now, edges, Instant::now()));
        }
        let known = *self.edges.get_or_insert(edges);
        let Some((last, shaped, since)) = &self.last else { return };
        let Some(seen) = self.seen.iter().find(|seen| seen.experiment == last.experiment) else {
            self.seen.push(last.clone());
            return;
        };
        if seen == last && known == *shaped {
            return;
        }
        let busy = ctx.input(|input| input.pointer.any_down());
        if busy || since.elapsed() < SETTLED {
            ctx.request_repaint_after(SETTLED);
            return;
        }
        self.settle(session);
    }

    /// Accounts for a change of settings now.
    fn settle(&mut self, session: &Session) {
        if let Some(before) = self.edges.replace(session.edges).filter(|before| *before != session.edges) {
            self.note(Deed::Edges(before));
        }
        let now = light(session.recipe());
        if let Some(seen) = self.seen.iter_mut().find(|seen| seen.experiment == now.experiment)
            && *seen != now
        {
            let before = std::mem::replace(seen, now);
            self.note(Deed::Settings(Box::new(before)));
        }
    }

    /// The settings of a panel were changed by something that is a deed of its own, such as a stroke.
    pub fn account(&mut self, session: &Session) {
        self.edges = Some(session.edges);
        let now = light(session.recipe());
        self.seen.retain(|seen| seen.experiment != now.experiment);
        self.seen.push(now);
    }

    /// Whether there is something to take back, and to do again.
    pub fn depth(&self) -> (usize, usize) {
        (self.past.len(), self.future.len())
    }

    /// The last stroke on `bench` is taken back, or made again, by the canvas's own buttons.
    pub fn step_stroke(&mut self, session: &Session, bench: Bench, forwards: bool) {
        let (from, to) = match forwards {
            false => (&mut self.past, &mut self.future),
            true => (&mut self.future, &mut self.past),
        };
        if let Some(at) = from.iter().rposition(|deed| *deed == Deed::Stroke(bench)) {
            to.push(from.remove(at));
        }
        self.account(session);
    }

    /// The deed to take back or, forwards, to do again.
    pub fn step(&mut self, session: &mut Session, forwards: bool) -> Option<Deed> {
        self.settle(session);
        let (from, to) = match forwards {
            false => (&mut self.past, &mut self.future),
            true => (&mut self.future, &mut self.past),
        };
        let deed = from.pop()?;
        to.push(match &deed {
            Deed::Settings(other) => {
                let mask = session.recipes.get(&other.experiment).and_then(|recipe| recipe.mask.clone());
                let there = session.recipes.get(&other.experiment).map(light);
                session.open(Recipe { mask, ..(**other).clone() });
                Deed::Settings(Box::new(there.unwrap_or_else(|| (**other).clone())))
            }
            Deed::Edges(other) => Deed::Edges(std::mem::replace(&mut session.edges, *other)),
            other => other.clone(),
        });
        self.account(session);
        Some(deed)
    }
}
