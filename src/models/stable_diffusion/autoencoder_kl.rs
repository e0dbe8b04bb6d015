//! `AutoencoderKL`: pictures to the latents that a UNet works on, and back.

use candle_core::{DType, Device, Tensor};

use super::autoencoder_config::AutoencoderKlConfig;
use super::coder::{Decoder, Encoder};
use crate::error::{Error, Result};
use crate::models::layers::{Layout, Pointwise, SpatialAttention};
use crate::tensors::layers::{Pool, PoolGuard};
use crate::weights::Weights;

/// Bounds of the logarithm of the variance.
const LOG_VARIANCE: (f64, f64) = (-30.0, 20.0);

/// A loaded autoencoder.
#[derive(Clone, Debug)]
pub struct AutoencoderKl {
    config: AutoencoderKlConfig,
    encoder: Encoder,
    quant_conv: Pointwise,
    post_quant_conv: Pointwise,
    decoder: Decoder,
    layout: Layout,
    memory: PoolGuard,
    device: Device,
    dtype: DType,
}

/// What pictures are encoded to: a normal distribution of latents, each [n, latent_channels, h/8, w/8], as a UNet is
/// shown them.
#[derive(Clone, Debug)]
pub struct LatentDistribution {
    /// Its mean, which is also its mode.
    pub mean: Tensor,
    /// Its standard deviation.
    pub std: Tensor,
}

impl LatentDistribution {
    /// mean + std · noise; noise [n, latent_channels, h/8, w/8].
    pub fn sample(&self, noise: &Tensor) -> Result<Tensor> {
        let noise = noise.to_device(self.mean.device())?.to_dtype(self.mean.dtype())?;
        Ok((&self.mean + (&self.std * noise)?)?)
    }
}

impl AutoencoderKl {
    /// Builds the network; all that does not fit between config and weights is told in one line. `dtype` is that of
    /// the weights in memory; on the CPU sums are in f32 all the same. With `low_memory`, or in 16 bits, the CPU keeps
    /// no transformed weights.
    pub fn load(
        config: &AutoencoderKlConfig,
        weights: &Weights,
        device: &Device,
        dtype: DType,
        low_memory: bool,
    ) -> Result<Self> {
        let layout = Layout::of(device, dtype, low_memory);
        let (kept, dtype) = (dtype, layout.computes_in(dtype));
        Self::build(config, &SpatialAttention::renewed(weights.clone()).on(device, dtype).kept_in(kept), layout)
    }

    fn build(config: &AutoencoderKlConfig, weights: &Weights, layout: Layout) -> Result<Self> {
        let (latent, both) = (config.latent_channels, 2 * config.latent_channels);
        let autoencoder = Self {
            encoder: Encoder::load(layout, config, &weights.pp("encoder"))?,
            quant_conv: Pointwise::load(layout, &weights.pp("quant_conv"), both, both)?,
            post_quant_conv: Pointwise::load(layout, &weights.pp("post_quant_conv"), latent, latent)?,
            decoder: Decoder::load(layout, config, &weights.pp("decoder"))?,
            config: config.clone(),
            layout,
            memory: PoolGuard::new(&Pool::default()),
            device: weights.device().clone(),
            dtype: weights.dtype(),
        };
        weights.finish()?;
        Ok(autoencoder)
    }

    /// The network's sizes.
    pub fn config(&self) -> &AutoencoderKlConfig {
        &self.config
    }

    /// Pictures [n, 3, h, w] in [-1, 1] to latents; h and w multiples of 8. `between` is called between blocks, its error
    /// ends the work.
    pub fn encode(&self, pictures: &Tensor, between: &dyn Fn() -> Result<()>) -> Result<LatentDistribution> {
        let (_, c, h, w) = pictures.dims4()?;
        let (wanted, reduction) = (self.config.in_channels, self.config.reduction());
        if c != wanted {
            return Err(Error::new(format!("the autoencoder takes {wanted} channels, got {c}")));
        }
        if h == 0 || w == 0 || !h.is_multiple_of(reduction) || !w.is_multiple_of(reduction) {
            return Err(Error::new(format!("a picture of {w}×{h} does not fit this autoencoder"))
                .hint(format!("width and height must be multiples of {reduction}")));
        }
        let x = pictures.to_device(&self.device)?.to_dtype(self.dtype)?;
        let moments = self.encoder.forward(self.layout.map(x, self.memory.pool())?, between)?;
        let moments = self.quant_conv.forward(&moments)?.into_pictures()?.chunk(2, 1)?;
        let std = (moments[1].clamp(LOG_VARIANCE.0, LOG_VARIANCE.1)? * 0.5)?.exp()?;
        let scaled = |x: &Tensor| -> Result<Tensor> { Ok((x * self.config.scaling_factor)?) };
        Ok(LatentDistribution { mean: scaled(&moments[0])?, std: scaled(&std)? })
    }

    /// Latents [n, 4, h, w], as a UNet has them, to pictures [n, 3, 8h, 8w] in about [-1, 1], not clamped. `between` is
    /// called between blocks, its error ends the work.
    pub fn decode(&self, latents: &Tensor, between: &dyn Fn() -> Result<()>) -> Result<Tensor> {
        let (_, c, ..) = latents.dims4()?;
        let wanted = self.config.latent_channels;
        if c != wanted {
            return Err(Error::new(format!("the autoencoder takes latents of {wanted} channels, got {c}")));
        }
        let z = (latents.to_device(&self.device)?.to_dtype(self.dtype)? / self.config.scaling_factor)?;
        let z = self.post_quant_conv.forward(&self.layout.map(z, self.memory.pool())?)?;
        self.decoder.forward(z, between)?.into_pictures()
    }
}
