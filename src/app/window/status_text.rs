//! The window's sentences about its own state.

use super::dashboard::trains;
use super::jobs::State;
use super::lab::Lab;
use super::stage::Shown;
use crate::experiments::{Recipe, Table, evaluations, training_settings};
use crate::files::time;
use crate::training::Settings;

impl Lab {
    /// What Generate is going to do.
    pub fn plan(&self) -> String {
        let recipe = self.session.recipe();
        if trains(recipe) {
            let Settings { kind, hidden, epochs, batch, .. } = training_settings(recipe);
            let epochs = counted(epochs, "epoch");
            return format!("{} · D {hidden} · {epochs} · batch {batch} · {}", kind.name(), recipe.data);
        }
        let pictures = counted(Table::of(recipe).pictures(), "picture");
        if recipe.experiment().is_ok_and(|experiment| !experiment.reads("steps")) {
            return pictures;
        }
        if recipe.steps.is_empty() && recipe.experiment().is_ok_and(|experiment| !experiment.reads("model")) {
            return pictures; // the network's own steps are in its checkpoint
        }
        let Ok(resolved) = recipe.resolved(self.model.recommendations()) else { return pictures };
        let has_stage_2 = self.model.summary().is_some_and(|glance| glance.has_stage_2(&resolved.stage_2));
        match evaluations(&resolved, has_stage_2) {
            Ok(Some([0, _])) => pictures,
            Ok(Some([steps, 0])) => format!("{pictures} · {steps} steps{}", self.expected(&resolved, has_stage_2)),
            Ok(Some([first, second])) => {
                format!("{pictures} · {first} + {second} steps{}", self.expected(&resolved, has_stage_2))
            }
            _ => format!("{pictures} · a list of timesteps"),
        }
    }

    /// The time that a resolved recipe will take, where its networks were timed on this machine.
    fn expected(&self, recipe: &Recipe, has_stage_2: bool) -> String {
        if self.model.summary().is_none() {
            return String::new();
        }
        match self.engine.expected_secs(recipe, has_stage_2) {
            Some(secs) => format!(" · about {}", time(secs)),
            None if recipe.experiment().is_ok_and(|experiment| experiment.reads("model")) => {
                " · not timed here yet".to_owned()
            }
            None => String::new(),
        }
    }

    /// What the bar says while nothing runs.
    pub fn idle_words(&self) -> String {
        let waiting = self.jobs.open().count();
        if waiting > 0 {
            return format!("{} waiting", counted(waiting, "job"));
        }
        let gallery = match self.gallery.paths.len() {
            0 => String::new(),
            n => format!(" · {} in the gallery", counted(n, "picture")),
        };
        if let Some((job, State::Finished(seconds))) = self.jobs.listed().next_back().map(|job| (job, &job.state))
            && trains(&job.recipe)
        {
            return format!("Trained in {}{gallery}", time(*seconds));
        }
        match self.jobs.listed().next_back().map(|job| (&job.state, job.pictures.len())) {
            Some((State::Finished(seconds), n)) => format!("{} in {}{gallery}", counted(n, "picture"), time(*seconds)),
            Some((State::Failed(_), _)) => format!("The last job failed{gallery}"),
            Some((State::Cancelled, _)) => format!("Cancelled{gallery}"),
            _ => format!("Ready · {}{gallery}", self.session.recipe().model),
        }
    }

    /// Why the last job of the open panel failed, if it did.
    pub fn last_error(&self) -> Option<String> {
        let job = self.jobs.listed().rev().find(|job| job.recipe.experiment == self.session.panel)?;
        match &job.state {
            State::Failed(error) => Some(sentence(&error.to_string())),
            _ => None,
        }
    }

    /// The line above the pictures.
    pub fn shown_words(&self) -> String {
        match &self.stage.shown {
            Shown::Nothing => String::new(),
            Shown::Job(id) => self.jobs.get(*id).map_or_else(String::new, |job| {
                let state = match &job.state {
                    State::Queued => " · waiting",
                    State::Running => " · estimate of x₀, live",
                    _ => "",
                };
                format!("{} of {}{state}", job.pictures.len(), counted(job.expected(), "picture"))
            }),
            Shown::Picture(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let recipe = self.stage.loaded.as_ref().and_then(|loaded| loaded.recipe.as_ref());
                format!("{name}{}", recipe.map_or_else(String::new, |recipe| format!(" · {}", facts(recipe))))
            }
        }
    }
}

/// What made a picture, in short.
fn facts(recipe: &Recipe) -> String {
    let list = |values: Vec<String>| values.join(", ");
    let mut facts = vec![recipe.experiment.clone()];
    if recipe.timesteps.is_none() && !recipe.steps.is_empty() {
        facts.push(format!("{} steps", list(recipe.steps.iter().map(usize::to_string).collect())));
    }
    if !recipe.guidance.is_empty() {
        facts.push(format!("γ {}", list(recipe.guidance.iter().map(f64::to_string).collect())));
    }
    facts.push(format!("seed {}", list(recipe.seed.iter().map(u64::to_string).collect())));
    facts.join(" · ")
}

/// With a capital letter, for messages that stand alone.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
