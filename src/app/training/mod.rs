//! The dashboard of training, which stands in the middle while "Train a network" is open: curves, loss by diffusion
//! time, what each epoch makes of the same noise, and the hands on the run. What it shows is plain data ([`Runs`]),
//! fed by the worker's events and by runs' folders; what draws it is one file a part.

mod axis;
mod browser;
mod by_time;
mod control;
mod curve;
pub mod digits;
mod epoch_samples;
pub mod files;
mod heat;
mod list;
mod options;
mod page;
mod plot;
mod pyramid;
mod readout;
pub mod run;
mod runs;
mod start;
mod state;

pub use curve::Along;
pub use run::{Run, RunState};
pub use runs::Runs;
pub use start::open_dashboard;
pub use state::Training;
