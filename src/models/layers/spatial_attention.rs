//! Attention of a picture to itself between a group norm and the residual, as UNets without text and autoencoders have
//! it (`Attention` by `AttnProcessor2_0`).

use super::attention::{Attention, AttentionSizes, TextKv};
use super::blocks::Mixer;
use super::layout::Layout;
use super::norm::{Norm, With};
use crate::error::Result;
use crate::tensors::FeatureMap;
use crate::weights::Weights;

/// Names of older files, and what they are today.
const OLD_NAMES: [(&str, &str); 4] =
    [(".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0.")];

#[derive(Clone, Debug)]
pub struct SpatialAttention {
    group_norm: Option<Norm>,
    attention: Attention,
}

impl SpatialAttention {
    /// Without `groups` there is no norm.
    pub fn load(
        layout: Layout,
        weights: &Weights,
        (channels, heads): (usize, usize),
        groups: Option<usize>,
        eps: f64,
    ) -> Result<Self> {
        let norm = |groups| Norm::load(&weights.pp("group_norm"), channels, groups, eps);
        let sizes = AttentionSizes { channels, heads, self_attention: true, bias: true };
        Ok(Self { group_norm: groups.map(norm).transpose()?, attention: Attention::load(layout, weights, sizes)? })
    }

    /// Weights whose attentions may have the names and shapes of older files.
    pub fn renewed(weights: Weights) -> Weights {
        weights
            .renamed(|name| match name.contains("attentions.") {
                true => OLD_NAMES.iter().fold(name.to_owned(), |name, (old, new)| name.replace(old, new)),
                false => name.to_owned(),
            })
            .squeezed(|name| name.contains("attentions."))
    }
}

impl Mixer for SpatialAttention {
    fn forward(&self, x: &FeatureMap, _: Option<&TextKv>) -> Result<FeatureMap> {
        let tokens = match &self.group_norm {
            Some(norm) => norm.forward(x, With::Nothing)?,
            None => x.clone(),
        };
        self.attention.forward(tokens, None, x)
    }
}
