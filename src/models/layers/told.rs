//! What the resnets of a network are told by its embedding, all of them in one product: on a GPU each of the small
//! products would cost a launch, and the affine maps made of them four more.

use candle_core::Tensor;
use candle_nn::{Linear, Module};

use super::resnet::TimeScaleShift;
use crate::error::Result;
use crate::tensors::GroupNorm;
use crate::weights::Weights;

/// The projections of a network's resnets, gathered while it is loaded.
#[derive(Debug, Default)]
pub struct Projections {
    /// Rows of the map, [c, e] and [c], and the affine map of the norm after it, [c] and [c].
    scales: Vec<Rows>,
    shifts: Vec<Rows>,
    norms: Vec<(Tensor, Tensor)>,
    channels: usize,
}

type Rows = (Tensor, Tensor);

impl Projections {
    /// That of a resnet of `channels`, `width` being the embedding's; its first channel among all.
    pub fn gather(
        &mut self,
        kind: TimeScaleShift,
        weights: &Weights,
        (width, channels): (usize, usize),
        norm: &GroupNorm,
    ) -> Result<usize> {
        let parts = if kind == TimeScaleShift::ScaleShift { 2 } else { 1 };
        let weight = weights.take("weight", &[parts * channels, width])?;
        let bias = weights.take("bias", &[parts * channels])?;
        let rows = |part: usize| -> Result<Rows> {
            let rows = |x: &Tensor| x.narrow(0, part * channels, channels);
            Ok((rows(&weight)?, rows(&bias)?))
        };
        if kind == TimeScaleShift::ScaleShift {
            self.scales.push(rows(0)?);
            self.norms.push((norm.weight().clone(), norm.bias().clone()));
        }
        self.shifts.push(rows(parts - 1)?);
        self.channels += channels;
        Ok(self.channels - channels)
    }

    /// All in one; `None` of none.
    pub fn joined(self) -> Result<Option<JointProjection>> {
        if self.shifts.is_empty() {
            return Ok(None);
        }
        let (weights, biases): (Vec<_>, Vec<_>) = self.scales.into_iter().chain(self.shifts).unzip();
        let (gains, offsets): (Vec<_>, Vec<_>) = self.norms.into_iter().unzip();
        let joined = |parts: &[Tensor]| -> Result<Option<Tensor>> {
            Ok((!parts.is_empty()).then(|| Tensor::cat(parts, 0)).transpose()?)
        };
        let norms = joined(&gains)?.zip(joined(&offsets)?);
        let linear = Linear::new(Tensor::cat(&weights, 0)?, Some(Tensor::cat(&biases, 0)?));
        Ok(Some(JointProjection { linear, norms, channels: self.channels }))
    }
}

/// The projections of all resnets of a network.
#[derive(Clone, Debug)]
pub struct JointProjection {
    linear: Linear,
    /// Gain and offset of the norms that are scaled and shifted, [channels].
    norms: Option<(Tensor, Tensor)>,
    channels: usize,
}

impl JointProjection {
    /// Of the embedding [n, e].
    pub fn forward(&self, emb: &Tensor) -> Result<Told> {
        let all = self.linear.forward(emb)?;
        let Some((gain, offset)) = &self.norms else { return Ok(Told::Added(all)) };
        let factor = (all.narrow(1, 0, self.channels)? + 1.0)?;
        let shift = all.narrow(1, self.channels, self.channels)?;
        let offset = (factor.broadcast_mul(offset)? + shift)?;
        Ok(Told::Affine { gain: factor.broadcast_mul(gain)?, offset })
    }
}

/// What all resnets are told, each some of the channels; tensors are [n, channels].
#[derive(Clone, Debug)]
pub enum Told {
    /// Is added before the norm.
    Added(Tensor),
    /// The norm's own affine map with scale and shift in it.
    Affine { gain: Tensor, offset: Tensor },
}

/// What a forward tells its resnets.
#[derive(Clone, Copy, Debug)]
pub enum Time<'a> {
    /// The embedding after its activation, [n, e]: each has a projection of its own.
    Embedding(&'a Tensor),
    /// What came of the embedding for all of them.
    Told(&'a Told),
}
