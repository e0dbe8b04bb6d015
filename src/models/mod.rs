//! Networks and where they come from. `model` is what experiments know of them; each family is a folder: DeepFloyd's
//! UNets with their T5 text encoder, made into cascades here, part B's digit networks, UNet2DModel, and Stable Diffusion with
//! its autoencoders and CLIP. `layers` is what they share.

mod cascade;
mod catalogue;
pub mod clip;
mod codec;
mod conditions;
mod cost;
pub mod deepfloyd;
mod describe;
mod device;
pub mod digits;
mod embedding_cache;
mod family;
mod gathered;
mod layers;
mod memory;
mod model;
mod packages;
mod prompt_embeds;
mod prompt_tokenizer;
mod recommendation;
mod resident;
pub mod stable_diffusion;
mod stage;
mod summary;
pub mod t5;
mod text;
pub mod unet_2d;

pub use cascade::{Cascade, ModelSpec};
pub use catalogue::{Here, ModelInfo, credits, find_model, models, models_here, setting_for, user_models};
pub use codec::{Codec, Pixels};
pub use conditions::Conditions;
pub use cost::{Cost, Costed};
pub use deepfloyd::{TextContext, Unet, UnetConfig};
pub use describe::{describe_model, describe_single_file};
pub use device::{DeviceChoice, DeviceMemory, device_name};
pub use embedding_cache::EmbeddingCache;
pub use memory::{Fit, Holding, Need, TEXT_ENCODER, in_chunks};
pub use model::{Asked, Encoding, Hear, Model, RunTerms, ToldNetwork, encode, open};
pub use packages::{Fetching, PACKAGES, Package, find_package};
pub use prompt_embeds::shortened;
pub use prompt_tokenizer::PromptTokenizer;
pub use recommendation::{Conditioning, Recommendation, Recommendations, recommendations};
pub use summary::{ModelSummary, Space, StageSummary, Walk};
pub use t5::{TextEncoder, Tokenizer, clean_caption, plain_caption};
pub use text::{Encoded, Text};
