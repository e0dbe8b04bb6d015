//! What can be set: one small group of settings a file, each setting declared once. The declaration is the field with its
//! type, default and doc, and what flags, forms, `--help`, JSON and the palette make of it.
//!
//! A setting is called by its group and field: `sampling::steps` is the [`Setting`], `recipe.sampling.steps` its value.
//! Its key, in JSON and on the command line, is the field's name, or the one given with `as`.

#[macro_use]
mod declare;
mod setting;

pub mod blur;
pub mod digits;
pub mod grid;
pub mod guidance;
pub mod inpainting;
pub mod networks;
pub mod parts;
pub mod prompting;
pub mod sampling;
pub mod scoring;
pub mod source;
pub mod stage_2;
pub mod training;
pub mod views;

pub use setting::{Field, Kind, Needs, Setting, Slider};

/// Every group, in the order of a recipe's JSON.
const GROUPS: [&[&Setting]; 14] = [
    networks::Networks::SETTINGS,
    prompting::Prompting::SETTINGS,
    sampling::Sampling::SETTINGS,
    guidance::Guidance::SETTINGS,
    source::Source::SETTINGS,
    blur::Blur::SETTINGS,
    inpainting::Inpainting::SETTINGS,
    views::Views::SETTINGS,
    parts::Parts::SETTINGS,
    grid::Grid::SETTINGS,
    stage_2::Stage2::SETTINGS,
    digits::Digits::SETTINGS,
    scoring::Scoring::SETTINGS,
    training::Training::SETTINGS,
];

/// Every setting, in the order of a recipe's JSON.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    GROUPS.into_iter().flatten().copied()
}

/// The setting of a key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.key == key)
}
