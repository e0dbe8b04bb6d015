//! What can be set, one entry a key: its flag, its limits and its help, for the shell, the forms and `--set`.
//!
//! The key is the name of the recipe's field; the flag is the key with `-` for `_`.

use serde_json::{Value, json};

use super::axis::Axis;
use super::branch::Branch;
use super::pair::Pair;
use super::recipe::InpaintMode;
use crate::decompositions::DecompositionSpec;
use crate::diffusion::guidance::GuidanceSchedule;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::{Stepping, TimestepList};
use crate::error::{Error, Result};
use crate::models::digits;
use crate::views::ViewSpec;

/// What a setting's values are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// A file or folder.
    Path,
    /// On or off.
    Switch,
    /// A whole number within limits.
    Whole(u64, u64),
    /// A number within limits.
    Number(f64, f64),
    /// One of a few words.
    Choice(fn() -> Vec<&'static str>),
    /// A list of timesteps or its name.
    Timesteps,
    /// Two whole numbers with a comma.
    Pair,
    /// A step of a recorded run.
    Branch,
    /// A setting with its values.
    Axis,
    /// A view with its parameters.
    View,
    /// A decomposition with its parameters.
    Decomposition,
}

/// One thing that can be set.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The recipe's field.
    pub key: &'static str,
    /// Its name in a form.
    pub label: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether it takes several values, one run each.
    pub repeatable: bool,
    /// One sentence: symbol, meaning, range.
    pub help: &'static str,
}

const fn one(key: &'static str, label: &'static str, kind: Kind, help: &'static str) -> Setting {
    Setting { key, label, kind, repeatable: false, help }
}

const fn many(key: &'static str, label: &'static str, kind: Kind, help: &'static str) -> Setting {
    Setting { key, label, kind, repeatable: true, help }
}

fn steppings() -> Vec<&'static str> {
    Stepping::ALL.map(Stepping::name).to_vec()
}

fn samplers() -> Vec<&'static str> {
    Sampler::ALL.map(Sampler::name).to_vec()
}

fn schedules() -> Vec<&'static str> {
    GuidanceSchedule::ALL.map(GuidanceSchedule::name).to_vec()
}

fn inpaint_modes() -> Vec<&'static str> {
    InpaintMode::ALL.to_vec()
}

fn reductions() -> Vec<&'static str> {
    vec!["mean", "sum", "alternate", "upper"]
}

fn kinds() -> Vec<&'static str> {
    digits::Kind::ALL.map(digits::Kind::name).to_vec()
}

fn precisions() -> Vec<&'static str> {
    vec!["f32", "f16", "bf16"]
}

