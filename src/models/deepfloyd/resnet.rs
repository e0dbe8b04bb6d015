//! `ResnetBlock2D` with `scale_shift`: the block of every level, and its down- and upsampler.

use candle_core::Tensor;

use super::blocks::Loader;
use super::convolution::{Conv2d, Pointwise};
use super::embedding::Projection;
use super::norm::{After, Norm};
use crate::error::Result;
use crate::tensors::FeatureMap;
use crate::weights::Weights;

/// What a block does to height and width, before its first convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resample {
    Keep,
    /// 2×2 average.
    Down,
    /// Each pixel twice.
    Up,
}

#[derive(Clone, Debug)]
pub(super) struct ResnetBlock {
    norm1: Norm,
    conv1: Conv2d,
    time_emb_proj: Projection,
    norm2: Norm,
    conv2: Conv2d,
    conv_shortcut: Option<Pointwise>,
    resample: Resample,
}

impl ResnetBlock {
    /// `side` is that of the maps it makes, usually.
    pub fn load(
        loader: &mut Loader,
        weights: &Weights,
        (c_in, c_out): (usize, usize),
        side: usize,
        resample: Resample,
        out_scale_factor: f64,
    ) -> Result<Self> {
        let (layout, config) = (loader.layout, loader.config);
        let grouping = (config.norm_num_groups, config.norm_eps);
        let unit = loader.unit.clone();
        let norm = |name: &str, c: usize| Norm::load(layout, &weights.pp(name), c, grouping, &unit);
        let shortcut = || Pointwise::load(layout, &weights.pp("conv_shortcut"), c_in, c_out);
        let conv = |name: &str, c_in: usize, divisor: f64| {
            Conv2d::load(layout, &weights.pp(name), (c_in, c_out), 3, side, divisor)
        };
        let norm2 = norm("norm2", c_out)?;
        Ok(Self {
            norm1: norm("norm1", c_in)?,
            conv1: conv("conv1", c_in, 1.0)?,
            time_emb_proj: Projection::load(loader, &weights.pp("time_emb_proj"), 2 * c_out, &norm2)?,
            norm2,
            conv2: conv("conv2", c_out, out_scale_factor)?,
            conv_shortcut: (c_in != c_out).then(shortcut).transpose()?,
            resample,
        })
    }

    /// x [n, c_in, h, w]; `emb` as in `Given`. To [n, c_out, h', w'].
    pub fn forward(&self, x: &FeatureMap, emb: &Tensor) -> Result<FeatureMap> {
        // One variable, so that each map is let go of once the next is made of it: at 256 px a map is 100 MB.
        let mut h = self.resampled(self.norm1.forward(x, After::Gelu)?)?;
        h = self.conv1.forward(&h)?;
        let told = self.time_emb_proj.forward(emb)?;
        h = self.norm2.forward(&h, After::TimeGelu(&told))?;
        let x = self.resampled(x.clone())?;
        let x = match &self.conv_shortcut {
            Some(shortcut) => shortcut.forward(&x)?,
            None => x,
        };
        self.conv2.forward_onto(&h, &x)
    }

    fn resampled(&self, x: FeatureMap) -> Result<FeatureMap> {
        match self.resample {
            Resample::Keep => Ok(x),
            Resample::Down => x.halved(),
            Resample::Up => x.doubled(),
        }
    }
}
