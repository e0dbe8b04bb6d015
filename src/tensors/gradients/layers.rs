//! Layers over maps, each with its way back: convolution, convolution with batch norm and GELU, mean, GELU, scale and
//! shift, concatenation.
//!
//! Weights are candle tensors in PyTorch's layouts; a linear layer is a 1×1 convolution of one pixel. `track` says whether
//! a gradient will be wanted.

use candle_core::Tensor;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::batch_norm::{Affine, Statistics, column_sums, gelu_backward, norm_gelu, norm_gelu_backward, statistics};
use super::candle::floats;
use super::convolution::{Convolution, Form};
use super::map::{Gradients, Map, Origin, Place, Shape};
use super::memory::Values;
use crate::error::{Error, Result};
use crate::tensors::cpu::isa::Isa;

/// A convolution's weight and bias.
#[derive(Clone, Copy)]
pub struct Weights<'a> {
    /// [out, in, k, k], transposed [in, out, k, k].
    pub weight: &'a Tensor,
    /// [out].
    pub bias: &'a Tensor,
}

impl Weights<'_> {
    fn plan(self, x: Shape, form: Form) -> Result<Convolution> {
        let c_in = self.weight.dim(usize::from(!form.transposed))?;
        let plan = Convolution::new(Isa::get(), form, x, self.bias.dim(0)?);
        plan.filter(|_| c_in == x.c).ok_or_else(|| {
            Error::new(format!("a convolution {:?} does not fit maps {}×{}×{}", self.weight.dims(), x.c, x.h, x.w))
        })
    }

    fn forward(self, plan: &Convolution, x: &Map) -> Result<Values> {
        let mut y = Values::anything(plan.output().count());
        floats(self.weight, |weight| floats(self.bias, |bias| plan.forward(x.values(), weight, Some(bias), &mut y)))??;
        Ok(y)
    }
}

/// What a convolution needs on the way back.
struct Convolved {
    x: Map,
    plan: Convolution,
    weight: Tensor,
    bias: Tensor,
}

impl Convolved {
    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let mut dw = vec![0f32; self.weight.elem_count()];
        self.plan.weight_gradient(self.x.values(), &dy, &mut dw);
        gradients.keep(&self.weight, dw)?;
        if self.x.tracks() {
            let mut dx = Values::anything(self.x.shape().count());
            floats(&self.weight, |weight| self.plan.input_gradient(&dy, weight, &mut dx))?;
            drop(dy);
            gradients.add(self.x.place(), dx);
        }
        Ok(())
    }
}

/// A convolution with bias.
pub fn convolve(x: &Map, form: Form, weights: Weights<'_>, track: bool) -> Result<Map> {
    let plan = weights.plan(x.shape(), form)?;
    let y = weights.forward(&plan, x)?;
    let origin = || {
        let (weight, bias) = (weights.weight.clone(), weights.bias.clone());
        Box::new(Convolve(Convolved { x: x.clone(), plan, weight, bias })) as Box<dyn Origin>
    };
    Ok(Map::made(plan.output(), y, track.then(origin)))
}

struct Convolve(Convolved);

impl Origin for Convolve {
    fn inputs(&self) -> Vec<&Place> {
        vec![self.0.x.place()]
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        gradients.keep(&self.0.bias, column_sums(Isa::get(), &dy, self.0.plan.output().c))?;
        self.0.backward(dy, gradients)
    }
}

/// Batch norm's weight and bias, and where its statistics come from.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    /// γ, [c].
    pub weight: &'a Tensor,
    /// β, [c].
    pub bias: &'a Tensor,
    /// Added to the variance.
    pub eps: f64,
    /// Mean and variance to use; `None` takes the batch's, and wants a gradient.
    pub running: Option<(&'a Tensor, &'a Tensor)>,
}

/// A convolution, batch norm, GELU. Gives the statistics that it used, too.
pub fn convolve_norm_gelu(x: &Map, form: Form, weights: Weights<'_>, norm: Norm<'_>) -> Result<(Map, Statistics)> {
    let (isa, plan) = (Isa::get(), weights.plan(x.shape(), form)?);
    let z = weights.forward(&plan, x)?;
    let (shape, c) = (plan.output(), plan.output().c);
    if shape.count() == 0 {
        return Err(Error::new("batch norm needs a picture"));
    }
    let statistics = match norm.running {
        None => statistics(isa, &z, c),
        Some((mean, variance)) => {
            Statistics { mean: floats(mean, <[f32]>::to_vec)?, variance: floats(variance, <[f32]>::to_vec)? }
        }
    };
    let affine =
        floats(norm.weight, |weight| floats(norm.bias, |bias| Affine::new(&statistics, weight, bias, norm.eps)))??;
    let mut y = Values::anything(shape.count());
    norm_gelu(isa, &z, &affine, &mut y);
    let origin = || {
        let (weight, bias) = (weights.weight.clone(), weights.bias.clone());
        Box::new(ConvolveNormGelu {
            convolved: Convolved { x: x.clone(), plan, weight, bias },
            z,
            statistics: statistics.clone(),
            affine,
            eps: norm.eps,
            weight: norm.weight.clone(),
            bias: norm.bias.clone(),
        }) as Box<dyn Origin>
    };
    Ok((Map::made(shape, y, norm.running.is_none().then(origin)), statistics))
}

