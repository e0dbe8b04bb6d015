//! What a model's folder holds, told from its configs and the weights' tables of contents alone.

use std::path::Path;

use candle_core::{DType, Device};
use serde_json::{Map, Value, json};

use super::cascade::ModelSpec;
use super::catalogue::need;
use super::deepfloyd::{Unet, UnetConfig};
use super::family::Family;
use super::memory::Need;
use super::model::open_family;
use super::recommendation::Conditioning;
use super::stable_diffusion::{self, Files};
use super::summary::{ModelSummary, Space};
use crate::error::{Error, Result};
use crate::files::{Folder, available_memory};
use crate::weights::{Entry, Weights};

/// The folder's kind, sizes, memory need and what is missing.
pub fn describe_model(folder: &Folder) -> Result<Map<String, Value>> {
    match Family::of_folder(folder.clone()) {
        Ok(family @ (Family::Unet2d(_) | Family::StableDiffusion(_))) => describe_open(&folder.place(""), family),
        _ => describe_cascade(folder),
    }
}

/// The same of a whole model in the file at `path`; nothing where it is another kind of file.
pub fn describe_single_file(path: &Path) -> Option<Result<Map<String, Value>>> {
    let files = Files::single(path).ok()?;
    files.is_whole().then(|| describe_open(&path.display().to_string(), Family::StableDiffusion(files)))
}

/// A model of an open family, at `place`.
fn describe_open(place: &str, family: Family) -> Result<Map<String, Value>> {
    let mut facts = Map::new();
    facts.insert("kind".to_owned(), json!("model"));
    facts.insert("folder".to_owned(), json!(place));
    let (network, need) = match &family {
        Family::StableDiffusion(files) => ("Stable Diffusion", stable_diffusion::need(files).ok()),
        Family::Unet2d(folder) => ("UNet2DModel", need(folder)),
        Family::Digits(_) | Family::DeepFloyd(_) => return Err(Error::new("this is no open family").at(place)),
    };
    facts.insert("network".to_owned(), json!(network));
    // With small weights whatever the memory: that is told beside.
    let spec = ModelSpec {
        model: place.to_owned(),
        stage_2: "none".to_owned(),
        text_encoder: "auto".to_owned(),
        dtype: DType::F32,
        low_memory: true,
        second_alone: false,
    };
    let summary = ModelSummary::of(place, &family, "none")?;
    if let Some(stage) = summary.stages.first() {
        let Space { channels, height, width } = stage.space;
        facts.insert("sample_size".to_owned(), json!(stage.sample_size));
        facts.insert("space".to_owned(), json!(format!("{channels} × {height} × {width}")));
        facts.insert("scheduler".to_owned(), json!(stage.config.sampler.name()));
    }
    let told = match summary.recommendations.conditioning {
        Conditioning::Text => "text",
        Conditioning::Classes => "classes",
        Conditioning::None => "nothing",
    };
    facts.insert("told".to_owned(), json!(told));
    facts.insert("steps".to_owned(), json!(summary.recommendations.stage_1.steps));
    facts.insert("guidance".to_owned(), json!(summary.recommendations.stage_1.guidance));
    say_need(need, &mut facts);
    let missing = open_family(family, &spec, &Device::Cpu).err().map(|error| error.to_string());
    facts.insert("missing".to_owned(), missing.map_or(json!("nothing"), |error| json!([error])));
    Ok(facts)
}

fn say_need(need: Option<Need>, facts: &mut Map<String, Value>) {
    let Some(need) = need else { return };
    facts.insert("memory".to_owned(), json!(need.words(available_memory())));
    facts.insert("memory_bytes".to_owned(), json!(need.together));
    facts.insert("low_memory_bytes".to_owned(), json!(need.low));
}

fn describe_cascade(folder: &Folder) -> Result<Map<String, Value>> {
    let mut facts = Map::new();
    let mut missing: Vec<String> = Vec::new();
    facts.insert("kind".to_owned(), json!("model"));
    facts.insert("folder".to_owned(), json!(folder.place("")));
    match folder.subfolder("unet") {
        None => missing.push("unet".to_owned()),
        Some(unet) => describe_unet(&unet, &mut facts, &mut missing)?,
    }
    if folder.subfolder("scheduler").is_none() {
        missing.push("scheduler".to_owned());
    }
    match folder.subfolder("text_encoder") {
        None => {
            facts.insert("text_encoder".to_owned(), json!("none"));
            // Stage II takes stage I's.
            if facts.get("stage").is_some_and(|stage| stage == "I") {
                missing.push("text_encoder (or give --text-encoder or --embeddings)".to_owned());
            }
        }
        Some(encoder) => match Weights::open(&encoder) {
            Err(error) => missing.push(error.to_string()),
            Ok(weights) => {
                facts.insert("text_encoder_parameters".to_owned(), json!(parameter_count(&weights.entries())));
            }
        },
    }
    say_need(need(folder), &mut facts);
    if let Some(second) = folder.subfolder("stage-2") {
        facts.insert("stage_2".to_owned(), Value::Object(describe_cascade(&second)?));
    }
    facts.insert("missing".to_owned(), if missing.is_empty() { json!("nothing") } else { json!(missing) });
    Ok(facts)
}

/// Adds the UNet's facts.
fn describe_unet(folder: &Folder, facts: &mut Map<String, Value>, missing: &mut Vec<String>) -> Result<()> {
    let config = UnetConfig::open(folder)?;
    facts.insert("stage".to_owned(), json!(if config.enlarges() { "II" } else { "I" }));
    facts.insert("sample_size".to_owned(), json!(config.sample_size));
    facts.insert("block_out_channels".to_owned(), json!(config.block_out_channels));
    facts.insert("prompt_embeds_width".to_owned(), json!(config.encoder_hid_dim));
    let weights = match Weights::open(folder) {
        Ok(weights) => weights,
        Err(error) => {
            missing.push(error.to_string());
            return Ok(());
        }
    };
    facts.insert("unet_parameters".to_owned(), json!(parameter_count(&weights.entries())));
    facts.insert("unet_file_bytes".to_owned(), json!(weights.file_bytes()));
    if let Err(error) = Unet::load(&config, &weights.checking(), &Device::Cpu, DType::F32, false) {
        missing.push(error.to_string());
    }
    Ok(())
}

fn parameter_count(entries: &[Entry]) -> usize {
    entries.iter().map(|entry| entry.shape.iter().product::<usize>()).sum()
}
