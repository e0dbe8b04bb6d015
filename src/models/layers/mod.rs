//! What the families of networks are made of: convolutions, norms, attention, resnets and the skeleton of a UNet, each
//! on feature maps of one layout. A family's room says how it puts them together.
//!
//! Sources: diffusers 0.42 `models/resnet.py`, `attention.py`, `attention_processor.py`, `embeddings.py`,
//! `unets/unet_2d_blocks.py`; parameter names are diffusers'.

mod attention;
mod backbone;
mod blocks;
mod config;
mod convolution;
mod embedding;
mod layer_norm;
mod layout;
mod norm;
mod relu;
mod resnet;
mod spatial_attention;
mod told;
mod transformer;

pub use attention::{Attention, AttentionSizes, TextKv, TextProjection};
pub use backbone::{Backbone, Skeleton};
pub use blocks::{Mixer, Parts, Place, Resampling};
pub use config::{PerLevel, check_sizes, refuse_unless};
pub use convolution::{Conv2d, ConvSizes, Pointwise, Window, uses_winograd};
pub use embedding::{Sinusoids, TimestepEmbedding, activated, linear};
pub use layout::Layout;
pub use norm::{Norm, With, load_group_norm};
pub use relu::relu;
pub use resnet::{Resample, ResnetBlock, ResnetConfig, ResnetSizes, TimeScaleShift};
pub use spatial_attention::SpatialAttention;
pub use transformer::{Transformer, TransformerSizes};
