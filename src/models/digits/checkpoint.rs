//! A digit network in a file: `.safetensors` with PyTorch's state-dict keys and the network's facts as metadata
//! (`kind`, `hidden`, `T`, `classes`). Reading is strict: another kind or D is refused in one line.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};

use super::kind::Kind;
use super::network::{Network, Spec};
use super::parameters::Origin;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::weights::{Weights, to_safetensors};

/// What a file needs to be read as a checkpoint.
const METADATA_HINT: &str =
    "save it with metadata such as {\"kind\": \"class\", \"hidden\": \"64\", \"T\": \"300\", \"classes\": \"10\"}";

impl Spec {
    /// As a checkpoint's metadata.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let pairs = [
            ("kind", self.kind.name().to_owned()),
            ("hidden", self.hidden.to_string()),
            ("T", self.timesteps.to_string()),
            ("classes", self.classes().to_string()),
        ];
        pairs.map(|(key, value)| (key.to_owned(), value)).into()
    }

    /// From a checkpoint's metadata.
    pub fn from_metadata(metadata: &BTreeMap<String, String>) -> Result<Self> {
        let get = |key: &str| {
            let missing = || Error::new(format!("the checkpoint does not say its {key}")).hint(METADATA_HINT);
            metadata.get(key).ok_or_else(missing)
        };
        let number = |key: &str| -> Result<usize> {
            let text = get(key)?;
            text.parse().map_err(|_| Error::new(format!("the checkpoint's {key} is `{text}`")).hint(METADATA_HINT))
        };
        let name = get("kind")?;
        let kind = Kind::of_name(name).ok_or_else(|| {
            Error::new(format!("the checkpoint is of an unknown kind `{name}`"))
                .hint(format!("kinds are {}", Kind::ALL.map(Kind::name).join(", ")))
        })?;
        let spec = Self { timesteps: number("T")?, ..Self::new(kind, number("hidden")?)? };
        if kind.samples() && !(2..=1_000_000).contains(&spec.timesteps) {
            return Err(Error::new(format!("T = {} makes no schedule", spec.timesteps)).hint(METADATA_HINT));
        }
        let classes = number("classes")?;
        if classes != spec.classes() {
            return Err(Error::new(format!("a `{name}` network has {} classes, not {classes}", spec.classes())));
        }
        Ok(spec)
    }
}

impl Network {
    /// The network in the checkpoint `path`, in f32 on `device`.
    pub fn load(path: &Path, device: &Device) -> Result<Self> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self::load_from(&Folder::Disk(parent.to_owned()), &name, device)
    }

    /// The network in the checkpoint `name` of a folder, which may be the program's own.
    pub fn load_from(folder: &Folder, name: &str, device: &Device) -> Result<Self> {
        let weights = Weights::open_file(folder, name)?;
        let spec = Spec::from_metadata(&weights.metadata()?).map_err(|error| error.at(weights.place()))?;
        Ok(Self::from_weights(spec, &weights, device)?.with_sha256(weights.sha256()))
    }

    /// The network of `spec` in `weights`, which must have its tensors and no others.
    pub fn from_weights(spec: Spec, weights: &Weights, device: &Device) -> Result<Self> {
        let weights = weights.on(device, DType::F32);
        let network = Self::from_origin(spec, Origin::Stored(&weights), device)?;
        weights.finish()?;
        Ok(network)
    }

    /// Its tensors by name.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        self.parameters().iter().map(|p| (p.name.clone(), p.var.as_detached_tensor())).collect()
    }

    /// The network as a checkpoint's bytes, floats in `dtype`.
    pub fn to_checkpoint(&self, dtype: DType) -> Result<Vec<u8>> {
        let cast = |(name, tensor): (String, Tensor)| -> Result<(String, Tensor)> {
            let tensor = if tensor.dtype().is_float() { tensor.to_dtype(dtype)? } else { tensor };
            Ok((name, tensor))
        };
        let tensors: Vec<_> = self.tensors().into_iter().map(cast).collect::<Result<_>>()?;
        to_safetensors(&tensors, &self.spec().metadata())
    }
}
