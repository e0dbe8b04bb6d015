//! `ResnetBlock2D` with `scale_shift`: the block of every level, and its down- and upsampler.

use candle_core::Tensor;
use candle_nn::{Linear, Module};

use super::config::UnetConfig;
use super::convolution::{Conv2d, Pointwise};
use super::embedding::linear;
use crate::error::Result;
use crate::tensors::GroupNorm;
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
    norm1: GroupNorm,
    conv1: Conv2d,
    time_emb_proj: Linear,
    norm2: GroupNorm,
    conv2: Conv2d,
    conv_shortcut: Option<Pointwise>,
    resample: Resample,
    out_scale_factor: f64,
}

/// A `GroupNorm` of `channels` with `groups`, named by `weights`' prefix.
pub(super) fn load_norm(weights: &Weights, channels: usize, groups: usize, eps: f64) -> Result<GroupNorm> {
    GroupNorm::new(&weights.take("weight", &[channels])?, &weights.take("bias", &[channels])?, groups, eps)
}

impl ResnetBlock {
    pub fn load(
        config: &UnetConfig,
        weights: &Weights,
        (c_in, c_out): (usize, usize),
        resample: Resample,
        out_scale_factor: f64,
    ) -> Result<Self> {
        let (groups, eps) = (config.norm_num_groups, config.norm_eps);
        let shortcut = || Pointwise::load_conv(&weights.pp("conv_shortcut"), c_in, c_out);
        Ok(Self {
            norm1: load_norm(&weights.pp("norm1"), c_in, groups, eps)?,
            conv1: Conv2d::load(&weights.pp("conv1"), c_in, c_out, 3)?,
            time_emb_proj: linear(&weights.pp("time_emb_proj"), config.time_embed_dim(), 2 * c_out)?,
            norm2: load_norm(&weights.pp("norm2"), c_out, groups, eps)?,
            conv2: Conv2d::load(&weights.pp("conv2"), c_out, c_out, 3)?,
            conv_shortcut: (c_in != c_out).then(shortcut).transpose()?,
            resample,
            out_scale_factor,
        })
    }

    /// x [n, c_in, h, w]; `emb` [n, e], already through the activation. To [n, c_out, h', w'].
    pub fn forward(&self, x: &Tensor, emb: &Tensor) -> Result<Tensor> {
        let h = self.resampled(&self.norm1.forward_gelu(x)?)?;
        let x = self.resampled(x)?;
        let h = self.conv1.forward(&h)?;
        let scale_shift = self.time_emb_proj.forward(emb)?.chunk(2, 1)?;
        let h = self.norm2.forward_scale_shift_gelu(&h, &scale_shift[0], &scale_shift[1])?;
        let h = self.conv2.forward(&h)?;
        let x = match &self.conv_shortcut {
            Some(shortcut) => shortcut.forward_2d(&x)?,
            None => x,
        };
        let sum = (x + h)?;
        if self.out_scale_factor == 1.0 { Ok(sum) } else { Ok((sum / self.out_scale_factor)?) }
    }

    fn resampled(&self, x: &Tensor) -> Result<Tensor> {
        let (_, _, h, w) = x.dims4()?;
        Ok(match self.resample {
            Resample::Keep => x.clone(),
            Resample::Down => x.avg_pool2d(2)?,
            Resample::Up => x.upsample_nearest2d(2 * h, 2 * w)?,
        })
    }
}
