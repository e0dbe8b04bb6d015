//! A recipe that came inside a file. Who made the file may be a stranger, and a recipe can name any file of whoever opens
//! it: a picture that is shown, used and then carried along by the result, ready to be published. So what a file says is
//! foreign until a person chose it. It may use what it carries, what comes with the program, and models by name; what
//! else it names has to be allowed first. A [`Recipe`] is only got out of it by saying so.

use std::path::{Component, Path};

use serde_json::{Map, Value};

use super::axis::Axis;
use super::source::Source;
use super::{Kind, Recipe, Setting, setting};
use crate::error::{Error, Result};

/// So many of its files a message lists.
const LISTED: usize = 3;

/// A file or folder that a recipe names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The setting that names it.
    pub key: &'static str,
    /// As it is written there.
    pub path: String,
}

/// A recipe of which nobody here has chosen the files.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignRecipe {
    whole: Recipe,
    harmless: Recipe,
    files: Vec<NamedFile>,
    hashes: Map<String, Value>,
}

/// Whether a model or a set of digits is named by its place: a name has one part, a hub id has two. What is on the disk
/// is not looked at: on some systems a look is enough to send a password to a server that the path names.
pub fn is_place(name: &str) -> bool {
    let path = Path::new(name);
    let rooted = matches!(path.components().next(), Some(Component::Prefix(_) | Component::RootDir));
    rooted || name.starts_with(['.', '~']) || name.starts_with(r"\\") || path.components().count() > 2
}

/// The files that `recipe` names, by its settings. Also what a short name means is one, where it lies in the working
/// folder.
pub fn named_files(recipe: &Recipe) -> Result<Vec<NamedFile>> {
    let mut files = Vec::new();
    for (setting, source) in recipe.pictures() {
        if let Some(Source::File(path)) = source {
            files.push(NamedFile { key: setting.key, path: path.to_string_lossy().into_owned() });
        }
    }
    // Pictures in memory would be hashed.
    for known in recipe.experiment()?.settings().filter(|known| !is_picture(known)) {
        let value = (known.field.get)(recipe);
        let Some(text) = value.as_str() else { continue };
        if !matches!(known.kind, Kind::Axis) {
            files.extend(path_of(known, text).map(|path| NamedFile { key: known.key, path }));
            continue;
        }
        let axis: Axis = text.parse()?;
        let Some(varied) = setting(&axis.key) else { continue };
        let named = axis.values.iter().filter_map(|value| path_of(varied, value));
        files.extend(named.map(|path| NamedFile { key: known.key, path }));
    }
    Ok(files)
}

fn is_picture(setting: &Setting) -> bool {
    matches!(setting.kind, Kind::Picture | Kind::Mask)
}

/// The path in the text of a setting.
fn path_of(setting: &Setting, text: &str) -> Option<String> {
    let path =
        if matches!(setting.kind, Kind::Branch) { text.rsplit_once('@').map_or(text, |(path, _)| path) } else { text };
    let names = match setting.kind {
        Kind::Picture | Kind::Mask => matches!(Source::written(text), Source::File(_)),
        Kind::Branch | Kind::File | Kind::Folder | Kind::Model(_) => is_place(path) || Path::new(path).exists(),
        _ => false,
    };
    names.then(|| path.to_owned())
}

impl ForeignRecipe {
    /// `recipe`, as it was read.
    pub fn new(recipe: Recipe) -> Result<Self> {
        let files = named_files(&recipe)?;
        Ok(Self::naming(recipe, files))
    }

    /// One that was made here.
    pub fn own(recipe: Recipe) -> Self {
        Self::naming(recipe, Vec::new())
    }

    /// The same, where its file tells `hashes` of what its pictures were made with.
    pub(super) fn made_with(self, hashes: Map<String, Value>) -> Self {
        Self { hashes, ..self }
    }

    /// The hashes of what its pictures were made with: weights, embeddings, data.
    pub fn hashes(&self) -> &Map<String, Value> {
        &self.hashes
    }

    fn naming(whole: Recipe, files: Vec<NamedFile>) -> Self {
        let mut harmless = whole.clone();
        if let Ok(experiment) = whole.experiment() {
            let own = experiment.recipe();
            let named = files.iter().filter_map(|file| setting(file.key));
            named.for_each(|setting| (setting.field.copy)(&mut harmless, &own));
        }
        Self { whole, harmless, files, hashes: Map::new() }
    }

    /// The files that it names and that nobody has allowed.
    pub fn files(&self) -> &[NamedFile] {
        &self.files
    }

    /// The same, where a person has chosen those of its files of which `chosen` is true.
    pub fn allowing(self, chosen: impl Fn(&NamedFile) -> bool) -> Self {
        let left = self.files.iter().filter(|file| !chosen(file)).cloned().collect();
        Self::naming(self.whole, left).made_with(self.hashes)
    }

    /// The same with other values for some keys, which a person chose.
    pub fn overlaid(self, changes: Map<String, Value>) -> Result<Self> {
        let left = self.files.into_iter().filter(|file| !changes.contains_key(file.key)).collect();
        Ok(Self::naming(self.whole.overlaid(changes)?, left).made_with(self.hashes))
    }

    /// The recipe without the files that nobody has allowed: their settings are the experiment's own.
    pub fn harmless(&self) -> &Recipe {
        &self.harmless
    }

    /// The recipe, whose files a person has chosen to be read.
    pub fn trusted(self) -> Recipe {
        self.whole
    }

    /// The recipe where it names no file; else an error that lists them.
    pub fn checked(self) -> Result<Recipe> {
        if self.files.is_empty() {
            return Ok(self.whole);
        }
        let mut listed: Vec<String> =
            self.files.iter().take(LISTED).map(|file| format!("{} {}", file.key, file.path)).collect();
        if self.files.len() > LISTED {
            listed.push(format!("{} more", self.files.len() - LISTED));
        }
        Err(Error::arguments("the recipe asks for files that it does not carry")
            .at(listed.join(", "))
            .hint("--trust lets it read them; --set KEY=… gives others"))
    }

    /// What it says of a setting, to be told and not to be run.
    pub fn told(&self, setting: &Setting) -> Value {
        (setting.field.get)(&self.whole)
    }

    /// What it says, to be told and not to be run.
    pub fn to_json(&self) -> Result<Map<String, Value>> {
        self.whole.to_json()
    }
}
