//! Convolutions that keep height and width, in either layout.

use candle_core::Tensor;

use super::layout::{Layout, Packing, floats};
use crate::error::Result;
use crate::tensors::FeatureMap;
use crate::tensors::cpu::{Amx, Direct, Form, PackedB, Pictures, Rows, Shape, Start, Winograd, matmul};
use crate::tensors::layers::{self, Pixels};
use crate::tensors::planes::{self, Geometry};
use crate::weights::Weights;

/// Smaller maps leave Winograd too few tiles for each weight that it reads, and four times as many are read.
const WINOGRAD_FROM: usize = 14;
/// With fewer channels its transforms cost more than they save.
const WINOGRAD_CHANNELS: usize = 16;

/// Whether a convolution of maps of this side, with so many channels on its narrower end, is Winograd's.
pub(super) fn uses_winograd(kernel: usize, side: usize, channels: usize) -> bool {
    kernel == 3 && side >= WINOGRAD_FROM && channels >= WINOGRAD_CHANNELS
}

/// A convolution with a square kernel.
#[derive(Clone, Debug)]
pub(super) struct Conv2d {
    weights: Kind,
    /// Divides the result; packed weights are divided already.
    divisor: f64,
}

#[derive(Clone, Debug)]
enum Kind {
    /// As they are: of planes, or recorded on pixels.
    Unpacked {
        weight: Tensor,
        bias: Tensor,
        padding: usize,
    },
    Direct {
        weight: Direct,
        bias: Vec<f32>,
    },
    Winograd {
        weight: Winograd,
        bias: Vec<f32>,
    },
    Amx {
        weight: Amx,
        bias: Vec<f32>,
    },
}

impl Conv2d {
    /// `weight` [c_out, c_in, kernel, kernel] and `bias`; `side` is that of the maps it is usually given, `divisor`
    /// divides what it gives and what is added to it.
    pub fn load(
        layout: Layout,
        weights: &Weights,
        (c_in, c_out): (usize, usize),
        kernel: usize,
        side: usize,
        divisor: f64,
    ) -> Result<Self> {
        let weight = weights.take("weight", &[c_out, c_in, kernel, kernel])?;
        let bias = weights.take("bias", &[c_out])?;
        let padding = (kernel - 1) / 2;
        let Some(Packing { isa, winograd, half, amx }) = layout.packs(&weight) else {
            return Ok(Self { weights: Kind::Unpacked { weight, bias, padding }, divisor });
        };
        let divided = |mut values: Vec<f32>| {
            values.iter_mut().for_each(|value| *value = (f64::from(*value) / divisor) as f32);
            values
        };
        let bias = divided(floats(&bias)?);
        // Halves are divided when they are read: a file's own halves are then kept as they are.
        let weight = if half.is_some() { floats(&weight)? } else { divided(floats(&weight)?) };
        let fits = uses_winograd(kernel, side, c_in.min(c_out)) && Winograd::fits(isa, c_in, c_out);
        let weights = if fits && winograd {
            let taps = |o: usize, i: usize| -> [f32; 9] {
                let at = (o * c_in + i) * 9;
                std::array::from_fn(|tap| weight[at + tap])
            };
            Kind::Winograd { weight: Winograd::new(isa, c_in, c_out, taps), bias }
        } else {
            let taps = |o: usize, i: usize, tap: usize| weight[(o * c_in + i) * kernel * kernel + tap];
            if amx {
                let weight = Amx::new((c_in, c_out), kernel, (1.0 / divisor) as f32, taps);
                return Ok(Self { weights: Kind::Amx { weight, bias }, divisor });
            }
            let weight = Direct::new(isa, (c_in, c_out), kernel, 1, padding, taps);
            let weight = match half {
                Some(half) => weight.kept_in(half, (1.0 / divisor) as f32),
                None => weight,
            };
            Kind::Direct { weight, bias }
        };
        Ok(Self { weights, divisor })
    }

    /// [n, c_in, h, w] to [n, c_out, h, w].
    pub fn forward(&self, x: &FeatureMap) -> Result<FeatureMap> {
        self.run(x, None)
    }

    /// The same with `add`, as large as the result, added to it before the division.
    pub fn forward_onto(&self, x: &FeatureMap, add: &FeatureMap) -> Result<FeatureMap> {
        self.run(x, Some(add))
    }

