//! `diffusion-lab models`: what is here, what can be fetched, whether this machine has the memory; and the fetching.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ArgMatches;
use serde_json::{Value, json};

use super::bar::{Bar, filled};
use super::{print_json, print_line};
use crate::error::{Error, Result};
use crate::files::hub::Hub;
use crate::files::{available_memory, size};
use crate::models::{Fetching, Here, Need, PACKAGES, Package, TEXT_ENCODER, find_package, models_here, user_models};

/// Lists, or fetches.
pub fn command(matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("fetch", matches)) => fetch(matches),
        _ => list(matches.get_flag("json")),
    }
}

fn list(as_json: bool) -> Result<()> {
    let (here, hub) = (models_here(), Hub::of_user());
    let free = available_memory();
    let fetched = |package: &Package| hub.as_ref().is_ok_and(|hub| package.is_here(hub));
    if as_json {
        let here: Vec<Value> = here.iter().map(|model| here_json(model, free)).collect();
        let packages: Vec<Value> =
            PACKAGES.iter().map(|package| package_json(package, fetched(package), free)).collect();
        let all = json!({ "available_memory_bytes": free, "here": here, "packages": packages });
        let text = serde_json::to_string_pretty(&all).map_err(|error| Error::new(error.to_string()))?;
        print_json(text)?;
        return Ok(());
    }
    print_line(format_args!("here (and any diffusers folder, by its path or put into {})", user_models().display()))?;
    for model in &here {
        let memory = memory_words(model.need, free);
        let place = model.place.as_ref().map_or(String::new(), |place| format!("\n  {:24} {}", "", place.display()));
        print_line(format_args!("  {:24} {}{memory}{place}", model.name, model.sentence))?;
    }
    print_line(format_args!(
        "\nto fetch with `diffusion-lab models fetch NAME` (where a page is named, accept the licence there first)"
    ))?;
    for package in PACKAGES {
        let state = if fetched(package) { "here".to_owned() } else { size(package.bytes) };
        let named = package.open.map_or(String::new(), |licence| format!("; {licence}"));
        let licence = package.licence().map_or(String::new(), |page| format!("\n  {:24} huggingface.co/{page}", ""));
        let memory = memory_words(package.need(), free);
        print_line(format_args!("  {:14} {state:>9} {}{named}{memory}{licence}", package.name, package.sentence))?;
    }
    if let Some(free) = free {
        print_line(format_args!(
            "\nmemory that is free now: {}; a text encoder is streamed and takes {}",
            size(free),
            size(TEXT_ENCODER)
        ))?;
    }
    Ok(())
}

/// What networks need, and how that fits into what is free.
fn memory_words(need: Option<Need>, free: Option<u64>) -> String {
    need.map_or(String::new(), |need| format!("; memory {}", need.words(free)))
}

fn memory_json(need: Option<Need>, free: Option<u64>) -> Value {
    need.map_or(Value::Null, |need| {
        json!({
            "together_bytes": need.together, "one_at_a_time_bytes": need.in_turn, "low_memory_bytes": need.low,
            "fits": need.within(free).words(),
        })
    })
}

fn here_json(model: &Here, free: Option<u64>) -> Value {
    let memory = memory_json(model.need, free);
    json!({ "name": model.name, "what": model.sentence, "folder": model.place, "memory": memory })
}

fn package_json(package: &Package, here: bool, free: Option<u64>) -> Value {
    json!({
        "name": package.name, "what": package.sentence, "bytes": package.bytes, "here": here,
        "licence": package.licence().map(|page| format!("https://huggingface.co/{page}")),
        "licence_name": package.open,
        "memory": memory_json(package.need(), free),
    })
}

fn fetch(matches: &ArgMatches) -> Result<()> {
    let names: Vec<&String> = matches.get_many::<String>("NAME").into_iter().flatten().collect();
    let packages: Vec<&Package> = names.iter().map(|name| find_package(name)).collect::<Result<_>>()?;
    let hub = Hub::of_user()?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
        .map_err(|error| Error::new(format!("cannot listen for Ctrl+C ({error})")))?;
    let quiet = matches.get_flag("quiet");
    let bar = Bar::on_terminal(!quiet);
    for package in packages {
        let fetched = package.fetch(&hub, &mut |fetching| {
            bar.draw(&line(fetching));
            if interrupted.load(Ordering::Relaxed) { Err(Error::cancelled()) } else { Ok(()) }
        });
        bar.clear();
        fetched?;
        if !quiet {
            print_line(format_args!("{} is here", package.name))?;
        }
    }
    Ok(())
}

fn line(fetching: &Fetching) -> String {
    let left = fetching.left_secs().map_or(String::new(), |left| format!(" · {left:.0} s left"));
    format!(
        "{} {:3.0} % · {} of {} · {}/s{left} · {}",
        filled(fetching.fraction()),
        fetching.fraction() * 100.0,
        size(fetching.bytes),
        size(fetching.of),
        size(fetching.bytes_per_sec as u64),
        fetching.file
    )
}
