//! The Apple GPU: whether there is one, and how it is opened.

use candle_core::Device;

use super::opened;
use crate::error::{Error, Result};

const HINT: &str = "build with --features metal on a Mac with a GPU, or use --device cpu";

/// The GPU; an error in a build without Metal, and on a Mac that has none, where candle's binding panics.
pub fn open() -> Result<Device> {
    if !candle_core::utils::metal_is_available() {
        return Err(Error::new("this build has no Metal").hint(HINT));
    }
    opened("Metal", HINT, || Device::new_metal(0))
}

/// How much memory the GPU should be given at most, in bytes; `None` where there is none.
pub fn memory() -> Option<u64> {
    if !candle_core::utils::metal_is_available() {
        return None;
    }
    free_memory(&open().ok()?)
}

/// How much memory the GPU should be given at most, in bytes. The system does not tell what others use of it.
#[cfg(feature = "metal")]
pub fn free_memory(device: &Device) -> Option<u64> {
    let metal = device.as_metal_device().ok()?;
    Some(metal.metal_device().recommended_max_working_set_size() as u64)
}

/// Nothing in a build without Metal.
#[cfg(not(feature = "metal"))]
pub fn free_memory(_: &Device) -> Option<u64> {
    None
}
