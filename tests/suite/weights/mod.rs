//! Weight files, whole and broken; `files/` has what PyTorch wrote (`files/make.py`).

mod broken;
mod gguf;
mod reading;

pub use broken::pickled;

use std::path::{Path, PathBuf};

use candle_core::{DType, Tensor};
use diffusion_lab::files::Folder;

pub fn files() -> Folder {
    Folder::open(path()).unwrap()
}

pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/weights/files")
}

pub fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// A folder with these files.
pub fn folder(parts: &[(&str, &[u8])]) -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in parts {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let folder = Folder::open(dir.path()).unwrap();
    (dir, folder)
}

/// A `.safetensors` file with this header and so many bytes of zeros.
pub fn safetensors(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

pub fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}
