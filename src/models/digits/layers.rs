//! The layers of the digit networks: the one file that calls convolution, transposed convolution, batch norm and
//! GELU, forward and backward.
//!
//! What lies between two layers is a [`FeatureMap`], whose layout is chosen here: on the CPU pixels [b, h, w, c] for
//! `tensors::layers`, elsewhere planes [b, c, h, w] for candle's operations and autograd (see `MapLayout`). The other files of this room see pictures [b, c, h, w] at the borders and vectors [b, c] for time and class.
//! Numbers as PyTorch's modules: GELU by erf, batch norm with ε 1e-5, momentum 0.1, the biased variance for the output
//! and the unbiased for the running one; convolutions have a bias. Gradients are taken by `tensors::layers::backward`.

use candle_core::{Device, Tensor, Var};

use super::parameters::{Builder, Role};
use crate::error::{Error, Result};
use crate::tensors::cpu::Form;
use crate::tensors::layers::{self, Norm, Pixels, Pool, Weights};
use crate::tensors::planes::{self, Geometry as PlaneGeometry};
use crate::tensors::{FeatureMap, MapLayout, gelu};

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

/// Feature maps of pictures [b, c, h, w], f32, in the layout in which they are computed.
pub fn maps(pictures: &Tensor) -> Result<FeatureMap> {
    pictures.dims4()?;
    match MapLayout::of(pictures.device()) {
        MapLayout::Pixels => FeatureMap::pixels(Pool::shared(), pictures),
        MapLayout::Planes => Ok(FeatureMap::Planes(pictures.contiguous()?)),
    }
}

/// The mean over all pixels, then GELU: maps of one pixel (the course's Flatten on 7×7 maps).
pub fn flatten(x: &FeatureMap) -> Result<FeatureMap> {
    Ok(match x {
        FeatureMap::Pixels(map) => FeatureMap::Pixels(layers::gelu(&layers::mean(map))),
        FeatureMap::Planes(planes) => FeatureMap::Planes(gelu(&planes.mean_keepdim((2, 3))?)?),
    })
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

    fn form(self) -> Form {
        let (stride, padding) = match self {
            Self::Same => (1, 1),
            Self::Half | Self::Double => (2, 1),
            Self::Unflatten => (7, 0),
        };
        Form { kernel: self.kernel(), stride, padding, transposed: self.is_transposed() }
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

    fn weights(&self) -> Weights<'_> {
        Weights { weight: &self.weight, bias: &self.bias }
    }

    /// Applies it.
    pub fn forward(&self, x: &FeatureMap, mode: Mode) -> Result<FeatureMap> {
        Ok(match x {
            FeatureMap::Pixels(map) => {
                let track = mode == Mode::Train;
                FeatureMap::Pixels(layers::convolve(map, self.geometry.form(), self.weights(), track)?)
            }
            FeatureMap::Planes(planes) => FeatureMap::Planes(self.planes(planes)?),
        })
    }

    fn planes(&self, x: &Tensor) -> Result<Tensor> {
        let Form { stride, padding, transposed, .. } = self.geometry.form();
        let y = planes::convolve(x, &self.weight, PlaneGeometry { stride, padding, transposed })?;
        Ok(y.broadcast_add(&self.bias.reshape((1, (), 1, 1))?)?)
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
    pub fn forward(&self, x: &FeatureMap, mode: Mode) -> Result<FeatureMap> {
        match x {
            FeatureMap::Pixels(map) => Ok(FeatureMap::Pixels(self.pixels(map, mode)?)),
            FeatureMap::Planes(planes) => Ok(FeatureMap::Planes(self.planes(planes, mode)?)),
        }
    }

    fn pixels(&self, x: &Pixels, mode: Mode) -> Result<Pixels> {
        let running = (mode == Mode::Evaluate).then(|| (self.running_mean.as_tensor(), self.running_var.as_tensor()));
        let norm = Norm { weight: &self.weight, bias: &self.bias, eps: EPS, running };
        let form = self.conv.geometry.form();
        let (y, statistics) = layers::convolve_norm_gelu(x, form, self.conv.weights(), norm)?;
        if mode == Mode::Train {
            let on_cpu = |values: Vec<f32>| Tensor::new(values, &Device::Cpu);
            self.follow(&on_cpu(statistics.mean)?, &on_cpu(statistics.variance)?, y.shape().pixels())?;
        }
        Ok(y)
    }

    fn planes(&self, x: &Tensor, mode: Mode) -> Result<Tensor> {
        let x = self.conv.planes(x)?;
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
        gelu(&scaled.broadcast_add(&self.bias.reshape((1, (), 1, 1))?)?)
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
