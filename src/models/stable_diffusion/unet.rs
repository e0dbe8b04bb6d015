//! The whole network that works on latents, and the part of its work that depends on the prompt alone.
//!
//! A run asks for `text` once per prompt and for `forward` at every step: K and V of every attention to the text are then
//! not computed again at each step.

use candle_core::{DType, Device, Tensor};

use super::config::ConditionalUnetConfig;
use super::levels::Levels;
use crate::error::{Error, Result};
use crate::models::layers::{
    Backbone, Layout, ResnetConfig, Sinusoids, Skeleton, TextKv, TimeScaleShift, TimestepEmbedding, Transformer,
    activated,
};
use crate::tensors::cpu::Activation;
use crate::tensors::layers::{Pool, PoolGuard};
use crate::weights::Weights;

/// Height and width below which a level would have nothing left.
const SMALLEST: usize = 8;

/// A loaded network. Its input is the latents z_t, [n, in_channels, h, w]; its output [n, out_channels, h, w] is what it
/// was trained to predict.
#[derive(Clone, Debug)]
pub struct ConditionalUnet {
    config: ConditionalUnetConfig,
    backbone: Backbone<Transformer>,
    time_embedding: TimestepEmbedding,
    layout: Layout,
    memory: PoolGuard,
    device: Device,
    dtype: DType,
}

/// What the network makes of n prompts before any step.
#[derive(Clone, Debug)]
pub struct ConditionalText {
    prompts: usize,
    text: Vec<TextKv>,
}

impl ConditionalText {
    /// The number of prompts.
    pub fn len(&self) -> usize {
        self.prompts
    }

    /// True without prompts.
    pub fn is_empty(&self) -> bool {
        self.prompts == 0
    }

    /// A context of these rows in this order; a row may be named twice.
    pub fn rows(&self, rows: &[usize]) -> Result<Self> {
        if let Some(row) = rows.iter().find(|&&row| row >= self.prompts) {
            return Err(Error::new(format!("prompt {row} of {}", self.prompts)));
        }
        let index: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
        let pick = |kv: &TextKv| kv.rows(&Tensor::new(index.as_slice(), kv.k.device())?);
        Ok(Self { prompts: rows.len(), text: self.text.iter().map(pick).collect::<Result<_>>()? })
    }
}

impl ConditionalUnet {
    /// Builds the network; all that does not fit between config and weights is told in one line. `dtype` is that of
    /// the weights in memory; on the CPU sums are in f32 all the same. With `low_memory`, or in 16 bits, the CPU keeps
    /// no transformed weights: they are four times as large and take about one evaluation to make, so that runs of few
    /// steps are done sooner without them.
    pub fn load(
        config: &ConditionalUnetConfig,
        weights: &Weights,
        device: &Device,
        dtype: DType,
        low_memory: bool,
    ) -> Result<Self> {
        let layout = Layout::of(device, dtype, low_memory);
        let (kept, dtype) = (dtype, layout.computes_in(dtype));
        Self::build(config, &weights.on(device, dtype).kept_in(kept), layout)
    }

    fn build(config: &ConditionalUnetConfig, weights: &Weights, layout: Layout) -> Result<Self> {
        let (width, channels) = (config.time_embed_dim(), &config.block_out_channels);
        let skeleton = Skeleton {
            layout,
            sample_size: config.sample_size,
            in_channels: config.in_channels,
            out_channels: config.out_channels,
            block_out_channels: channels,
            layers_per_block: &config.layers_per_block,
            resnet: ResnetConfig {
                norm_num_groups: config.norm_num_groups,
                norm_eps: config.norm_eps,
                activation: Activation::Silu,
                time: Some((TimeScaleShift::Default, width)),
            },
            resnet_out_scale_factor: 1.0,
            mid_block_scale_factor: 1.0,
            has_middle: config.has_middle,
            conv_in_kernel: 3,
            conv_out_kernel: 3,
        };
        let (time, guidance) = (weights.pp("time_embedding"), config.time_cond_proj_dim);
        let unet = Self {
            backbone: Backbone::load(&skeleton, &Levels { layout, config }, weights)?,
            time_embedding: TimestepEmbedding::load(&time, (channels[0], width), Activation::Silu, guidance)?,
            config: config.clone(),
            layout,
            memory: PoolGuard::new(&Pool::default()),
            device: weights.device().clone(),
            dtype: weights.dtype(),
        };
        weights.finish()?;
        Ok(unet)
    }

