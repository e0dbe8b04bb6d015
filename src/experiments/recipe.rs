//! One experiment, ready to run: the defaults, the flags, the form and a PNG's metadata are this one struct.
//!
//! An empty list, or `None`, means "what suits": the stepping's own number of steps, the model's recommended γ.
//! [`Recipe::resolved`] fills those in, and only resolved recipes are written into pictures.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::axis::Axis;
use super::bounds;
use super::branch::Branch;
use super::digits;
use super::pair::Pair;
use super::source::Source;
use super::{Experiment, find};
use crate::decompositions::DecompositionSpec;
use crate::diffusion::estimate::Reduce;
use crate::diffusion::guidance::GuidanceSchedule;
use crate::diffusion::samplers::Sampler;
use crate::diffusion::timesteps::{Stepping, TimestepList};
use crate::error::{Error, Result};
use crate::models::digits::Kind;
use crate::views::ViewSpec;

/// Number format of a network's weights and, except on the CPU, of its feature maps; the loop itself is always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats, the reference.
    #[default]
    F32,
    /// 16-bit floats.
    F16,
    /// 16-bit brain floats.
    Bf16,
}

/// What surrounds an inpainting mask while the run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InpaintMode {
    /// The original, noised anew to each timestep (the course's).
    #[default]
    Renoise,
    /// The original as it is (diffusers' IFInpaintingPipeline).
    Diffusers,
}

impl InpaintMode {
    /// Every mode, by its name.
    pub const ALL: [&'static str; 2] = ["renoise", "diffusers"];
}

/// Everything that decides the pixels of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The experiment's verb.
    pub experiment: String,
    /// A name, a hub id or a folder.
    pub model: String,
    /// `auto` (the model's own, if it has one), `none`, a name, a hub id or a folder.
    pub stage_2: String,
    /// `auto` (the model's own, or one in the hub's cache), a file, a folder or a hub id.
    pub text_encoder: String,
    /// Number format of the networks.
    pub dtype: Precision,
    /// What to draw, one run each.
    pub prompt: Vec<String>,
    /// What guidance leads away from.
    pub negative: String,
    /// IF's caption cleaning instead of lower-casing and stripping alone.
    pub clean_caption: bool,
    /// A file of prompt embeddings, instead of the text encoder.
    pub embeddings: Option<String>,
    /// γ, one run each; empty: what the model recommends.
    pub guidance: Vec<f64>,
    /// Numbers of steps, one run each; empty: what suits the stepping.
    pub steps: Vec<usize>,
    /// Timesteps by hand or by name, instead of `steps`.
    pub timesteps: Option<TimestepList>,
    /// How the timesteps are walked down.
    pub stepping: Stepping,
    /// From the estimate to the next picture.
    pub sampler: Sampler,
    /// Seeds, one run each.
    pub seed: Vec<u64>,
    /// Pictures of a run, with seeds S, S + 1, …
    pub count: usize,
    /// DDIM's η.
    pub eta: f64,
    /// φ of the guidance's rescaling.
    pub guidance_rescale: f64,
    /// The timesteps in which γ holds.
    pub guidance_interval: Option<Pair>,
    /// How γ changes over the run.
    pub guidance_schedule: GuidanceSchedule,
    /// The source picture.
    pub image: Option<Source>,
    /// Entries of the list of timesteps to begin with, one run each.
    pub i_start: Vec<usize>,
    /// Timesteps to noise the picture to, one run each.
    pub t: Vec<usize>,
    /// The classical blur's kernel, in pixels.
    pub kernel: usize,
    /// The classical blur's σ, in pixels.
    pub sigma: f64,
    /// Where the picture is new: white new, black kept, grey soft.
    pub mask: Option<Source>,
    /// What surrounds the mask while the run goes on.
    pub inpaint_mode: InpaintMode,
    /// RePaint's r and j.
    pub repaint: Option<Pair>,
    /// Views of the picture, one for each prompt.
    pub view: Vec<ViewSpec>,
    /// Their weights; empty: all the same.
    pub weight: Vec<f64>,
    /// How the views come together.
    pub reduce: Reduce,
    /// Parts of the picture, one for each prompt.
    pub decomposition: Option<DecompositionSpec>,
    /// How much of the other parts each part's prompt does not see, 0 to 1.
    pub apart: f64,
    /// The part that is held to the source picture.
    pub hold: Option<String>,
    /// A recorded step of an earlier run to go on from.
    pub branch: Option<Branch>,
    /// A setting and its values across a grid.
    pub x: Option<Axis>,
    /// A setting and its values down a grid.
    pub y: Option<Axis>,
    /// Stage II: how much noise the upscaled picture gets, a timestep.
    pub noise_level: usize,
    /// Stage II's γ; `None`: what it recommends.
    pub stage_2_guidance: Option<f64>,
    /// Stage II's number of steps; `None`: what it recommends.
    pub stage_2_steps: Option<usize>,
    /// Stage II's sampler.
    pub stage_2_sampler: Sampler,
    /// The set of digits: a name, or a folder of IDX files.
    pub data: String,
    /// The kind of digit network; `None`: what suits the experiment, or the checkpoint's own.
    pub kind: Option<Kind>,
    /// A checkpoint of a digit network; `None`: the program's own of that kind.
    pub checkpoint: Option<String>,
    /// A checkpoint of a classifier; `None`: the program's own.
    pub classifier: Option<String>,
    /// The digits that are asked for, one picture each, or `none`.
    pub classes: String,
    /// Numbers of test digits; empty: the first ones.
    pub pick: Vec<usize>,
    /// σ of the noise on digits, one column each.
    pub noise_sigma: Vec<f64>,
    /// A folder of samples to score, instead of making some.
    pub samples: Option<String>,
    /// Passes through the data; `None` here and below: the course's number for the kind.
    pub epochs: Option<usize>,
    /// The last step of training, before the epochs are over.
    pub max_steps: Option<usize>,
    /// Pictures of a training step.
    pub batch: Option<usize>,
    /// D, hidden channels.
    pub hidden: Option<usize>,
    /// Adam's learning rate.
    pub lr: Option<f64>,
    /// Whether the learning rate stays as it is.
    pub constant_lr: bool,
    /// Decay of averaged weights.
    pub ema: Option<f64>,
    /// A saved run to take up again.
    pub resume: Option<String>,
    /// A checkpoint whose weights training begins with.
    pub init: Option<String>,
}

