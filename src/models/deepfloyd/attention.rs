//! Attention with added K and V: image tokens look at text tokens and, unless `only_cross_attention`, at each
//! other. `AttnAddedKVProcessor2_0`; no mask, so padding counts.

use candle_core::{D, DType, Tensor};

use super::blocks::{Kind, Loader};
use super::convolution::{PixelMap, PlaneMap};
use super::layout::{Layout, floats};
use super::norm::{After, Norm, load_group_norm};
use crate::error::Result;
use crate::tensors::cpu::{self, Heads, Isa, Shape, Tokens};
use crate::tensors::layers::{self, Pixels};
use crate::tensors::{FeatureMap, GroupNorm, planes};
use crate::weights::Weights;

/// Fixed in diffusers for this attention's two norms, whatever `norm_eps` and `norm_num_groups` say.
const EPS: f64 = 1e-5;
const NORM_CROSS_GROUPS: usize = 32;

/// K and V of the text tokens.
#[derive(Clone, Debug)]
pub(super) enum TextKv {
    /// Of planes, [n, 2 c, tokens]: of each head its K, then its V.
    Joint(Tensor),
    /// [n, tokens, c] for packed weights, [n, c, tokens] for recorded ones.
    Apart { k: Tensor, v: Tensor },
}

impl TextKv {
    /// The same with its tensors passed through `of`.
    pub fn map(&self, of: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(match self {
            Self::Joint(kv) => Self::Joint(of(kv)?),
            Self::Apart { k, v } => Self::Apart { k: of(k)?, v: of(v)? },
        })
    }
}

#[derive(Clone, Debug)]
pub(super) struct Attention {
    group_norm: Norm,
    norm_cross: Option<GroupNorm>,
    text: Text,
    image: Image,
    heads: usize,
}

/// The projections of text tokens.
#[derive(Clone, Debug)]
enum Text {
    /// In the order of [`TextKv::Joint`].
    Joint(PlaneMap),
    Apart {
        add_k_proj: PlaneMap,
        add_v_proj: PlaneMap,
    },
}

/// The projections of image tokens.
#[derive(Clone, Debug)]
enum Image {
    Planes {
        /// Of each head q, and K and V where image tokens see each other; q with 1/√d in it.
        to_qkv: PlaneMap,
        to_out: PlaneMap,
    },
    Recorded {
        to_q: PlaneMap,
        to_kv: Option<(PlaneMap, PlaneMap)>,
        to_out: PlaneMap,
    },
    Pixels {
        /// q alone, or q, k and v side by side.
        to_q: PixelMap,
        self_attention: bool,
        to_out: PixelMap,
    },
}

/// A linear map: weight [c_out, c_in] and bias [c_out].
type Linear = (Tensor, Tensor);

