//! What is drawn. One file a group of subjects; each offers a list, and `all` gathers them.

mod animals;
mod landscapes;
mod objects;
mod portraits;
mod towns;

use crate::picture::Picture;
use crate::styles::Style;

pub struct Subject {
    /// Short and unique: what sheets and judges call it.
    pub name: &'static str,
    /// What captions call it; the first is what the course and most people say. All name the same thing.
    pub nouns: &'static [&'static str],
    /// One of the twelve prompts of the course.
    pub course: bool,
    /// Its share of each style in the order of `Style::ALL`; none: `Style::SHARES`.
    pub styles: Option<[f32; 6]>,
    pub paint: fn(&mut Picture),
}

impl Subject {
    pub fn style_shares(&self) -> [f32; 6] {
        self.styles.unwrap_or(Style::SHARES)
    }
}

pub fn all() -> Vec<&'static Subject> {
    let groups = [portraits::SUBJECTS, towns::SUBJECTS, landscapes::SUBJECTS, animals::SUBJECTS, objects::SUBJECTS];
    groups.into_iter().flatten().collect()
}
