//! `AutoencoderTiny` (taesd): a small autoencoder for the same latents, good enough for previews and fast decoding. Takes
//! and gives latents as a UNet has them, without a scaling factor.

use candle_core::{DType, Device, Tensor};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::files::Folder;
use crate::models::layers::{Conv2d, ConvSizes, Layout, Window, refuse_unless, relu};
use crate::tensors::FeatureMap;
use crate::tensors::layers::{Pool, PoolGuard};
use crate::weights::Weights;

/// Channels between pictures and latents, blocks of each level of the encoder, finest first, and of the decoder.
const CHANNELS: usize = 64;
const ENCODER_BLOCKS: [usize; 4] = [1, 3, 3, 3];
const DECODER_BLOCKS: [usize; 4] = [3, 3, 3, 1];
pub(super) const LATENT_CHANNELS: usize = 4;
/// Pixels of a picture's side to one of the latents'.
pub(super) const REDUCTION: usize = 8;
/// The side of pictures that the kernels are chosen for.
const SIDE: usize = 512;

/// Keys that must have one value: key, diffusers' default where the key is absent, the value.
const FIXED: [(&str, &str, &str); 8] = [
    ("_class_name", "AutoencoderTiny", "AutoencoderTiny"),
    ("act_fn", "relu", "relu"),
    ("decoder_block_out_channels", "[64,64,64,64]", "[64,64,64,64]"),
    ("encoder_block_out_channels", "[64,64,64,64]", "[64,64,64,64]"),
    ("latent_channels", "4", "4"),
    ("num_decoder_blocks", "[3,3,3,1]", "[3,3,3,1]"),
    ("num_encoder_blocks", "[1,3,3,3]", "[1,3,3,3]"),
    ("upsampling_scaling_factor", "2", "2"),
];

/// A loaded autoencoder.
#[derive(Clone, Debug)]
pub struct AutoencoderTiny {
    encoder: Vec<Step>,
    decoder: Vec<Step>,
    layout: Layout,
    memory: PoolGuard,
    device: Device,
    dtype: DType,
}

/// One of the layers that follow each other.
#[derive(Clone, Debug)]
enum Step {
    Convolution(Conv2d),
    Relu,
    /// Three convolutions with ReLUs between, the input added, and a ReLU.
    Block(Box<[Conv2d; 3]>),
    Double,
}

impl AutoencoderTiny {
    /// An error where the folder's `config.json` is of another autoencoder.
    pub fn check_config(folder: &Folder) -> Result<()> {
        let json: Value = folder.read_json("config.json")?;
        refuse_unless(&json, &FIXED).map_err(|error| {
            error
                .at(folder.place("config.json"))
                .hint("a tiny autoencoder for Stable Diffusion 1 and 2 is expected here")
        })
    }

    /// Builds the network from weights under diffusers' names; all that does not fit is told in one line. `dtype` is that
    /// of the weights in memory; on the CPU sums are in f32 all the same.
    pub fn load(weights: &Weights, device: &Device, dtype: DType, low_memory: bool) -> Result<Self> {
        let layout = Layout::of(device, dtype, low_memory);
        let (kept, dtype) = (dtype, layout.computes_in(dtype));
        Self::build(&weights.on(device, dtype).kept_in(kept), layout)
    }

    fn build(weights: &Weights, layout: Layout) -> Result<Self> {
        let autoencoder = Self {
            encoder: encoder(layout, &weights.pp("encoder.layers"))?,
            decoder: decoder(layout, &weights.pp("decoder.layers"))?,
            layout,
            memory: PoolGuard::new(&Pool::default()),
            device: weights.device().clone(),
            dtype: weights.dtype(),
        };
        weights.finish()?;
        Ok(autoencoder)
    }

    /// Pictures [n, 3, h, w] in [-1, 1] to latents [n, 4, h/8, w/8]; h and w multiples of 8.
    pub fn encode(&self, pictures: &Tensor) -> Result<Tensor> {
        let (_, _, h, w) = pictures.dims4()?;
        if h == 0 || w == 0 || !h.is_multiple_of(REDUCTION) || !w.is_multiple_of(REDUCTION) {
            return Err(Error::new(format!("a picture of {w}×{h} does not fit this autoencoder"))
                .hint(format!("width and height must be multiples of {REDUCTION}")));
        }
        let x = pictures.to_device(&self.device)?.to_dtype(self.dtype)?;
        self.run(&self.encoder, x.affine(0.5, 0.5)?)
    }