/// Every setting, for forms and help.
pub static SETTINGS: &[Setting] = &[
    many("prompt", "Prompt", Kind::Text, "What to draw; lower-cased and stripped, cut at 77 tokens"),
    one("negative", "Negative prompt", Kind::Text, "What guidance leads away from; empty is the unconditional prompt"),
    one(
        "clean_caption",
        "Clean captions",
        Kind::Switch,
        "Clean prompts as IF's pipeline does: links, HTML, odd quotes",
    ),
    one(
        "text_encoder",
        "Text encoder",
        Kind::Path,
        "`auto` (the model's own, or one in the hub's cache), a file (.safetensors, .gguf), a folder or a hub id",
    ),
    one("embeddings", "Embeddings", Kind::Path, "A file of prompt embeddings (.safetensors or the course's .pth)"),
    many(
        "guidance",
        "Guidance γ",
        Kind::Number(-30.0, 30.0),
        "γ: 0 is unconditional, 1 conditional, more follows the prompt harder",
    ),
    many("steps", "Steps", Kind::Whole(1, 1000), "How many times the network is evaluated, 1 to 1000"),
    one(
        "timesteps",
        "Timesteps",
        Kind::Timesteps,
        "Descending timesteps such as 990,960,930, or a name such as smart50",
    ),
    one(
        "stepping",
        "Stepping",
        Kind::Choice(steppings),
        "How the timesteps are walked down: as diffusers' scheduler or as the course",
    ),
    one("sampler", "Sampler", Kind::Choice(samplers), "How one step gets from x_t to the next picture"),
    many("seed", "Seed", Kind::Whole(0, u64::MAX), "The same seed gives the same picture; PyTorch's CPU stream"),
    one("count", "Count", Kind::Whole(1, 1024), "Pictures of each run, with seeds S, S+1, …"),
    one("eta", "η", Kind::Number(0.0, 1.0), "DDIM's η: 0 adds no noise, 1 as much as DDPM's posterior"),
    one(
        "guidance_rescale",
        "Guidance rescale φ",
        Kind::Number(0.0, 1.0),
        "φ: 0 leaves guidance as it is, 1 gives it the conditional branch's contrast",
    ),
    one(
        "guidance_interval",
        "Guidance interval",
        Kind::Pair,
        "LO,HI: γ holds at timesteps from LO to HI only; elsewhere the prompt alone",
    ),
    one(
        "guidance_schedule",
        "Guidance schedule",
        Kind::Choice(schedules),
        "How γ changes over the run: constant, or rising from 1",
    ),
    one("image", "Picture", Kind::Path, "The source picture: any size, centre-cropped and resized"),
    many(
        "i_start",
        "Start at entry",
        Kind::Whole(0, 999),
        "i_start: the entry of the list of timesteps to begin with; 0 is nearly pure noise",
    ),
    many(
        "t",
        "Timestep",
        Kind::Whole(0, 999),
        "t: the timestep that the picture is noised to, 0 (clean) to 999 (noise)",
    ),
    one("kernel", "Blur kernel", Kind::Whole(1, 255), "Side of the classical blur's kernel in pixels, odd"),
    one("sigma", "Blur σ", Kind::Number(0.01, 100.0), "σ of the classical blur, in pixels"),
    one("mask", "Mask", Kind::Path, "White where the picture is made new, black where it is kept, grey between"),
    one(
        "inpaint_mode",
        "Surroundings",
        Kind::Choice(inpaint_modes),
        "Kept surroundings: noised anew at each step, or left clean as diffusers does",
    ),
    one(
        "repaint",
        "RePaint r,j",
        Kind::Pair,
        "R,J: walk each stretch R times, going back J entries, so that new and old agree",
    ),
    many("view", "View", Kind::View, "How each prompt sees the picture: NAME[:PARAM=VALUE,…]"),
    many("weight", "Weight", Kind::Number(-100.0, 100.0), "How much each view counts"),
    one(
        "reduce",
        "Reduction",
        Kind::Choice(reductions),
        "How the views come together: mean, sum, one a step in turn, or each most where its own upper part is",
    ),
    one(
        "decomposition",
        "Decomposition",
        Kind::Decomposition,
        "The parts of the picture, one for each prompt: NAME[:PARAM=VALUE,…]",
    ),
    one(
        "apart",
        "Apart",
        Kind::Number(0.0, 1.0),
        "How much of the other parts each part's prompt does not see: 0 all at once, as published, to 1 each by itself",
    ),
    one(
        "branch",
        "Branch",
        Kind::Branch,
        "FILE@STEP: go on from a step recorded with --tensors, with any setting changed",
    ),
    one(
        "x",
        "Grid across",
        Kind::Axis,
        "KEY=VALUE,VALUE,…: a setting and its values, one column each; apart by `;` where they hold commas, several at once by `|`",
    ),
    one(
        "y",
        "Grid down",
        Kind::Axis,
        "KEY=VALUE,VALUE,…: the same with one row each, such as \"view=flip_vertical;skew:factor=2\"",
    ),
    one("hold", "Held part", Kind::Text, "The part that is held to the source picture"),
    one(
        "noise_level",
        "Noise level",
        Kind::Whole(0, 999),
        "Stage II: the timestep to which the upscaled picture is noised, 0 to 999",
    ),
    one("stage_2_guidance", "Stage II guidance γ", Kind::Number(-30.0, 30.0), "γ of stage II"),
    one("stage_2_steps", "Stage II steps", Kind::Whole(1, 1000), "How many times stage II's network is evaluated"),
    one(
        "stage_2_sampler",
        "Stage II sampler",
        Kind::Choice(samplers),
        "How one step of stage II gets to the next picture",
    ),
    one(
        "model",
        "Model",
        Kind::Path,
        "A name (`diffusion-lab list models`), a hub id, or a diffusers folder or a file of it",
    ),
    one("stage_2", "Stage II model", Kind::Path, "`auto` (the model's own), `none`, a name, a hub id or a folder"),
    one(
        "data",
        "Digits",
        Kind::Path,
        "A name (`diffusion-lab list datasets`) or a folder of IDX files, gzipped or not",
    ),
    one("kind", "Network", Kind::Choice(kinds), "What the network is for; the checkpoint's own where one is given"),
    one("checkpoint", "Checkpoint", Kind::Path, "A trained digit network (.safetensors); the program's own without it"),
    one("classifier", "Classifier", Kind::Path, "A trained digit classifier; the program's own without it"),
    one("classes", "Digits to draw", Kind::Text, "One picture for each digit named, in that order, or `none`"),
    many(
        "pick",
        "Test digits",
        Kind::Whole(0, 1_000_000),
        "Numbers of digits of the test set; the first ones by default",
    ),
    many(
        "noise_sigma",
        "Noise σ",
        Kind::Number(0.0, 10.0),
        "σ of the noise on a digit: 0 is clean, 1 as strong as white is to black",
    ),
    one("samples", "Samples", Kind::Path, "A folder that digits-sample wrote, to score it instead of new samples"),
    one("epochs", "Epochs", Kind::Whole(1, 10_000), "Passes through the data"),
    one("max_steps", "Last step", Kind::Whole(1, 100_000_000), "Stop after this step, before the epochs are over"),
    one("batch", "Batch", Kind::Whole(2, 8192), "Digits of one training step, 2 to 8192"),
    one("hidden", "Hidden channels D", Kind::Whole(1, 1024), "D: channels at full resolution, 1 to 1024"),
    one("lr", "Learning rate", Kind::Number(1e-9, 10.0), "Adam's learning rate in the first epoch"),
    one(
        "constant_lr",
        "Constant learning rate",
        Kind::Switch,
        "Leave the learning rate as it is, instead of letting it fall to a tenth over the run",
    ),
    one("ema", "Averaged weights", Kind::Number(0.0, 0.999_999), "Decay per step of averaged weights, such as 0.999"),
    one("resume", "Resume", Kind::Path, "A run's resume.safetensors, to go on exactly where it was saved"),
    one("init", "Initial weights", Kind::Path, "A checkpoint whose weights training begins with"),
    one(
        "dtype",
        "Precision",
        Kind::Choice(precisions),
        "How weights are kept; sums on the processor, and the loop, stay f32",
    ),
];

