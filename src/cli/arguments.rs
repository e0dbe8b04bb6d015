//! The command line's shape, made from the lists of experiments and settings.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::experiments::settings::{guidance, networks, sampling, source};
use crate::experiments::{EXPERIMENTS, Experiment, Kind, PACES, Setting};
use crate::models::DeviceChoice;
use crate::tensors::MapLayout;
use crate::worker::Options;

/// The most compute threads for each core, and the fewest that are always allowed.
const THREADS_A_CORE: usize = 4;
const LEAST_MOST_THREADS: i64 = 64;

/// The whole command line.
pub fn command() -> Command {
    let mut command = Command::new("diffusion-lab")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Play with diffusion models by hand and see what they do. Without a command, the window opens.")
        .args(place_args())
        .subcommand(run_command())
        .subcommand(list_command())
        .subcommand(inspect_command())
        .subcommand(encode_command())
        .subcommand(models_command())
        .subcommand(report_command())
        .subcommand(bench_command())
        .subcommand(screenshots_command());
    for experiment in EXPERIMENTS {
        command = command.subcommand(experiment_command(experiment));
    }
    command
}

fn experiment_command(experiment: &'static Experiment) -> Command {
    let settings = experiment.settings().map(|setting| setting_arg(experiment, setting));
    let command = Command::new(experiment.verb).about(experiment.sentence).args(settings);
    let paces: Vec<&str> =
        PACES.iter().filter(|pace| (pace.recipe)().experiment == experiment.verb).map(|pace| pace.name).collect();
    let pace = (!paces.is_empty()).then(|| {
        text("pace", "Steps and samplers of both stages at once; explicit flags override it").value_parser(paces)
    });
    command.args(pace).args(output_args()).args(place_args())
}

fn run_command() -> Command {
    Command::new("run")
        .about("Run a recipe (.json), a picture that carries one, or a row of the course such as a1.5")
        .arg(Arg::new("FILE").required(true).help("The recipe, the picture or the row"))
        .arg(
            Arg::new("set")
                .long("set")
                .value_name("KEY=VALUE")
                .action(ArgAction::Append)
                .help("Change a setting; repeat a key for several values"),
        )
        .arg(
            Arg::new("trust")
                .long("trust")
                .action(ArgAction::SetTrue)
                .help("Let the recipe read the files that it names: it may be a stranger's"),
        )
        .args(output_args())
        .args(place_args())
}

fn list_command() -> Command {
    Command::new("list")
        .about(format!("What there is: {}", super::list::kinds()))
        .arg(Arg::new("WHAT").help("One of those kinds; default: all"))
}

fn inspect_command() -> Command {
    Command::new("inspect")
        .about("What a file or folder is: a model, a picture, a recipe, tensors, digits")
        .arg(Arg::new("PATH").required(true).help("A file, a folder, or a model's name"))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON"))
}

fn encode_command() -> Command {
    Command::new("encode")
        .about("Encode prompts with a model's text encoder, for --embeddings")
        .arg(text("prompt", "What to encode").action(ArgAction::Append).required(true))
        .arg(text("model", "A name, a hub id, or a diffusers folder or a file of it").default_value("built-in"))
        .arg(text("text-encoder", "A file (.safetensors, .gguf), a folder or a hub id").default_value("auto"))
        .arg(text("out", "The .safetensors file to write").required(true))
        .arg(
            Arg::new("clean-caption").long("clean-caption").action(ArgAction::SetTrue).help("Clean prompts as IF does"),
        )
        .args(place_args())
}

fn models_command() -> Command {
    let fetch = Command::new("fetch")
        .about("Fetch models from the hub into its cache; a fetch that was stopped goes on where it was")
        .arg(Arg::new("NAME").required(true).action(ArgAction::Append).help("Such as deepfloyd-m, if-i-l or t5-q4"))
        .arg(Arg::new("quiet").long("quiet").action(ArgAction::SetTrue).help("No progress"));
    Command::new("models")
        .about("Models: what is here, what can be fetched, and whether this machine has the memory")
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON"))
        .subcommand(fetch)
}

