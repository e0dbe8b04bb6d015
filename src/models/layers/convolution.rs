//! Convolutions in either layout: those that keep height and width, and those that halve them.

use candle_core::Tensor;

use super::layout::{Layout, Packing, floats};
use crate::error::{Error, Result};
use crate::tensors::FeatureMap;
use crate::tensors::cpu::{Amx, Direct, Form, PackedB, Pictures, Rows, Shape, Start, Winograd, matmul};
use crate::tensors::layers::{self, Pixels};
use crate::weights::Weights;

/// Smaller maps leave Winograd too few tiles for each weight that it reads, and four times as many are read.
const WINOGRAD_FROM: usize = 14;
/// With fewer channels its transforms cost more than they save.
const WINOGRAD_CHANNELS: usize = 16;

/// Whether a convolution of maps of this side, with so many channels on its narrower end, is Winograd's.
pub fn uses_winograd(kernel: usize, side: usize, channels: usize) -> bool {
    kernel == 3 && side >= WINOGRAD_FROM && channels >= WINOGRAD_CHANNELS
}

/// How a square kernel goes over its maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub kernel: usize,
    pub stride: usize,
    /// Zeros before the first row and column, and after the last.
    pub padding: (usize, usize),
}

impl Window {
    /// 3×3 of stride 2 with zeros all around.
    pub const HALVING: Self = Self { kernel: 3, stride: 2, padding: (1, 1) };
    /// 3×3 of stride 2 with zeros on the right and at the bottom alone.
    pub const HALVING_ONE_SIDED: Self = Self { kernel: 3, stride: 2, padding: (0, 1) };

    /// An odd kernel that keeps height and width.
    pub fn same(kernel: usize) -> Self {
        Self { kernel, stride: 1, padding: ((kernel - 1) / 2, (kernel - 1) / 2) }
    }
}

/// What a convolution is loaded by.
#[derive(Clone, Copy, Debug)]
pub struct ConvSizes {
    pub c_in: usize,
    pub c_out: usize,
    pub window: Window,
    /// That of the maps it usually makes.
    pub side: usize,
    /// Divides what it makes and what is added to that.
    pub divisor: f64,
    pub bias: bool,
}

impl ConvSizes {
    /// A convolution with bias that keeps height and width.
    pub fn same((c_in, c_out): (usize, usize), kernel: usize, side: usize) -> Self {
        Self { c_in, c_out, window: Window::same(kernel), side, divisor: 1.0, bias: true }
    }
}

/// A convolution with a square kernel.
#[derive(Clone, Debug)]
pub struct Conv2d {
    weights: Kind,
    /// Divides the result; packed weights are divided already.
    divisor: f64,
}

