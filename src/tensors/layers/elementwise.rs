//! Layers without weights: mean over pixels, GELU, scale and shift, sum, concatenation.

use candle_core::Tensor;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::candle::floats;
use super::memory::Values;
use super::pixels::Pixels;
use super::record::{Gradients, Origin, PIECE, Place};
use crate::error::{Error, Result};
use crate::tensors::cpu::batch_norm::{Affine, gelu_backward, norm_gelu};
use crate::tensors::cpu::{Isa, Shape, resample};

/// The mean over all pixels: [n, 1, 1, c].
pub fn mean(x: &Pixels) -> Pixels {
    let Shape { n, c, .. } = x.shape();
    let shape = Shape { n, h: 1, w: 1, c };
    let mut y = Values::anything(x.pool(), shape.count());
    let pixels = x.shape().h * x.shape().w;
    for (picture, y) in x.values().chunks_exact(pixels * c).zip(y.chunks_exact_mut(c)) {
        y.fill(0.0);
        picture.chunks_exact(c).for_each(|row| y.iter_mut().zip(row).for_each(|(y, x)| *y += x));
        y.iter_mut().for_each(|y| *y /= pixels as f32);
    }
    Pixels::made(shape, y, x.tracks().then(|| Box::new(Mean(x.place().clone())) as Box<dyn Origin>))
}

struct Mean(Place);

impl Origin for Mean {
    fn inputs(&self) -> Vec<&Place> {
        vec![&self.0]
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let shape = self.0.shape();
        let pixels = shape.h * shape.w;
        let mut dx = Values::anything(dy.pool(), shape.count());
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
pub fn gelu(x: &Pixels) -> Pixels {
    let mut y = Values::anything(x.pool(), x.shape().count());
    norm_gelu(Isa::get(), x.values(), &Affine::identity(x.shape().c), &mut y);
    Pixels::made(x.shape(), y, x.tracks().then(|| Box::new(Gelu(x.clone())) as Box<dyn Origin>))
}

struct Gelu(Pixels);

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
pub fn scale_shift(x: &Pixels, scale: Option<&Tensor>, shift: Option<&Tensor>) -> Result<Pixels> {
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
    let mut y = Values::anything(x.pool(), x.shape().count());
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
    Ok(Pixels::made(x.shape(), y, track.then(origin)))
}

struct ScaleShift {
    x: Pixels,
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

/// (a + b) · factor: a residual sum, divided where the network divides it.
pub fn add(a: &Pixels, b: &Pixels, factor: f32) -> Result<Pixels> {
    if a.shape() != b.shape() {
        return Err(Error::new(format!("maps {:?} added to {:?}", b.shape(), a.shape())));
    }
    let mut y = Values::anything(a.pool(), a.shape().count());
    let pieces = y.par_chunks_mut(PIECE).zip(a.values().par_chunks(PIECE).zip(b.values().par_chunks(PIECE)));
    pieces.for_each(|(y, (a, b))| {
        for (y, (a, b)) in y.iter_mut().zip(a.iter().zip(b)) {
            *y = (a + b) * factor;
        }
    });
    let origin = || Box::new(Add(a.place().clone(), b.place().clone(), factor)) as Box<dyn Origin>;
    Ok(Pixels::made(a.shape(), y, (a.tracks() || b.tracks()).then(origin)))
}

struct Add(Place, Place, f32);

impl Origin for Add {
    fn inputs(&self) -> Vec<&Place> {
        vec![&self.0, &self.1]
    }

    fn backward(&self, mut dy: Values, gradients: &mut Gradients) -> Result<()> {
        if self.2 != 1.0 {
            dy.par_chunks_mut(PIECE).for_each(|dy| dy.iter_mut().for_each(|dy| *dy *= self.2));
        }
        if self.1.tracks() {
            let write = |copy: &mut [f32]| copy.copy_from_slice(&dy);
            gradients.add(&self.1, Values::written(dy.pool(), dy.len(), write));
        }
        gradients.add(&self.0, dy);
        Ok(())
    }
}

/// The channels of `a`, then those of `b`, at the same pixels.
pub fn concat(a: &Pixels, b: &Pixels) -> Result<Pixels> {
    let (first, second) = (a.shape(), b.shape());
    let shape = Shape { c: first.c + second.c, ..first };
    if (Shape { c: second.c, ..first }) != second {
        return Err(Error::new(format!("maps {first:?} beside {second:?}")));
    }
    let mut y = Values::anything(a.pool(), shape.count());
    resample::concat(a.values(), first.c, b.values(), second.c, &mut y);
    let origin = || Box::new(Concat(a.place().clone(), b.place().clone())) as Box<dyn Origin>;
    Ok(Pixels::made(shape, y, (a.tracks() || b.tracks()).then(origin)))
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
        let (mut a, mut b) = (Values::anything(dy.pool(), first.count()), Values::anything(dy.pool(), second.count()));
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