fn report_command() -> Command {
    Command::new("report")
        .about("Every figure of the course, in its order, as one static page; figures that are there are kept")
        .arg(rows_arg())
        .arg(
            text("out", "The folder for index.html and its pictures")
                .default_value("report")
                .value_parser(value_parser!(PathBuf)),
        )
        .args(OF_A_REPORT.iter().map(|setting| text(setting.key, setting.help).long(setting.flag())))
        .arg(
            Arg::new("train").long("train").action(ArgAction::SetTrue).help(
                "Train part B's networks too, as long as the course does, and draw with them: hours on a processor",
            ),
        )
        .arg(Arg::new("quiet").long("quiet").action(ArgAction::SetTrue).help("No progress"))
        .args(place_args())
}

fn rows_arg() -> Arg {
    Arg::new("ROW").action(ArgAction::Append).help("Only these rows; default: all")
}

/// Those of `rows` that are asked for, in their own order; all of them where none is.
pub fn chosen_rows<'a, T>(matches: &ArgMatches, rows: &'a [T], name: impl Fn(&'a T) -> &'a str) -> Result<Vec<&'a T>> {
    let wanted: Vec<&String> = matches.get_many("ROW").into_iter().flatten().collect();
    if let Some(unknown) = wanted.iter().find(|wanted| rows.iter().all(|row| name(row) != wanted.as_str())) {
        let names: Vec<&str> = rows.iter().map(&name).collect();
        let hint = format!("the rows are {}", names.join(", "));
        return Err(Error::arguments(format!("there is no row `{unknown}`")).hint(hint));
    }
    Ok(rows.iter().filter(|row| wanted.is_empty() || wanted.iter().any(|wanted| *wanted == name(row))).collect())
}

/// The settings that a whole report can have: of every figure that reads them.
pub static OF_A_REPORT: [&Setting; 5] =
    [&source::image, &networks::model, &networks::stage_2, &networks::text_encoder, &sampling::seed];

fn bench_command() -> Command {
    Command::new("bench")
        .about("Time this machine: IF-sized networks with invented weights, the built-in model, training")
        .arg(rows_arg())
        .arg(
            text("repeat", "Timed runs of each row, after one to warm up")
                .value_parser(value_parser!(u16).range(1..))
                .default_value("5"),
        )
        .arg(
            text("dtype", "Number format of the weights of networks that draw pictures")
                .value_parser(["f32", "f16", "bf16"])
                .default_value("f32"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("As JSON lines"))
        .args(place_args())
}

fn screenshots_command() -> Command {
    Command::new("screenshots")
        .about("Save pictures of the program's own panels, by driving the real window")
        .arg(Arg::new("DIR").required(true).value_parser(value_parser!(PathBuf)).help("The folder to write"))
        .args(place_args())
}

fn text(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help)
}

fn setting_arg(experiment: &Experiment, setting: &'static Setting) -> Arg {
    let mut arg = Arg::new(setting.key).long(setting.flag()).help(setting.help);
    let of_stage_2 = [&sampling::steps, &guidance::scale].iter().any(|twin| twin.key == setting.key);
    if of_stage_2 && experiment.recipe().upscales() {
        // There, stage II is the whole experiment.
        arg = arg.alias(format!("stage-2-{}", setting.flag()));
    }
    arg = arg.aliases(setting.alias);
    let number = setting.kind.is_number();
    match setting.kind {
        Kind::Switch => arg.action(ArgAction::SetTrue),
        _ if !setting.repeatable => arg.allow_negative_numbers(number),
        _ if number => arg.allow_negative_numbers(true).action(ArgAction::Append).value_delimiter(','),
        _ => arg.action(ArgAction::Append),
    }
}

fn output_args() -> [Arg; 6] {
    let switch =
        |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    [
        text("out", "The folder for the results").default_value("out").value_parser(value_parser!(PathBuf)),
        switch("tensors", "Also write trajectory.safetensors: x_t, noise_pred, pred_original_sample of every step"),
        switch("gif", "Also write x_t and x̂_0 of every step as GIFs"),
        switch("apng", "The same as animated PNGs"),
        switch("json", "Events as JSON lines on stdout"),
        switch("quiet", "No progress and no list of files"),
    ]
}