struct ConvolveNormGelu {
    convolved: Convolved,
    /// The convolution's result.
    z: Values,
    statistics: Statistics,
    affine: Affine,
    eps: f64,
    weight: Tensor,
    bias: Tensor,
}

impl Origin for ConvolveNormGelu {
    fn inputs(&self) -> Vec<&Place> {
        vec![self.convolved.x.place()]
    }

    fn backward(&self, mut gradient: Values, gradients: &mut Gradients) -> Result<()> {
        let (dw, db) = norm_gelu_backward(Isa::get(), &self.z, &self.statistics, &self.affine, self.eps, &mut gradient);
        gradients.keep(&self.weight, dw)?;
        gradients.keep(&self.bias, db)?;
        // Batch norm takes any constant out again, so the sum of its gradient over the batch is exactly 0.
        gradients.keep(&self.convolved.bias, vec![0.0; self.convolved.bias.elem_count()])?;
        self.convolved.backward(gradient, gradients)
    }
}

/// The mean over all pixels: [n, 1, 1, c].
pub fn mean(x: &Map) -> Map {
    let Shape { n, c, .. } = x.shape();
    let shape = Shape { n, h: 1, w: 1, c };
    let mut y = Values::anything(shape.count());
    let pixels = x.shape().h * x.shape().w;
    for (picture, y) in x.values().chunks_exact(pixels * c).zip(y.chunks_exact_mut(c)) {
        y.fill(0.0);
        picture.chunks_exact(c).for_each(|row| y.iter_mut().zip(row).for_each(|(y, x)| *y += x));
        y.iter_mut().for_each(|y| *y /= pixels as f32);
    }
    Map::made(shape, y, x.tracks().then(|| Box::new(Mean(x.place().clone())) as Box<dyn Origin>))
}

struct Mean(Place);

impl Origin for Mean {
    fn inputs(&self) -> Vec<&Place> {
        vec![&self.0]
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let shape = self.0.shape();
        let pixels = shape.h * shape.w;
        let mut dx = Values::anything(shape.count());
        for (picture, dy) in dx.chunks_exact_mut(pixels * shape.c).zip(dy.chunks_exact(shape.c)) {
            for row in picture.chunks_exact_mut(shape.c) {
                row.iter_mut().zip(dy).for_each(|(dx, dy)| *dx = dy / pixels as f32);
            }
        }
        gradients.add(&self.0, dx);
        Ok(())
    }
}

/// x Φ(x).
pub fn gelu(x: &Map) -> Map {
    let mut y = Values::anything(x.shape().count());
    norm_gelu(Isa::get(), x.values(), &Affine::identity(x.shape().c), &mut y);
    Map::made(x.shape(), y, x.tracks().then(|| Box::new(Gelu(x.clone())) as Box<dyn Origin>))
}

struct Gelu(Map);

impl Origin for Gelu {
    fn inputs(&self) -> Vec<&Place> {
        vec![self.0.place()]
    }

    fn backward(&self, mut gradient: Values, gradients: &mut Gradients) -> Result<()> {
        gelu_backward(Isa::get(), self.0.values(), self.0.shape().c, &mut gradient);
        gradients.add(self.0.place(), gradient);
        Ok(())
    }
}

