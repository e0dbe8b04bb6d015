//! The course's UNet on digits (28×28): ConvBlock(1→D), DownBlock(D→D), DownBlock(D→2D), Flatten, Unflatten, and up
//! again with the encoder's maps beside the decoder's.
//!
//! Without time it is B1.2's denoiser, with time and class B2's networks (`conditioning`). Concatenations put the
//! upsampled branch first, the skip second. Parameters at D = 64: 1,975,361 plain, 1,996,417 with time, 2,019,201
//! with class.

use candle_core::Tensor;

use super::blocks::{ConvBlock, DownBlock, UpBlock};
use super::conditioning::{Condition, Conditioning};
use super::kind::Kind;
use super::layers::{ConvBnGelu, Convolution, Geometry, Mode, flatten, maps};
use super::parameters::Builder;
use crate::error::{Error, Result};
use crate::tensors::FeatureMap;

/// Side of a digit, in pixels: two halvings must leave the 7×7 of Flatten.
pub const SIDE: usize = 28;

/// The UNet.
pub struct Denoiser {
    initial: ConvBlock,
    down1: DownBlock,
    down2: DownBlock,
    unflatten: ConvBnGelu,
    up1: UpBlock,
    up2: UpBlock,
    last: ConvBlock,
    out: Convolution,
    conditioning: Option<Conditioning>,
}

impl Denoiser {
    /// With D = `hidden` channels.
    pub fn new(builder: &mut Builder<'_>, kind: Kind, hidden: usize) -> Result<Self> {
        let d = hidden;
        Ok(Self {
            initial: ConvBlock::new(builder, "initial", (1, d))?,
            down1: DownBlock::new(builder, "down1", (d, d))?,
            down2: DownBlock::new(builder, "down2", (d, 2 * d))?,
            unflatten: ConvBnGelu::new(builder, "unflatten", Geometry::Unflatten, (2 * d, 2 * d))?,
            up1: UpBlock::new(builder, "up1", (4 * d, d))?,
            up2: UpBlock::new(builder, "up2", (2 * d, d))?,
            last: ConvBlock::new(builder, "final", (2 * d, d))?,
            out: Convolution::new(builder, "out", Geometry::Same, (d, 1))?,
            conditioning: Conditioning::new(builder, kind, d)?,
        })
    }

    /// What the network says of pictures `x` [b, 1, 28, 28]: the clean picture, ε or the velocity, by its kind.
    pub fn forward(&self, x: &Tensor, condition: Condition<'_>, mode: Mode) -> Result<Tensor> {
        let (_, channels, h, w) = x.dims4()?;
        if (channels, h, w) != (1, SIDE, SIDE) {
            return Err(Error::new(format!("digits are 1×{SIDE}×{SIDE}, not {channels}×{h}×{w}")));
        }
        let initial = self.initial.forward(&maps(x)?, mode)?;
        let down1 = self.down1.forward(&initial, mode)?;
        let down2 = self.down2.forward(&down1, mode)?;
        let flat = flatten(&down2)?;
        let unflattened = self.conditioned(0, self.unflatten.forward(&flat, mode)?, condition, mode)?;
        let up1 = self.up1.forward(&unflattened.concat(&down2)?, mode)?;
        let up1 = self.conditioned(1, up1, condition, mode)?;
        let up2 = self.up2.forward(&up1.concat(&down1)?, mode)?;
        let last = self.last.forward(&up2.concat(&initial)?, mode)?;
        self.out.forward(&last, mode)?.into_pictures()
    }

    fn conditioned(&self, place: usize, x: FeatureMap, condition: Condition<'_>, mode: Mode) -> Result<FeatureMap> {
        match &self.conditioning {
            Some(conditioning) => conditioning.apply(place, &x, condition, mode),
            None => Ok(x),
        }
    }
}