impl Attention {
    /// For `channels` image channels in heads of `kind.head_dim`.
    pub fn load(loader: &Loader, weights: &Weights, channels: usize, kind: Kind) -> Result<Self> {
        let Loader { layout, config, .. } = *loader;
        let text = config.cross_attention_dim;
        let heads = channels / kind.head_dim;
        let linear = |name: &str, c_in: usize| -> Result<Linear> {
            let weights = weights.pp(name);
            Ok((weights.take("weight", &[channels, c_in])?, weights.take("bias", &[channels])?))
        };
        let plane_map = |(weight, bias): &Linear| PlaneMap::new(weight, bias);
        let norm_cross = || load_group_norm(&weights.pp("norm_cross"), text, NORM_CROSS_GROUPS, EPS);
        let names: &[&str] = if kind.only_cross_attention { &["to_q"] } else { &["to_q", "to_k", "to_v"] };
        let inner: Vec<Linear> = names.iter().map(|name| linear(name, channels)).collect::<Result<_>>()?;
        let outer = linear("to_out.0", channels)?;
        let (add_k, add_v) = (linear("add_k_proj", text)?, linear("add_v_proj", text)?);
        let packings: Option<Vec<_>> = inner.iter().chain([&outer]).map(|(weight, _)| layout.packs(weight)).collect();
        let image = match (layout, packings.as_deref(), &inner[..]) {
            (Layout::Planes, _, [q, rest @ ..]) => {
                let q = scaled(q, (kind.head_dim as f64).powf(-0.5))?;
                let all: Vec<&Linear> = std::iter::once(&q).chain(rest).collect();
                Image::Planes { to_qkv: plane_map(&by_heads(&all, heads)?)?, to_out: plane_map(&outer)? }
            }
            (_, Some(&[packing, ..]), _) => Image::Pixels {
                to_q: PixelMap::new(packing, &inner)?,
                self_attention: !kind.only_cross_attention,
                to_out: PixelMap::new(packing, &[outer])?,
            },
            (_, None, [q, rest @ ..]) => {
                let to_kv = match rest {
                    [k, v] => Some((plane_map(k)?, plane_map(v)?)),
                    _ => None,
                };
                Image::Recorded { to_q: plane_map(q)?, to_kv, to_out: plane_map(&outer)? }
            }
            _ => return Err(FeatureMap::mixed()),
        };
        let text = match layout {
            Layout::Planes => Text::Joint(plane_map(&by_heads(&[&add_k, &add_v], heads)?)?),
            _ => Text::Apart { add_k_proj: plane_map(&add_k)?, add_v_proj: plane_map(&add_v)? },
        };
        let grouping = (config.norm_num_groups, EPS);
        Ok(Self {
            group_norm: Norm::load(layout, &weights.pp("group_norm"), channels, grouping, &loader.unit)?,
            norm_cross: config.cross_attention_norm.then(norm_cross).transpose()?,
            text,
            image,
            heads,
        })
    }

    /// What depends on the text alone; `text` is [n, cross_attention_dim, tokens].
    pub fn text(&self, text: &Tensor) -> Result<TextKv> {
        let text = match &self.norm_cross {
            Some(norm) => norm.forward(text)?,
            None => text.clone(),
        };
        let laid_out = |x: Tensor| match self.image {
            Image::Planes { .. } | Image::Recorded { .. } => Ok(x),
            Image::Pixels { .. } => x.transpose(1, 2)?.contiguous(),
        };
        Ok(match &self.text {
            Text::Joint(add_kv_proj) => TextKv::Joint(add_kv_proj.forward(&text)?),
            Text::Apart { add_k_proj, add_v_proj } => {
                TextKv::Apart { k: laid_out(add_k_proj.forward(&text)?)?, v: laid_out(add_v_proj.forward(&text)?)? }
            }
        })
    }

    /// Residual included.
    pub fn forward(&self, x: &FeatureMap, text_kv: &TextKv) -> Result<FeatureMap> {
        let tokens = self.group_norm.forward(x, After::Nothing)?;
        match (&self.image, x, tokens, text_kv) {
            (
                Image::Planes { to_qkv, to_out },
                FeatureMap::Planes(x),
                FeatureMap::Planes(tokens),
                TextKv::Joint(text),
            ) => {
                let (n, c, h, w) = x.dims4()?;
                let joint = to_qkv.forward(&tokens.reshape((n, c, h * w))?)?;
                let mixed = self.attend_planes(&joint, c, text)?;
                let out = to_out.forward(&mixed)?.reshape((n, c, h, w))?;
                Ok(FeatureMap::Planes((out + x)?))
            }
            (
                Image::Recorded { to_q, to_kv, to_out },
                FeatureMap::Pixels(x),
                FeatureMap::Pixels(tokens),
                TextKv::Apart { k, v },
            ) => {
                let text = |x: &Tensor| Pixels::from_tokens(tokens.pool(), &x.transpose(1, 2)?.contiguous()?);
                let mut parts = vec![(text(k)?, text(v)?)];
                if let Some((to_k, to_v)) = to_kv {
                    parts.push((to_k.recorded(&tokens)?, to_v.recorded(&tokens)?));
                }
                let mixed = layers::attention(&to_q.recorded(&tokens)?, &parts, self.heads)?;
                Ok(FeatureMap::Pixels(layers::add(&to_out.recorded(&mixed)?, x, 1.0)?))
            }
            (
                Image::Pixels { to_q, self_attention, to_out },
                FeatureMap::Pixels(x),
                FeatureMap::Pixels(tokens),
                TextKv::Apart { k, v },
            ) => {
                let joint = to_q.forward(&tokens, None);
                drop(tokens);
                let mixed = self.attend_pixels(&joint, x.shape().c, *self_attention, (k, v))?;
                Ok(FeatureMap::Pixels(to_out.forward(&mixed, Some(x))))
            }
            _ => Err(FeatureMap::mixed()),
        }
    }

