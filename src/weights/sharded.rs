//! Weights in several files: the index that names them (`….index.json`, `weight_map`: tensor → file).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::files::Folder;

#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// The files that the index `name` of `folder` names, sorted; all of them are there.
pub(super) fn shards(folder: &Folder, name: &str) -> Result<Vec<String>> {
    let index: Index = folder.read_json(name)?;
    let files: BTreeSet<String> = index.weight_map.into_values().collect();
    if files.is_empty() {
        return Err(Error::new("the index names no files").at(folder.place(name)));
    }
    for file in &files {
        let plain = !file.contains(['/', '\\', ':']) && file != ".." && !file.is_empty();
        if !plain {
            return Err(Error::new(format!("the index points outside its folder ({file})"))
                .at(folder.place(name))
                .hint("do not trust this folder: get it again from where it is published"));
        }
        if !folder.has(file) {
            return Err(Error::new(format!("a part of the weights is missing ({file})"))
                .at(folder.place(name))
                .hint("get the missing file, or the whole folder again"));
        }
    }
    Ok(files.into_iter().collect())
}