    fn run(&self, x: &FeatureMap, add: Option<&FeatureMap>) -> Result<FeatureMap> {
        match (&self.weights, x) {
            (Kind::Unpacked { weight, bias, padding }, FeatureMap::Pixels(x)) => {
                let form = Form { kernel: 2 * padding + 1, stride: 1, padding: *padding, transposed: false };
                let y = layers::convolve(x, form, layers::Weights { weight, bias }, true)?;
                match add {
                    Some(FeatureMap::Pixels(add)) => {
                        Ok(FeatureMap::Pixels(layers::add(&y, add, (1.0 / self.divisor) as f32)?))
                    }
                    None if self.divisor == 1.0 => Ok(FeatureMap::Pixels(y)),
                    _ => Err(FeatureMap::mixed()),
                }
            }
            (Kind::Unpacked { weight, bias, padding }, FeatureMap::Planes(x)) => {
                let bias = bias.reshape((1, (), 1, 1))?;
                let y = planes::convolve(x, weight, Geometry::same(2 * padding + 1))?.broadcast_add(&bias)?;
                let y = match add {
                    Some(FeatureMap::Planes(add)) => (add + y)?,
                    Some(FeatureMap::Pixels(_)) => return Err(FeatureMap::mixed()),
                    None => y,
                };
                Ok(FeatureMap::Planes(if self.divisor == 1.0 { y } else { (y / self.divisor)? }))
            }
            (Kind::Direct { weight, bias }, FeatureMap::Pixels(x)) => {
                let start = start(bias, add, self.divisor)?;
                let pictures = x.shape().pictures();
                let write = |y: &mut [f32]| weight.forward(x.values(), pictures, start, y);
                Ok(FeatureMap::Pixels(Pixels::new(x.pool(), Shape::of(weight.out(pictures), weight.c_out()), write)))
            }
            (Kind::Winograd { weight, bias }, FeatureMap::Pixels(x)) => {
                let start = start(bias, add, self.divisor)?;
                let pictures = x.shape().pictures();
                let write = |y: &mut [f32]| weight.forward(x.values(), pictures, start, y);
                Ok(FeatureMap::Pixels(Pixels::new(x.pool(), Shape::of(pictures, weight.c_out()), write)))
            }
            (Kind::Amx { weight, bias }, FeatureMap::Pixels(x)) => {
                let start = start(bias, add, self.divisor)?;
                let pictures = x.shape().pictures();
                let write = |y: &mut [f32]| weight.forward(x.values(), pictures, start, y);
                Ok(FeatureMap::Pixels(Pixels::new(x.pool(), Shape::of(pictures, weight.c_out()), write)))
            }
            _ => Err(FeatureMap::mixed()),
        }
    }
}

fn start<'a>(bias: &'a [f32], add: Option<&'a FeatureMap>, divisor: f64) -> Result<Start<'a>> {
    let add = match add {
        Some(FeatureMap::Pixels(add)) => Some((add.values(), (1.0 / divisor) as f32)),
        Some(FeatureMap::Planes(_)) => return Err(FeatureMap::mixed()),
        None => None,
    };
    Ok(Start { bias: Some(bias), add })
}

/// The same linear map of the channels at every place: a 1×1 convolution.
#[derive(Clone, Debug)]
pub(super) enum Pointwise {
    Planes(PlaneMap),
    Pixels(PixelMap),
}

impl Pointwise {
    /// `weight` [c_out, c_in, 1, 1] and `bias`.
    pub fn load(layout: Layout, weights: &Weights, c_in: usize, c_out: usize) -> Result<Self> {
        let weight = weights.take("weight", &[c_out, c_in, 1, 1])?;
        let bias = weights.take("bias", &[c_out])?;
        Ok(match layout.packs(&weight) {
            Some(packing) => Self::Pixels(PixelMap::new(packing, &[(weight.reshape((c_out, c_in))?, bias)])?),
            None => Self::Planes(PlaneMap::new(&weight, &bias)?),
        })
    }

    /// [n, c_in, h, w] to [n, c_out, h, w].
    pub fn forward(&self, x: &FeatureMap) -> Result<FeatureMap> {
        match (self, x) {
            (Self::Planes(map), FeatureMap::Planes(x)) => {
                let (n, c, h, w) = x.dims4()?;
                let y = map.forward(&x.contiguous()?.reshape((n, c, h * w))?)?;
                Ok(FeatureMap::Planes(y.reshape((n, (), h, w))?))
            }
            (Self::Planes(map), FeatureMap::Pixels(x)) => Ok(FeatureMap::Pixels(map.recorded(x)?)),
            (Self::Pixels(map), FeatureMap::Pixels(x)) => Ok(FeatureMap::Pixels(map.forward(x, None))),
            _ => Err(FeatureMap::mixed()),
        }
    }
}