/// The setting of a key.
pub fn setting(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

impl Setting {
    /// The flag of the command line, without its dashes.
    pub fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// The JSON of given texts; a list for a repeatable setting.
    pub fn parse(&self, texts: &[String]) -> Result<Value> {
        let values: Vec<Value> = texts.iter().map(|text| self.parse_one(text)).collect::<Result<_>>()?;
        if self.repeatable {
            return Ok(Value::Array(values));
        }
        match <[Value; 1]>::try_from(values) {
            Ok([value]) => Ok(value),
            Err(_) => Err(Error::arguments("takes one value").at(format!("--{}", self.flag()))),
        }
    }

    fn parse_one(&self, text: &str) -> Result<Value> {
        let wrong = |wanted: String| {
            Error::arguments(format!("`{text}` is not {wanted}")).at(format!("--{}", self.flag())).hint(self.help)
        };
        match self.kind {
            Kind::Text | Kind::Path => Ok(json!(text)),
            Kind::Switch => text.parse::<bool>().map(|on| json!(on)).map_err(|_| wrong("true or false".into())),
            // As torch takes them: -1 is 2⁶⁴ - 1.
            Kind::Whole(0, u64::MAX) if text.starts_with('-') => match text.parse::<i64>() {
                Ok(value) => Ok(json!(value as u64)),
                Err(_) => Err(wrong("a whole number of 64 bits".to_owned())),
            },
            Kind::Whole(low, high) => match text.parse::<u64>() {
                Ok(value) if (low..=high).contains(&value) => Ok(json!(value)),
                _ => Err(wrong(format!("a whole number from {low} to {high}"))),
            },
            Kind::Number(low, high) => match text.parse::<f64>() {
                Ok(value) if (low..=high).contains(&value) => Ok(json!(value)),
                _ => Err(wrong(format!("a number from {low} to {high}"))),
            },
            Kind::Choice(words) => match words().contains(&text) {
                true => Ok(json!(text)),
                false => Err(wrong(format!("one of {}", words().join(", ")))),
            },
            Kind::Timesteps => Ok(json!(text.parse::<TimestepList>()?)),
            Kind::Pair => Ok(json!(text.parse::<Pair>().map_err(|error| error.at(format!("--{}", self.flag())))?)),
            Kind::Branch => Ok(json!(text.parse::<Branch>()?)),
            Kind::Axis => Ok(json!(text.parse::<Axis>()?)),
            Kind::View => Ok(json!(text.parse::<ViewSpec>()?)),
            Kind::Decomposition => Ok(json!(text.parse::<DecompositionSpec>()?)),
        }
    }

    /// An error when `value`, this setting's in a recipe's JSON, is out of range.
    pub fn check(&self, value: &Value) -> Result<()> {
        let values = match value {
            Value::Array(values) if self.repeatable => values.clone(),
            Value::Null => return Ok(()),
            other => vec![other.clone()],
        };
        for value in values {
            match self.kind {
                Kind::Whole(..) | Kind::Number(..) => drop(self.parse_one(&value.to_string())?),
                Kind::Timesteps => {
                    if let Ok(list) = serde_json::from_value::<TimestepList>(value) {
                        list.entries(1000)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
