//! A set of weight files as named tensors that layers take by name and shape.
//!
//! Taking never fails for what is wrong with a file: the fault is noted, the layer gets a placeholder of
//! the wanted shape that costs no memory, and `finish` tells all faults at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{DType, Device, Tensor};
use sha2::{Digest, Sha256};

use super::fit::Fit;
use super::matrix::Matrix;
use super::stored::Stored;
use super::stored_dtype::StoredDtype;
use super::variables::Variables;
use super::{diffusers_folder, gguf, invented, pth, safetensors, scaled};
use crate::error::{Error, Result};
use crate::files::{Bytes, Folder, limits};

/// Bytes that are hashed at once.
const HASHED: usize = 1 << 20;

/// What a file says about one of its tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name in the file, after renaming.
    pub name: String,
    /// How its numbers are written.
    pub dtype: StoredDtype,
    /// The sizes of its axes.
    pub shape: Vec<usize>,
}

/// Named tensors of one or several files; a handle that is cheap to clone and may point below a prefix.
#[derive(Clone, Debug)]
pub struct Weights {
    set: Arc<Set>,
    prefix: String,
    dtype: DType,
    kept: DType,
    device: Device,
    checking: bool,
    invented: bool,
    variables: Option<Variables>,
}

/// The files, and the account of what was taken from them.
#[derive(Debug)]
pub(super) struct Set {
    place: String,
    files: Vec<Bytes>,
    tensors: BTreeMap<String, Stored>,
    format: Format,
    ignored: Vec<String>,
    taken: Mutex<BTreeSet<String>>,
    fit: Mutex<Fit>,
}

/// What kind of file it is, by its name's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Safetensors,
    Pickled,
    Gguf,
}

impl Format {
    fn of(name: &str) -> Self {
        match name.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
            "bin" | "pth" | "pt" | "ckpt" => Self::Pickled,
            "gguf" => Self::Gguf,
            _ => Self::Safetensors,
        }
    }
}

impl Set {
    /// The bytes of the file that holds `stored`.
    pub fn file(&self, stored: &Stored) -> &Bytes {
        &self.files[stored.file]
    }

    /// Notes that the numbers of `name` cannot be used.
    pub fn note_unusable(&self, name: &str, fault: &str) {
        let (mut fit, line) = (lock(&self.fit), format!("{name} ({fault})"));
        if !fit.unusable.contains(&line) {
            fit.unusable.push(line);
        }
    }

    /// Says in which file a failure was.
    pub fn at(&self, name: &str, error: Error) -> Error {
        error.at(format!("{name} in {}", self.place))
    }
}

impl Weights {
    /// The weights of a component's folder, whatever of the known names and formats they have.
    pub fn open(folder: &Folder) -> Result<Self> {
        let names = diffusers_folder::weight_files(folder)?;
        Self::open_files(folder, &names)
    }

    /// The weights in the file `name` of `folder`.
    pub fn open_file(folder: &Folder, name: &str) -> Result<Self> {
        Self::open_files(folder, &[name.to_owned()])
    }

    fn open_files(folder: &Folder, names: &[String]) -> Result<Self> {
        let mut files = Vec::with_capacity(names.len());
        let mut tensors = BTreeMap::new();
        for (number, name) in names.iter().enumerate() {
            let bytes = folder.read(name, limits::WEIGHTS)?;
            let contents = contents(name, &bytes, number).map_err(|error| error.at(folder.place(name)))?;
            tensors.extend(contents);
            files.push(bytes);
        }
        scaled::absorb(&mut tensors, &files).map_err(|error| error.at(folder.place("")))?;
        let place = match names {
            [one] => folder.place(one),
            _ => format!("{} ({} files)", folder.place(""), names.len()),
        };
        Ok(Self::new(Set {
            place,
            files,
            tensors,
            format: names.first().map_or(Format::Safetensors, |name| Format::of(name)),
            ignored: Vec::new(),
            taken: Mutex::default(),
            fit: Mutex::default(),
        }))
    }

    /// Weights without files: every tensor that is asked for is there and holds noise. For timings.
    pub fn invented() -> Self {
        let set = Set {
            place: "invented weights".to_owned(),
            files: Vec::new(),
            tensors: BTreeMap::new(),
            ignored: Vec::new(),
            taken: Mutex::default(),
            format: Format::Safetensors,
            fit: Mutex::default(),
        };
        Self { invented: true, ..Self::new(set) }
    }

