//! The networks of part B: small UNets on 28×28 digits and the classifier that scores them, as the course's PyTorch
//! code has them, trained and used here.

mod blocks;
mod built_in;
mod checkpoint;
mod classifier;
mod conditioning;
mod denoiser;
mod found;
mod kind;
pub mod layers;
mod network;
mod parameters;
mod sampling;

pub use built_in::{built_in, has_built_in};
pub use classifier::Judgement;
pub use conditioning::{CLASSES, Condition};
pub use denoiser::SIDE;
pub use found::{Found, find, model_name};
pub use kind::{Kind, TimeEnters};
pub use layers::Mode;
pub use network::{Network, Spec, TIMESTEPS};
pub use parameters::{Builder, Origin, Parameter, Role};
pub use sampling::{DigitModel, schedule};