/// scale · x + shift, [n, c] each and the same at every pixel; what is `None` is left out. Their gradients go on
/// through candle's graph.
pub fn scale_shift(x: &Map, scale: Option<&Tensor>, shift: Option<&Tensor>) -> Result<Map> {
    let Shape { n, h, w, c } = x.shape();
    for vectors in [scale, shift].into_iter().flatten() {
        if vectors.dims() != [n, c] {
            return Err(Error::new(format!("a scale or shift {:?} for {n} maps of {c} channels", vectors.dims())));
        }
    }
    let vectors = |vectors: Option<&Tensor>, value: f32| match vectors {
        Some(vectors) => floats(&vectors.contiguous()?, <[f32]>::to_vec),
        None => Ok(vec![value; n * c]),
    };
    let (factor, offset) = (vectors(scale, 1.0)?, vectors(shift, 0.0)?);
    let mut y = Values::anything(x.shape().count());
    let pictures = x.values().par_chunks(h * w * c).zip(y.par_chunks_mut(h * w * c));
    pictures.zip(factor.par_chunks(c).zip(offset.par_chunks(c))).for_each(|((x, y), (factor, offset))| {
        for (x, y) in x.chunks_exact(c).zip(y.chunks_exact_mut(c)) {
            for i in 0..c {
                y[i] = x[i] * factor[i] + offset[i];
            }
        }
    });
    let origin = || {
        Box::new(ScaleShift { x: x.clone(), factor, scale: scale.cloned(), shift: shift.cloned() }) as Box<dyn Origin>
    };
    let track = x.tracks() || [scale, shift].into_iter().flatten().any(Tensor::track_op);
    Ok(Map::made(x.shape(), y, track.then(origin)))
}

struct ScaleShift {
    x: Map,
    factor: Vec<f32>,
    scale: Option<Tensor>,
    shift: Option<Tensor>,
}

impl Origin for ScaleShift {
    fn inputs(&self) -> Vec<&Place> {
        vec![self.x.place()]
    }

    fn backward(&self, mut gradient: Values, gradients: &mut Gradients) -> Result<()> {
        let Shape { n, h, w, c } = self.x.shape();
        let (mut by_scale, mut by_shift) = (vec![0f32; n * c], vec![0f32; n * c]);
        let pictures = self.x.values().par_chunks(h * w * c).zip(gradient.par_chunks_mut(h * w * c));
        let sums = by_scale.par_chunks_mut(c).zip(by_shift.par_chunks_mut(c)).zip(self.factor.par_chunks(c));
        pictures.zip(sums).for_each(|((x, gradient), ((by_scale, by_shift), factor))| {
            for (x, gradient) in x.chunks_exact(c).zip(gradient.chunks_exact_mut(c)) {
                for i in 0..c {
                    by_scale[i] += gradient[i] * x[i];
                    by_shift[i] += gradient[i];
                    gradient[i] *= factor[i];
                }
            }
        });
        if let Some(scale) = &self.scale {
            gradients.follow(scale, by_scale)?;
        }
        if let Some(shift) = &self.shift {
            gradients.follow(shift, by_shift)?;
        }
        gradients.add(self.x.place(), gradient);
        Ok(())
    }
}

/// The channels of `a`, then those of `b`, at the same pixels.
pub fn concat(a: &Map, b: &Map) -> Result<Map> {
    let (first, second) = (a.shape(), b.shape());
    let shape = Shape { c: first.c + second.c, ..first };
    if (Shape { c: second.c, ..first }) != second {
        return Err(Error::new(format!("maps {first:?} beside {second:?}")));
    }
    let mut y = Values::anything(shape.count());
    let rows = a.values().par_chunks(PIXELS * first.c).zip(b.values().par_chunks(PIXELS * second.c));
    rows.zip(y.par_chunks_mut(PIXELS * shape.c)).for_each(|((a, b), y)| {
        for ((a, b), y) in a.chunks_exact(first.c).zip(b.chunks_exact(second.c)).zip(y.chunks_exact_mut(shape.c)) {
            y[..first.c].copy_from_slice(a);
            y[first.c..].copy_from_slice(b);
        }
    });
    let origin = || Box::new(Concat(a.place().clone(), b.place().clone())) as Box<dyn Origin>;
    Ok(Map::made(shape, y, (a.tracks() || b.tracks()).then(origin)))
}

/// Pixels in one task of a copy.
const PIXELS: usize = 256;

struct Concat(Place, Place);

impl Origin for Concat {
    fn inputs(&self) -> Vec<&Place> {
        vec![&self.0, &self.1]
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let (first, second) = (self.0.shape(), self.1.shape());
        let c = first.c + second.c;
        let (mut a, mut b) = (Values::anything(first.count()), Values::anything(second.count()));
        let rows = a.par_chunks_mut(PIXELS * first.c).zip(b.par_chunks_mut(PIXELS * second.c));
        rows.zip(dy.par_chunks(PIXELS * c)).for_each(|((a, b), dy)| {
            for ((a, b), dy) in a.chunks_exact_mut(first.c).zip(b.chunks_exact_mut(second.c)).zip(dy.chunks_exact(c)) {
                a.copy_from_slice(&dy[..first.c]);
                b.copy_from_slice(&dy[first.c..]);
            }
        });
        drop(dy);
        gradients.add(&self.0, a);
        gradients.add(&self.1, b);
        Ok(())
    }
}