    /// The network's sizes.
    pub fn config(&self) -> &ConditionalUnetConfig {
        &self.config
    }

    /// Where the network computes.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// In what the network computes.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Everything that depends on the prompts alone; `embeds` [n, tokens, cross_attention_dim], any type, any device.
    pub fn text(&self, embeds: &Tensor) -> Result<ConditionalText> {
        let (prompts, _, width) = embeds.dims3()?;
        self.config.check_embeddings(width)?;
        let embeds = embeds.to_device(&self.device)?.to_dtype(self.dtype)?.transpose(1, 2)?.contiguous()?;
        let text = self.backbone.attentions().map(|attention| attention.text(&embeds)).collect::<Result<_>>()?;
        Ok(ConditionalText { prompts, text })
    }

    /// One evaluation. x [n, in_channels, h, w]; `timestep` may be a fraction; `text` has n rows; `guidance_scale` for
    /// networks that are told it and only for them; `between` is called between blocks, its error ends the evaluation.
    pub fn forward(
        &self,
        x: &Tensor,
        timestep: f64,
        text: &ConditionalText,
        guidance_scale: Option<f64>,
        between: &dyn Fn() -> Result<()>,
    ) -> Result<Tensor> {
        self.check_input(x, text)?;
        let x = x.to_device(&self.device)?.to_dtype(self.dtype)?;
        let emb = self.embedding(x.dim(0)?, timestep, guidance_scale)?;
        self.backbone.forward(self.layout.map(x, self.memory.pool())?, &emb, &text.text, between)?.into_pictures()
    }

    /// [n, e], through the activation.
    fn embedding(&self, n: usize, timestep: f64, guidance_scale: Option<f64>) -> Result<Tensor> {
        let config = &self.config;
        let sinusoids = Sinusoids {
            channels: config.block_out_channels[0],
            flip_sin_to_cos: config.flip_sin_to_cos,
            freq_shift: config.freq_shift,
        };
        let time = sinusoids.of(timestep, &self.device, self.dtype)?;
        // What a network without such an embedding says to one is the embedding's to say.
        let width = config.time_cond_proj_dim.unwrap_or(4);
        let guidance = guidance_scale.map(|scale| self.guidance_embedding(scale, width)).transpose()?;
        let emb = self.time_embedding.forward(&time, guidance.as_ref())?;
        activated(&emb.broadcast_as((n, config.time_embed_dim()))?.contiguous()?, Activation::Silu)
    }

    /// [1, width], sines first (`get_guidance_scale_embedding`), of what a guidance scale is above 1.
    fn guidance_embedding(&self, guidance_scale: f64, width: usize) -> Result<Tensor> {
        let (half, scale) = (width / 2, ((guidance_scale - 1.0) as f32) * 1000.0);
        let step = 10000f32.ln() / (half as f32 - 1.0);
        // In diffusers' order of roundings: an angle of 7,500 shows every one.
        let angles: Vec<f32> = (0..half).map(|i| scale * (i as f32 * -step).exp()).collect();
        let values: Vec<f32> =
            angles.iter().map(|angle| angle.sin()).chain(angles.iter().map(|angle| angle.cos())).collect();
        Ok(Tensor::from_vec(values, (1, width), &self.device)?.to_dtype(self.dtype)?)
    }

    fn check_input(&self, x: &Tensor, text: &ConditionalText) -> Result<()> {
        let (n, c, h, w) = x.dims4()?;
        if c != self.config.in_channels {
            return Err(Error::new(format!("the network takes {} channels, got {c}", self.config.in_channels)));
        }
        if h < SMALLEST || w < SMALLEST {
            return Err(Error::new(format!("latents of {w}×{h} are too small"))
                .hint(format!("width and height must be at least {SMALLEST}, {} pixels", 8 * SMALLEST)));
        }
        if text.len() != n {
            return Err(Error::new(format!("{n} pictures with {} prompts", text.len())));
        }
        Ok(())
    }
}