    fn new(set: Set) -> Self {
        Self {
            set: Arc::new(set),
            prefix: String::new(),
            dtype: DType::F32,
            kept: DType::F32,
            device: Device::Cpu,
            checking: false,
            invented: false,
            variables: None,
        }
    }

    /// The same files with other tensors in the account, some of which may be left over (`renaming`).
    pub(super) fn with(&self, tensors: BTreeMap<String, Stored>, ignored: Vec<String>) -> Self {
        Self::new(Set {
            place: self.set.place.clone(),
            files: self.set.files.clone(),
            tensors,
            format: self.set.format,
            ignored,
            taken: Mutex::default(),
            fit: Mutex::default(),
        })
        .on(&self.device, self.dtype)
    }

    /// The tensors of the account, and the beginnings of names that do not matter.
    pub(super) fn account(&self) -> (&BTreeMap<String, Stored>, &[String]) {
        (&self.set.tensors, &self.set.ignored)
    }

    /// The same handle, giving tensors of this type on this device.
    pub fn on(&self, device: &Device, dtype: DType) -> Self {
        Self { dtype, kept: dtype, device: device.clone(), ..self.clone() }
    }

    /// The same handle; its tensors will be kept in `dtype` by whoever takes them, so numbers must fit that too.
    pub fn kept_in(&self, dtype: DType) -> Self {
        Self { kept: dtype, ..self.clone() }
    }

    /// The same handle, giving placeholders: names, shapes and types are checked and no number is read.
    pub fn checking(&self) -> Self {
        Self { checking: true, ..self.clone() }
    }

    /// The same handle, whose tensors are variables, listed in `variables`.
    pub fn as_variables(&self, variables: &Variables) -> Self {
        Self { variables: Some(variables.clone()), ..self.clone() }
    }

    /// The same handle below `name`: `pp("down_blocks").pp(0)` as candle's `VarBuilder`.
    pub fn pp(&self, name: impl std::fmt::Display) -> Self {
        Self { prefix: self.full(&name.to_string()), ..self.clone() }
    }

    /// The type of the tensors that `take` gives.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The device of the tensors that `take` gives.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// File or folder, for messages.
    pub fn place(&self) -> &str {
        &self.set.place
    }

    /// All tensors of the files, by name.
    pub fn entries(&self) -> Vec<Entry> {
        let entry = |(name, stored): (&String, &Stored)| Entry {
            name: name.clone(),
            dtype: stored.dtype,
            shape: stored.shape.clone(),
        };
        self.set.tensors.iter().map(entry).collect()
    }

    /// The text that a first file of safetensors carries beside its tensors, by key; others carry none.
    pub fn metadata(&self) -> Result<BTreeMap<String, String>> {
        match self.set.files.first() {
            Some(bytes) if self.set.format == Format::Safetensors => {
                safetensors::metadata(bytes).map_err(|error| error.at(self.place()))
            }
            _ => Ok(BTreeMap::new()),
        }
    }

    /// The number of bytes of the files.
    pub fn file_bytes(&self) -> usize {
        self.set.files.iter().map(|file| file.len()).sum()
    }

    /// True when the files have this tensor.
    pub fn has(&self, name: &str) -> bool {
        self.set.tensors.contains_key(&self.full(name))
    }

    /// The tensor `name` of `shape`. A tensor that is missing or wrong is noted for `finish`.
    pub fn take(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let tensor = if self.invented {
            invented::tensor(&self.full(name), shape)?.to_dtype(self.dtype)?.to_device(&self.device)?
        } else {
            match self.find(name, shape) {
                Some((full, stored)) => self.convert(&full, stored)?,
                None => return self.placeholder(shape),
            }
        };
        match &self.variables {
            Some(variables) => variables.keep(self.full(name), &tensor),
            None => Ok(tensor),
        }
    }

    /// Notes whether the tensor `name` is there and of `shape`, without reading it; gives a placeholder.
    pub fn expect(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        self.find(name, shape);
        self.placeholder(shape)
    }

    /// Rows of the tensor `name` of `shape`, without reading the others: [rows, shape[1], …].
    pub fn take_rows(&self, name: &str, shape: &[usize], rows: &[u32]) -> Result<Tensor> {
        let mut wanted = shape.to_vec();
        wanted[0] = rows.len();
        let Some((full, stored)) = self.find(name, shape) else { return self.placeholder(&wanted) };
        let taken: Vec<Tensor> =
            rows.iter().map(|&row| self.convert(&full, &stored.row(row as usize))).collect::<Result<_>>()?;
        Ok(Tensor::stack(&taken, 0)?)
    }

