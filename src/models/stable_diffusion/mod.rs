//! Stable Diffusion 1 and 2 and what is made of them: a UNet on latents, told a text, and the autoencoders that lead from
//! latents to pictures.
//!
//! Sources: diffusers 0.42 `models/unets/unet_2d_condition.py`, `models/transformers/transformer_2d.py`,
//! `models/attention.py`, `models/autoencoders/{autoencoder_kl,autoencoder_tiny,vae}.py`,
//! `loaders/single_file_utils.py`; what other families have too is in `layers`.

mod autoencoder;
mod autoencoder_config;
mod autoencoder_kl;
mod autoencoder_tiny;
mod codec;
mod coder;
mod config;
mod cost;
mod ldm_names;
mod levels;
mod model;
mod parts;
mod pipeline;
mod single_file;
mod text;
mod unet;

pub use autoencoder_config::AutoencoderKlConfig;
pub use autoencoder_kl::{AutoencoderKl, LatentDistribution};
pub use autoencoder_tiny::AutoencoderTiny;
pub use config::ConditionalUnetConfig;
pub use model::{LatentModel, need, summary};
pub use parts::{Files, is_conditional_unet};
pub use pipeline::{PIPELINES, PipelineFolders};
pub use single_file::{SingleFile, open_clip_weights};
pub use text::encode;
pub use unet::{ConditionalText, ConditionalUnet};
