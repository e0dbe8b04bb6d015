//! The vector that every resnet is told: timestep, noise level, and the pooled text.

use candle_core::{D, DType, Device, Tensor};
use candle_nn::ops::{layer_norm_slow, softmax};
use candle_nn::{LayerNorm, Linear, Module};

use super::blocks::Loader;
use super::config::UnetConfig;
use super::convolution::PixelMap;
use super::norm::Norm;
use crate::error::Result;
use crate::tensors::{gelu, planes};
use crate::weights::Weights;

/// A `torch.nn.Linear` with bias on the last axis.
pub(super) fn linear(weights: &Weights, c_in: usize, c_out: usize) -> Result<Linear> {
    Ok(Linear::new(weights.take("weight", &[c_out, c_in])?, Some(weights.take("bias", &[c_out])?)))
}

/// What a resnet is told by the time: a linear map of the embedding to [n, c_out].
#[derive(Clone, Debug)]
pub(super) enum Projection {
    Recorded(Linear),
    /// Its rows do not depend on how many there are.
    Packed(PixelMap),
    /// Of planes: made for all resnets at once; so many columns from here are this one's.
    Among {
        first: usize,
        columns: usize,
    },
}

impl Projection {
    /// To `c_out` numbers, for the time's place after `norm`.
    pub fn load(loader: &mut Loader, weights: &Weights, c_out: usize, norm: &Norm) -> Result<Self> {
        let c_in = loader.config.time_embed_dim();
        let (weight, bias) = (weights.take("weight", &[c_out, c_in])?, weights.take("bias", &[c_out])?);
        Ok(match (norm.of_planes(), loader.layout.packs(&weight)) {
            (Some(affine), _) => {
                let first = loader.time.columns;
                loader.time.push(&weight, &bias, affine)?;
                Self::Among { first, columns: c_out }
            }
            (None, Some(packing)) => Self::Packed(PixelMap::new(packing, &[(weight, bias)])?),
            (None, None) => Self::Recorded(Linear::new(weight, Some(bias))),
        })
    }

    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Recorded(linear) => Ok(linear.forward(x)?),
            Self::Packed(map) => map.forward_rows(x),
            Self::Among { first, columns } => Ok(x.narrow(1, *first, *columns)?),
        }
    }
}

/// The projections of all resnets of a network of planes, side by side, so that a step makes them in one product.
///
/// γ and β of the norm before it are in them: (norm(x) γ + β) (1 + scale) + shift, with scale and shift linear in the
/// embedding, is norm(x) · gain + offset, with gain and offset linear in it too.
#[derive(Debug, Default)]
pub(super) struct TimeProjections {
    weights: Vec<Tensor>,
    biases: Vec<Tensor>,
    columns: usize,
}

impl TimeProjections {
    /// One more: `weight` [2 c, e] and `bias` [2 c], scale before shift; `affine` are γ and β, [1, c] each. A placeholder
    /// takes its columns and no memory.
    fn push(&mut self, weight: &Tensor, bias: &Tensor, (gamma, beta): (&Tensor, &Tensor)) -> Result<()> {
        self.columns += bias.dim(0)?;
        if !weight.is_contiguous() {
            return Ok(());
        }
        let dtype = weight.dtype();
        let [weight, bias, gamma, beta] = [weight, bias, gamma, beta].map(|x| x.to_dtype(DType::F32));
        let (weight, bias, gamma, beta) = (weight?, bias?, gamma?.t()?, beta?.t()?);
        let (weights, biases) = (weight.chunk(2, 0)?, bias.unsqueeze(1)?.chunk(2, 0)?);
        let factor = (&biases[0] + 1.0)?;
        let gain = weights[0].broadcast_mul(&gamma)?;
        let offset = (weights[0].broadcast_mul(&beta)? + &weights[1])?;
        let biases = [(&factor * &gamma)?, ((&factor * &beta)? + &biases[1])?];
        self.weights.push(Tensor::cat(&[gain, offset], 0)?.to_dtype(dtype)?);
        self.biases.push(Tensor::cat(&biases, 0)?.squeeze(1)?.to_dtype(dtype)?);
        Ok(())
    }

    /// All of them as one map, [n, e] to [n, columns]; `None` where there is none.
    pub fn joined(self) -> Result<Option<Linear>> {
        if self.weights.is_empty() {
            return Ok(None);
        }
        Ok(Some(Linear::new(Tensor::cat(&self.weights, 0)?, Some(Tensor::cat(&self.biases, 0)?))))
    }
}

fn layer_norm(weights: &Weights, size: usize) -> Result<LayerNorm> {
    Ok(LayerNorm::new(weights.take("weight", &[size])?, weights.take("bias", &[size])?, 1e-5))
}

