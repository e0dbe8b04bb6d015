//! Timed steps of training on the built-in digits: forward, loss, backward, Adam.

use super::Given;
use crate::datasets::Dataset;
use crate::error::{Error, Result};
use crate::models::digits::Kind;
use crate::training::{Settings, Trainer};

/// One step each. The built-in digits have more batches than anyone times.
pub fn steps(given: &Given, kind: Kind, hidden: usize, batch: usize) -> Result<Vec<f64>> {
    let data = Dataset::open("mnist")?;
    let settings = Settings { hidden, batch, ..Settings::of(kind) };
    let mut trainer = Trainer::new(&settings, None, &data.train, &given.options.device.open()?)?;
    given.times(|_| trainer.next().unwrap_or_else(|| Err(Error::new("the run is over"))).map(drop))
}