    /// softmax(qᵀk) of each head, applied to v: [n, c, a]. `joint` [n, c or 3 c, a] has q, or q, k and v, head by head;
    /// `text` [n, 2 c, tokens] k and v. A head's rows lie together, so that nothing is copied but K and V beside the text's.
    fn attend_planes(&self, joint: &Tensor, c: usize, text: &Tensor) -> Result<Tensor> {
        let (n, rows, a) = joint.dims3()?;
        let (heads, d) = (n * self.heads, c / self.heads);
        let joint = joint.reshape((heads, rows / self.heads, a))?;
        let text = text.contiguous()?.reshape((heads, 2 * d, ()))?;
        let kv = match rows > c {
            // Text first, as the softmax does not care but the sums' rounding does.
            true => Tensor::cat(&[&text, &joint.narrow(1, d, 2 * d)?], 2)?,
            false => text,
        };
        let scores = joint.narrow(1, 0, d)?.transpose(1, 2)?.matmul(&kv.narrow(1, 0, d)?)?;
        let weights = planes::softmax(&scores)?;
        Ok(kv.narrow(1, d, d)?.matmul(&weights.transpose(D::Minus2, D::Minus1)?)?.reshape((n, c, a))?)
    }

    /// The same for pixels, with 1/√d: `joint` is q, or q, k and v of the image side by side, c channels each.
    fn attend_pixels(
        &self,
        joint: &Pixels,
        c: usize,
        self_attention: bool,
        text: (&Tensor, &Tensor),
    ) -> Result<Pixels> {
        let width = c / self.heads;
        let shape = joint.shape();
        let (n, tokens) = (shape.n, shape.picture());
        let (k, v) = (floats(text.0)?, floats(text.1)?);
        let image = |from: usize| Tokens { values: &joint.values()[from * c..], row: shape.c, tokens };
        let of_text = |values| Tokens { values, row: c, tokens: text.0.dims()[1] };
        // Text first, as in diffusers.
        let mut parts = vec![(of_text(&k[..]), of_text(&v[..]))];
        if self_attention {
            parts.push((image(1), image(2)));
        }
        let heads = Heads { n, heads: self.heads, width, scale: (width as f32).powf(-0.5) };
        let write = |y: &mut [f32]| cpu::attention(Isa::get(), heads, image(0), &parts, y);
        Ok(Pixels::new(joint.pool(), Shape { c, ..shape }, write))
    }
}

/// `linear` times `factor`, rounded once.
fn scaled((weight, bias): &Linear, factor: f64) -> Result<Linear> {
    if !weight.is_contiguous() {
        return Ok((weight.clone(), bias.clone())); // a placeholder, which is to take no memory
    }
    let times = |x: &Tensor| -> Result<Tensor> { Ok((x.to_dtype(DType::F32)? * factor)?.to_dtype(x.dtype())?) };
    Ok((times(weight)?, times(bias)?))
}

/// Several maps of one input as one: of each head the rows of the first, then those of the second, …
fn by_heads(maps: &[&Linear], heads: usize) -> Result<Linear> {
    if let Some((weight, bias)) = maps.iter().find(|(weight, _)| !weight.is_contiguous()) {
        return Ok((weight.clone(), bias.clone())); // a placeholder: it is never used
    }
    let rows: usize = maps.iter().map(|(weight, _)| weight.dims()[0]).sum();
    let of = |pick: fn(&Linear) -> &Tensor| -> Result<Tensor> {
        let parts: Vec<Tensor> = maps
            .iter()
            .map(|map| Ok(pick(map).reshape((heads, pick(map).dim(0)? / heads, ()))?))
            .collect::<Result<_>>()?;
        Ok(Tensor::cat(&parts, 1)?)
    };
    Ok((of(|map| &map.0)?.reshape((rows, ()))?, of(|map| &map.1)?.flatten_all()?))
}
