//! `diffusion-lab list`: what there is, with a sentence each.

use clap::ArgMatches;

use super::print_line;
use crate::datasets::DATASETS;
use crate::decompositions::DECOMPOSITIONS;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::{NAMED, Stepping};
use crate::error::{Error, Result};
use crate::experiments::{EXPERIMENTS, presets};
use crate::models::{digits, models};
use crate::pictures::BUILT_IN;
use crate::views::VIEWS;

type Rows = Vec<(String, String)>;

/// A kind of thing, and its members.
type Kind = (&'static str, fn() -> Rows);

const KINDS: [Kind; 11] = [
    ("experiments", || EXPERIMENTS.iter().map(|e| (e.verb.to_owned(), e.sentence.to_owned())).collect()),
    ("presets", preset_rows),
    ("models", model_rows),
    ("pictures", || BUILT_IN.iter().map(|p| (format!("built-in:{}", p.name), p.sentence.to_owned())).collect()),
    ("datasets", || DATASETS.iter().map(|d| (d.name.to_owned(), d.sentence.to_owned())).collect()),
    ("digit-networks", digit_networks),
    ("views", || VIEWS.iter().map(|view| (view.name.to_owned(), view.sentence.to_owned())).collect()),
    ("decompositions", || DECOMPOSITIONS.iter().map(|d| (d.name.to_owned(), d.sentence.to_owned())).collect()),
    ("samplers", || Sampler::ALL.map(|s| (s.name().to_owned(), s.sentence().to_owned())).to_vec()),
    ("steppings", || Stepping::ALL.map(|s| (s.name().to_owned(), s.sentence().to_owned())).to_vec()),
    ("timesteps", || NAMED.map(|(name, counts)| (name.to_owned(), timesteps(counts))).to_vec()),
];

/// Their names, in a row.
pub fn kinds() -> String {
    KINDS.map(|(kind, _)| kind).join(", ")
}

/// Prints one kind, or all.
pub fn command(matches: &ArgMatches) -> Result<()> {
    let wanted = matches.get_one::<String>("WHAT");
    let chosen: Vec<_> = KINDS.iter().filter(|(kind, _)| wanted.is_none_or(|wanted| wanted == kind)).collect();
    if chosen.is_empty() {
        return Err(Error::arguments(format!("nothing to list under `{}`", wanted.map_or("", String::as_str)))
            .hint(format!("choose from {}", kinds())));
    }
    for (index, (kind, rows)) in chosen.iter().enumerate() {
        if wanted.is_none() {
            print_line(format_args!("{}{kind}", if index > 0 { "\n" } else { "" }))?;
        }
        let indent = if wanted.is_none() { "  " } else { "" };
        for (name, sentence) in rows() {
            print_line(format_args!("{indent}{name:24} {sentence}"))?;
        }
    }
    Ok(())
}

fn preset_rows() -> Rows {
    presets().map(|p| (p.name.to_owned(), p.title.to_owned())).collect()
}

fn model_rows() -> Rows {
    let here = |present: bool| if present { "" } else { " (not on this machine)" };
    models().iter().map(|m| (m.name.to_owned(), format!("{}{}", m.sentence, here(m.present)))).collect()
}

fn digit_networks() -> Rows {
    let trained = |kind| if digits::has_built_in(kind) { "; a trained one is in the program" } else { "" };
    digits::Kind::ALL.map(|k| (k.name().to_owned(), format!("{}{}", k.sentence(), trained(k)))).to_vec()
}

fn timesteps(counts: &[usize]) -> String {
    format!("{} of IF's hand-made timesteps", counts.iter().sum::<usize>())
}