#[derive(Clone, Debug)]
enum Kind {
    /// As they are: candle's on planes, recorded on pixels.
    Unpacked {
        weight: Tensor,
        bias: Tensor,
        window: Window,
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
    /// `weight` [c_out, c_in, kernel, kernel] and, where there is one, `bias` [c_out].
    pub fn load(layout: Layout, weights: &Weights, sizes: ConvSizes) -> Result<Self> {
        let ConvSizes { c_in, c_out, window, side, divisor, bias } = sizes;
        let Window { kernel, stride, padding } = window;
        let weight = weights.take("weight", &[c_out, c_in, kernel, kernel])?;
        let bias = match bias {
            true => weights.take("bias", &[c_out])?,
            false => Tensor::zeros(c_out, weights.dtype(), weights.device())?,
        };
        let Some(Packing { isa, winograd, half, amx }) = layout.packs(&weight) else {
            return Ok(Self { weights: Kind::Unpacked { weight, bias, window }, divisor });
        };
        let divided = |mut values: Vec<f32>| {
            values.iter_mut().for_each(|value| *value = (f64::from(*value) / divisor) as f32);
            values
        };
        let bias = divided(floats(&bias)?);
        // Halves are divided when they are read: a file's own halves are then kept as they are.
        let weight = if half.is_some() { floats(&weight)? } else { divided(floats(&weight)?) };
        let same = window == Window::same(kernel);
        let fits = same && uses_winograd(kernel, side, c_in.min(c_out)) && Winograd::fits(isa, c_in, c_out);
        let weights = if fits && winograd {
            let taps = |o: usize, i: usize| -> [f32; 9] {
                let at = (o * c_in + i) * 9;
                std::array::from_fn(|tap| weight[at + tap])
            };
            Kind::Winograd { weight: Winograd::new(isa, c_in, c_out, taps), bias }
        } else {
            let taps = |o: usize, i: usize, tap: usize| weight[(o * c_in + i) * kernel * kernel + tap];
            if amx && same {
                let weight = Amx::new((c_in, c_out), kernel, (1.0 / divisor) as f32, taps);
                return Ok(Self { weights: Kind::Amx { weight, bias }, divisor });
            }
            let weight = Direct::new(isa, (c_in, c_out), kernel, stride, padding.0, taps).padded_after(padding.1);
            let weight = match half {
                Some(half) => weight.kept_in(half, (1.0 / divisor) as f32),
                None => weight,
            };
            Kind::Direct { weight, bias }
        };
        Ok(Self { weights, divisor })
    }

    /// [n, c_in, h, w] to [n, c_out, h', w'].
    pub fn forward(&self, x: &FeatureMap) -> Result<FeatureMap> {
        self.run(x, None)
    }

    /// The same with `add`, as large as the result, added to it before the division.
    pub fn forward_onto(&self, x: &FeatureMap, add: &FeatureMap) -> Result<FeatureMap> {
        self.run(x, Some(add))
    }

    fn run(&self, x: &FeatureMap, add: Option<&FeatureMap>) -> Result<FeatureMap> {
        match (&self.weights, x) {
            (Kind::Unpacked { weight, bias, window }, FeatureMap::Pixels(x)) => {
                let Window { kernel, stride, padding: (padding, after) } = *window;
                if padding != after {
                    return Err(Error::new("a convolution with zeros on one side alone is not trained"));
                }
                let form = Form { kernel, stride, padding, transposed: false };
                let y = layers::convolve(x, form, layers::Weights { weight, bias }, true)?;
                match add {
                    Some(FeatureMap::Pixels(add)) => {
                        Ok(FeatureMap::Pixels(layers::add(&y, add, (1.0 / self.divisor) as f32)?))
                    }
                    None if self.divisor == 1.0 => Ok(FeatureMap::Pixels(y)),
                    _ => Err(FeatureMap::mixed()),
                }
            }
            (Kind::Unpacked { weight, bias, window }, FeatureMap::Planes(x)) => {
                let bias = bias.reshape((1, (), 1, 1))?;
                let Window { stride, padding: (before, after), .. } = *window;
                // candle pads alike on all sides.
                let (x, around) = match before == after {
                    true => (x.clone(), before),
                    false => (x.pad_with_zeros(2, before, after)?.pad_with_zeros(3, before, after)?, 0),
                };
                let y = x.conv2d(weight, around, stride, 1, 1)?.broadcast_add(&bias)?;
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
pub enum Pointwise {
    Planes(PlaneMap),
    Pixels(PixelMap),
}

impl Pointwise {
    /// A convolution's `weight` [c_out, c_in, 1, 1] and `bias`.
    pub fn load(layout: Layout, weights: &Weights, c_in: usize, c_out: usize) -> Result<Self> {
        Self::of(layout, weights.take("weight", &[c_out, c_in, 1, 1])?, weights.take("bias", &[c_out])?)
    }

    /// A linear layer's `weight` [c_out, c_in] and `bias`.
    pub fn load_linear(layout: Layout, weights: &Weights, c_in: usize, c_out: usize) -> Result<Self> {
        Self::of(layout, weights.take("weight", &[c_out, c_in])?, weights.take("bias", &[c_out])?)
    }

    fn of(layout: Layout, weight: Tensor, bias: Tensor) -> Result<Self> {
        Ok(match layout.packs(&weight) {
            Some(packing) => Self::Pixels(PixelMap::new(packing, &[(weight.flatten_from(1)?, Some(bias))])?),
            None => Self::Planes(PlaneMap::new(&weight, Some(&bias))),
        })
    }

    /// [n, c_in, h, w] to [n, c_out, h, w].
    pub fn forward(&self, x: &FeatureMap) -> Result<FeatureMap> {
        self.run(x, None)
    }

    /// The same with `add`, as large as the result, added to it.
    pub fn forward_onto(&self, x: &FeatureMap, add: &FeatureMap) -> Result<FeatureMap> {
        self.run(x, Some(add))
    }

    fn run(&self, x: &FeatureMap, add: Option<&FeatureMap>) -> Result<FeatureMap> {
        Ok(match (self, x, add) {
            (Self::Planes(map), FeatureMap::Planes(x), _) => {
                let (n, c, h, w) = x.dims4()?;
                let y = map.forward(&x.contiguous()?.reshape((n, c, h * w))?)?.reshape((n, (), h, w))?;
                match add {
                    Some(FeatureMap::Planes(add)) => FeatureMap::Planes((y + add)?),
                    Some(FeatureMap::Pixels(_)) => return Err(FeatureMap::mixed()),
                    None => FeatureMap::Planes(y),
                }
            }
            (Self::Planes(map), FeatureMap::Pixels(x), None) => FeatureMap::Pixels(map.recorded(x)?),
            (Self::Planes(map), FeatureMap::Pixels(x), Some(FeatureMap::Pixels(add))) => {
                FeatureMap::Pixels(layers::add(&map.recorded(x)?, add, 1.0)?)
            }
            (Self::Pixels(map), FeatureMap::Pixels(x), None) => FeatureMap::Pixels(map.forward(x, None)),
            (Self::Pixels(map), FeatureMap::Pixels(x), Some(FeatureMap::Pixels(add))) => {
                FeatureMap::Pixels(map.forward(x, Some(add)))
            }
            _ => return Err(FeatureMap::mixed()),
        })
    }
}

/// A map of the channels with its weights as they are: of planes [n, c, places], or of pixels with a record.
#[derive(Clone, Debug)]
pub struct PlaneMap {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl PlaneMap {
    /// `weight` [c_out, c_in] or [c_out, c_in, 1, 1] and `bias` [c_out].
    pub fn new(weight: &Tensor, bias: Option<&Tensor>) -> Self {
        Self { weight: weight.clone(), bias: bias.cloned() }
    }

    /// c_in to c_out channels.
    pub fn recorded(&self, x: &Pixels) -> Result<Pixels> {
        let form = Form { kernel: 1, stride: 1, padding: 0, transposed: false };
        let bias = match &self.bias {
            Some(bias) => bias,
            None => &Tensor::zeros(self.weight.dim(0)?, self.weight.dtype(), self.weight.device())?,
        };
        layers::convolve(x, form, layers::Weights { weight: &self.weight, bias }, true)
    }

    /// [n, c_in, places] to [n, c_out, places].
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (n, _, _) = x.dims3()?;
        let weight = self.weight.flatten_from(1)?;
        let (c_out, c_in) = weight.dims2()?;
        // The weight is repeated by a stride of 0, not copied.
        let weight = weight.broadcast_as((n, c_out, c_in))?;
        let y = weight.matmul(x)?;
        Ok(match &self.bias {
            Some(bias) => y.broadcast_add(&bias.reshape((1, (), 1))?)?,
            None => y,
        })
    }
}

/// A map of the channels of pixels.
#[derive(Clone, Debug)]
pub struct PixelMap {
    weight: Matrix,
    bias: Vec<f32>,
}

#[derive(Clone, Debug)]
enum Matrix {
    PackedB(PackedB),
    Amx(Amx),
}

impl PixelMap {
    /// Several maps of the same input in one, each `weight` [c_out, c_in] and, if it has one, `bias` [c_out]: outputs
    /// side by side.
    pub fn new(packing: Packing, maps: &[(Tensor, Option<Tensor>)]) -> Result<Self> {
        let (mut weight, mut bias) = (Vec::new(), Vec::new());
        let mut c_in = 0;
        for (w, b) in maps {
            c_in = w.dim(1)?;
            weight.extend(floats(w)?);
            match b {
                Some(b) => bias.extend(floats(b)?),
                None => bias.resize(bias.len() + w.dim(0)?, 0.0),
            }
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
