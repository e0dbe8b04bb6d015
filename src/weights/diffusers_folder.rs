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

/// One file, or the index of several with what the names of its parts begin and end with.
enum Choice {
    One(String),
    Index { name: String, begin: String, end: &'static str },
}

/// What is taken of the files of which `has` tells that they are there.
fn choose(has: impl Fn(&str) -> bool) -> Option<Choice> {
    for (ending, index_ending) in CANDIDATES {
        for stem in STEMS {
            let single = format!("{stem}{ending}");
            if has(&single) {
                return Some(Choice::One(single));
            }
            let name = format!("{stem}{index_ending}");
            if has(&name) {
                let at = ending.rfind('.').unwrap_or(0);
                return Some(Choice::Index { name, begin: format!("{stem}{}-", &ending[..at]), end: &ending[at..] });
            }
        }
    }
    None
}

/// The names of the weight files of `folder`, sorted.
pub(super) fn weight_files(folder: &Folder) -> Result<Vec<String>> {
    match choose(|name| folder.has(name)) {
        Some(Choice::One(name)) => Ok(vec![name]),
        Some(Choice::Index { name, .. }) => sharded::shards(folder, &name),
        None => Err(no_weights(folder)),
    }
}

/// The files that `Weights::open` would read in a folder with files of these names, an index included.
pub fn weight_files_among(names: &[String]) -> Vec<String> {
    match choose(|name| names.iter().any(|known| known == name)) {
        Some(Choice::One(name)) => vec![name],
        Some(Choice::Index { name, begin, end }) => {
            let part = |known: &&String| known.starts_with(&begin) && known.ends_with(end);
            names.iter().filter(part).cloned().chain([name]).collect()
        }
        None => Vec::new(),
    }
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
