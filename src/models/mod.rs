//! Networks and where they come from: DeepFloyd's UNet, the T5 text encoder, and cascades of them by name.

mod cascade;
mod catalogue;
pub mod deepfloyd;
mod describe;
mod device;
pub mod digits;
mod glance;
pub mod t5;

pub use cascade::{Cascade, CascadeSpec, Encoded, Stage, load_text};
pub use catalogue::{ModelInfo, Recommendation, credits, find_model, models, recommendation};
pub use deepfloyd::{TextContext, Unet, UnetConfig};
pub use describe::describe_model;
pub use device::DeviceChoice;
pub use glance::Glance;
pub use t5::{TextEncoder, Tokenizer, clean_caption, plain_caption};
