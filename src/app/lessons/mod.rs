//! A path through the experiments in the order of the course, beside the panel that each lesson works at.

pub mod course;
mod ui;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use course::{LESSONS, Lesson, lesson};

/// How far one is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Whether the lessons stand beside the panel.
    pub open: bool,
    /// The lesson that is open.
    pub at: String,
    /// The lessons that were done, by id.
    pub done: BTreeSet<String>,
    /// Whether the open lesson's answer is shown.
    pub answered: bool,
}

impl Progress {
    /// The open lesson; the first that is not done where none was opened yet.
    pub fn lesson(&self) -> &'static Lesson {
        let next = || LESSONS.iter().find(|lesson| !self.done.contains(lesson.id));
        lesson(&self.at).or_else(next).unwrap_or(&LESSONS[0])
    }

    /// Its place among all.
    pub fn place(&self) -> usize {
        let open = self.lesson().id;
        LESSONS.iter().position(|lesson| lesson.id == open).unwrap_or(0)
    }

    /// Opens a lesson.
    pub fn go_to(&mut self, lesson: &Lesson) {
        lesson.id.clone_into(&mut self.at);
        self.answered = false;
    }

    /// Something ran at the panel of that verb: the open lesson is done where it works there.
    pub fn ran(&mut self, verb: &str) {
        let lesson = self.lesson();
        if self.open && (lesson.recipe)().experiment == verb {
            self.done.insert(lesson.id.to_owned());
        }
    }
}
