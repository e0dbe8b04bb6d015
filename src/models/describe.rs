//! What a model's folder holds, told from its configs and the weights' tables of contents alone.

use candle_core::{DType, Device};
use serde_json::{Map, Value, json};

use super::catalogue::need;
use super::deepfloyd::{Unet, UnetConfig};
use crate::error::Result;
use crate::files::{Folder, available_memory};
use crate::weights::{Entry, Weights};

/// The folder's kind, sizes, memory need and what is missing.
pub fn describe_model(folder: &Folder) -> Result<Map<String, Value>> {
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
    if let Some(need) = need(folder) {
        facts.insert("memory".to_owned(), json!(need.words(available_memory())));
        facts.insert("memory_bytes".to_owned(), json!(need.together));
        facts.insert("low_memory_bytes".to_owned(), json!(need.low));
    }
    if let Some(second) = folder.subfolder("stage-2") {
        facts.insert("stage_2".to_owned(), Value::Object(describe_model(&second)?));
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
