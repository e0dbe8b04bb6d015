//! A CUDA device that is none: it computes on the processor and counts what candle 0.11.1 would have asked of a card.
//!
//! `tests/gpu/count.sh` puts this file in the place of candle-core's own of that name, in a copy. Each operation declares
//! its kernels as `cuda_backend/mod.rs` launches them without cuDNN (im2col, product and transposed copy of a convolution are
//! three), and the small copies of dims and strides that go up beside them. It counts the transfers both ways, the tensors
//! that another thread than the device's own touches or drops, and the bytes that live; beyond a limit it has no memory,
//! in the driver's words.
#![allow(dead_code, missing_docs)]
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::ThreadId;

use crate::backend::{BackendDevice, BackendStorage};
use crate::cpu_backend::CpuDevice;
use crate::op::{BinaryOpT, CmpOp, ReduceOp, UnaryOpT};
use crate::{CpuStorage, DType, Error, Layout, Result, Shape};

static LAUNCHES: AtomicU64 = AtomicU64::new(0);
static STRIDES: AtomicU64 = AtomicU64::new(0);
static UP: AtomicU64 = AtomicU64::new(0);
static DOWN: AtomicU64 = AtomicU64::new(0);
static STRANGERS: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicU64 = AtomicU64::new(0);
static PEAK: AtomicU64 = AtomicU64::new(0);
static LIMIT: AtomicU64 = AtomicU64::new(u64::MAX);

/// What was asked since [`reset`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Kernels and copies on the device.
    pub launches: u64,
    /// Copies of dims and strides to it.
    pub strides: u64,
    /// Tensors to it.
    pub up: u64,
    /// Tensors from it, each of which waits for it.
    pub down: u64,
    /// Tensors that a thread touched or dropped which does not own their device.
    pub strangers: u64,
    /// Bytes that live now.
    pub live: u64,
    /// The most that lived.
    pub peak: u64,
}

pub fn counted() -> Counted {
    let [launches, strides, up, down, strangers, live, peak] =
        [&LAUNCHES, &STRIDES, &UP, &DOWN, &STRANGERS, &LIVE, &PEAK].map(|count| count.load(Relaxed));
    Counted { launches, strides, up, down, strangers, live, peak }
}

/// Counts anew; what lives goes on living.
pub fn reset() {
    [&LAUNCHES, &STRIDES, &UP, &DOWN, &STRANGERS].map(|count| count.store(0, Relaxed));
    PEAK.store(LIVE.load(Relaxed), Relaxed);
}

/// From now on no more than `bytes` can live.
pub fn limit(bytes: u64) {
    LIMIT.store(bytes, Relaxed);
}

fn launch(kernels: u64, strides: bool) {
    LAUNCHES.fetch_add(kernels, Relaxed);
    STRIDES.fetch_add(u64::from(strides), Relaxed);
}

#[derive(Debug, Clone)]
pub struct CudaDevice {
    number: usize,
    owner: ThreadId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(usize);

impl CudaDevice {
    pub fn new_with_stream(number: usize) -> Result<Self> {
        Self::new(number)
    }
    pub fn id(&self) -> DeviceId {
        DeviceId(self.number)
    }
    fn mine(&self) {
        STRANGERS.fetch_add(u64::from(std::thread::current().id() != self.owner), Relaxed);
    }
    fn keep(&self, inner: CpuStorage, elements: usize) -> Result<CudaStorage> {
        self.mine();
        let bytes = (elements * inner.dtype().size_in_bytes()) as u64;
        let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
        let storage = CudaStorage { inner, device: self.clone(), bytes };
        if live > LIMIT.load(Relaxed) {
            return Err(Error::Cuda("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")".into()));
        }
        PEAK.fetch_max(live, Relaxed);
        Ok(storage)
    }
}

#[derive(Debug)]
pub struct CudaStorage {
    inner: CpuStorage,
    device: CudaDevice,
    bytes: u64,
}

impl Drop for CudaStorage {
    fn drop(&mut self) {
        self.device.mine();
        LIVE.fetch_sub(self.bytes, Relaxed);
    }
}

fn len(storage: &CpuStorage) -> usize {
    match storage {
        CpuStorage::U8(v) => v.len(),
        CpuStorage::U32(v) => v.len(),
        CpuStorage::I16(v) => v.len(),
        CpuStorage::I32(v) => v.len(),
        CpuStorage::I64(v) => v.len(),
        CpuStorage::BF16(v) => v.len(),
        CpuStorage::F16(v) => v.len(),
        CpuStorage::F32(v) => v.len(),
        CpuStorage::F64(v) => v.len(),
        _ => 0,
    }
}

impl CudaStorage {
    fn made(&self, inner: Result<CpuStorage>) -> Result<Self> {
        let inner = inner?;
        let elements = len(&inner);
        self.device.keep(inner, elements)
    }
    /// An operation that only its processor form knows: one kernel, as candle-nn's fused ones are.
    pub(crate) fn custom(&self, ended: Result<(CpuStorage, Shape)>) -> Result<(Self, Shape)> {
        launch(1, false);
        let (inner, shape) = ended?;
        Ok((self.made(Ok(inner))?, shape))
    }
    pub(crate) fn inner(&self) -> &CpuStorage {
        &self.inner
    }
    pub fn transfer_to_device(&self, device: &CudaDevice) -> Result<Self> {
        launch(1, false);
        device.keep(self.inner.clone(), len(&self.inner))
    }
}

/// Dims and strides go up for whatever does not lie in order.
fn lies(layout: &Layout) -> bool {
    layout.is_contiguous()
}

impl BackendStorage for CudaStorage {
    type Device = CudaDevice;