fn place_args() -> [Arg; 4] {
    [
        text("device", "Where networks compute: auto, cpu, cuda, cuda:N or metal").default_value("auto"),
        // For tests of the GPU's way on machines without one; everything about it is in the README.
        text("layout", "How the processor computes: with its own kernels, or as a GPU would")
            .value_parser(MapLayout::ALL.map(|(name, _)| name))
            .default_value(MapLayout::ALL[0].0)
            .hide_short_help(true),
        text("threads", "Compute threads; default: one for each core")
            .value_parser(value_parser!(u16).range(1..=most_threads())),
        Arg::new("low-memory")
            .long("low-memory")
            .action(ArgAction::SetTrue)
            .help("Small weights and one network at a time in memory; slower on the CPU"),
    ]
}

/// More threads than this only wait for each other.
fn most_threads() -> i64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    i64::try_from(cores * THREADS_A_CORE).unwrap_or(i64::MAX).clamp(LEAST_MOST_THREADS, i64::from(u16::MAX))
}

/// Where and how hard the worker computes.
pub fn worker_options(matches: &ArgMatches) -> Result<Options> {
    let device = matches.get_one::<String>("device").map_or(Ok(DeviceChoice::Auto), |name| name.parse())?;
    let layout = matches.get_one::<String>("layout");
    let layout = MapLayout::ALL.iter().find(|(name, _)| layout.is_some_and(|layout| layout == name));
    let layout = layout.map_or_else(MapLayout::default, |(_, layout)| *layout);
    let threads = matches.get_one::<u16>("threads").map(|threads| usize::from(*threads));
    let low_memory = matches.get_flag("low-memory");
    Ok(Options { device, layout, threads, low_memory, remember: true, ..Options::default() })
}

/// The given flags of an experiment as keys of its recipe.
pub fn given_settings(experiment: &Experiment, matches: &ArgMatches) -> Result<Map<String, Value>> {
    let mut given = Map::new();
    for setting in experiment.settings() {
        let from_user = matches.value_source(setting.key) == Some(clap::parser::ValueSource::CommandLine);
        if !from_user {
            continue;
        }
        let texts: Vec<String> = match setting.kind {
            Kind::Switch => vec![matches.get_flag(setting.key).to_string()],
            _ => matches.get_many::<String>(setting.key).into_iter().flatten().cloned().collect(),
        };
        given.insert(setting.key.to_owned(), setting.parse(&texts)?);
    }
    Ok(given)
}

/// `KEY=VALUE` pairs as keys of a recipe; a repeated key is a list.
pub fn parse_sets(experiment: &Experiment, pairs: &[String]) -> Result<Map<String, Value>> {
    let mut texts: Vec<(&'static Setting, Vec<String>)> = Vec::new();
    for pair in pairs {
        let (key, value) = pair.split_once('=').ok_or_else(|| {
            Error::arguments(format!("`{pair}` is not KEY=VALUE")).at("--set").hint("for example --set steps=40")
        })?;
        let key = key.trim().replace('-', "_");
        let setting = experiment.settings().find(|setting| setting.key == key).ok_or_else(|| {
            Error::arguments(format!("unknown key `{key}` for `{}`", experiment.verb))
                .at("--set")
                .hint(format!("it takes {}", experiment.keys().collect::<Vec<_>>().join(", ")))
        })?;
        let values: Vec<String> = if setting.kind.is_number() && setting.repeatable {
            value.split(',').map(str::to_owned).collect()
        } else {
            vec![value.to_owned()]
        };
        match texts.iter_mut().find(|(known, _)| known.key == setting.key) {
            Some((_, all)) => all.extend(values),
            None => texts.push((setting, values)),
        }
    }
    texts.iter().map(|(setting, values)| Ok((setting.key.to_owned(), setting.parse(values)?))).collect()
}
