//! NVIDIA GPUs: which there are, and how one is opened for the thread that will own it.

use std::sync::OnceLock;

use candle_core::Device;

use super::opened;
use crate::error::{Error, Result};

const HINT: &str = "build with --features cuda on a machine with an NVIDIA driver, or use --device cpu";

/// A GPU as the driver tells it.
#[derive(Clone, Debug)]
pub struct Card {
    /// Such as "NVIDIA H200".
    pub name: String,
    /// All of its memory, in bytes.
    pub memory: u64,
}

/// Those of this machine, in the driver's order; none without a driver, or in a build without CUDA. Asked once.
pub fn cards() -> &'static [Card] {
    static CARDS: OnceLock<Vec<Card>> = OnceLock::new();
    // Without a driver the binding panics.
    CARDS.get_or_init(|| std::panic::catch_unwind(asked).unwrap_or_default())
}

#[cfg(not(feature = "cuda"))]
fn asked() -> Vec<Card> {
    Vec::new()
}

#[cfg(feature = "cuda")]
fn asked() -> Vec<Card> {
    use candle_core::cuda_backend::cudarc::driver::{CudaContext, result};

    let card = |number: i32| -> std::result::Result<Card, result::DriverError> {
        let device = result::device::get(number)?;
        // SAFETY: the device was just given by the driver.
        let memory = unsafe { result::device::total_mem(device)? };
        Ok(Card { name: result::device::get_name(device)?, memory: memory as u64 })
    };
    (0..CudaContext::device_count().unwrap_or(0)).map_while(|number| card(number).ok()).collect()
}

/// The GPU `number`, from 0. Its tensors are to be made, used and dropped on the calling thread alone.
pub fn open(number: usize) -> Result<Device> {
    if !candle_core::utils::cuda_is_available() {
        return Err(Error::new("this build has no CUDA").hint(HINT));
    }
    if number > 0 && number >= cards().len() {
        let known = cards().len();
        return Err(Error::new(format!("there is no GPU {number}, this machine has {known}")).hint(HINT));
    }
    let device = opened("CUDA", HINT, || Device::new_cuda_with_stream(number))?;
    tuned(&device)?;
    Ok(device)
}

#[cfg(not(feature = "cuda"))]
fn tuned(_: &Device) -> Result<()> {
    Ok(())
}

/// One thread and one stream use the device, so no event has to order its work; and memory that was freed is kept for the
/// next tensors, where the driver would give it back at every synchronisation.
#[cfg(feature = "cuda")]
fn tuned(device: &Device) -> Result<()> {
    use candle_core::cuda_backend::cudarc::driver::{result, sys};

    let cuda = device.as_cuda_device()?;
    // SAFETY: there is one stream, so nothing on another can be overtaken.
    unsafe { cuda.disable_event_tracking() };
    let mut threshold = u64::MAX;
    // A card without pools allocates otherwise, and works all the same.
    // SAFETY: the pool is the device's own, and the attribute takes a pointer to 64 bits, which outlive the call.
    let _ = unsafe {
        result::device::get_default_mem_pool(cuda.cuda_stream().context().cu_device()).and_then(|pool| {
            let attribute = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
            result::mem_pool::set_attribute(pool, attribute, (&raw mut threshold).cast())
        })
    };
    Ok(())
}

/// What is free on the GPU, in bytes; what the pool keeps and nobody uses is given back before. `None` in a build without
/// CUDA.
#[cfg(not(feature = "cuda"))]
pub fn free_memory(_: &Device) -> Option<u64> {
    None
}

/// What is free on the GPU, in bytes; what the pool keeps and nobody uses is given back before.
#[cfg(feature = "cuda")]
pub fn free_memory(device: &Device) -> Option<u64> {
    use candle_core::cuda_backend::cudarc::driver::result;

    let cuda = device.as_cuda_device().ok()?;
    let stream = cuda.cuda_stream();
    stream.synchronize().ok()?;
    stream.context().bind_to_thread().ok()?;
    // SAFETY: the pool is the device's own, and all work on it is done.
    unsafe {
        if let Ok(pool) = result::device::get_default_mem_pool(stream.context().cu_device()) {
            result::mem_pool::trim_to(pool, 0).ok()?;
        }
    }
    result::mem_get_info().ok().map(|(free, _)| free as u64)
}
