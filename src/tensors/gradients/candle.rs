//! Between candle's tensors and our maps: weights as slices, pictures in, and a result that candle's autograd goes on from.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Shape as Dims, Storage, Tensor, Var};

use super::map::{Map, Shape};
use super::memory::Values;
use crate::error::Result;

thread_local! {
    /// What maps added to the gradients of the backward pass that runs on this thread.
    static PASSED: RefCell<GradStore> = RefCell::default();
}

/// `loss.backward()` through candle's graph and our maps.
pub fn backward(loss: &Tensor) -> Result<GradStore> {
    PASSED.take();
    let mut gradients = loss.backward()?;
    gradients.extend(PASSED.take())?;
    Ok(gradients)
}

/// Calls `work` with the numbers of a contiguous f32 tensor on the CPU.
pub fn floats<R>(tensor: &Tensor, work: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match (&*storage, layout.contiguous_offsets()) {
        (Storage::Cpu(CpuStorage::F32(values)), Some((start, end))) => Ok(work(&values[start..end])),
        _ => Err(candle_core::Error::Msg("maps want contiguous f32 on the CPU".into()).into()),
    }
}

impl Map {
    /// Of pictures [n, c, h, w], without a gradient.
    pub fn from_pictures(pictures: &Tensor) -> Result<Self> {
        let (n, c, h, w) = pictures.dims4()?;
        let shape = Shape { n, h, w, c };
        let mut values = Values::anything(shape.count());
        floats(&pictures.contiguous()?, |from| to_pixels(from, shape, &mut values))?;
        Ok(Self::new(shape, values))
    }

    /// As pictures [n, c, h, w]. If a gradient is wanted, candle's `backward` must go by way of [`backward`].
    pub fn into_pictures(self) -> Result<Tensor> {
        let tracks = self.tracks();
        let end = End { shape: self.shape(), map: Mutex::new(Some(self)) };
        // A variable that nobody else knows makes candle pass here on its way back.
        let anchor = Var::zeros((), DType::F32, &Device::Cpu)?;
        Ok(if tracks { anchor.apply_op1(end)? } else { anchor.apply_op1_no_bwd(&end)? })
    }
}

/// [n, c, h, w] to [n, h, w, c].
fn to_pixels(from: &[f32], shape: Shape, to: &mut [f32]) {
    let (c, pixels) = (shape.c, shape.h * shape.w);
    if c == 1 || pixels == 1 {
        return to.copy_from_slice(from);
    }
    for (from, to) in from.chunks_exact(c * pixels).zip(to.chunks_exact_mut(c * pixels)) {
        for (pixel, to) in to.chunks_exact_mut(c).enumerate() {
            to.iter_mut().enumerate().for_each(|(channel, to)| *to = from[channel * pixels + pixel]);
        }
    }
}

/// [n, h, w, c] to [n, c, h, w].
fn to_planes(from: &[f32], shape: Shape, to: &mut [f32]) {
    let turned = Shape { h: 1, w: shape.c, c: shape.h * shape.w, ..shape };
    to_pixels(from, turned, to);
}

/// Where candle's graph begins: the values of a map, and the way back into it, once.
struct End {
    shape: Shape,
    map: Mutex<Option<Map>>,
}

impl CustomOp1 for End {
    fn name(&self) -> &'static str {
        "pictures"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> candle_core::Result<(CpuStorage, Dims)> {
        let Shape { n, h, w, c } = self.shape;
        let mut planes = vec![0f32; self.shape.count()];
        if let Some(map) = &*self.map.lock().unwrap_or_else(PoisonError::into_inner) {
            to_planes(map.values(), self.shape, &mut planes);
        }
        Ok((CpuStorage::F32(planes), (n, c, h, w).into()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let Some(map) = self.map.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            candle_core::bail!("a map's gradient is taken once")
        };
        let mut values = Values::anything(self.shape.count());
        let into = |error: crate::error::Error| candle_core::Error::Msg(error.to_string());
        floats(&gradient.contiguous()?, |from| to_pixels(from, self.shape, &mut values)).map_err(into)?;
        let place = map.place().clone();
        drop(map);
        let gradients = place.backward(values).map_err(into)?;
        PASSED.with_borrow_mut(|passed| passed.extend(gradients))?;
        Ok(None)
    }
}
