//! A digit network as a model: which name or file means one, and what is known of it before its weights are read.

use std::path::Path;

use candle_core::Device;

use super::built_in::{file, folder, has_built_in, missing};
use super::conditioning::CLASSES;
use super::denoiser::SIDE;
use super::kind::Kind;
use super::network::{Network, Spec};
use super::sampling::scheduler;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::recommendation::{Conditioning, Recommendation, Recommendations};
use crate::models::summary::{ModelSummary, StageSummary};
use crate::weights::Weights;

/// What names of models begin with that mean a digit network: `digits-class`.
const PREFIX: &str = "digits-";

/// γ of the course's samples.
const GUIDANCE: f64 = 5.0;

/// Prompts that show a network best; two of them make an anagram.
const PROMPTS: [&str; 10] = ["6", "9", "8", "3", "2", "5", "0", "1", "4", "7"];

/// The names of the classes, by number.
const CLASS_NAMES: [&str; CLASSES] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/// A checkpoint of which the facts were read.
pub struct Found {
    folder: Folder,
    name: String,
    spec: Spec,
}

/// The name of the model of `kind`.
pub fn model_name(kind: Kind) -> String {
    match kind {
        Kind::FlowTime => format!("{PREFIX}flow"),
        kind => format!("{PREFIX}{}", kind.name()),
    }
}

/// The digit network that `model` means, a name such as `digits-class` or a checkpoint's path; nothing where it means
/// another kind of model. An error for a network that is not here, or whose file is broken.
pub fn find(model: &str) -> Option<Result<Found>> {
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| model_name(*kind) == model) {
        return Some(Found::built_in(kind));
    }
    let path = Path::new(model);
    if !path.is_file() {
        return None;
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name()?.to_string_lossy().into_owned();
    let folder = Folder::Disk(parent.to_owned());
    let weights = Weights::open_file(&folder, &name).ok()?;
    let metadata = weights.metadata().ok()?;
    if !metadata.contains_key("kind") {
        return None;
    }
    let spec = Spec::from_metadata(&metadata).map_err(|error| error.at(weights.place()));
    Some(spec.map(|spec| Found { folder, name, spec }))
}

impl Found {
    /// The program's own network of `kind`.
    fn built_in(kind: Kind) -> Result<Self> {
        if !has_built_in(kind) {
            return Err(missing(kind));
        }
        let (folder, name) = (folder(), file(kind));
        let weights = Weights::open_file(&folder, &name)?;
        let spec = Spec::from_metadata(&weights.metadata()?).map_err(|error| error.at(weights.place()))?;
        Ok(Self { folder, name, spec })
    }

    /// What kind of network it is, and how large.
    pub fn spec(&self) -> Spec {
        self.spec
    }

    /// What is known of it as a model called `name`.
    pub fn summary(&self, name: &str) -> Result<ModelSummary> {
        summary(self.spec, name)
    }

    /// The network itself.
    pub fn load(&self, device: &Device) -> Result<Network> {
        Network::load_from(&self.folder, &self.name, device)
    }
}

/// What is known of a network of `spec` as a model called `name`; an error for one that draws nothing.
pub(super) fn summary(spec: Spec, name: &str) -> Result<ModelSummary> {
    let kind = spec.kind;
    if !kind.samples() {
        return Err(Error::arguments(format!("a `{}` network draws nothing step by step", kind.name()))
            .at(name)
            .hint(format!("choose {} or {}", model_name(Kind::Class), model_name(Kind::Time))));
    }
    let (conditioning, prompts) = match kind.has_class() {
        true => (Conditioning::Classes, PROMPTS.map(str::to_owned).to_vec()),
        false => (Conditioning::None, vec![String::new()]),
    };
    let stage_1 =
        Recommendation { guidance: Some(if kind.has_class() { GUIDANCE } else { 1.0 }), steps: None, prompts };
    let recommendations =
        Recommendations { stage_1, conditioning, every_timestep: Some(spec.timesteps), ..Recommendations::default() };
    Ok(ModelSummary {
        name: name.to_owned(),
        stages: vec![StageSummary::of_digits(SIDE, scheduler(spec))?],
        recommendations,
        digits: Some(kind),
    })
}

/// The number of the class that `prompt` names, by its digit or its word.
pub(super) fn class(prompt: &str) -> Result<usize> {
    let wanted = prompt.trim().to_lowercase();
    let is = |(number, name): (usize, &&str)| (wanted == *name || wanted == number.to_string()).then_some(number);
    CLASS_NAMES.iter().enumerate().find_map(is).ok_or_else(|| {
        Error::arguments(format!("the model knows no class `{}`", prompt.trim()))
            .at("prompt")
            .hint(format!("give a digit from 0 to 9 or its name ({}), one --prompt for each", CLASS_NAMES.join(", ")))
    })
}
