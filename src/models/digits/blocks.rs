//! The course's blocks (CS180 project 5, part B), of the layers of this room. Names are the keys of its PyTorch code.

use candle_core::Tensor;

use super::layers::{ConvBnGelu, Geometry, Linear, Mode};
use super::parameters::Builder;
use crate::error::Result;
use crate::tensors::{FeatureMap, MapLayout, gelu};

/// Two 3×3 convolutions at one size.
pub struct ConvBlock {
    conv1: ConvBnGelu,
    conv2: ConvBnGelu,
}

impl ConvBlock {
    /// From `channels.0` to `channels.1`.
    pub fn new(builder: &mut Builder<'_>, name: &str, channels: (usize, usize)) -> Result<Self> {
        let after = (channels.1, channels.1);
        Ok(Self {
            conv1: ConvBnGelu::new(builder, &format!("{name}.conv1"), Geometry::Same, channels)?,
            conv2: ConvBnGelu::new(builder, &format!("{name}.conv2"), Geometry::Same, after)?,
        })
    }

    /// Maps of the same size.
    pub fn forward(&self, x: &FeatureMap, mode: Mode) -> Result<FeatureMap> {
        self.conv2.forward(&self.conv1.forward(x, mode)?, mode)
    }
}

/// Half the size, then a [`ConvBlock`].
pub struct DownBlock {
    down: ConvBnGelu,
    block: ConvBlock,
}

impl DownBlock {
    /// From `channels.0` to `channels.1`.
    pub fn new(builder: &mut Builder<'_>, name: &str, channels: (usize, usize)) -> Result<Self> {
        let after = (channels.1, channels.1);
        Ok(Self {
            down: ConvBnGelu::new(builder, &format!("{name}.down"), Geometry::Half, channels)?,
            block: ConvBlock::new(builder, &format!("{name}.block"), after)?,
        })
    }

    /// Maps of half the size.
    pub fn forward(&self, x: &FeatureMap, mode: Mode) -> Result<FeatureMap> {
        self.block.forward(&self.down.forward(x, mode)?, mode)
    }
}

/// Twice the size, then a [`ConvBlock`].
pub struct UpBlock {
    up: ConvBnGelu,
    block: ConvBlock,
}

impl UpBlock {
    /// From `channels.0` to `channels.1`.
    pub fn new(builder: &mut Builder<'_>, name: &str, channels: (usize, usize)) -> Result<Self> {
        let after = (channels.1, channels.1);
        Ok(Self {
            up: ConvBnGelu::new(builder, &format!("{name}.up"), Geometry::Double, channels)?,
            block: ConvBlock::new(builder, &format!("{name}.block"), after)?,
        })
    }

    /// Maps of twice the size.
    pub fn forward(&self, x: &FeatureMap, mode: Mode) -> Result<FeatureMap> {
        self.block.forward(&self.up.forward(x, mode)?, mode)
    }
}

/// Linear, GELU, linear, on vectors.
pub struct FcBlock {
    linear1: Linear,
    linear2: Linear,
}

impl FcBlock {
    /// From `widths.0` by way of `widths.1` to `widths.2`.
    pub fn new(builder: &mut Builder<'_>, name: &str, widths: (usize, usize, usize)) -> Result<Self> {
        Ok(Self {
            linear1: Linear::new(builder, &format!("{name}.linear1"), (widths.0, widths.1))?,
            linear2: Linear::new(builder, &format!("{name}.linear2"), (widths.1, widths.2))?,
        })
    }

    /// [b, widths.2] of [b, widths.0]. Evaluated row by row: a product's last bits depend on how many rows it has, and a
    /// picture is to be the same alone and in company.
    pub fn forward(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let of = |x: &Tensor| self.linear2.forward(&gelu(&self.linear1.forward(x)?)?);
        if mode == Mode::Train || MapLayout::of(x.device()) == MapLayout::Planes {
            return of(x);
        }
        let rows: Vec<Tensor> = (0..x.dim(0)?).map(|row| of(&x.narrow(0, row, 1)?)).collect::<Result<_>>()?;
        Ok(Tensor::cat(&rows, 0)?)
    }
}
