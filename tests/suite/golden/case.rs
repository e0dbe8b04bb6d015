//! A line of `tests/golden/commands.txt` and the folder that its command left.

use std::path::{Path, PathBuf};

use diffusion_lab::worker::Extras;
use serde_json::Value;

/// The folder, as recipes name it.
pub const GOLDEN: &str = "tests/golden";

/// One command.
pub struct Case {
    /// Its folder's name.
    pub name: String,
    /// What is typed after `diffusion-lab`.
    pub arguments: Vec<String>,
}

/// Every command, in the order of the file: later ones may use what earlier ones made.
pub fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(Path::new(GOLDEN).join("commands.txt")).expect("run from the repository");
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(Case::read).collect()
}

impl Case {
    fn read(line: &str) -> Self {
        let mut words = words(line);
        assert!(words.len() > 1, "no command in `{line}`");
        Self { name: words.remove(0), arguments: words }
    }

    /// What it made.
    pub fn folder(&self) -> PathBuf {
        Path::new(GOLDEN).join("made").join(&self.name)
    }

    /// The command's first word.
    pub fn verb(&self) -> &str {
        &self.arguments[0]
    }

    /// Whether it is an experiment, with a recipe and a result.
    pub fn is_experiment(&self) -> bool {
        diffusion_lab::experiments::find(self.verb()).is_ok()
    }

    /// Whether a flag was typed.
    pub fn has(&self, flag: &str) -> bool {
        self.arguments.iter().any(|word| word == flag)
    }

    /// What was asked for beside the pictures.
    pub fn extras(&self) -> Extras {
        Extras { tensors: self.has("--tensors"), gif: self.has("--gif"), apng: self.has("--apng") }
    }

    /// The command with the folder, or for `encode` the file, that it writes.
    pub fn writing_to(&self, folder: &Path) -> Vec<String> {
        let out = if self.is_experiment() { folder.to_owned() } else { folder.join("embeddings.safetensors") };
        let mut arguments = self.arguments.clone();
        arguments.extend(["--out".to_owned(), out.display().to_string()]);
        arguments
    }

    /// A JSON file of its folder.
    pub fn json(&self, name: &str) -> Value {
        json(&self.folder().join(name))
    }

    /// The PNGs of its folder that carry a recipe, by name.
    pub fn pictures(&self) -> Vec<String> {
        let carries = |name: &String| {
            let bytes = std::fs::read(self.folder().join(name)).unwrap();
            diffusion_lab::pictures::read_carried(&bytes).unwrap().is_some()
        };
        self.files().into_iter().filter(|name| name.ends_with(".png")).filter(carries).collect()
    }

    /// The files of its folder, by name.
    pub fn files(&self) -> Vec<String> {
        names(&self.folder())
    }
}

/// A JSON file.
pub fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A line's words, as a shell parts them; `"` keeps blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}
