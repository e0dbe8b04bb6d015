//! The attention of every family: pixels look at each other, at a text, or at both. Scaled by 1/√(width of a head),
//! without a mask: padding counts.

use candle_core::{D, DType, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::convolution::{PixelMap, PlaneMap};
use super::layout::{Layout, floats};
use crate::error::{Error, Result};
use crate::tensors::FeatureMap;
use crate::tensors::cpu::{self, Heads, Isa, Shape, Tokens};
use crate::tensors::layers::{self, Pixels};
use crate::weights::Weights;

/// K and V of the text tokens: [n, c, tokens], or [n, tokens, c] for packed weights.
#[derive(Clone, Debug)]
pub struct TextKv {
    pub k: Tensor,
    pub v: Tensor,
}

impl TextKv {
    /// These prompts in this order.
    pub fn rows(&self, index: &Tensor) -> Result<Self> {
        Ok(Self { k: self.k.index_select(index, 0)?, v: self.v.index_select(index, 0)? })
    }
}

/// What makes K and V of a text.
#[derive(Clone, Debug)]
pub struct TextProjection {
    k: PlaneMap,
    v: PlaneMap,
    packed: bool,
}

impl TextProjection {
    /// The linear layers `names`, from the text's width to `channels`.
    pub fn load(
        layout: Layout,
        weights: &Weights,
        names: [&str; 2],
        (width, channels): (usize, usize),
        bias: bool,
    ) -> Result<Self> {
        let [k, v] = names.map(|name| linear(&weights.pp(name), (width, channels), bias));
        let (k, v) = (k?, v?);
        let packed = layout.packs(&k.0).is_some();
        let map = |(weight, bias): (Tensor, Option<Tensor>)| PlaneMap::new(&weight, bias.as_ref());
        Ok(Self { k: map(k), v: map(v), packed })
    }

    /// Of `text` [n, width, tokens].
    pub fn forward(&self, text: &Tensor) -> Result<TextKv> {
        let laid_out =
            |x: Tensor| -> Result<Tensor> { Ok(if self.packed { x.transpose(1, 2)?.contiguous()? } else { x }) };
        Ok(TextKv { k: laid_out(self.k.forward(text)?)?, v: laid_out(self.v.forward(text)?)? })
    }
}

fn linear(weights: &Weights, (c_in, c_out): (usize, usize), bias: bool) -> Result<(Tensor, Option<Tensor>)> {
    let weight = weights.take("weight", &[c_out, c_in])?;
    Ok((weight, bias.then(|| weights.take("bias", &[c_out])).transpose()?))
}

/// What an attention is loaded by.
#[derive(Clone, Copy, Debug)]
pub struct AttentionSizes {
    pub channels: usize,
    /// They share the channels.
    pub heads: usize,
    /// Whether pixels look at each other.
    pub self_attention: bool,
    /// Whether q, k and v have one; what comes out always has.
    pub bias: bool,
}

/// `to_q`, `to_k`, `to_v` and `to_out.0`.
#[derive(Clone, Debug)]
pub struct Attention {
    image: Image,
    heads: usize,
}

/// The projections of image tokens.
#[derive(Clone, Debug)]
enum Image {
    /// As they are, on pixels, with a record.
    Recorded { to_q: PlaneMap, to_kv: Option<(PlaneMap, PlaneMap)>, to_out: PlaneMap },
    Planes {
        /// q, or q, k and v, in one product: head by head, so that each is a stride of what comes out and no copy.
        /// The scores' scale is in q.
        to_q: PlaneMap,
        self_attention: bool,
        to_out: PlaneMap,
    },
    Pixels {
        /// q alone, or q, k and v side by side.
        to_q: PixelMap,
        self_attention: bool,
        to_out: PixelMap,
    },
}

impl Attention {
    pub fn load(layout: Layout, weights: &Weights, sizes: AttentionSizes) -> Result<Self> {
        let AttentionSizes { channels, heads, self_attention, bias } = sizes;
        let square = (channels, channels);
        let names: &[&str] = if self_attention { &["to_q", "to_k", "to_v"] } else { &["to_q"] };
        let inner = names.iter().map(|name| linear(&weights.pp(name), square, bias));
        let inner: Vec<(Tensor, Option<Tensor>)> = inner.collect::<Result<_>>()?;
        let outer = linear(&weights.pp("to_out.0"), square, true)?;
        let packings: Option<Vec<_>> = inner.iter().chain([&outer]).map(|(weight, _)| layout.packs(weight)).collect();
        let plane_map = |(weight, bias): &(Tensor, Option<Tensor>)| PlaneMap::new(weight, bias.as_ref());
        let image = match (packings.as_deref(), &inner[..]) {
            (Some(&[packing, ..]), _) => Image::Pixels {
                to_q: PixelMap::new(packing, &inner)?,
                self_attention,
                to_out: PixelMap::new(packing, &[outer])?,
            },
            (_, [q, rest @ ..]) if layout.records() => {
                let to_kv = match rest {
                    [k, v] => Some((plane_map(k), plane_map(v))),
                    _ => None,
                };
                Image::Recorded { to_q: plane_map(q), to_kv, to_out: plane_map(&outer) }
            }
            (_, [_, ..]) => {
                Image::Planes { to_q: side_by_side(inner, heads)?, self_attention, to_out: plane_map(&outer) }
            }
            (_, []) => return Err(FeatureMap::mixed()),
        };
        Ok(Self { image, heads })
    }

    /// What `tokens`, one for each pixel, find in `text` and in each other, added to `onto`. Text comes first, as in
    /// diffusers: the softmax does not care but the sums' rounding does.
    pub fn forward(&self, tokens: FeatureMap, text: Option<&TextKv>, onto: &FeatureMap) -> Result<FeatureMap> {
        match (&self.image, onto, tokens) {
            (Image::Planes { to_q, self_attention, to_out }, FeatureMap::Planes(x), FeatureMap::Planes(tokens)) => {
                let (n, c, h, w) = x.dims4()?;
                let joint = to_q.forward(&tokens.reshape((n, c, h * w))?)?;
                let mixed = self.attend_planes(&joint, c, *self_attention, text)?;
                let out = to_out.forward(&mixed)?.reshape((n, c, h, w))?;
                Ok(FeatureMap::Planes((out + x)?))
            }
            (Image::Recorded { to_q, to_kv, to_out }, FeatureMap::Pixels(x), FeatureMap::Pixels(tokens)) => {
                let map = |x: &Tensor| Pixels::from_tokens(tokens.pool(), &x.transpose(1, 2)?.contiguous()?);
                let mut parts = Vec::new();
                if let Some(text) = text {
                    parts.push((map(&text.k)?, map(&text.v)?));
                }
                if let Some((to_k, to_v)) = to_kv {
                    parts.push((to_k.recorded(&tokens)?, to_v.recorded(&tokens)?));
                }
                let mixed = layers::attention(&to_q.recorded(&tokens)?, &parts, self.heads)?;
                Ok(FeatureMap::Pixels(layers::add(&to_out.recorded(&mixed)?, x, 1.0)?))
            }
            (Image::Pixels { to_q, self_attention, to_out }, FeatureMap::Pixels(x), FeatureMap::Pixels(tokens)) => {
                if text.is_none() && !self_attention {
                    return Err(nothing_to_see());
                }
                let joint = to_q.forward(&tokens, None);
                drop(tokens);
                let mixed = self.attend_pixels(&joint, x.shape().c, *self_attention, text)?;
                Ok(FeatureMap::Pixels(to_out.forward(&mixed, Some(x))))
            }
            _ => Err(FeatureMap::mixed()),
        }
    }

    /// softmax(qᵀk) of each head, applied to v: `joint` [n, c or 3 c, a] is what [`side_by_side`] makes, to [n, c, a].
    fn attend_planes(&self, joint: &Tensor, c: usize, self_attention: bool, text: Option<&TextKv>) -> Result<Tensor> {
        let (n, _, a) = joint.dims3()?;
        let (rows, head_dim) = (n * self.heads, c / self.heads);
        let joint = joint.reshape((rows, (), a))?;
        let image = |part: usize| joint.narrow(1, part * head_dim, head_dim);
        let text = match text {
            Some(TextKv { k, v }) => {
                let part = |x: &Tensor| x.reshape((rows, head_dim, ()));
                Some((part(k)?, part(v)?))
            }
            None => None,
        };
        let (k, v) = match (text, self_attention) {
            (Some((k, v)), true) => (Tensor::cat(&[&k, &image(1)?], 2)?, Tensor::cat(&[&v, &image(2)?], 2)?),
            (Some(text), false) => text,
            (None, true) => (image(1)?, image(2)?),
            (None, false) => return Err(nothing_to_see()),
        };
        let scores = image(0)?.transpose(1, 2)?.matmul(&k)?;
        let weights = softmax_last_dim(&scores.to_dtype(DType::F32)?)?.to_dtype(v.dtype())?;
        Ok(v.matmul(&weights.transpose(D::Minus2, D::Minus1)?)?.reshape((n, c, a))?)
    }

    /// softmax(qᵀk / √d) of each head, applied to v: `joint` is q, or q, k and v of the image side by side, c channels each.
    fn attend_pixels(&self, joint: &Pixels, c: usize, self_attention: bool, text: Option<&TextKv>) -> Result<Pixels> {
        let width = c / self.heads;
        let shape = joint.shape();
        let (n, tokens) = (shape.n, shape.picture());
        let text = match text {
            Some(text) => Some((floats(&text.k)?, floats(&text.v)?, text.k.dims()[1])),
            None => None,
        };
        let mut parts = Vec::new();
        if let Some((k, v, tokens)) = &text {
            let part = |values| Tokens { values, row: c, tokens: *tokens };
            parts.push((part(&k[..]), part(&v[..])));
        }
        let image = |from: usize| Tokens { values: &joint.values()[from * c..], row: shape.c, tokens };
        if self_attention {
            parts.push((image(1), image(2)));
        }
        let heads = Heads { n, heads: self.heads, width, scale: (width as f32).powf(-0.5) };
        let write = |y: &mut [f32]| cpu::attention(Isa::get(), heads, image(0), &parts, y);
        Ok(Pixels::new(joint.pool(), Shape { c, ..shape }, write))
    }
}

/// q alone, or q, k and v, as one map: the rows of a head's q, then of its k and v, then the next head's. q is divided by
/// √d here and not in every step.
fn side_by_side(maps: Vec<(Tensor, Option<Tensor>)>, heads: usize) -> Result<PlaneMap> {
    let scale = |x: &Tensor, d: usize| x * (d as f64).powf(-0.5);
    let (mut weights, mut biases) = (Vec::new(), Vec::new());
    for (part, (weight, bias)) in maps.into_iter().enumerate() {
        let (c_out, c_in) = weight.dims2()?;
        let d = c_out / heads;
        let scaled = |x: Tensor| if part == 0 { scale(&x, d) } else { Ok(x) };
        weights.push(scaled(weight)?.reshape((heads, d, c_in))?);
        if let Some(bias) = bias {
            biases.push(scaled(bias)?.reshape((heads, d))?);
        }
    }
    let bias = (!biases.is_empty()).then(|| Tensor::cat(&biases, 1)?.flatten_all()).transpose()?;
    Ok(PlaneMap::new(&Tensor::cat(&weights, 1)?.flatten_to(1)?, bias.as_ref()))
}

fn nothing_to_see() -> Error {
    Error::new("an attention to the text was given none")
}
