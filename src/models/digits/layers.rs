//! The layers of the digit networks: the one file that calls convolution, transposed convolution, batch norm and
//! GELU, forward and (through candle's autograd) backward.
//!
//! What lies between two layers is a [`Maps`], whose layout is this file's own: today [b, c, h, w], candle's. The
//! other files of this room see pictures [b, c, h, w] at the borders and vectors [b, c] for time and class, so that
//! fused kernels in another layout replace what is below and nothing else. Numbers as PyTorch's modules: GELU by
//! erf, batch norm with ε 1e-5, momentum 0.1, the biased variance for the output and the unbiased for the running
//! one; convolutions have a bias.

use candle_core::{Tensor, Var};

use super::parameters::{Builder, Role};
use crate::error::{Error, Result};

/// `BatchNorm2d`'s ε.
const EPS: f64 = 1e-5;
/// `BatchNorm2d`'s momentum: how much of each batch's statistics the running ones take in.
const MOMENTUM: f64 = 0.1;

/// Where batch norm takes its statistics from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// From the batch; the running statistics follow it.
    Train,
    /// From the running statistics, which stay.
    Evaluate,
}

/// Feature maps of b pictures between two layers.
#[derive(Clone, Debug)]
pub struct Maps(Tensor);

impl Maps {
    /// Of pictures [b, c, h, w], f32.
    pub fn from_pictures(pictures: &Tensor) -> Result<Self> {
        pictures.dims4()?;
        Ok(Self(pictures.contiguous()?))
    }

    /// As pictures [b, c, h, w].
    pub fn into_pictures(self) -> Tensor {
        self.0
    }

    /// The channels of `self`, then those of `other`, at the same pixels.
    pub fn concat(&self, other: &Self) -> Result<Self> {
        Ok(Self(Tensor::cat(&[&self.0, &other.0], 1)?))
    }

    /// scale·x + shift, [b, c] each, the same at every pixel; what is `None` is left out.
    pub fn modulate(&self, scale: Option<&Tensor>, shift: Option<&Tensor>) -> Result<Self> {
        let mut x = self.0.clone();
        if let Some(scale) = scale {
            x = x.broadcast_mul(&scale.unsqueeze(2)?.unsqueeze(3)?)?;
        }
        if let Some(shift) = shift {
            x = x.broadcast_add(&shift.unsqueeze(2)?.unsqueeze(3)?)?;
        }
        Ok(Self(x))
    }

    /// The mean over all pixels, then GELU: [b, c] (the course's Flatten on 7×7 maps).
    pub fn flatten(&self) -> Result<Tensor> {
        gelu(&self.0.mean((2, 3))?)
    }

    /// Vectors [b, c] as maps of one pixel.
    pub fn from_vectors(vectors: &Tensor) -> Result<Self> {
        Ok(Self(vectors.unsqueeze(2)?.unsqueeze(3)?))
    }
}

/// x Φ(x) by erf (`nn.GELU()`), of any shape.
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    Ok(x.gelu_erf()?)
}

/// How a convolution goes over its maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geometry {
    /// 3×3, stride 1, padding 1: the same size.
    Same,
    /// 3×3, stride 2, padding 1: half the size.
    Half,
    /// Transposed 4×4, stride 2, padding 1: twice the size.
    Double,
    /// Transposed 7×7, stride 7: from one pixel to 7×7.
    Unflatten,
}

impl Geometry {
    /// Side of the kernel.
    fn kernel(self) -> usize {
        match self {
            Self::Same | Self::Half => 3,
            Self::Double => 4,
            Self::Unflatten => 7,
        }
    }

    fn is_transposed(self) -> bool {
        matches!(self, Self::Double | Self::Unflatten)
    }
}

/// `Conv2d` or `ConvTranspose2d` with bias; weight [out, in, k, k], transposed [in, out, k, k].
pub struct Convolution {
    geometry: Geometry,
    weight: Var,
    bias: Var,
}

impl Convolution {
    /// From `channels.0` to `channels.1`, under `name`.
    pub fn new(builder: &mut Builder<'_>, name: &str, geometry: Geometry, channels: (usize, usize)) -> Result<Self> {
        let (k, (from, to)) = (geometry.kernel(), channels);
        let (shape, fan_in) = match geometry.is_transposed() {
            true => ([from, to, k, k], to * k * k),
            false => ([to, from, k, k], from * k * k),
        };
        let weight = builder.drawn(&format!("{name}.weight"), &shape, fan_in)?;
        let bias = builder.drawn(&format!("{name}.bias"), &[to], fan_in)?;
        Ok(Self { geometry, weight, bias })
    }

