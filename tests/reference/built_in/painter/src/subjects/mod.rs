//! What is drawn. One file a group of subjects; each offers a list, and `ALL` gathers them.

mod animals;
mod boat;
mod campfire;
mod car;
mod cliff;
mod country;
mod falls;
mod figures;
mod fire;
mod heavens;
mod landscapes;
mod nature;
mod objects;
mod peaks;
mod portraits;
mod scenes;
mod sea;
mod towns;
mod train;
mod tree;
mod waterfall;
mod wilds;

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
    let groups = [
        portraits::SUBJECTS,
        towns::SUBJECTS,
        landscapes::SUBJECTS,
        scenes::SUBJECTS,
        animals::SUBJECTS,
        objects::SUBJECTS,
    ];
    groups.into_iter().flatten().collect()
}
