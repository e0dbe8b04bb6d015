//! The tensors of `tests/reference`, by name, and comparisons that name the worst difference.

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::tensors::MapLayout;

/// A test by the processor's own kernels, then in the way that a GPU goes: what holds for one holds for the other.
/// Under a narrower instruction set than the processor has, by the kernels alone: the GPU's way has candle's products, which
/// do not ask for ours.
pub fn in_both_layouts(test: impl Fn()) {
    let narrowed = std::env::var_os("DIFFUSION_LAB_ISA").is_some();
    for (name, layout) in MapLayout::ALL.into_iter().take(if narrowed { 1 } else { 2 }) {
        eprintln!("in {name}:");
        layout.scope(&test);
    }
}

/// A file or folder of `tests/reference`.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)
}

/// All tensors of one file.
pub struct Reference(HashMap<String, Tensor>);

impl Reference {
    pub fn open(name: &str) -> Self {
        Self(candle_core::safetensors::load(path(name), &Device::Cpu).expect(name))
    }

    pub fn get(&self, name: &str) -> &Tensor {
        self.0.get(name).unwrap_or_else(|| panic!("no {name} in the reference"))
    }

    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    pub fn floats(&self, name: &str) -> Vec<f32> {
        floats(self.get(name))
    }

    pub fn integers(&self, name: &str) -> Vec<i64> {
        self.get(name).flatten_all().unwrap().to_vec1().unwrap()
    }
}

pub fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// Largest |Δ|, over max(1, largest |reference|): the project's measure of a step.
pub fn relative_difference(ours: &Tensor, reference: &Tensor) -> f32 {
    let largest = floats(reference).iter().fold(1.0_f32, |largest, value| largest.max(value.abs()));
    difference(ours, reference) / largest
}

/// Largest |Δ|; shapes must agree, and NaN counts as infinite.
pub fn difference(ours: &Tensor, reference: &Tensor) -> f32 {
    assert_eq!(ours.dims(), reference.dims(), "shapes");
    let pairs = floats(ours).into_iter().zip(floats(reference));
    pairs.fold(0.0, |worst, (a, b)| {
        let delta = (a - b).abs();
        if delta.is_nan() { f32::INFINITY } else { worst.max(delta) }
    })
}
