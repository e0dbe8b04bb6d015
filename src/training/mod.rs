//! Training of part B's networks: steps, optimiser, averaged weights, saved runs.

mod adam;
mod ema;
mod history;
mod objective;
mod settings;
mod state;
mod tensorboard;
mod trainer;

pub use adam::Adam;
pub use ema::Ema;
pub use history::{History, Point};
pub use objective::{Loss, Objective};
pub use settings::Settings;
pub use state::Saved;
pub use tensorboard::event_file;
pub use trainer::{TrainStep, Trainer};
