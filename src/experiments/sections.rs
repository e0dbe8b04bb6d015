//! The parts of an experiment's settings, in which forms and lists show them; those that several experiments share.

use super::settings::{Setting, grid, guidance, networks, prompting, sampling, source, stage_2};

/// Settings that go together, in order.
#[derive(Clone, Copy)]
pub enum Section {
    /// What the experiment is about, above all other sections and without a heading.
    Head(&'static [&'static Setting]),
    /// Under a heading, in sight at first.
    Open(&'static str, &'static [&'static Setting]),
    /// Under a heading, to be opened by whoever looks for it.
    Closed(&'static str, &'static [&'static Setting]),
}

impl Section {
    /// What is in it.
    pub fn settings(self) -> &'static [&'static Setting] {
        match self {
            Self::Head(settings) | Self::Open(_, settings) | Self::Closed(_, settings) => settings,
        }
    }
}

/// What one sets most often, where the prompt's weight comes first.
pub const SAMPLING: Section =
    Section::Open("Sampling", &[&guidance::scale, &sampling::steps, &sampling::seed, &sampling::count]);

/// How the loop walks.
pub const LOOP: Section =
    Section::Closed("Loop", &[&sampling::stepping, &sampling::sampler, &sampling::eta, &sampling::timesteps]);

/// The same where a picture may be begun from.
pub const LOOP_FROM_ENTRY: Section = Section::Closed(
    "Loop",
    &[&sampling::stepping, &sampling::sampler, &sampling::eta, &sampling::timesteps, &source::i_start],
);

/// The same of a network with a list of timesteps of its own.
pub const OWN_LOOP: Section = Section::Closed("Loop", &[&sampling::stepping, &sampling::sampler, &sampling::eta]);

/// How guidance bends.
pub const GUIDANCE: Section =
    Section::Closed("Guidance", &[&guidance::rescale, &guidance::interval, &guidance::schedule]);

/// What stage II does.
pub const STAGE_2: Section = Section::Closed(
    "Stage II",
    &[&networks::stage_2, &stage_2::guidance, &stage_2::steps, &stage_2::sampler, &stage_2::noise_level],
);

/// Two settings across and down.
pub const GRID: Section = Section::Closed("Grid", &[&grid::x, &grid::y]);

/// The same, or from a recorded step on.
pub const GRID_AND_BRANCH: Section = Section::Closed("Grid and branch", &[&grid::x, &grid::y, &source::branch]);

/// What computes, and from which words.
pub const MODEL: Section = Section::Closed(
    "Model",
    &[&networks::model, &networks::dtype, &prompting::clean_caption, &networks::text_encoder, &prompting::embeddings],
);
