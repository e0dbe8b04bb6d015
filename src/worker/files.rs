//! A job's results as files: pictures, grid, tensors, `result.json`, by the names of the command line's contract.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{DType, Tensor};
use image::RgbImage;
use serde_json::{Map, Value, json};

use super::job::{Destination, Extras};
use crate::error::{Error, Result};
use crate::experiments::{Outcome, Picture, Recipe, Sheet, Source, Trajectory, carried, described};
use crate::files::{FolderLock, atomic_write, atomic_write_new, peak_memory_bytes, writable_dir};
use crate::pictures::{Animation, Grid, encode_png};
use crate::weights::to_safetensors;

/// Where one job's results go, and what has gone there.
pub struct Results {
    destination: Destination,
    verb: String,
    files: Vec<String>,
    pictures: Vec<Arc<RgbImage>>,
    hashes: Map<String, Value>,
    /// Source picture and mask as the last picture's run used them.
    used: [Option<Source>; 2],
    made_folder: bool,
    _lock: Option<FolderLock>,
}

impl Drop for Results {
    /// A job that came to nothing leaves no empty folder behind.
    fn drop(&mut self) {
        if let (Destination::Folder { path, .. }, true) = (&self.destination, self.made_folder && self.files.is_empty())
        {
            let _ = std::fs::remove_dir(path); // refuses where something is inside
        }
    }
}

impl Results {
    /// Proves that the destination can be written before any work is done.
    pub fn open(destination: &Destination, recipe: &Recipe) -> Result<Self> {
        let (mut made_folder, mut lock) = (false, None);
        if let Destination::Folder { path, .. } | Destination::Gallery(path) = destination {
            made_folder = !path.exists();
            writable_dir(path)?;
        }
        if let Destination::Folder { path, .. } = destination {
            lock = FolderLock::take(path);
            if lock.is_none() {
                return Err(Error::new("another run is writing into this folder")
                    .at(path.display())
                    .hint("give another --out, or wait until it is done"));
            }
        }
        Ok(Self {
            destination: destination.clone(),
            verb: recipe.experiment.clone(),
            files: Vec::new(),
            pictures: Vec::new(),
            hashes: Map::new(),
            used: [None, None],
            made_folder,
            _lock: lock,
        })
    }

    /// Whether whole trajectories are wanted.
    pub fn wants_trajectory(&self) -> bool {
        self.extras().tensors
    }

    /// Whether an experiment's further files are kept.
    pub fn wants_files(&self) -> bool {
        matches!(self.destination, Destination::Folder { .. })
    }

    /// What is wanted beside the pictures.
    pub fn extras(&self) -> Extras {
        match &self.destination {
            Destination::Folder { extras, .. } => *extras,
            _ => Extras::default(),
        }
    }

    /// Saves what one picture's steps looked like.
    pub fn animation(&mut self, index: usize, shows: &str, animation: &Animation) -> Result<()> {
        let (Destination::Folder { path, .. }, extras) = (self.destination.clone(), self.extras()) else {
            return Ok(());
        };
        let name = format!("{}-{index:03}-{shows}", self.verb);
        if extras.gif {
            self.write(&path.join(format!("{name}.gif")), &animation.gif()?)?;
        }
        if extras.apng {
            self.write(&path.join(format!("{name}.apng")), &animation.apng()?)?;
        }
        Ok(())
    }

    /// The files written so far, by name.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// How many pictures there are so far.
    pub fn picture_count(&self) -> usize {
        self.pictures.len()
    }

    /// Saves a finished picture with its recipe inside; returns where.
    pub fn picture(&mut self, picture: &Picture) -> Result<Option<PathBuf>> {
        self.hashes.clone_from(&picture.hashes);
        self.used = picture.recipe.pictures().map(|(_, source)| source.clone());
        self.pictures.push(Arc::clone(&picture.pixels));
        if matches!(self.destination, Destination::Nowhere) {
            return Ok(None);
        }
        let bytes = encode_png(&picture.pixels, Some(&carried(&picture.recipe, &picture.hashes)?))?;
        let path = match &self.destination {
            Destination::Nowhere => return Ok(None),
            Destination::Folder { path, .. } => {
                let path = path.join(format!("{}-{:03}.png", self.verb, picture.index));
                atomic_write(&path, &bytes)?;
                path
            }
            Destination::Gallery(folder) => write_next(folder, &self.verb, &bytes)?,
        };
        self.note(&path);
        Ok(Some(path))
    }

