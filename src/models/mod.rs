//! Networks: DeepFloyd's UNet and the T5 text encoder.

pub mod deepfloyd;
pub mod t5;
