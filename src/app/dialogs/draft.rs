//! A page of one's own results, in the making: which pictures, in which order, and what is written under them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::command_line::command_line;
use crate::app::text::file_name;
use crate::error::{Error, Result};
use crate::experiments::settings::prompting;
use crate::experiments::{ForeignRecipe, Recipe, described, read_recipe};
use crate::files::{atomic_write, limits, read_file, writable_dir};
use crate::report::{Entry, Page};

/// What has been written for pages: by file name, so that it outlives a star.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Captions {
    /// The last page's heading.
    #[serde(default)]
    pub title: String,
    /// Captions.
    #[serde(default)]
    pub of: BTreeMap<String, String>,
}

/// A picture on a page.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The picture, which carries its recipe.
    pub path: PathBuf,
    /// What is written under it.
    pub caption: String,
}

/// The page.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its heading.
    pub title: String,
    /// Its pictures, in order.
    pub pictures: Vec<Placed>,
}

impl Draft {
    /// A page of these pictures, with what was written under them before.
    pub fn new(paths: Vec<PathBuf>, captions: &Captions) -> Self {
        let caption = |path: &Path| captions.of.get(&file_name(path)).cloned().unwrap_or_default();
        let pictures = paths.into_iter().map(|path| Placed { caption: caption(&path), path }).collect();
        Self { title: captions.title.clone(), pictures }
    }

    /// What is written on it, added to `captions`.
    pub fn keep(&self, captions: &mut Captions) {
        captions.title.clone_from(&self.title);
        for Placed { path, caption } in &self.pictures {
            match caption.trim().is_empty() {
                true => drop(captions.of.remove(&file_name(path))),
                false => drop(captions.of.insert(file_name(path), caption.clone())),
            }
        }
    }

    /// Writes the page to `path` and its pictures into a folder of the same name beside it.
    pub fn write(&self, path: &Path) -> Result<()> {
        let beside = path.file_stem().unwrap_or_default().to_string_lossy().into_owned() + "-pictures";
        let folder = path.with_file_name(&beside);
        writable_dir(&folder)?;
        let mut entries = Vec::new();
        for placed in &self.pictures {
            let bytes = read_file(&placed.path, limits::PICTURE)?;
            atomic_write(&folder.join(file_name(&placed.path)), &bytes)?;
            entries.push(placed.entry(&beside)?);
        }
        let title = if self.title.trim().is_empty() { "Diffusion models by hand" } else { self.title.trim() };
        let about = format!(
            "Made with diffusion-lab {}. Each picture carries its recipe: dropped on the program's window, it brings its settings back.",
            env!("CARGO_PKG_VERSION")
        );
        atomic_write(path, Page { title: title.to_owned(), about, entries }.html().as_bytes())
    }
}

impl Placed {
    fn entry(&self, folder: &str) -> Result<Entry> {
        let name = file_name(&self.path);
        // A picture from elsewhere has no recipe, and a place on the page all the same.
        let recipe = read_recipe(&self.path).ok();
        let heading = recipe.as_ref().map_or_else(|| name.clone(), |recipe| heading(recipe.harmless()));
        let json = recipe.as_ref().map(ForeignRecipe::to_json).transpose()?;
        let command = recipe.zip(json.clone()).map(|(recipe, json)| command_line(recipe.harmless(), json));
        let command = command.transpose()?.unwrap_or_default();
        let text = json.map(|json| serde_json::to_string_pretty(&described(json, &serde_json::Map::new()))).transpose();
        Ok(Entry {
            row: self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            heading,
            text: self.caption.trim().to_owned(),
            pictures: vec![format!("{folder}/{name}")],
            command,
            recipe: text.map_err(|error| Error::new(error.to_string()))?.unwrap_or_default(),
            lacking: None,
        })
    }
}

/// What a picture shows, in its recipe's words.
fn heading(recipe: &Recipe) -> String {
    let title = recipe.experiment().map_or("", |experiment| experiment.title);
    let reads = recipe.experiment().is_ok_and(|experiment| experiment.uses(&prompting::prompt));
    let prompts = if reads { recipe.prompting.prompt.join(" / ") } else { String::new() };
    if prompts.is_empty() { title.to_owned() } else { format!("{title}: {prompts}") }
}