    fn try_clone(&self, layout: &Layout) -> Result<Self> {
        launch(1, false);
        self.made(self.inner.try_clone(layout))
    }
    fn dtype(&self) -> DType {
        self.inner.dtype()
    }
    fn device(&self) -> &Self::Device {
        &self.device
    }
    fn const_set(&mut self, value: crate::scalar::Scalar, layout: &Layout) -> Result<()> {
        launch(1, !lies(layout));
        self.inner.const_set(value, layout)
    }
    fn to_cpu_storage(&self) -> Result<CpuStorage> {
        self.device.mine();
        DOWN.fetch_add(1, Relaxed);
        Ok(self.inner.clone())
    }
    fn affine(&self, layout: &Layout, mul: f64, add: f64) -> Result<Self> {
        launch(1, !lies(layout));
        self.made(self.inner.affine(layout, mul, add))
    }
    fn powf(&self, layout: &Layout, e: f64) -> Result<Self> {
        launch(1, !lies(layout));
        self.made(self.inner.powf(layout, e))
    }
    fn elu(&self, layout: &Layout, alpha: f64) -> Result<Self> {
        launch(1, !lies(layout));
        self.made(self.inner.elu(layout, alpha))
    }
    fn reduce_op(&self, op: ReduceOp, layout: &Layout, dims: &[usize]) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.reduce_op(op, layout, dims))
    }
    fn cmp(&self, op: CmpOp, rhs: &Self, l: &Layout, r: &Layout) -> Result<Self> {
        launch(1, !(lies(l) && lies(r)));
        self.made(self.inner.cmp(op, &rhs.inner, l, r))
    }
    fn to_dtype(&self, layout: &Layout, dtype: DType) -> Result<Self> {
        launch(1, !lies(layout));
        self.made(self.inner.to_dtype(layout, dtype))
    }
    fn unary_impl<B: UnaryOpT>(&self, layout: &Layout) -> Result<Self> {
        launch(1, !lies(layout));
        self.made(self.inner.unary_impl::<B>(layout))
    }
    fn binary_impl<B: BinaryOpT>(&self, rhs: &Self, l: &Layout, r: &Layout) -> Result<Self> {
        launch(1, !(lies(l) && lies(r)));
        self.made(self.inner.binary_impl::<B>(&rhs.inner, l, r))
    }
    fn where_cond(&self, l: &Layout, t: &Self, t_l: &Layout, f: &Self, f_l: &Layout) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.where_cond(l, &t.inner, t_l, &f.inner, f_l))
    }
    fn conv1d(&self, l: &Layout, k: &Self, k_l: &Layout, p: &crate::conv::ParamsConv1D) -> Result<Self> {
        launch(3, true);
        self.made(self.inner.conv1d(l, &k.inner, k_l, p))
    }
    fn conv_transpose1d(
        &self,
        l: &Layout,
        k: &Self,
        k_l: &Layout,
        p: &crate::conv::ParamsConvTranspose1D,
    ) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.conv_transpose1d(l, &k.inner, k_l, p))
    }
    fn conv2d(&self, l: &Layout, k: &Self, k_l: &Layout, p: &crate::conv::ParamsConv2D) -> Result<Self> {
        launch(3 + u64::from(!lies(k_l)), true);
        launch(0, true);
        self.made(self.inner.conv2d(l, &k.inner, k_l, p))
    }
    fn conv_transpose2d(
        &self,
        l: &Layout,
        k: &Self,
        k_l: &Layout,
        p: &crate::conv::ParamsConvTranspose2D,
    ) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.conv_transpose2d(l, &k.inner, k_l, p))
    }
    fn avg_pool2d(&self, l: &Layout, k: (usize, usize), s: (usize, usize)) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.avg_pool2d(l, k, s))
    }
    fn max_pool2d(&self, l: &Layout, k: (usize, usize), s: (usize, usize)) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.max_pool2d(l, k, s))
    }
    fn upsample_nearest1d(&self, l: &Layout, n: usize) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.upsample_nearest1d(l, n))
    }
    fn upsample_nearest2d(&self, l: &Layout, h: usize, w: usize) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.upsample_nearest2d(l, h, w))
    }
    fn upsample_bilinear2d(
        &self,
        l: &Layout,
        h: usize,
        w: usize,
        align: bool,
        a: Option<f64>,
        b: Option<f64>,
    ) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.upsample_bilinear2d(l, h, w, align, a, b))
    }
    fn gather(&self, l: &Layout, ids: &Self, ids_l: &Layout, dim: usize) -> Result<Self> {
        launch(1, false);
        self.made(self.inner.gather(l, &ids.inner, ids_l, dim))
    }
    fn scatter_set(
        &mut self,
        l: &Layout,
        ids: &Self,
        ids_l: &Layout,
        src: &Self,
        src_l: &Layout,
        dim: usize,
    ) -> Result<()> {
        launch(1, false);
        self.inner.scatter_set(l, &ids.inner, ids_l, &src.inner, src_l, dim)
    }
    fn scatter_add_set(
        &mut self,
        l: &Layout,
        ids: &Self,
        ids_l: &Layout,
        src: &Self,
        src_l: &Layout,
        dim: usize,
    ) -> Result<()> {
        launch(1, false);
        self.inner.scatter_add_set(l, &ids.inner, ids_l, &src.inner, src_l, dim)
    }
    fn index_select(&self, ids: &Self, l: &Layout, ids_l: &Layout, dim: usize) -> Result<Self> {
        launch(1, true);
        self.made(self.inner.index_select(&ids.inner, l, ids_l, dim))
    }
    fn index_add(
        &self,
        l: &Layout,
        ids: &Self,
        ids_l: &Layout,
        src: &Self,
        src_l: &Layout,
        dim: usize,
    ) -> Result<Self> {
        launch(2, false);
        self.made(self.inner.index_add(l, &ids.inner, ids_l, &src.inner, src_l, dim))
    }
    fn matmul(&self, rhs: &Self, bmnk: (usize, usize, usize, usize), l: &Layout, r: &Layout) -> Result<Self> {
        launch(1, false);
        self.made(self.inner.matmul(&rhs.inner, bmnk, l, r))
    }
    fn copy_strided_src(&self, dst: &mut Self, offset: usize, l: &Layout) -> Result<()> {
        launch(1, !lies(l));
        self.device.mine();
        self.inner.copy_strided_src(&mut dst.inner, offset, l)
    }
    fn copy2d(
        &self,
        dst: &mut Self,
        d1: usize,
        d2: usize,
        src_s: usize,
        dst_s: usize,
        src_o: usize,
        dst_o: usize,
    ) -> Result<()> {
        launch(1, false);
        self.device.mine();
        self.inner.copy2d(&mut dst.inner, d1, d2, src_s, dst_s, src_o, dst_o)
    }
}