/// candle's layer norm and softmax in one pass have no gradient; where one is wanted they are made of operations that do,
/// and GELU of those whose derivative is exact.
fn normalised(norm: &LayerNorm, x: &Tensor) -> Result<Tensor> {
    match norm.bias() {
        Some(bias) if norm.weight().is_variable() => Ok(layer_norm_slow(x, norm.weight(), bias, 1e-5)?),
        _ => Ok(norm.forward(x)?),
    }
}

fn softmax_of(scores: &Tensor) -> Result<Tensor> {
    if scores.track_op() { Ok(softmax(scores, D::Minus1)?) } else { planes::softmax(scores) }
}

/// x Φ(x).
pub(super) fn activated(x: &Tensor) -> Result<Tensor> {
    if x.track_op() { gelu(x) } else { Ok(x.gelu_erf()?) }
}

/// Sinusoids of a timestep or noise level, [1, channels], in f32 and then `dtype` (`get_timestep_embedding`).
pub(super) fn sinusoids(step: usize, config: &UnetConfig, device: &Device, dtype: DType) -> Result<Tensor> {
    let half = config.block_out_channels[0] / 2;
    let angle = |i: usize| {
        let exponent = -(10000f32.ln()) * i as f32 / (half as f32 - config.freq_shift as f32);
        step as f32 * exponent.exp()
    };
    let sines = (0..half).map(|i| angle(i).sin());
    let cosines = (0..half).map(|i| angle(i).cos());
    let values: Vec<f32> =
        if config.flip_sin_to_cos { cosines.chain(sines).collect() } else { sines.chain(cosines).collect() };
    Ok(Tensor::from_vec(values, (1, 2 * half), device)?.to_dtype(dtype)?)
}

/// `TimestepEmbedding`: two linear maps with a GELU between.
#[derive(Clone, Debug)]
pub(super) struct TimestepEmbedding {
    linear_1: Linear,
    linear_2: Linear,
}

impl TimestepEmbedding {
    pub fn load(config: &UnetConfig, weights: &Weights) -> Result<Self> {
        let width = config.time_embed_dim();
        Ok(Self {
            linear_1: linear(&weights.pp("linear_1"), config.block_out_channels[0], width)?,
            linear_2: linear(&weights.pp("linear_2"), width, width)?,
        })
    }

    /// [n, c₀] to [n, e].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.linear_2.forward(&activated(&self.linear_1.forward(x)?)?)?)
    }
}

/// `TextTimeEmbedding`: one vector from all text tokens by attention pooling.
#[derive(Clone, Debug)]
pub(super) struct TextPooling {
    norm1: LayerNorm,
    positional_embedding: Tensor,
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    proj: Linear,
    norm2: LayerNorm,
    heads: usize,
}

impl TextPooling {
    pub fn load(config: &UnetConfig, weights: &Weights) -> Result<Self> {
        let (width, out) = (config.encoder_hid_dim, config.time_embed_dim());
        let pool = weights.pp("pool");
        Ok(Self {
            norm1: layer_norm(&weights.pp("norm1"), width)?,
            positional_embedding: pool.take("positional_embedding", &[1, width])?,
            q_proj: linear(&pool.pp("q_proj"), width, width)?,
            k_proj: linear(&pool.pp("k_proj"), width, width)?,
            v_proj: linear(&pool.pp("v_proj"), width, width)?,
            proj: linear(&weights.pp("proj"), width, out)?,
            norm2: layer_norm(&weights.pp("norm2"), out)?,
            heads: config.addition_embed_type_num_heads,
        })
    }

    /// [n, tokens, d] to [n, e].
    pub fn forward(&self, text: &Tensor) -> Result<Tensor> {
        let text = normalised(&self.norm1, &text.contiguous()?)?;
        let (n, tokens, width) = text.dims3()?;
        let class_token = text.mean_keepdim(1)?.broadcast_add(&self.positional_embedding)?;
        let all = Tensor::cat(&[&class_token, &text], 1)?;
        let head_dim = width / self.heads;
        let split = |x: Tensor, length: usize| -> Result<Tensor> {
            Ok(x.reshape((n, length, self.heads, head_dim))?.transpose(1, 2)?.contiguous()?)
        };
        // The root of the scale on each side keeps f16 in range.
        let scale = (head_dim as f64).powf(-0.25);
        let q = (split(self.q_proj.forward(&class_token)?, 1)? * scale)?;
        let k = (split(self.k_proj.forward(&all)?, tokens + 1)? * scale)?;
        let v = split(self.v_proj.forward(&all)?, tokens + 1)?;
        let scores = q.matmul(&k.transpose(D::Minus2, D::Minus1)?)?;
        let weights = softmax_of(&scores.to_dtype(DType::F32)?)?.to_dtype(v.dtype())?;
        let pooled = weights.matmul(&v)?.reshape((n, width))?;
        normalised(&self.norm2, &self.proj.forward(&pooled)?)
    }
}
