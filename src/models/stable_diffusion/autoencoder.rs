//! The autoencoder of a model, full or tiny: what its config says, and the network.

use candle_core::{DType, Device, Tensor};
use serde_json::Value;

use super::autoencoder_config::AutoencoderKlConfig;
use super::autoencoder_kl::AutoencoderKl;
use super::autoencoder_tiny::{AutoencoderTiny, LATENT_CHANNELS, REDUCTION};
use crate::error::Result;
use crate::files::Folder;
use crate::weights::Weights;

/// Which of the two it is, with its sizes.
#[derive(Clone, Debug)]
pub enum AutoencoderConfig {
    /// The full one.
    Kl(AutoencoderKlConfig),
    /// taesd, which some small models have alone.
    Tiny,
}

impl AutoencoderConfig {
    /// Reads and checks `config.json` of the component's folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let json: Value = folder.read_json("config.json")?;
        if json["_class_name"] == "AutoencoderTiny" {
            return Self::check_tiny(folder).map(|()| Self::Tiny);
        }
        AutoencoderKlConfig::open(folder).map(Self::Kl)
    }

    /// An error where the folder's config is not of a tiny one.
    pub fn check_tiny(folder: &Folder) -> Result<()> {
        AutoencoderTiny::check_config(folder)
    }

    /// Pixels of a picture's side to one of the latents'.
    pub fn reduction(&self) -> usize {
        match self {
            Self::Kl(config) => config.reduction(),
            Self::Tiny => REDUCTION,
        }
    }

    /// Channels of latents.
    pub fn latent_channels(&self) -> usize {
        match self {
            Self::Kl(config) => config.latent_channels,
            Self::Tiny => LATENT_CHANNELS,
        }
    }

    /// Whether a tiny one could stand in for it.
    pub fn has_tiny_twin(&self) -> bool {
        matches!(self, Self::Kl(_)) && (self.reduction(), self.latent_channels()) == (REDUCTION, LATENT_CHANNELS)
    }

    /// The network; `low_memory` as for all networks.
    pub fn load(&self, weights: &Weights, device: &Device, dtype: DType, low_memory: bool) -> Result<Autoencoder> {
        Ok(match self {
            Self::Kl(config) => {
                Autoencoder::Kl(Box::new(AutoencoderKl::load(config, weights, device, dtype, low_memory)?))
            }
            Self::Tiny => Autoencoder::Tiny(AutoencoderTiny::load(weights, device, dtype, low_memory)?),
        })
    }
}

/// The network.
#[derive(Debug)]
pub enum Autoencoder {
    /// The full one.
    Kl(Box<AutoencoderKl>),
    /// The tiny one.
    Tiny(AutoencoderTiny),
}

impl Autoencoder {
    /// Pictures [n, 3, h, w] in [-1, 1] to latents as a UNet has them, [n, 4, h/8, w/8] in f32: of their distribution the
    /// mean, so that a picture has one.
    pub fn encode(&self, pictures: &Tensor) -> Result<Tensor> {
        let latents = match self {
            Self::Kl(autoencoder) => autoencoder.encode(pictures, &|| Ok(()))?.mean,
            Self::Tiny(autoencoder) => autoencoder.encode(pictures)?,
        };
        Ok(latents.to_dtype(DType::F32)?)
    }

    /// Latents [n, 4, h, w] to pictures [n, 3, 8h, 8w] in about [-1, 1], f32, one after the other: maps of a whole picture
    /// are large.
    pub fn decode(&self, latents: &Tensor) -> Result<Tensor> {
        let each = (0..latents.dim(0)?).map(|row| {
            let latents = latents.narrow(0, row, 1)?;
            let picture = match self {
                Self::Kl(autoencoder) => autoencoder.decode(&latents, &|| Ok(()))?,
                Self::Tiny(autoencoder) => autoencoder.decode(&latents)?,
            };
            Ok(picture.to_dtype(DType::F32)?)
        });
        Ok(Tensor::cat(&each.collect::<Result<Vec<_>>>()?, 0)?)
    }
}
