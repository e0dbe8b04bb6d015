//! DeepFloyd IF's network: diffusers' `UNet2DConditionModel` as IF configures it, stages I and II.
//!
//! Sources: diffusers 0.42 `models/unets/unet_2d_condition.py`, `unet_2d_blocks.py`, `attention_processor.py`
//! (`AttnAddedKVProcessor2_0`), `embeddings.py` (`TextTimeEmbedding`); parameter names are diffusers'.

mod attention;
mod blocks;
mod config;
mod convolution;
mod cost;
mod embedding;
mod layout;
mod norm;
mod published;
mod resnet;
mod unet;

pub use config::UnetConfig;
pub use cost::{Cost, cost};
pub use published::Published;
pub use unet::{TextContext, Unet};