impl Recipe {
    /// What every experiment starts from.
    pub fn new(experiment: &str) -> Self {
        Self {
            experiment: experiment.to_owned(),
            model: "built-in".to_owned(),
            stage_2: "auto".to_owned(),
            text_encoder: "auto".to_owned(),
            dtype: Precision::F32,
            prompt: vec!["a high quality photo".to_owned()],
            negative: String::new(),
            clean_caption: false,
            embeddings: None,
            guidance: Vec::new(),
            steps: Vec::new(),
            timesteps: None,
            stepping: Stepping::Scheduler,
            sampler: Sampler::Ddpm,
            seed: vec![180],
            count: 1,
            eta: 0.0,
            guidance_rescale: 0.0,
            guidance_interval: None,
            guidance_schedule: GuidanceSchedule::Constant,
            image: None,
            i_start: Vec::new(),
            t: Vec::new(),
            kernel: 5,
            sigma: 2.0,
            mask: None,
            inpaint_mode: InpaintMode::Renoise,
            repaint: None,
            view: Vec::new(),
            weight: Vec::new(),
            reduce: Reduce::Mean,
            decomposition: None,
            apart: 0.0,
            hold: None,
            branch: None,
            x: None,
            y: None,
            noise_level: 250,
            stage_2_guidance: None,
            stage_2_steps: None,
            stage_2_sampler: Sampler::Ddpm,
            data: "mnist".to_owned(),
            kind: None,
            checkpoint: None,
            classifier: None,
            classes: "0123456789".to_owned(),
            pick: Vec::new(),
            noise_sigma: Vec::new(),
            samples: None,
            epochs: None,
            max_steps: None,
            batch: None,
            hidden: None,
            lr: None,
            constant_lr: false,
            ema: None,
            resume: None,
            init: None,
        }
    }

