//! The digit networks that come with the program, by kind: `assets/digits/KIND.safetensors`.

use candle_core::Device;
use include_dir::{Dir, include_dir};

use super::kind::Kind;
use super::network::Network;
use crate::error::{Error, Result};
use crate::files::Folder;

static ASSETS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/digits");

pub(super) fn folder() -> Folder {
    Folder::Embedded(&ASSETS, "built-in digits".to_owned())
}

pub(super) fn file(kind: Kind) -> String {
    format!("{}.safetensors", kind.name())
}

/// Whether the program has a trained network of `kind`.
pub fn has_built_in(kind: Kind) -> bool {
    folder().has(&file(kind))
}

/// The program's own trained network of `kind`.
pub fn built_in(kind: Kind, device: &Device) -> Result<Network> {
    if !has_built_in(kind) {
        return Err(missing(kind));
    }
    Network::load_from(&folder(), &file(kind), device)
}

/// Says that the program has no network of `kind`, and how to get one.
pub(super) fn missing(kind: Kind) -> Error {
    Error::new(format!("no trained `{}` network in the program", kind.name())).hint(format!(
        "train one with `diffusion-lab digits-train --kind {}` and give its checkpoint.safetensors",
        kind.name()
    ))
}
