//! What a start does with what the last one left: its session, and perhaps a mark that it ended while it opened what the
//! session names. Then the session is opened without that, says what it left out, and keeps the old file.

use super::Session;
use crate::app::background::{Background, Pending};
use crate::app::home::Home;
use crate::app::widgets::toasts::{Toasts, Tone};
use crate::experiments::settings::networks::Networks;
use crate::experiments::{ForeignRecipe, Source, find, opening};
use crate::models::recommendations;

/// Names of left-out files that a message lists.
const LISTED: usize = 3;

/// The last session, without its sources after a crash; the first one where there is none. With it the removal of kept
/// pictures that no session names any more.
pub fn opened(home: &Home, background: &Background, toasts: &mut Toasts) -> (Session, Option<Pending<()>>) {
    let crashed = background.mark().is_left();
    background.mark().take_away();
    let session = match Session::load(&home.session()) {
        Ok(Some(session)) => session,
        Ok(None) => return (first(), None),
        Err(error) => {
            let kept = Session::set_aside(&home.session());
            toasts.say(Tone::Note, format!("{error}; starting afresh{kept}"));
            return (Session::default(), None);
        }
    };
    let session = if crashed { without_sources(session, home, toasts) } else { session };
    // Pictures that the session before the crash names are kept with it.
    let before = Session::load(&home.session_before_crash()).ok().flatten();
    let named: Vec<_> = std::iter::once(&session).chain(&before).flat_map(Session::named_files).collect();
    let home = home.clone();
    let tidying = background.run_in_order("removing kept pictures", move || {
        home.tidy(&named);
        Ok(())
    });
    if !session.named_files().is_empty() {
        background.mark().set();
    }
    (session, Some(tidying))
}

/// The first session opens on a prompt that the model follows well.
fn first() -> Session {
    let mut session = Session::default();
    let Networks { model, stage_2, .. } = &session.recipe().networks;
    let prompts = recommendations(model, stage_2).map(|it| it.stage_1.prompts).unwrap_or_default();
    if let Some(prompt) = prompts.into_iter().next() {
        session.recipe_mut().prompting.prompt = vec![prompt];
    }
    session
}

fn without_sources(mut session: Session, home: &Home, toasts: &mut Toasts) -> Session {
    let left = leave_sources(&mut session);
    if left.is_empty() {
        return session;
    }
    let kept = home.session_before_crash();
    let kept = match std::fs::copy(home.session(), &kept) {
        Ok(_) => format!("; the session with them is kept as {}", kept.display()),
        Err(_) => String::new(),
    };
    let more = left.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let listed = left[..left.len().min(LISTED)].join(", ");
    let line = format!(
        "the program ended while it opened what the last session names, so that is left out now: {listed}{more}{kept}"
    );
    toasts.say(Tone::Failed, line);
    session
}

/// Takes every file and folder out of the session's recipes; says which, once each.
fn leave_sources(session: &mut Session) -> Vec<String> {
    let mut left: Vec<String> = Vec::new();
    let mut leave = |name: String| {
        if !left.contains(&name) {
            left.push(name);
        }
    };
    for (verb, recipe) in &mut session.recipes {
        match ForeignRecipe::new(recipe.clone()) {
            Ok(foreign) => {
                foreign.files().iter().for_each(|file| leave(file.path.clone()));
                recipe.clone_from(foreign.harmless());
            }
            Err(_) => find(verb).into_iter().for_each(|experiment| *recipe = opening(experiment)),
        }
    }
    for painted in std::mem::take(&mut session.painted_masks).into_values() {
        if let Source::File(path) = painted {
            leave(path.display().to_string());
        }
    }
    session.mask_edges.clear();
    left
}
