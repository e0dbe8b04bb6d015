//! Between latents and pictures: the model's autoencoder, and for what is shown on the way a quicker one.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use image::RgbImage;

use super::autoencoder::{Autoencoder, AutoencoderConfig};
use super::unet::ConditionalUnet;
use crate::error::Result;
use crate::models::codec::Codec;
use crate::models::resident::Resident;
use crate::pictures::{pictures_from_tensor, resize_bilinear, tensor_from_picture};
use crate::weights::Weights;

/// Without a tiny autoencoder a preview is what the full one makes of latents averaged over squares of this side: a
/// sixteenth of its work.
const POOLED: usize = 4;

/// The least side of latents that is left of them.
const LEAST: usize = 4;

/// A model's autoencoders, read when they are used.
pub(super) struct LatentCodec {
    pub config: AutoencoderConfig,
    pub weights: Weights,
    /// The tiny one.
    pub tiny: Option<Weights>,
    pub device: Device,
    pub dtype: DType,
    pub low_memory: bool,
    pub full: Resident<Autoencoder>,
    /// The UNet, where the two take turns in memory.
    pub in_place_of: Option<Arc<Resident<ConditionalUnet>>>,
    pub quick: Resident<Autoencoder>,
}

impl LatentCodec {
    /// The full one, for pictures that are asked for at a run's beginning or end.
    fn full(&self) -> Result<Arc<Autoencoder>> {
        if let Some(unet) = &self.in_place_of {
            unet.put_away();
        }
        self.beside()
    }

    /// The same beside the UNet at work.
    fn beside(&self) -> Result<Arc<Autoencoder>> {
        self.full.get(|| self.config.load(&self.weights, &self.device, self.dtype, self.low_memory), || ())
    }
}

impl Codec for LatentCodec {
    fn seen(&self, picture: &RgbImage) -> RgbImage {
        picture.clone()
    }

    fn encode(&self, picture: &RgbImage, device: &Device) -> Result<Tensor> {
        self.full()?.encode(&tensor_from_picture(picture, device)?)
    }

    fn decode(&self, x: &Tensor) -> Result<Vec<RgbImage>> {
        pictures_from_tensor(&self.full()?.decode(x)?)
    }

    fn preview(&self, x: &Tensor) -> Result<Vec<RgbImage>> {
        if let Some(weights) = &self.tiny {
            let load = || AutoencoderConfig::Tiny.load(weights, &self.device, self.dtype, self.low_memory);
            return pictures_from_tensor(&self.quick.get(load, || ())?.decode(x)?);
        }
        let (_, _, h, w) = x.dims4()?;
        if [h, w].iter().any(|side| !side.is_multiple_of(POOLED) || *side < LEAST * POOLED) {
            return pictures_from_tensor(&self.beside()?.decode(x)?);
        }
        let reduction = self.config.reduction();
        let whole = |picture: RgbImage| resize_bilinear(&picture, (w * reduction) as u32, (h * reduction) as u32);
        let pooled = self.beside()?.decode(&x.avg_pool2d(POOLED)?)?;
        Ok(pictures_from_tensor(&pooled)?.into_iter().map(whole).collect())
    }

    fn signed(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.full()?.decode(&x.unsqueeze(0)?)?.get(0)?)
    }

    fn is_lossy(&self) -> bool {
        true
    }
}
