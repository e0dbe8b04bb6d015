//! Attention with added K and V: image tokens look at text tokens and, unless `only_cross_attention`, at each
//! other. `AttnAddedKVProcessor2_0`; no mask, so padding counts.

use candle_core::Tensor;

use super::config::UnetConfig;
use crate::error::Result;
use crate::models::layers::{
    Attention, AttentionSizes, Layout, Mixer, Norm, TextKv, TextProjection, With, load_group_norm,
};
use crate::tensors::cpu::Activation;
use crate::tensors::{FeatureMap, GroupNorm};
use crate::weights::Weights;

/// Fixed in diffusers for this attention's two norms, whatever `norm_eps` and `norm_num_groups` say.
const EPS: f64 = 1e-5;
const NORM_CROSS_GROUPS: usize = 32;

/// An attention of DeepFloyd's.
#[derive(Clone, Debug)]
pub(super) struct AddedKvAttention {
    group_norm: Norm,
    norm_cross: Option<GroupNorm>,
    add_kv: TextProjection,
    image: Attention,
}

impl AddedKvAttention {
    /// For `channels` image channels in heads of `head_dim`.
    pub fn load(
        layout: Layout,
        config: &UnetConfig,
        weights: &Weights,
        channels: usize,
        head_dim: usize,
        only_cross_attention: bool,
    ) -> Result<Self> {
        let text = config.cross_attention_dim;
        let norm_cross = || load_group_norm(&weights.pp("norm_cross"), text, NORM_CROSS_GROUPS, EPS);
        let heads = channels / head_dim;
        let sizes = AttentionSizes { channels, heads, self_attention: !only_cross_attention, bias: true };
        Ok(Self {
            image: Attention::load(layout, weights, sizes)?,
            group_norm: Norm::load(&weights.pp("group_norm"), channels, config.norm_num_groups, EPS)?,
            norm_cross: config.cross_attention_norm.then(norm_cross).transpose()?,
            add_kv: TextProjection::load(layout, weights, ["add_k_proj", "add_v_proj"], (text, channels), true)?,
        })
    }

    /// What depends on the text alone; `text` is [n, cross_attention_dim, tokens].
    pub fn text(&self, text: &Tensor) -> Result<TextKv> {
        match &self.norm_cross {
            Some(norm) => self.add_kv.forward(&norm.forward(text, Activation::Identity)?),
            None => self.add_kv.forward(text),
        }
    }
}

impl Mixer for AddedKvAttention {
    fn forward(&self, x: &FeatureMap, text: Option<&TextKv>) -> Result<FeatureMap> {
        self.image.forward(self.group_norm.forward(x, With::Nothing)?, text, x)
    }
}
