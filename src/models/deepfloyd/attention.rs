//! Attention with added K and V: image tokens look at text tokens and, unless `only_cross_attention`, at each
//! other. `AttnAddedKVProcessor2_0`; no mask, so padding counts.

use candle_core::{D, DType, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::config::UnetConfig;
use super::convolution::{PixelMap, PlaneMap};
use super::layout::{Layout, floats};
use super::norm::{After, Norm, load_group_norm};
use crate::error::Result;
use crate::tensors::cpu::{self, Heads, Isa, Shape, Tokens};
use crate::tensors::layers::{self, Pixels};
use crate::tensors::{FeatureMap, GroupNorm};
use crate::weights::Weights;

/// Fixed in diffusers for this attention's two norms, whatever `norm_eps` and `norm_num_groups` say.
const EPS: f64 = 1e-5;
const NORM_CROSS_GROUPS: usize = 32;

/// K and V of the text tokens: [n, c, tokens], or [n, tokens, c] for packed weights.
#[derive(Clone, Debug)]
pub(super) struct TextKv {
    pub k: Tensor,
    pub v: Tensor,
}

#[derive(Clone, Debug)]
pub(super) struct Attention {
    group_norm: Norm,
    norm_cross: Option<GroupNorm>,
    add_k_proj: PlaneMap,
    add_v_proj: PlaneMap,
    image: Image,
    heads: usize,
}

/// The projections of image tokens.
#[derive(Clone, Debug)]
enum Image {
    /// As they are: candle's on planes, recorded on pixels.
    Planes { to_q: PlaneMap, to_kv: Option<(PlaneMap, PlaneMap)>, to_out: PlaneMap },
    Pixels {
        /// q alone, or q, k and v side by side.
        to_q: PixelMap,
        self_attention: bool,
        to_out: PixelMap,
    },
}

impl Attention {
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
        let linear = |name: &str, c_in: usize| -> Result<(Tensor, Tensor)> {
            let weights = weights.pp(name);
            Ok((weights.take("weight", &[channels, c_in])?, weights.take("bias", &[channels])?))
        };
        let plane_map = |(weight, bias): &(Tensor, Tensor)| PlaneMap::new(weight, bias);
        let norm_cross = || load_group_norm(&weights.pp("norm_cross"), text, NORM_CROSS_GROUPS, EPS);
        let names: &[&str] = if only_cross_attention { &["to_q"] } else { &["to_q", "to_k", "to_v"] };
        let inner: Vec<(Tensor, Tensor)> = names.iter().map(|name| linear(name, channels)).collect::<Result<_>>()?;
        let outer = linear("to_out.0", channels)?;
        let packings: Option<Vec<_>> = inner.iter().chain([&outer]).map(|(weight, _)| layout.packs(weight)).collect();
        let image = match (packings.as_deref(), &inner[..]) {
            (Some(&[packing, ..]), _) => Image::Pixels {
                to_q: PixelMap::new(packing, &inner)?,
                self_attention: !only_cross_attention,
                to_out: PixelMap::new(packing, &[outer])?,
            },
            (_, [q, rest @ ..]) => {
                let to_kv = match rest {
                    [k, v] => Some((plane_map(k)?, plane_map(v)?)),
                    _ => None,
                };
                Image::Planes { to_q: plane_map(q)?, to_kv, to_out: plane_map(&outer)? }
            }
            (_, []) => return Err(FeatureMap::mixed()),
        };
        Ok(Self {
            group_norm: Norm::load(&weights.pp("group_norm"), channels, config.norm_num_groups, EPS)?,
            norm_cross: config.cross_attention_norm.then(norm_cross).transpose()?,
            add_k_proj: plane_map(&linear("add_k_proj", text)?)?,
            add_v_proj: plane_map(&linear("add_v_proj", text)?)?,
            image,
            heads: channels / head_dim,
        })
    }

    /// What depends on the text alone; `text` is [n, cross_attention_dim, tokens].
    pub fn text(&self, text: &Tensor) -> Result<TextKv> {
        let text = match &self.norm_cross {
            Some(norm) => norm.forward(text)?,
            None => text.clone(),
        };
        let laid_out = |x: Tensor| match self.image {
            Image::Planes { .. } => Ok(x),
            Image::Pixels { .. } => x.transpose(1, 2)?.contiguous(),
        };
        Ok(TextKv { k: laid_out(self.add_k_proj.forward(&text)?)?, v: laid_out(self.add_v_proj.forward(&text)?)? })
    }

    /// Residual included.
    pub fn forward(&self, x: &FeatureMap, text_kv: &TextKv) -> Result<FeatureMap> {
        let tokens = self.group_norm.forward(x, After::Nothing)?;
        match (&self.image, x, tokens) {
            (Image::Planes { to_q, to_kv, to_out }, FeatureMap::Planes(x), FeatureMap::Planes(tokens)) => {
                let (n, c, h, w) = x.dims4()?;
                let tokens = tokens.reshape((n, c, h * w))?;
                let q = to_q.forward(&tokens)?;
                let (k, v) = match to_kv {
                    // Text first, as the softmax does not care but the sums' rounding does.
                    Some((to_k, to_v)) => (
                        Tensor::cat(&[&text_kv.k, &to_k.forward(&tokens)?], 2)?,
                        Tensor::cat(&[&text_kv.v, &to_v.forward(&tokens)?], 2)?,
                    ),
                    None => (text_kv.k.clone(), text_kv.v.clone()),
                };
                let mixed = self.attend(&q, &k, &v)?;
                let out = to_out.forward(&mixed)?.reshape((n, c, h, w))?;
                Ok(FeatureMap::Planes((out + x)?))
            }
            (Image::Planes { to_q, to_kv, to_out }, FeatureMap::Pixels(x), FeatureMap::Pixels(tokens)) => {
                let text = |x: &Tensor| Pixels::from_tokens(tokens.pool(), &x.transpose(1, 2)?.contiguous()?);
                let mut parts = vec![(text(&text_kv.k)?, text(&text_kv.v)?)];
                if let Some((to_k, to_v)) = to_kv {
                    parts.push((to_k.recorded(&tokens)?, to_v.recorded(&tokens)?));
                }
                let mixed = layers::attention(&to_q.recorded(&tokens)?, &parts, self.heads)?;
                Ok(FeatureMap::Pixels(layers::add(&to_out.recorded(&mixed)?, x, 1.0)?))
            }
            (Image::Pixels { to_q, self_attention, to_out }, FeatureMap::Pixels(x), FeatureMap::Pixels(tokens)) => {
                let joint = to_q.forward(&tokens, None);
                drop(tokens);
                let mixed = self.attend_pixels(&joint, x.shape().c, *self_attention, text_kv)?;
                Ok(FeatureMap::Pixels(to_out.forward(&mixed, Some(x))))
            }
            _ => Err(FeatureMap::mixed()),
        }
    }

    /// softmax(qᵀk / √d) of each head, applied to v. q [n, c, a], k and v [n, c, b], to [n, c, a].
    fn attend(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
        let (n, c, a) = q.dims3()?;
        let b = k.dim(2)?;
        let head_dim = c / self.heads;
        let q = (q * (head_dim as f64).powf(-0.5))?.reshape((n * self.heads, head_dim, a))?;
        let k = k.contiguous()?.reshape((n * self.heads, head_dim, b))?;
        let v = v.contiguous()?.reshape((n * self.heads, head_dim, b))?;
        let scores = q.transpose(1, 2)?.matmul(&k)?;
        let weights = softmax_last_dim(&scores.to_dtype(DType::F32)?)?.to_dtype(v.dtype())?;
        Ok(v.matmul(&weights.transpose(D::Minus2, D::Minus1)?)?.reshape((n, c, a))?)
    }

    /// The same for pixels: `joint` is q, or q, k and v of the image side by side, c channels each.
    fn attend_pixels(&self, joint: &Pixels, c: usize, self_attention: bool, text: &TextKv) -> Result<Pixels> {
        let width = c / self.heads;
        let shape = joint.shape();
        let (n, tokens) = (shape.n, shape.picture());
        let (k, v) = (floats(&text.k)?, floats(&text.v)?);
        let image = |from: usize| Tokens { values: &joint.values()[from * c..], row: shape.c, tokens };
        let text = |values| Tokens { values, row: c, tokens: text.k.dims()[1] };
        // Text first, as in diffusers.
        let mut parts = vec![(text(&k[..]), text(&v[..]))];
        if self_attention {
            parts.push((image(1), image(2)));
        }
        let heads = Heads { n, heads: self.heads, width, scale: (width as f32).powf(-0.5) };
        let write = |y: &mut [f32]| cpu::attention(Isa::get(), heads, image(0), &parts, y);
        Ok(Pixels::new(joint.pool(), Shape { c, ..shape }, write))
    }
}
