//! Says which digit a picture shows: the encoder half of the UNet, then an FCBlock to ten classes.
//!
//! What it sees before the FCBlock, [b, 2D], is the space in which Fréchet distances are taken.

use candle_core::Tensor;

use super::blocks::{ConvBlock, DownBlock, FcBlock};
use super::conditioning::CLASSES;
use super::layers::{Mode, flatten, maps};
use super::parameters::Builder;
use crate::error::Result;

/// The network.
pub struct Classifier {
    initial: ConvBlock,
    down1: DownBlock,
    down2: DownBlock,
    head: FcBlock,
}

/// What it says of a batch.
pub struct Judgement {
    /// The maps of the last block, averaged: [b, 2D].
    pub features: Tensor,
    /// Unnormalised log-probabilities, [b, 10].
    pub logits: Tensor,
}

impl Classifier {
    /// With D = `hidden` channels.
    pub fn new(builder: &mut Builder<'_>, hidden: usize) -> Result<Self> {
        let d = hidden;
        Ok(Self {
            initial: ConvBlock::new(builder, "initial", (1, d))?,
            down1: DownBlock::new(builder, "down1", (d, d))?,
            down2: DownBlock::new(builder, "down2", (d, 2 * d))?,
            head: FcBlock::new(builder, "head", (2 * d, 2 * d, CLASSES))?,
        })
    }

    /// Features and logits of pictures `x` [b, 1, 28, 28] in [0, 1].
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Judgement> {
        let x = self.initial.forward(&maps(x)?, mode)?;
        let x = self.down2.forward(&self.down1.forward(&x, mode)?, mode)?;
        let features = flatten(&x)?.into_pictures()?.flatten_from(1)?;
        let logits = self.head.forward(&features, mode)?;
        Ok(Judgement { features, logits })
    }
}
