//! `vae/config.json`: the sizes of an `AutoencoderKL`, and a refusal by name of what this program does not do.
//!
//! Defaults are those of diffusers' `AutoencoderKL.__init__`; keys that are not listed are ignored.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::layers::{check_sizes, refuse_unless};

/// The checked configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoencoderKlConfig {
    /// Channels of pictures: 3.
    pub in_channels: usize,
    /// The same of what is decoded.
    pub out_channels: usize,
    /// Channels of latents: 4.
    pub latent_channels: usize,
    /// Channels of each level, finest first.
    pub block_out_channels: Vec<usize>,
    /// Resnets of a level; one more in the decoder.
    pub layers_per_block: usize,
    /// Groups of every norm.
    pub norm_num_groups: usize,
    /// Height and width that it was trained at.
    pub sample_size: usize,
    /// What latents are multiplied with before a UNet is shown them.
    pub scaling_factor: f64,
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    in_channels: usize,
    out_channels: usize,
    latent_channels: usize,
    down_block_types: Vec<String>,
    up_block_types: Vec<String>,
    block_out_channels: Vec<usize>,
    layers_per_block: usize,
    norm_num_groups: usize,
    sample_size: usize,
    scaling_factor: f64,
}

impl Default for File {
    fn default() -> Self {
        Self {
            in_channels: 3,
            out_channels: 3,
            latent_channels: 4,
            down_block_types: vec!["DownEncoderBlock2D".into()],
            up_block_types: vec!["UpDecoderBlock2D".into()],
            block_out_channels: vec![64],
            layers_per_block: 1,
            norm_num_groups: 32,
            sample_size: 32,
            scaling_factor: 0.18215,
        }
    }
}

/// Keys that must have one value: key, diffusers' default where the key is absent, the value.
const FIXED: [(&str, &str, &str); 8] = [
    ("_class_name", "AutoencoderKL", "AutoencoderKL"),
    ("act_fn", "silu", "silu"),
    ("latents_mean", "null", "null"),
    ("latents_std", "null", "null"),
    ("mid_block_add_attention", "true", "true"),
    ("shift_factor", "null", "null"),
    ("use_post_quant_conv", "true", "true"),
    ("use_quant_conv", "true", "true"),
];

impl AutoencoderKlConfig {
    /// Reads and checks `config.json` of a component's folder.
    pub fn open(folder: &Folder) -> Result<Self> {
        let json: Value = folder.read_json("config.json")?;
        Self::from_json(json).map_err(|error| {
            error.at(folder.place("config.json")).hint("an autoencoder of Stable Diffusion 1 or 2 is expected here")
        })
    }

    /// Checks a parsed `config.json`.
    pub fn from_json(json: Value) -> Result<Self> {
        refuse_unless(&json, &FIXED)?;
        let file: File =
            serde_json::from_value(json).map_err(|error| Error::new(format!("cannot use this config ({error})")))?;
        let levels = file.block_out_channels.len();
        for (key, types, only) in [
            ("down_block_types", &file.down_block_types, "DownEncoderBlock2D"),
            ("up_block_types", &file.up_block_types, "UpDecoderBlock2D"),
        ] {
            if types.len() != levels || levels > 16 {
                return Err(Error::new(format!("{key} has {} values for {levels} levels", types.len())));
            }
            if let Some(other) = types.iter().find(|name| *name != only) {
                return Err(Error::new(format!("{key} {other} is not supported, only {only}")));
            }
        }
        let config = Self {
            in_channels: file.in_channels,
            out_channels: file.out_channels,
            latent_channels: file.latent_channels,
            block_out_channels: file.block_out_channels,
            layers_per_block: file.layers_per_block,
            norm_num_groups: file.norm_num_groups,
            sample_size: file.sample_size,
            scaling_factor: file.scaling_factor,
        };
        config.check()?;
        Ok(config)
    }

    /// Pixels of a picture's side to one of the latents': 8.
    pub fn reduction(&self) -> usize {
        1 << (self.block_out_channels.len() - 1)
    }

    fn check(&self) -> Result<()> {
        if self.block_out_channels.is_empty() {
            return Err(Error::new("block_out_channels has 0 levels"));
        }
        let single = [
            ("in_channels", self.in_channels),
            ("out_channels", self.out_channels),
            ("latent_channels", self.latent_channels),
            ("layers_per_block", self.layers_per_block),
            ("norm_num_groups", self.norm_num_groups),
            ("sample_size", self.sample_size),
        ];
        let channels = self.block_out_channels.iter().map(|&width| ("block_out_channels", width));
        check_sizes(single.into_iter().chain(channels))?;
        if let Some(width) = self.block_out_channels.iter().find(|&width| width % self.norm_num_groups != 0) {
            let groups = self.norm_num_groups;
            return Err(Error::new(format!("norm_num_groups {groups} does not divide {width} channels")));
        }
        if !(self.scaling_factor.is_finite() && self.scaling_factor > 0.0) {
            return Err(Error::new("scaling_factor must be positive"));
        }
        Ok(())
    }
}