impl BackendDevice for CudaDevice {
    type Storage = CudaStorage;

    fn new(number: usize) -> Result<Self> {
        Ok(Self { number, owner: std::thread::current().id() })
    }
    fn set_seed(&self, _: u64) -> Result<()> {
        Ok(())
    }
    fn get_current_seed(&self) -> Result<u64> {
        Ok(0)
    }
    fn location(&self) -> crate::DeviceLocation {
        crate::DeviceLocation::Cuda { gpu_id: self.number }
    }
    fn same_device(&self, other: &Self) -> bool {
        self.number == other.number
    }
    fn zeros_impl(&self, shape: &Shape, dtype: DType) -> Result<Self::Storage> {
        launch(1, false);
        self.keep(CpuDevice.zeros_impl(shape, dtype)?, shape.elem_count())
    }
    unsafe fn alloc_uninit(&self, shape: &Shape, dtype: DType) -> Result<Self::Storage> {
        self.keep(CpuDevice.zeros_impl(shape, dtype)?, shape.elem_count())
    }
    fn storage_from_slice<T: crate::WithDType>(&self, values: &[T]) -> Result<Self::Storage> {
        UP.fetch_add(1, Relaxed);
        self.keep(T::to_cpu_storage(values), values.len())
    }
    fn storage_from_cpu_storage(&self, storage: &CpuStorage) -> Result<Self::Storage> {
        UP.fetch_add(1, Relaxed);
        self.keep(storage.clone(), len(storage))
    }
    fn storage_from_cpu_storage_owned(&self, storage: CpuStorage) -> Result<Self::Storage> {
        UP.fetch_add(1, Relaxed);
        let elements = len(&storage);
        self.keep(storage, elements)
    }
    fn rand_uniform(&self, shape: &Shape, dtype: DType, lo: f64, up: f64) -> Result<Self::Storage> {
        launch(1, false);
        self.keep(CpuDevice.rand_uniform(shape, dtype, lo, up)?, shape.elem_count())
    }
    fn rand_normal(&self, shape: &Shape, dtype: DType, mean: f64, std: f64) -> Result<Self::Storage> {
        launch(1, false);
        self.keep(CpuDevice.rand_normal(shape, dtype, mean, std)?, shape.elem_count())
    }
    fn synchronize(&self) -> Result<()> {
        Ok(())
    }
}

pub fn gemm_reduced_precision_f16() -> bool {
    false
}
pub fn set_gemm_reduced_precision_f16(_: bool) {}
pub fn gemm_reduced_precision_bf16() -> bool {
    false
}
pub fn set_gemm_reduced_precision_bf16(_: bool) {}
pub fn gemm_reduced_precision_f32() -> bool {
    false
}
pub fn set_gemm_reduced_precision_f32(_: bool) {}
