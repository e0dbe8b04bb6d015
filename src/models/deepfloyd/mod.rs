//! DeepFloyd IF's network: diffusers' `UNet2DConditionModel` as IF configures it, stages I and II.
//!
//! Sources: diffusers 0.42 `models/unets/unet_2d_condition.py`, `attention_processor.py` (`AttnAddedKVProcessor2_0`),
//! `embeddings.py` (`TextTimeEmbedding`); what other families have too is in `layers`.

mod attention;
mod blocks;
mod config;
mod cost;
mod published;
mod text_pooling;
mod unet;

pub use config::UnetConfig;
pub use published::Published;
pub use unet::{TextContext, Unet};
