//! The whole network of a picture without a text.

use candle_core::{DType, Device, Tensor};

use super::config::Unet2dConfig;
use super::levels::Levels;
use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::layers::{
    Backbone, Layout, ResnetConfig, Sinusoids, Skeleton, SpatialAttention, TimestepEmbedding, activated,
};
use crate::tensors::cpu::Activation;
use crate::tensors::layers::{Pool, PoolGuard};
use crate::weights::Weights;

/// A loaded network. Its input is x_t, [n, in_channels, h, w]; its output [n, out_channels, h, w] is what it was trained
/// to predict.
#[derive(Clone, Debug)]
pub struct Unet2d {
    config: Unet2dConfig,
    backbone: Backbone<SpatialAttention>,
    time_embedding: TimestepEmbedding,
    /// [classes, e].
    class_embedding: Option<Tensor>,
    layout: Layout,
    memory: PoolGuard,
    device: Device,
    dtype: DType,
}

impl Unet2d {
    /// The folder of the network in a model's: `unet`, or the model's own, where DDPM's first models have it.
    pub fn folder(model: &Folder) -> Folder {
        model.subfolder("unet").unwrap_or_else(|| model.clone())
    }

    /// Builds the network; all that does not fit between config and weights is told in one line. `dtype` is that of
    /// the weights in memory; on the CPU sums are in f32 all the same. With `low_memory`, or in 16 bits, the CPU keeps
    /// no transformed weights, which are four times as large, and takes a little longer.
    pub fn load(
        config: &Unet2dConfig,
        weights: &Weights,
        device: &Device,
        dtype: DType,
        low_memory: bool,
    ) -> Result<Self> {
        let layout = Layout::of(device, dtype, low_memory);
        let (kept, dtype) = (dtype, layout.computes_in(dtype));
        Self::build(config, &SpatialAttention::renewed(weights.clone()).on(device, dtype).kept_in(kept), layout)
    }

    fn build(config: &Unet2dConfig, weights: &Weights, layout: Layout) -> Result<Self> {
        let (width, channels) = (config.time_embedding_dim, &config.block_out_channels);
        let layers = vec![config.layers_per_block; channels.len()];
        let skeleton = Skeleton {
            layout,
            sample_size: config.sample_size,
            in_channels: config.in_channels,
            out_channels: config.out_channels,
            block_out_channels: channels,
            layers_per_block: &layers,
            resnet: ResnetConfig {
                norm_num_groups: config.norm_num_groups,
                norm_eps: config.norm_eps,
                activation: Activation::Silu,
                time: Some((config.time_scale_shift, width)),
            },
            resnet_out_scale_factor: 1.0,
            mid_block_scale_factor: 1.0,
            has_middle: true,
            conv_in_kernel: 3,
            conv_out_kernel: 3,
        };
        let classes = |count| weights.take("class_embedding.weight", &[count, width]);
        let time = weights.pp("time_embedding");
        let unet = Self {
            backbone: Backbone::load(&skeleton, &Levels { layout, config }, weights)?,
            time_embedding: TimestepEmbedding::load(&time, (channels[0], width), Activation::Silu, None)?,
            class_embedding: config.num_class_embeds.map(classes).transpose()?,
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
    pub fn config(&self) -> &Unet2dConfig {
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

    /// One evaluation. x [n, in_channels, h, w]; `timestep` may be a fraction; one of `classes` for each picture, for
    /// networks that are told a class and only for them; `between` is called between blocks, its error ends the
    /// evaluation.
    pub fn forward(
        &self,
        x: &Tensor,
        timestep: f64,
        classes: Option<&[usize]>,
        between: &dyn Fn() -> Result<()>,
    ) -> Result<Tensor> {
        self.check_input(x)?;
        let mut x = x.to_device(&self.device)?.to_dtype(self.dtype)?;
        if self.config.center_input_sample {
            x = x.affine(2.0, -1.0)?;
        }
        let emb = self.embedding(x.dim(0)?, timestep, classes)?;
        self.backbone.forward(self.layout.map(x, self.memory.pool())?, &emb, &[], between)?.into_pictures()
    }

    /// [n, e], through the activation.
    fn embedding(&self, n: usize, timestep: f64, classes: Option<&[usize]>) -> Result<Tensor> {
        let config = &self.config;
        let sinusoids = Sinusoids {
            channels: config.block_out_channels[0],
            flip_sin_to_cos: config.flip_sin_to_cos,
            freq_shift: config.freq_shift,
        };
        let time = self.time_embedding.forward(&sinusoids.of(timestep, &self.device, self.dtype)?, None)?;
        let emb = match (&self.class_embedding, classes) {
            (Some(rows), Some(classes)) => {
                let count = rows.dim(0)?;
                if classes.len() != n {
                    return Err(Error::new(format!("{n} pictures with {} classes", classes.len())));
                }
                if let Some(class) = classes.iter().find(|&&class| class >= count) {
                    return Err(Error::new(format!("there is no class {class}")).hint(format!("it is below {count}")));
                }
                let index: Vec<u32> = classes.iter().map(|&class| class as u32).collect();
                rows.index_select(&Tensor::new(index, &self.device)?, 0)?.broadcast_add(&time)?
            }
            (None, None) => time.broadcast_as((n, config.time_embedding_dim))?.contiguous()?,
            (Some(_), None) => return Err(Error::new("this network wants a class")),
            (None, Some(_)) => return Err(Error::new("this network takes no class")),
        };
        activated(&emb, Activation::Silu)
    }

    fn check_input(&self, x: &Tensor) -> Result<()> {
        let (_, c, h, w) = x.dims4()?;
        let multiple = self.config.multiple();
        if c != self.config.in_channels {
            return Err(Error::new(format!("the network takes {} channels, got {c}", self.config.in_channels)));
        }
        if h == 0 || w == 0 || !h.is_multiple_of(multiple) || !w.is_multiple_of(multiple) {
            return Err(Error::new(format!("a picture of {w}×{h} does not fit this network"))
                .hint(format!("width and height must be multiples of {multiple}")));
        }
        Ok(())
    }
}