    /// The matrix `name` of `shape` [out, in], to be read when it is used. One that is missing or wrong is noted.
    pub fn matrix(&self, name: &str, shape: [usize; 2]) -> Matrix {
        let stored = self.find(name, &shape).map(|(_, stored)| stored.clone());
        Matrix::new(Arc::clone(&self.set), self.full(name), shape, stored)
    }

    /// The tensor `name` as it is written, on the CPU, outside any account; `None` if it is not there.
    pub fn read(&self, name: &str) -> Result<Option<Tensor>> {
        let full = self.full(name);
        let Some(stored) = self.set.tensors.get(&full) else { return Ok(None) };
        stored.read(self.set.file(stored)).map(Some).map_err(|error| self.set.at(&full, error))
    }

    /// Nothing was wrong, or one line that names all that is missing, misshapen, unusable or left over.
    pub fn finish(&self) -> Result<()> {
        let taken = lock(&self.set.taken);
        let ignored = |name: &String| self.set.ignored.iter().any(|prefix| name.starts_with(prefix.as_str()));
        let extra: Vec<String> =
            self.set.tensors.keys().filter(|name| !taken.contains(*name) && !ignored(name)).cloned().collect();
        lock(&self.set.fit).verdict(&extra, &self.set.place)
    }

    /// SHA-256 of the files' bytes in the order of their names, as 64 hexadecimal digits.
    pub fn sha256(&self) -> String {
        let mut hasher = Sha256::new();
        for file in &self.set.files {
            for (number, chunk) in file.chunks(HASHED).enumerate() {
                hasher.update(chunk);
                file.release(number * HASHED..number * HASHED + chunk.len());
            }
        }
        hex(&hasher.finalize())
    }

    /// A hash that tells these files from others without reading all of them: of their lengths, their beginnings and
    /// samples every 4 MiB. Weights that were trained on differ everywhere, so a sample is enough to see it.
    pub fn fingerprint(&self) -> String {
        const EVERY: usize = 4 << 20;
        const SAMPLE: usize = 1 << 12;
        let mut hasher = Sha256::new();
        for file in &self.set.files {
            hasher.update((file.len() as u64).to_le_bytes());
            hasher.update(&file[..file.len().min(1 << 16)]);
            for at in (0..file.len()).step_by(EVERY) {
                hasher.update(&file[at..(at + SAMPLE).min(file.len())]);
                file.release(at..(at + EVERY).min(file.len()));
            }
        }
        hex(&hasher.finalize())
    }

    /// The tensor's full name and place if it can be taken; what is wrong is noted.
    fn find(&self, name: &str, shape: &[usize]) -> Option<(String, &Stored)> {
        let full = self.full(name);
        let mut fit = lock(&self.set.fit);
        let Some(stored) = self.set.tensors.get(&full) else {
            fit.missing.push(full);
            return None;
        };
        lock(&self.set.taken).insert(full.clone());
        if stored.shape != shape {
            fit.misshapen.push(format!("{full} is {:?}, should be {shape:?}", stored.shape));
            return None;
        }
        if matches!(stored.dtype, StoredDtype::Other(_)) {
            fit.unreadable.push(format!("{full} ({})", stored.dtype));
            return None;
        }
        Some((full, stored))
    }

    fn convert(&self, full: &str, stored: &Stored) -> Result<Tensor> {
        if self.checking {
            return self.placeholder(&stored.shape);
        }
        let read = stored.read_as(self.set.file(stored), self.dtype, &self.device);
        let (tensor, check) = read.map_err(|error| self.set.at(full, error))?;
        // The tensor is a copy: what was read of the file need not stay beside it.
        self.set.file(stored).release(stored.range());
        if let Some(fault) = check.fault(self.kept) {
            self.set.note_unusable(full, fault);
        }
        Ok(tensor)
    }

    fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}.{name}", self.prefix) }
    }

    fn placeholder(&self, shape: &[usize]) -> Result<Tensor> {
        Ok(Tensor::zeros((), self.dtype, &self.device)?.broadcast_as(shape)?)
    }
}

fn contents(name: &str, bytes: &[u8], number: usize) -> Result<Vec<(String, Stored)>> {
    match Format::of(name) {
        Format::Pickled => pth::state_dict(bytes, number),
        Format::Gguf => Ok(gguf::Gguf::read(bytes)?.tensors(number)),
        Format::Safetensors => safetensors::contents(bytes, number),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A panic elsewhere leaves these plain lists whole, so a poisoned lock is used on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
