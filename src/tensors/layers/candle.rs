//! Between candle's tensors and our maps: weights as slices, pictures in, and a result that candle's autograd goes on from.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Shape as Dims, Storage, Tensor, Var};

use super::memory::{Pool, Values};
use super::pixels::Pixels;
use super::record::{Gradients, Origin, Place};
use crate::error::Result;
use crate::tensors::cpu::Shape;
use crate::tensors::cpu::resample::{pixels_of_planes, planes_of_pixels};

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

impl Pixels {
    /// Of pictures [n, c, h, w]; a gradient by them goes on through candle's graph where they have one.
    pub fn from_pictures(pool: &Pool, pictures: &Tensor) -> Result<Self> {
        let (n, c, h, w) = pictures.dims4()?;
        let shape = Shape { n, h, w, c };
        let mut values = Values::anything(pool, shape.count());
        floats(&pictures.contiguous()?, |from| pixels_of_planes(from, shape.pictures(), c, &mut values))?;
        Ok(Self::made(shape, values, Leaf::of(pictures, Some(shape))))
    }

    /// Of tokens [n, tokens, c] as rows of pixels; a gradient by them goes on through candle's graph.
    pub fn from_tokens(pool: &Pool, tokens: &Tensor) -> Result<Self> {
        let (n, w, c) = tokens.dims3()?;
        let shape = Shape { n, h: 1, w, c };
        let mut values = Values::anything(pool, shape.count());
        floats(&tokens.contiguous()?, |from| values.copy_from_slice(from))?;
        Ok(Self::made(shape, values, Leaf::of(tokens, None)))
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

/// Where candle's graph ended: a gradient goes on through it.
struct Leaf {
    tensor: Tensor,
    /// Of pictures, which lie in planes there.
    planes: Option<Shape>,
}

impl Leaf {
    fn of(tensor: &Tensor, planes: Option<Shape>) -> Option<Box<dyn Origin>> {
        tensor.track_op().then(|| Box::new(Self { tensor: tensor.clone(), planes }) as Box<dyn Origin>)
    }
}

impl Origin for Leaf {
    fn inputs(&self) -> Vec<&Place> {
        Vec::new()
    }

    fn backward(&self, gradient: Values, gradients: &mut Gradients) -> Result<()> {
        let mut values = gradient.to_vec();
        if let Some(shape) = self.planes {
            planes_of_pixels(&gradient, shape.pictures(), shape.c, &mut values);
        }
        gradients.follow(&self.tensor, values)
    }
}

/// Where candle's graph begins: the values of a map, and the way back into it, once.
struct End {
    shape: Shape,
    map: Mutex<Option<Pixels>>,
}

impl CustomOp1 for End {
    fn name(&self) -> &'static str {
        "pictures"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> candle_core::Result<(CpuStorage, Dims)> {
        let Shape { n, h, w, c } = self.shape;
        let mut planes = vec![0f32; self.shape.count()];
        if let Some(map) = &*self.map.lock().unwrap_or_else(PoisonError::into_inner) {
            planes_of_pixels(map.values(), self.shape.pictures(), c, &mut planes);
        }
        Ok((CpuStorage::F32(planes), (n, c, h, w).into()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> candle_core::Result<Option<Tensor>> {
        let Some(map) = self.map.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            candle_core::bail!("a map's gradient is taken once")
        };
        let mut values = Values::anything(map.pool(), self.shape.count());
        let into = |error: crate::error::Error| candle_core::Error::Msg(error.to_string());
        let Shape { c, .. } = self.shape;
        floats(&gradient.contiguous()?, |from| pixels_of_planes(from, self.shape.pictures(), c, &mut values))
            .map_err(into)?;
        let place = map.place().clone();
        drop(map);
        let gradients = place.backward(values).map_err(into)?;
        PASSED.with_borrow_mut(|passed| passed.extend(gradients))?;
        Ok(None)
    }
}