    /// Applies it.
    pub fn forward(&self, x: &Maps) -> Result<Maps> {
        let y = match self.geometry {
            Geometry::Same => x.0.conv2d(&self.weight, 1, 1, 1, 1)?,
            Geometry::Half => x.0.conv2d(&self.weight, 1, 2, 1, 1)?,
            Geometry::Double => x.0.conv_transpose2d(&self.weight, 1, 0, 2, 1)?,
            Geometry::Unflatten => x.0.conv_transpose2d(&self.weight, 0, 0, 7, 1)?,
        };
        Ok(Maps(y.broadcast_add(&self.bias.reshape((1, (), 1, 1))?)?))
    }
}

/// A convolution, then batch norm, then GELU.
pub struct ConvBnGelu {
    conv: Convolution,
    weight: Var,
    bias: Var,
    running_mean: Var,
    running_var: Var,
    num_batches_tracked: Var,
}

impl ConvBnGelu {
    /// From `channels.0` to `channels.1`, under `name.conv` and `name.bn`.
    pub fn new(builder: &mut Builder<'_>, name: &str, geometry: Geometry, channels: (usize, usize)) -> Result<Self> {
        let (bn, c) = (format!("{name}.bn"), &[channels.1]);
        Ok(Self {
            conv: Convolution::new(builder, &format!("{name}.conv"), geometry, channels)?,
            weight: builder.filled(&format!("{bn}.weight"), c, 1.0, Role::Trained)?,
            bias: builder.filled(&format!("{bn}.bias"), c, 0.0, Role::Trained)?,
            running_mean: builder.filled(&format!("{bn}.running_mean"), c, 0.0, Role::Followed)?,
            running_var: builder.filled(&format!("{bn}.running_var"), c, 1.0, Role::Followed)?,
            num_batches_tracked: builder.filled(&format!("{bn}.num_batches_tracked"), &[], 0.0, Role::Counted)?,
        })
    }

    /// Applies the three.
    pub fn forward(&self, x: &Maps, mode: Mode) -> Result<Maps> {
        let x = self.conv.forward(x)?.0;
        let statistic = |var: &Var| -> Result<Tensor> { Ok(var.reshape((1, (), 1, 1))?.detach()) };
        let (centred, variance) = match mode {
            Mode::Evaluate => (x.broadcast_sub(&statistic(&self.running_mean)?)?, statistic(&self.running_var)?),
            Mode::Train => {
                let mean = x.mean_keepdim((0, 2, 3))?;
                let centred = x.broadcast_sub(&mean)?;
                let variance = centred.sqr()?.mean_keepdim((0, 2, 3))?;
                let (b, _, h, w) = x.dims4()?;
                self.follow(&mean, &variance, b * h * w)?;
                (centred, variance)
            }
        };
        let normal = centred.broadcast_div(&(variance + EPS)?.sqrt()?)?;
        let scaled = normal.broadcast_mul(&self.weight.reshape((1, (), 1, 1))?)?;
        Ok(Maps(gelu(&scaled.broadcast_add(&self.bias.reshape((1, (), 1, 1))?)?)?))
    }

    /// Moves the running statistics towards those of a batch with `n` values a channel.
    fn follow(&self, mean: &Tensor, variance: &Tensor, n: usize) -> Result<()> {
        if n < 2 {
            return Err(Error::new("batch norm needs more than one value a channel").hint("use a larger batch"));
        }
        let unbiased = n as f64 / (n - 1) as f64;
        for (running, batch, factor) in [(&self.running_mean, mean, 1.0), (&self.running_var, variance, unbiased)] {
            let batch = batch.detach().flatten_all()?;
            running.set(&((running.as_tensor() * (1.0 - MOMENTUM))? + (batch * (MOMENTUM * factor))?)?)?;
        }
        let counted = &self.num_batches_tracked;
        counted.set(&(counted.as_tensor() + counted.ones_like()?)?)?;
        Ok(())
    }
}

/// `Linear` on vectors [b, in]; weight [out, in].
pub struct Linear {
    weight: Var,
    bias: Var,
}

impl Linear {
    /// From `width.0` to `width.1`, under `name`.
    pub fn new(builder: &mut Builder<'_>, name: &str, width: (usize, usize)) -> Result<Self> {
        Ok(Self {
            weight: builder.drawn(&format!("{name}.weight"), &[width.1, width.0], width.0)?,
            bias: builder.drawn(&format!("{name}.bias"), &[width.1], width.0)?,
        })
    }

    /// x Wᵀ + b: [b, out].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(x.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?)
    }
}
