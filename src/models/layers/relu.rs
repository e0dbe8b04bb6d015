//! ReLU of feature maps that are only drawn.

use crate::error::{Error, Result};
use crate::tensors::FeatureMap;
use crate::tensors::cpu;
use crate::tensors::layers::Pixels;

/// x where it is not negative, else 0.
pub fn relu(x: &FeatureMap) -> Result<FeatureMap> {
    match x {
        FeatureMap::Planes(x) => Ok(FeatureMap::Planes(x.relu()?)),
        FeatureMap::Pixels(x) if x.tracks() => Err(Error::new("a ReLU of pixels is not trained")),
        FeatureMap::Pixels(x) => Ok(FeatureMap::Pixels(Pixels::new(x.pool(), x.shape(), |y| cpu::relu(x.values(), y)))),
    }
}
