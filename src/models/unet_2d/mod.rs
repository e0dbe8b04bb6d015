//! UNets in pixel space without a text: diffusers' `UNet2DModel`, as DDPM's of CIFAR-10, faces and churches and as the
//! consistency models of ImageNet and LSUN configure it.
//!
//! Source: diffusers 0.42 `models/unets/unet_2d.py`; what other families have too is in `layers`.

mod classes;
mod config;
mod consistency;
mod cost;
mod levels;
mod model;
mod unet;

pub use config::Unet2dConfig;
pub use model::{PIPELINES, Unet2dModel, summary};
pub use unet::Unet2d;
