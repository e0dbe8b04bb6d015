//! Convolution and transposed convolution of planes, with a way back that is right on every device.
//!
//! candle's own way back gives `conv2d` a transposed gradient in the place of a kernel. Metal's `conv2d` (candle 0.11.1)
//! copies such a kernel in order and then multiplies by the original, so that nearly every weight would learn from garbage,
//! and in silence (candle#3836). Here every kernel lies in order before it is given to `conv2d`, which nobody else calls.

use std::sync::Mutex;

use candle_core::backend::BackendStorage;
use candle_core::{
    CpuStorage, CudaStorage, CustomOp2, DType, Layout, MetalStorage, Result as Candle, Shape, Storage, Tensor,
};

use crate::error::Result;

/// How a kernel goes over its maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Pixels from one place of the kernel to the next; transposed, between those of two inputs.
    pub stride: usize,
    /// Zeros around the maps; transposed, cut off around the result.
    pub padding: usize,
    /// From one pixel to many: `ConvTranspose2d`.
    pub transposed: bool,
}

impl Geometry {
    /// Stride 1, padded so that maps keep their size under an odd `kernel`.
    pub fn same(kernel: usize) -> Self {
        Self { stride: 1, padding: (kernel - 1) / 2, transposed: false }
    }
}

/// `x` [n, c_in, h, w] under `weight` [c_out, c_in, k, k], transposed [c_in, c_out, k, k]: [n, c_out, h', w'] without bias.
/// Halves are summed in f32. An error where sizes do not fit. The gradient goes to both.
pub fn convolve(x: &Tensor, weight: &Tensor, geometry: Geometry) -> Result<Tensor> {
    if !(x.track_op() || weight.track_op()) {
        return Ok(geometry.forward(x, weight)?);
    }
    // Made without a record, then put into the graph by an operation of our own.
    let y = geometry.forward(&x.detach(), &weight.detach())?;
    Ok(x.apply_op2(weight, Convolution { geometry, y: Mutex::new(Some(y)) })?)
}

impl Geometry {
    fn forward(self, x: &Tensor, weight: &Tensor) -> Candle<Tensor> {
        let Self { stride, padding, transposed } = self;
        match transposed {
            false => conv2d(x, weight, padding, stride, 1),
            true => in_sums_of_f32(x, weight, |x, weight| {
                x.contiguous()?.conv_transpose2d(&weight.contiguous()?, padding, 0, stride, 1)
            }),
        }
    }

    /// The gradient by x, whose sides are `sides`.
    fn by_input(self, gradient: &Tensor, weight: &Tensor, sides: (usize, usize)) -> Candle<Tensor> {
        let Self { stride, padding, transposed } = self;
        let (_, _, kernel, _) = weight.dims4()?;
        if transposed {
            return conv2d(gradient, weight, padding, stride, 1);
        }
        if stride == 1 && padding < kernel {
            // A convolution by the kernel turned about, which every device multiplies faster than it spreads pixels.
            let (c_out, c_in, ..) = weight.dims4()?;
            let turned = weight.reshape((c_out, c_in, kernel * kernel))?.flip(&[2])?;
            let turned = turned.transpose(0, 1)?.contiguous()?.reshape((c_in, c_out, kernel, kernel))?;
            return conv2d(gradient, &turned, kernel - 1 - padding, 1, 1);
        }
        let reached = (gradient.dim(2)? - 1) * stride + kernel - 2 * padding;
        let output_padding = sides.0 - reached;
        gradient.contiguous()?.conv_transpose2d(&weight.contiguous()?, padding, output_padding, stride, 1)
    }

    /// The gradient by the weight: of each tap, over all places that it met.
    fn by_weight(self, x: &Tensor, gradient: &Tensor, kernel: usize) -> Candle<Tensor> {
        let Self { stride, padding, transposed } = self;
        let (over, by) = if transposed { (gradient, x) } else { (x, gradient) };
        let taps = conv2d(&over.transpose(0, 1)?, &by.transpose(0, 1)?, padding, 1, stride)?.transpose(0, 1)?;
        // Where the last stride does not reach the edge, a tap more comes out than the kernel has.
        taps.narrow(2, 0, kernel)?.narrow(3, 0, kernel)?.contiguous()
    }
}

/// candle's convolution of maps and a kernel that lie in order.
fn conv2d(x: &Tensor, weight: &Tensor, padding: usize, stride: usize, dilation: usize) -> Candle<Tensor> {
    in_sums_of_f32(x, weight, |x, weight| x.contiguous()?.conv2d(&weight.contiguous()?, padding, stride, dilation, 1))
}

/// A GPU multiplies halves and sums in f32. The processor has no such operation for all of them: there the halves are
/// widened, and the sums rounded once.
fn in_sums_of_f32(x: &Tensor, weight: &Tensor, of: impl Fn(&Tensor, &Tensor) -> Candle<Tensor>) -> Candle<Tensor> {
    if !x.device().is_cpu() || !matches!(x.dtype(), DType::F16 | DType::BF16) {
        return of(x, weight);
    }
    of(&x.to_dtype(DType::F32)?, &weight.to_dtype(DType::F32)?)?.to_dtype(x.dtype())
}

/// A convolution in candle's graph: its result, made already, and the way back.
struct Convolution {
    geometry: Geometry,
    y: Mutex<Option<Tensor>>,
}

impl Convolution {
    /// What was made, as a storage of its own.
    fn made<S>(&self, of: impl Fn(&Storage, &Layout) -> Candle<S>) -> Candle<(S, Shape)> {
        let mut slot = self.y.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(y) = slot.take() else { candle_core::bail!("a convolution is put into the graph once") };
        let (storage, layout) = y.storage_and_layout();
        Ok((of(&storage, layout)?, layout.shape().clone()))
    }
}

const ELSEWHERE: &str = "a convolution's maps and weights are on two devices";

impl CustomOp2 for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout, _: &CpuStorage, _: &Layout) -> Candle<(CpuStorage, Shape)> {
        self.made(|storage, layout| match storage {
            Storage::Cpu(storage) => storage.try_clone(layout),
            _ => candle_core::bail!("{ELSEWHERE}"),
        })
    }

    fn cuda_fwd(&self, _: &CudaStorage, _: &Layout, _: &CudaStorage, _: &Layout) -> Candle<(CudaStorage, Shape)> {
        self.made(|storage, layout| match storage {
            Storage::Cuda(storage) => storage.try_clone(layout),
            _ => candle_core::bail!("{ELSEWHERE}"),
        })
    }

    fn metal_fwd(&self, _: &MetalStorage, _: &Layout, _: &MetalStorage, _: &Layout) -> Candle<(MetalStorage, Shape)> {
        self.made(|storage, layout| match storage {
            Storage::Metal(storage) => storage.try_clone(layout),
            _ => candle_core::bail!("{ELSEWHERE}"),
        })
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Candle<(Option<Tensor>, Option<Tensor>)> {
        let (x, weight) = (x.detach(), weight.detach());
        let (_, _, h, w) = x.dims4()?;
        let by_input = self.geometry.by_input(gradient, &weight, (h, w))?;
        let by_weight = self.geometry.by_weight(&x, gradient, weight.dim(3)?)?;
        Ok((Some(by_input), Some(by_weight)))
    }
}
