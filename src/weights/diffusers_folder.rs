//! Which files of a component's folder (`unet/`, `text_encoder/`) hold its weights.
//!
//! Names as diffusers and transformers write them: the variant `fp16` stands before the ending, and in an
//! index before `.json`. Half-size files come first, safetensors before pickles; each component chooses for
//! itself, since published folders mix them.

use super::sharded;
use crate::error::{Error, Result};
use crate::files::Folder;

/// What the files are called: UNets, transformers' safetensors, transformers' pickles.
const STEMS: [&str; 3] = ["diffusion_pytorch_model", "model", "pytorch_model"];

/// Ending of one file, and of the index of several.
const CANDIDATES: [(&str, &str); 4] = [
    (".fp16.safetensors", ".safetensors.index.fp16.json"),
    (".safetensors", ".safetensors.index.json"),
    (".fp16.bin", ".bin.index.fp16.json"),
    (".bin", ".bin.index.json"),
];

/// The names of the weight files of `folder`, sorted.
pub(super) fn weight_files(folder: &Folder) -> Result<Vec<String>> {
    for (ending, index_ending) in CANDIDATES {
        for stem in STEMS {
            let single = format!("{stem}{ending}");
            if folder.has(&single) {
                return Ok(vec![single]);
            }
            let index = format!("{stem}{index_ending}");
            if folder.has(&index) {
                return sharded::shards(folder, &index);
            }
        }
    }
    Err(no_weights(folder))
}

fn no_weights(folder: &Folder) -> Error {
    let names = folder.file_names();
    let hint = if names.iter().any(|name| name.contains("-00001-of-")) {
        "the parts are there but their index (….index.json) is missing: get it too"
    } else {
        "a model folder has diffusion_pytorch_model.safetensors or model.safetensors (or .bin) here"
    };
    Error::new("no weights in this folder").at(folder.place("")).hint(hint)
}
