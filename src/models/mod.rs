//! Networks and where they come from: DeepFloyd's UNet, the T5 text encoder, and cascades of them by name.

mod cascade;
mod catalogue;
pub mod clip;
pub mod deepfloyd;
mod describe;
mod device;
pub mod digits;
mod embedding_cache;
mod glance;
mod layers;
mod memory;
mod packages;
mod recommendation;
pub mod stable_diffusion;
mod stage;
pub mod t5;
mod text;
pub mod unet_2d;

pub use cascade::{Cascade, CascadeSpec};
pub use catalogue::{Here, ModelInfo, credits, find_model, models, models_here, setting_for, user_models};
pub use deepfloyd::{TextContext, Unet, UnetConfig};
pub use describe::describe_model;
pub use device::DeviceChoice;
pub use embedding_cache::EmbeddingCache;
pub use glance::Glance;
pub use memory::{Fit, Holding, Need, TEXT_ENCODER, in_chunks};
pub use packages::{Fetching, PACKAGES, Package, find_package};
pub use recommendation::{Recommendation, Recommendations, recommendations};
pub use stage::Stage;
pub use t5::{TextEncoder, Tokenizer, clean_caption, plain_caption};
pub use text::{Encoded, Text};
