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
    /// Rows of what scales, if anything does, and of what shifts: [c, e] and [c].
    gains: Vec<Rows>,
    offsets: Vec<Rows>,
    channels: usize,
}

type Rows = (Tensor, Tensor);

impl Projections {
    /// That of a resnet of `channels`, `width` being the embedding's; its first channel among all. The affine map of
    /// the norm after it, γ (1 + scale) and β (1 + scale) + shift, is folded into the rows: both are linear in the
    /// embedding.
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
        let mut offset = rows(parts - 1)?;
        if kind == TimeScaleShift::ScaleShift {
            let (scale, one_more) = (rows(0)?.0, (rows(0)?.1 + 1.0)?);
            let times =
                |by: &Tensor| -> Result<Rows> { Ok((scale.broadcast_mul(&by.unsqueeze(1)?)?, (&one_more * by)?)) };
            let (by_weight, by_bias) = times(norm.bias())?;
            offset = ((offset.0 + by_weight)?, (offset.1 + by_bias)?);
            self.gains.push(times(norm.weight())?);
        }
        self.offsets.push(offset);
        self.channels += channels;
        Ok(self.channels - channels)
    }

    /// All in one; `None` of none.
    pub fn joined(self) -> Result<Option<JointProjection>> {
        if self.offsets.is_empty() {
            return Ok(None);
        }
        let scales = !self.gains.is_empty();
        let (weights, biases): (Vec<_>, Vec<_>) = self.gains.into_iter().chain(self.offsets).unzip();
        let linear = Linear::new(Tensor::cat(&weights, 0)?, Some(Tensor::cat(&biases, 0)?));
        Ok(Some(JointProjection { linear, scales, channels: self.channels }))
    }
}

/// The projections of all resnets of a network.
#[derive(Clone, Debug)]
pub struct JointProjection {
    linear: Linear,
    /// Whether it makes the norms' gains too, before their offsets.
    scales: bool,
    channels: usize,
}

impl JointProjection {
    /// Of the embedding [n, e].
    pub fn forward(&self, emb: &Tensor) -> Result<Told> {
        let all = self.linear.forward(emb)?;
        if !self.scales {
            return Ok(Told::Added(all));
        }
        let part = |from: usize| all.narrow(1, from, self.channels);
        Ok(Told::Affine { gain: part(0)?, offset: part(self.channels)? })
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
