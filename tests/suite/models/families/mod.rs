//! Networks of the open families against diffusers and transformers: small ones of random weights, which are drawn here by
//! the same recipe as in tests/reference/families.py.

mod autoencoders;
mod clip;
mod refusals;
mod single_file;
mod stable_diffusion;
mod unet_2d;

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use diffusion_lab::error::Result;
use diffusion_lab::files::Folder;
use diffusion_lab::tensors::Generator;
use diffusion_lab::weights::{Weights, to_safetensors};
use serde_json::Value;

use crate::reference::{Reference, path, relative_difference};

use super::unet::tolerance;

/// How much smaller than its input what a matrix makes is; as in families.py.
const GAINS: [(&str, f64); 3] = [("conv_in", 0.03), ("down_blocks.0.resnets.0.conv", 0.05), ("embedding", 0.3)];

fn go() -> Result<()> {
    Ok(())
}

fn reference() -> Reference {
    Reference::open("families.safetensors")
}

/// A table of tests/reference.
fn table(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(path(name)).unwrap()).unwrap()
}

/// A network of a table such as families.json: its config, and its tensors under diffusers' names.
pub struct Network {
    pub config: Value,
    pub tensors: Vec<(String, Tensor)>,
}

impl Network {
    fn new(name: &str) -> Self {
        Self::of("families.json", name)
    }

    /// The network called `name` of the table in `file`.
    pub fn of(file: &str, name: &str) -> Self {
        let mut network = table(file)[name].take();
        let mut generator = Generator::new(network["seed"].as_u64().unwrap());
        let mut tensors = Vec::new();
        for entry in network["tensors"].as_array().unwrap() {
            let name = entry[0].as_str().unwrap();
            let shape: Vec<usize> =
                entry[1].as_array().unwrap().iter().map(|size| size.as_u64().unwrap() as usize).collect();
            let noise = generator.randn_tensor(shape.as_slice(), &Device::Cpu).unwrap();
            let gain = GAINS.iter().find(|(part, _)| name.contains(part)).map_or(1.0, |(_, gain)| *gain);
            let tensor = match &shape[..] {
                [_] => noise.affine(0.2 * gain, if name.ends_with("weight") { 1.0 } else { 0.0 }),
                [_, inner @ ..] => noise * (gain / (inner.iter().product::<usize>() as f64).sqrt()),
                [] => panic!("{name} is a number"),
            };
            tensors.push((name.to_owned(), tensor.unwrap()));
        }
        Self { config: network["config"].take(), tensors }
    }

    /// As a component's folder holds it, each tensor through `change`.
    pub fn write(&self, folder: &Path, change: impl Fn(&str, &Tensor) -> (String, Tensor)) -> Folder {
        let tensors: Vec<_> = self.tensors.iter().map(|(name, tensor)| change(name, tensor)).collect();
        write(&folder.join("diffusion_pytorch_model.safetensors"), &tensors);
        std::fs::write(folder.join("config.json"), self.config.to_string()).unwrap();
        Folder::open(folder).unwrap()
    }

    /// Its weights, and the folder in which they are until that is dropped.
    fn weights(&self) -> (tempfile::TempDir, Weights) {
        let folder = tempfile::tempdir().unwrap();
        let weights = Weights::open(&self.write(folder.path(), same)).unwrap();
        (folder, weights)
    }
}

pub fn same(name: &str, tensor: &Tensor) -> (String, Tensor) {
    (name.to_owned(), tensor.clone())
}

pub fn half(name: &str, tensor: &Tensor) -> (String, Tensor) {
    (name.to_owned(), tensor.to_dtype(DType::F16).unwrap())
}

pub fn write(path: &Path, tensors: &[(String, Tensor)]) {
    std::fs::write(path, to_safetensors(tensors, &BTreeMap::new()).unwrap()).unwrap();
}

/// `output` is the tensor `right` of the reference; every `wrong.…` beside it, a plausible mistake each, is far away.
fn compare(reference: &Reference, case: &str, right: &str, output: &Tensor) {
    let difference = relative_difference(output, reference.get(&format!("{case}.{right}")));
    eprintln!("{case} {right}: {difference:.1e}");
    assert!(difference <= tolerance(), "{case} {right}: {difference}");
    let wrong = format!("{case}.wrong.");
    for name in reference.names().into_iter().filter(|name| name.starts_with(&wrong)) {
        // Those of networks with several results say at their end which one they are of.
        let other = ["mean", "std", "encoded", "decoded"].iter().find(|kind| name.ends_with(&format!(".{kind}")));
        if other.is_some_and(|kind| *kind != right) {
            continue;
        }
        let difference = relative_difference(output, reference.get(name));
        assert!(difference > 3.0 * tolerance(), "{name} passes for right: {difference}");
    }
}