/// A map of the channels with its weights as they are: of planes [n, c, places], or of pixels with a record.
#[derive(Clone, Debug)]
pub(super) struct PlaneMap {
    weight: Tensor,
    bias: Tensor,
}

impl PlaneMap {
    /// `weight` [c_out, c_in] or [c_out, c_in, 1, 1] and `bias` [c_out].
    pub fn new(weight: &Tensor, bias: &Tensor) -> Result<Self> {
        Ok(Self { weight: weight.clone(), bias: bias.clone() })
    }

    /// c_in to c_out channels.
    pub fn recorded(&self, x: &Pixels) -> Result<Pixels> {
        let form = Form { kernel: 1, stride: 1, padding: 0, transposed: false };
        layers::convolve(x, form, layers::Weights { weight: &self.weight, bias: &self.bias }, true)
    }

    /// [n, c_in, places] to [n, c_out, places].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (n, _, _) = x.dims3()?;
        let weight = self.weight.flatten_from(1)?;
        let (c_out, c_in) = weight.dims2()?;
        // The weight is repeated by a stride of 0, not copied.
        let weight = weight.broadcast_as((n, c_out, c_in))?;
        Ok(weight.matmul(x)?.broadcast_add(&self.bias.reshape((1, (), 1))?)?)
    }
}

/// A map of the channels of pixels.
#[derive(Clone, Debug)]
pub(super) struct PixelMap {
    weight: Matrix,
    bias: Vec<f32>,
}

#[derive(Clone, Debug)]
enum Matrix {
    PackedB(PackedB),
    Amx(Amx),
}

impl PixelMap {
    /// Several maps of the same input in one, each `weight` [c_out, c_in] and `bias` [c_out]: outputs side by side.
    pub fn new(packing: Packing, maps: &[(Tensor, Tensor)]) -> Result<Self> {
        let (mut weight, mut bias) = (Vec::new(), Vec::new());
        let mut c_in = 0;
        for (w, b) in maps {
            c_in = w.dim(1)?;
            weight.extend(floats(w)?);
            bias.extend(floats(b)?);
        }
        if packing.amx {
            let amx = Amx::new((c_in, bias.len()), 1, 1.0, |o, i, _| weight[o * c_in + i]);
            return Ok(Self { weight: Matrix::Amx(amx), bias });
        }
        let panels = PackedB::pack(packing.isa, c_in, bias.len(), |k, o| weight[o * c_in + k]);
        let panels = match packing.half {
            Some(half) => panels.kept_in(half, 1.0),
            None => panels,
        };
        Ok(Self { weight: Matrix::PackedB(panels), bias })
    }

    /// Rows [n, c_in] to [n, c_out]; a row's result does not depend on the others.
    pub fn forward_rows(&self, x: &Tensor) -> Result<Tensor> {
        let (n, _) = x.dims2()?;
        let mut y = vec![0f32; n * self.bias.len()];
        self.write(&floats(x)?, Pictures { n, h: 1, w: 1 }, None, &mut y);
        Ok(Tensor::from_vec(y, (n, self.bias.len()), x.device())?)
    }

    /// c_in to c_out channels, with `add`, as large as the result, added to it.
    pub fn forward(&self, x: &Pixels, add: Option<&Pixels>) -> Pixels {
        let pictures = x.shape().pictures();
        let write = |y: &mut [f32]| self.write(x.values(), pictures, add.map(Pixels::values), y);
        Pixels::new(x.pool(), Shape::of(pictures, self.bias.len()), write)
    }

    fn write(&self, x: &[f32], pictures: Pictures, add: Option<&[f32]>, y: &mut [f32]) {
        let start = Start { bias: Some(&self.bias), add: add.map(|add| (add, 1.0)) };
        match &self.weight {
            Matrix::Amx(amx) => amx.forward(x, pictures, start, y),
            Matrix::PackedB(panels) => {
                let a = Rows { values: x, row: panels.k(), column: 1 };
                matmul(a, pictures.pixels(), panels, start, y, panels.n());
            }
        }
    }
}