    /// Latents [n, 4, h, w] to pictures [n, 3, 8h, 8w] in about [-1, 1], not clamped.
    pub fn decode(&self, latents: &Tensor) -> Result<Tensor> {
        let z = latents.to_device(&self.device)?.to_dtype(self.dtype)?;
        let bounded = ((z / 3.0)?.tanh()? * 3.0)?;
        Ok(self.run(&self.decoder, bounded)?.affine(2.0, -1.0)?)
    }

    fn run(&self, steps: &[Step], x: Tensor) -> Result<Tensor> {
        let mut x = self.layout.map(x, self.memory.pool())?;
        for step in steps {
            x = step.forward(x)?;
        }
        x.into_pictures()
    }
}

impl Step {
    fn forward(&self, x: FeatureMap) -> Result<FeatureMap> {
        match self {
            Self::Convolution(convolution) => convolution.forward(&x),
            Self::Relu => relu(&x),
            Self::Double => x.doubled(),
            Self::Block(block) => {
                let [first, second, third] = &**block;
                let mut h = relu(&first.forward(&x)?)?;
                h = relu(&second.forward(&h)?)?;
                relu(&third.forward_onto(&h, &x)?)
            }
        }
    }
}

/// Numbers layers as `torch.nn.Sequential` does, those without weights too.
struct Sequence<'a> {
    layout: Layout,
    weights: &'a Weights,
    steps: Vec<Step>,
}

impl Sequence<'_> {
    fn conv(&self, name: &str, widths: (usize, usize), side: usize) -> Result<Conv2d> {
        Conv2d::load(self.layout, &self.weights.pp(name), ConvSizes::same(widths, 3, side))
    }

    fn convolution(&mut self, widths: (usize, usize), side: usize) -> Result<()> {
        self.steps.push(Step::Convolution(self.conv(&self.steps.len().to_string(), widths, side)?));
        Ok(())
    }

    /// A convolution without bias between levels.
    fn passage(&mut self, window: Window, side: usize) -> Result<()> {
        let sizes = ConvSizes { window, bias: false, ..ConvSizes::same((CHANNELS, CHANNELS), 3, side) };
        let convolution = Conv2d::load(self.layout, &self.weights.pp(self.steps.len()), sizes)?;
        self.steps.push(Step::Convolution(convolution));
        Ok(())
    }

    fn blocks(&mut self, count: usize, side: usize) -> Result<()> {
        for _ in 0..count {
            let number = self.steps.len();
            let conv = |i: usize| self.conv(&format!("{number}.conv.{i}"), (CHANNELS, CHANNELS), side);
            let block = [conv(0)?, conv(2)?, conv(4)?];
            self.steps.push(Step::Block(Box::new(block)));
        }
        Ok(())
    }
}

fn encoder(layout: Layout, weights: &Weights) -> Result<Vec<Step>> {
    let mut all = Sequence { layout, weights, steps: Vec::new() };
    for (level, count) in ENCODER_BLOCKS.into_iter().enumerate() {
        match level {
            0 => all.convolution((3, CHANNELS), SIDE)?,
            _ => all.passage(Window::HALVING, SIDE >> level)?,
        }
        all.blocks(count, SIDE >> level)?;
    }
    all.convolution((CHANNELS, LATENT_CHANNELS), SIDE / REDUCTION)?;
    Ok(all.steps)
}

fn decoder(layout: Layout, weights: &Weights) -> Result<Vec<Step>> {
    let mut all = Sequence { layout, weights, steps: Vec::new() };
    all.convolution((LATENT_CHANNELS, CHANNELS), SIDE / REDUCTION)?;
    all.steps.push(Step::Relu);
    let last = DECODER_BLOCKS.len() - 1;
    for (number, count) in DECODER_BLOCKS.into_iter().enumerate() {
        let side = SIDE >> (last - number);
        all.blocks(count, side)?;
        if number == last {
            all.convolution((CHANNELS, 3), SIDE)?;
        } else {
            all.steps.push(Step::Double);
            all.passage(Window::same(3), 2 * side)?;
        }
    }
    Ok(all.steps)
}