    /// Saves a run's tensors.
    pub fn trajectory(&mut self, trajectory: &Trajectory) -> Result<()> {
        let Destination::Folder { path, extras: Extras { tensors: true, .. } } = &self.destination else {
            return Ok(());
        };
        let stage = if trajectory.stage == 2 && self.verb != "upscale" { "-stage-2" } else { "" };
        let run = if trajectory.runs > 1 { format!("-{:03}", trajectory.run) } else { String::new() };
        let path = path.join(format!("trajectory{stage}{run}.safetensors"));
        let bytes = serialize(&trajectory.tensors)?;
        self.write(&path, &bytes)
    }

    /// Saves the grid and `result.json`, which makes the result complete.
    pub fn finish(&mut self, recipe: &Recipe, outcome: &Outcome, timings: Map<String, Value>) -> Result<()> {
        let Destination::Folder { path, .. } = self.destination.clone() else { return Ok(()) };
        for (name, bytes) in &outcome.files {
            self.write(&path.join(name), bytes)?;
        }
        let own: Vec<&RgbImage> = self.pictures.iter().map(|pixels| &**pixels).collect();
        let pictures = if outcome.figure.is_empty() { own } else { outcome.figure.iter().collect() };
        if pictures.len() > 1 {
            let grid = Grid {
                columns: &outcome.columns,
                rows: &outcome.rows,
                captions: &outcome.captions,
                per_row: outcome.per_row,
                pictures: &pictures,
            };
            // The grid carries no more of a source than each picture does, and not where it lies.
            let mut used = recipe.clone();
            for ((_, source), seen) in used.pictures_mut().into_iter().zip(&self.used) {
                *source = seen.clone().or(source.take());
            }
            let bytes = encode_png(&grid.render()?, Some(&carried(&used, &self.hashes)?))?;
            self.write(&path.join("grid.png"), &bytes)?;
        }
        let mut result = described(recipe.to_json()?, &self.hashes);
        result.insert("files".to_owned(), json!(self.files));
        result.insert("measures".to_owned(), json!(outcome.measures));
        result.insert("timings".to_owned(), Value::Object(timings));
        result.insert("peak_memory_bytes".to_owned(), json!(peak_memory_bytes()));
        let text = serde_json::to_string_pretty(&result).map_err(|error| Error::new(error.to_string()))?;
        self.write(&path.join("result.json"), format!("{text}\n").as_bytes())
    }

    /// Saves an epoch's picture; returns where.
    pub fn sheet(&mut self, sheet: &Sheet) -> Result<Option<PathBuf>> {
        let Destination::Folder { path, .. } = &self.destination else { return Ok(None) };
        let path = path.join(format!("epoch-{:03}.png", sheet.epoch));
        self.write(&path, &encode_png(&sheet.pixels, None)?)?;
        Ok(Some(path))
    }

    /// Writes a file of the experiment's own, over an older one of its name.
    pub fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let Destination::Folder { path, .. } = &self.destination else { return Ok(()) };
        let path = path.join(name);
        self.write(&path, bytes)
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        atomic_write(path, bytes)?;
        self.note(path);
        Ok(())
    }

    fn note(&mut self, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !self.files.contains(&name) {
            self.files.push(name);
        }
    }
}

/// Writes `sample-000001.png` and so on, one more than the highest number that is there; another program may be
/// writing into the same folder.
fn write_next(folder: &Path, verb: &str, bytes: &[u8]) -> Result<PathBuf> {
    loop {
        let path = folder.join(format!("{verb}-{:06}.png", highest(folder, verb) + 1));
        if atomic_write_new(&path, bytes)? {
            return Ok(path);
        }
    }
}

fn highest(folder: &Path, verb: &str) -> u64 {
    let number = |entry: std::fs::DirEntry| -> Option<u64> {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.strip_prefix(verb)?.strip_prefix('-')?.strip_suffix(".png")?.parse().ok()
    };
    std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(number).max().unwrap_or(0)
}

/// Writes x_t of a run's first steps for a branch: `timesteps` where the network was evaluated, and x_t [1, 3, h, w]
/// as each step found it.
pub fn write_recorded(path: &Path, timesteps: &[usize], x_t: &[Tensor]) -> Result<()> {
    let entries: Vec<i64> = timesteps.iter().map(|&timestep| timestep as i64).collect();
    let entries = Tensor::from_vec(entries, timesteps.len(), &candle_core::Device::Cpu)?;
    if let Some(folder) = path.parent() {
        writable_dir(folder)?;
    }
    atomic_write(path, &serialize(&[("timesteps", entries), ("x_t", Tensor::stack(x_t, 0)?)])?)
}

/// Named tensors as a safetensors file, in f32 (and i64 where they are).
fn serialize(tensors: &[(&'static str, Tensor)]) -> Result<Vec<u8>> {
    let mut named = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let dtype = if tensor.dtype() == DType::I64 { DType::I64 } else { DType::F32 };
        named.push(((*name).to_owned(), tensor.to_dtype(dtype)?));
    }
    to_safetensors(&named, &BTreeMap::new())
}
