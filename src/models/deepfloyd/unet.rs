//! The whole network, and the part of its work that depends on the prompt alone.
//!
//! A run asks for `text` once per prompt and for `forward` at every step: the pooled text, its projection and
//! K and V of every attention are then not computed again at each of a hundred steps.

use candle_core::{DType, Device, Tensor};
use candle_nn::{Linear, Module};

use super::attention::AddedKvAttention;
use super::blocks::Levels;
use super::config::UnetConfig;
use super::text_pooling::TextPooling;
use crate::error::{Error, Result};
use crate::models::layers::{
    Backbone, Layout, ResnetConfig, Sinusoids, Skeleton, TextKv, TimeScaleShift, TimestepEmbedding, activated, linear,
};
use crate::tensors::cpu::Activation;
use crate::tensors::layers::{Pool, PoolGuard};
use crate::weights::{Variables, Weights};

/// A loaded network. Its input is x_t in about [-1, 1], [n, in_channels, h, w]; its output
/// [n, out_channels, h, w]: the prediction and, where there are 6, the variance's interpolation.
#[derive(Clone, Debug)]
pub struct Unet {
    config: UnetConfig,
    backbone: Backbone<AddedKvAttention>,
    time_embedding: TimestepEmbedding,
    class_embedding: Option<TimestepEmbedding>,
    encoder_hid_proj: Linear,
    add_embedding: TextPooling,
    layout: Layout,
    memory: PoolGuard,
    device: Device,
    dtype: DType,
}

/// What the network makes of n prompts before any step.
#[derive(Clone, Debug)]
pub struct TextContext {
    /// [n, e].
    pooled: Tensor,
    text: Vec<TextKv>,
}

impl TextContext {
    /// The number of prompts.
    pub fn len(&self) -> usize {
        self.pooled.dim(0).unwrap_or(0)
    }

    /// True without prompts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A context of these rows in this order; a row may be named twice.
    pub fn rows(&self, rows: &[usize]) -> Result<Self> {
        if let Some(row) = rows.iter().find(|&&row| row >= self.len()) {
            return Err(Error::new(format!("prompt {row} of {}", self.len())));
        }
        let index: Vec<u32> = rows.iter().map(|&row| row as u32).collect();
        let index = Tensor::new(index, self.pooled.device())?;
        let text = self.text.iter().map(|kv| kv.rows(&index)).collect::<Result<_>>()?;
        Ok(Self { pooled: self.pooled.index_select(&index, 0)?, text })
    }
}

impl Unet {
    /// Builds the network; all that does not fit between config and weights is told in one line. `dtype` is that of
    /// the weights in memory; on the CPU sums are in f32 all the same. With `low_memory`, or in 16 bits, the CPU keeps
    /// no transformed weights, which are four times as large, and takes a little longer.
    pub fn load(
        config: &UnetConfig,
        weights: &Weights,
        device: &Device,
        dtype: DType,
        low_memory: bool,
    ) -> Result<Self> {
        let layout = Layout::of(device, dtype, low_memory);
        let (kept, dtype) = (dtype, layout.computes_in(dtype));
        Self::build(config, &weights.on(device, dtype).kept_in(kept), layout)
    }

    /// The same network on the CPU, in f32, with its weights as variables by their names: what it makes carries a record,
    /// through which [`backward`](crate::tensors::layers::backward) takes the gradient of a loss by every one of them.
    pub fn load_for_training(config: &UnetConfig, weights: &Weights) -> Result<(Self, Variables)> {
        let variables = Variables::default();
        let weights = weights.on(&Device::Cpu, DType::F32).as_variables(&variables);
        Ok((Self::build(config, &weights, Layout::Recorded)?, variables))
    }

