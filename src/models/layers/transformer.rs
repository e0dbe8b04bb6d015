//! `Transformer2DModel` with one `BasicTransformerBlock`: pixels look at each other, then at the text, then pass a gated
//! feed-forward layer, each after a layer norm and added to its input.

use candle_core::Tensor;

use super::attention::{Attention, AttentionSizes, TextKv, TextProjection};
use super::blocks::Mixer;
use super::convolution::Pointwise;
use super::layer_norm::LayerNorm;
use super::layout::Layout;
use super::norm::{Norm, With};
use crate::error::{Error, Result};
use crate::tensors::FeatureMap;
use crate::tensors::cpu::{self, Isa, Shape};
use crate::tensors::layers::Pixels;
use crate::weights::Weights;

/// Fixed in diffusers for the norm before `proj_in`, whatever `norm_eps` says.
const EPS: f64 = 1e-6;
/// What the feed-forward layer widens to.
const WIDER: usize = 4;

/// What a transformer is loaded by.
#[derive(Clone, Copy, Debug)]
pub struct TransformerSizes {
    pub channels: usize,
    pub heads: usize,
    /// Width of the text.
    pub cross_attention_dim: usize,
    pub norm_num_groups: usize,
    /// Whether `proj_in` and `proj_out` are linear layers and not 1×1 convolutions: other shapes, the same numbers.
    pub use_linear_projection: bool,
}

#[derive(Clone, Debug)]
pub struct Transformer {
    norm: Norm,
    proj_in: Pointwise,
    norm1: LayerNorm,
    attn1: Attention,
    norm2: LayerNorm,
    attn2: Attention,
    text: TextProjection,
    norm3: LayerNorm,
    widen: Pointwise,
    narrow: Pointwise,
    proj_out: Pointwise,
}

impl Transformer {
    pub fn load(layout: Layout, weights: &Weights, sizes: TransformerSizes) -> Result<Self> {
        let TransformerSizes { channels, heads, .. } = sizes;
        let block = weights.pp("transformer_blocks").pp(0);
        let outer = |name: &str| match sizes.use_linear_projection {
            true => Pointwise::load_linear(layout, &weights.pp(name), channels, channels),
            false => Pointwise::load(layout, &weights.pp(name), channels, channels),
        };
        let attention = |name: &str, self_attention: bool| {
            Attention::load(layout, &block.pp(name), AttentionSizes { channels, heads, self_attention, bias: false })
        };
        let norm = |name: &str| LayerNorm::load(&block.pp(name), channels);
        let text = (sizes.cross_attention_dim, channels);
        Ok(Self {
            norm: Norm::load(&weights.pp("norm"), channels, sizes.norm_num_groups, EPS)?,
            proj_in: outer("proj_in")?,
            norm1: norm("norm1")?,
            attn1: attention("attn1", true)?,
            norm2: norm("norm2")?,
            attn2: attention("attn2", false)?,
            text: TextProjection::load(layout, &block.pp("attn2"), ["to_k", "to_v"], text, false)?,
            norm3: norm("norm3")?,
            widen: Pointwise::load_linear(layout, &block.pp("ff.net.0.proj"), channels, 2 * WIDER * channels)?,
            narrow: Pointwise::load_linear(layout, &block.pp("ff.net.2"), WIDER * channels, channels)?,
            proj_out: outer("proj_out")?,
        })
    }

    /// What depends on the text alone; `text` is [n, cross_attention_dim, tokens].
    pub fn text(&self, text: &Tensor) -> Result<TextKv> {
        self.text.forward(text)
    }
}

impl Mixer for Transformer {
    fn forward(&self, x: &FeatureMap, text: Option<&TextKv>) -> Result<FeatureMap> {
        // One variable, so that each map is let go of once the next is made of it.
        let mut h = self.proj_in.forward(&self.norm.forward(x, With::Nothing)?)?;
        h = self.attn1.forward(self.norm1.forward(&h)?, None, &h)?;
        h = self.attn2.forward(self.norm2.forward(&h)?, text, &h)?;
        let wide = geglu(self.widen.forward(&self.norm3.forward(&h)?)?)?;
        h = self.narrow.forward_onto(&wide, &h)?;
        self.proj_out.forward_onto(&h, x)
    }
}

/// The first half of the channels times the GELU of the second.
fn geglu(x: FeatureMap) -> Result<FeatureMap> {
    match x {
        FeatureMap::Planes(x) => {
            let both = x.chunk(2, 1)?;
            Ok(FeatureMap::Planes((&both[0] * both[1].gelu_erf()?)?))
        }
        FeatureMap::Pixels(x) if x.tracks() => Err(Error::new("a gated layer of pixels is not trained")),
        FeatureMap::Pixels(x) => {
            let shape = Shape { c: x.shape().c / 2, ..x.shape() };
            let write = |y: &mut [f32]| cpu::geglu(Isa::get(), x.values(), shape.c, y);
            Ok(FeatureMap::Pixels(Pixels::new(x.pool(), shape, write)))
        }
    }
}