    /// The experiment that this is a recipe for.
    pub fn experiment(&self) -> Result<&'static Experiment> {
        find(&self.experiment)
    }

    /// The model that it draws with: its own, or for part B's verbs the network that `kind` and `checkpoint` name.
    pub fn model_name(&self) -> String {
        digits::model_of(self).unwrap_or_else(|| self.model.clone())
    }

    /// An error where that is a digit network of a kind that the experiment does not take.
    pub fn check_model(&self) -> Result<()> {
        digits::check_model(self)
    }

    /// Whether it asks for a grid.
    pub fn is_grid(&self) -> bool {
        self.x.is_some() || self.y.is_some()
    }

    /// Whether it is stage II alone that runs, with γ, steps and sampler of its own.
    pub fn upscales(&self) -> bool {
        self.experiment == "upscale"
    }

    /// The keys that this recipe's experiment reads, as JSON.
    pub fn to_json(&self) -> Result<Map<String, Value>> {
        let experiment = self.experiment()?;
        let Value::Object(mut all) = serde_json::to_value(self).map_err(|error| Error::new(error.to_string()))? else {
            return Err(Error::new("a recipe is not an object"));
        };
        all.retain(|key, value| key == "experiment" || (experiment.reads(key) && !value.is_null()));
        Ok(all)
    }

    /// This recipe with other values for some keys; pixels in memory stay, which JSON cannot hold.
    pub fn with(&self, changes: Map<String, Value>) -> Result<Self> {
        let (image, mask) = (!changes.contains_key("image"), !changes.contains_key("mask"));
        let mut json = self.to_json()?;
        json.extend(changes);
        let mut changed = Self::from_json(&json)?;
        if image {
            changed.image.clone_from(&self.image);
        }
        if mask {
            changed.mask.clone_from(&self.mask);
        }
        Ok(changed)
    }

    /// A recipe from JSON: the experiment's defaults overlaid with the given keys.
    ///
    /// A key that no recipe has, or that this experiment does not read, is an error.
    pub fn from_json(given: &Map<String, Value>) -> Result<Self> {
        let verb = given.get("experiment").and_then(Value::as_str).ok_or_else(|| {
            Error::arguments("the recipe names no experiment").hint("add \"experiment\": \"sample\", for example")
        })?;
        let experiment = find(verb)?;
        bounds::check_given(given)?;
        let mut all = match serde_json::to_value((experiment.defaults)()) {
            Ok(Value::Object(all)) => all,
            _ => return Err(Error::new("a recipe is not an object")),
        };
        for (key, value) in given {
            if key != "experiment" && !experiment.reads(key) {
                return Err(Error::arguments(format!("unknown key `{key}` in a recipe of `{verb}`"))
                    .hint(format!("it takes {}", experiment.keys().collect::<Vec<_>>().join(", "))));
            }
            all.insert(key.clone(), value.clone());
        }
        serde_json::from_value(Value::Object(all))
            .map_err(|error| Error::arguments(format!("the recipe cannot be read, {error}")))
            .and_then(Self::checked)
    }

    /// What the experiment cannot do without and the recipe lacks, by key.
    pub fn lacking(&self) -> Result<Option<&'static str>> {
        let given = |key: &str| if key == "mask" { self.mask.is_some() } else { self.image.is_some() };
        Ok(self.experiment()?.needs.iter().copied().find(|key| !given(key)))
    }

    /// An error where something that it needs is lacking.
    pub fn complete(&self) -> Result<()> {
        match self.lacking()? {
            None => Ok(()),
            Some(key) => {
                let (what, also) =
                    if key == "mask" { (key, "") } else { ("picture", " (--image built-in:lighthouse)") };
                Err(Error::arguments(format!("`{}` needs a {what}", self.experiment))
                    .hint(format!("give one with --{key}{also} or --set {key}=FILE, or drop one on the window")))
            }
        }
    }

    /// The recipe, if its values are in range.
    pub fn checked(self) -> Result<Self> {
        // Pictures have no range; written as JSON they would be hashed, and this runs on the window's thread.
        let numbers = Self { image: None, mask: None, ..self.clone() };
        bounds::check_work(&self)?;
        let json = serde_json::to_value(numbers).map_err(|error| Error::new(error.to_string()))?;
        for setting in self.experiment()?.settings() {
            setting.check(&json[setting.key])?;
        }
        if self.prompt.is_empty() || self.seed.is_empty() {
            return Err(Error::arguments("a recipe has at least one prompt and one seed"));
        }
        if let Some(pair) = self.guidance_interval.filter(|pair| pair.0 > pair.1) {
            return Err(Error::arguments(format!("no timestep lies from {} to {}", pair.0, pair.1))
                .at("guidance-interval")
                .hint("give the lower one first"));
        }
        Ok(self)
    }
}