    fn build(config: &UnetConfig, weights: &Weights, layout: Layout) -> Result<Self> {
        let (width, channels) = (config.time_embed_dim(), config.block_out_channels[0]);
        let skeleton = Skeleton {
            layout,
            sample_size: config.sample_size,
            in_channels: config.in_channels,
            out_channels: config.out_channels,
            block_out_channels: &config.block_out_channels,
            layers_per_block: &config.layers_per_block,
            resnet: ResnetConfig {
                norm_num_groups: config.norm_num_groups,
                norm_eps: config.norm_eps,
                activation: Activation::Gelu,
                time: Some((TimeScaleShift::ScaleShift, width)),
            },
            resnet_out_scale_factor: config.resnet_out_scale_factor,
            mid_block_scale_factor: config.mid_block_scale_factor,
            has_middle: true,
            conv_in_kernel: config.conv_in_kernel,
            conv_out_kernel: config.conv_out_kernel,
        };
        let embedding =
            |name: &str| TimestepEmbedding::load(&weights.pp(name), (channels, width), Activation::Gelu, None);
        let unet = Self {
            backbone: Backbone::load(&skeleton, &Levels { layout, config }, weights)?,
            time_embedding: embedding("time_embedding")?,
            class_embedding: config.noise_level.then(|| embedding("class_embedding")).transpose()?,
            encoder_hid_proj: linear(
                &weights.pp("encoder_hid_proj"),
                config.encoder_hid_dim,
                config.cross_attention_dim,
            )?,
            add_embedding: TextPooling::load(config, &weights.pp("add_embedding"))?,
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
    pub fn config(&self) -> &UnetConfig {
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

    /// Everything that depends on the prompts alone; `embeds` [n, tokens, encoder_hid_dim], any type, any device.
    pub fn text(&self, embeds: &Tensor) -> Result<TextContext> {
        self.config.check_embeddings(embeds.dims3()?.2)?;
        let embeds = embeds.to_device(&self.device)?.to_dtype(self.dtype)?.contiguous()?;
        let projected = self.encoder_hid_proj.forward(&embeds)?.transpose(1, 2)?.contiguous()?;
        let attentions = self.backbone.attentions();
        let text = attentions.map(|attention| attention.text(&projected)).collect::<Result<_>>()?;
        Ok(TextContext { pooled: self.add_embedding.forward(&embeds)?, text })
    }

    /// One evaluation. x [n, in_channels, h, w]; `noise_level` for networks with a conditioning picture and
    /// only for them; `text` has n rows; `between` is called between blocks, its error ends the evaluation.
    pub fn forward(
        &self,
        x: &Tensor,
        timestep: usize,
        noise_level: Option<usize>,
        text: &TextContext,
        between: &dyn Fn() -> Result<()>,
    ) -> Result<Tensor> {
        self.check_input(x, text)?;
        let mut x = x.to_device(&self.device)?.to_dtype(self.dtype)?;
        if self.config.center_input_sample {
            x = x.affine(2.0, -1.0)?;
        }
        let emb = self.embedding(timestep, noise_level, text)?;
        self.backbone.forward(self.layout.map(x, self.memory.pool())?, &emb, &text.text, between)?.into_pictures()
    }

    /// [n, e], through whatever activations the configuration puts before the resnets' projections.
    fn embedding(&self, timestep: usize, noise_level: Option<usize>, text: &TextContext) -> Result<Tensor> {
        let config = &self.config;
        let kind = Sinusoids {
            channels: config.block_out_channels[0],
            flip_sin_to_cos: config.flip_sin_to_cos,
            freq_shift: config.freq_shift,
        };
        let sinusoids = |step: usize| kind.of(step as f64, &self.device, self.dtype);
        let mut emb = self.time_embedding.forward(&sinusoids(timestep)?, None)?;
        match (&self.class_embedding, noise_level) {
            (Some(embedding), Some(level)) => emb = (emb + embedding.forward(&sinusoids(level)?, None)?)?,
            (None, None) => {}
            (Some(_), None) => {
                return Err(Error::new("this network wants the noise level of its conditioning picture"));
            }
            (None, Some(_)) => {
                return Err(Error::new("this network takes no noise level").hint("it is a stage I model"));
            }
        }
        emb = text.pooled.broadcast_add(&emb)?;
        if config.time_embedding_gelu {
            emb = activated(&emb, Activation::Gelu)?;
        }
        if !config.resnet_skip_time_act {
            emb = activated(&emb, Activation::Gelu)?;
        }
        Ok(emb)
    }

    fn check_input(&self, x: &Tensor, text: &TextContext) -> Result<()> {
        let (n, c, h, w) = x.dims4()?;
        let multiple = self.config.multiple();
        if c != self.config.in_channels {
            return Err(Error::new(format!("the network takes {} channels, got {c}", self.config.in_channels)));
        }
        if h == 0 || w == 0 || !h.is_multiple_of(multiple) || !w.is_multiple_of(multiple) {
            return Err(Error::new(format!("a picture of {w}×{h} does not fit this network"))
                .hint(format!("width and height must be multiples of {multiple}")));
        }
        if text.len() != n {
            return Err(Error::new(format!("{n} pictures with {} prompts", text.len())));
        }
        Ok(())
    }
}
