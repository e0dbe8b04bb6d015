//! Networks against diffusers and transformers, by the tensors that tests/reference/make.py made.

mod digits;
mod embedding_cache;
mod encoders;
pub mod families;
mod found;
mod gradients;
mod memory;
mod text;
mod unet;

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::{Device, Tensor};
use diffusion_lab::files::Folder;

/// The models of the reference: name, and folder on disk.
pub const MODELS: [&str; 7] =
    ["built-in", "built-in/stage-2", "narrow", "narrow/stage-2", "deep", "sharded", "pickled"];

pub fn reference() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference")
}

pub fn tensors(file: &str) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(reference().join(file), &Device::Cpu).unwrap()
}

pub fn model(name: &str) -> Folder {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = match name.strip_prefix("built-in") {
        Some(rest) => root.join("assets/built-in").join(rest.trim_start_matches('/')),
        None => reference().join("models").join(name),
    };
    Folder::open(path).unwrap()
}

/// The largest absolute difference.
pub fn worst(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.dims(), b.dims());
    (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar().unwrap()
}
