//! What is free where networks compute: asked before anything is loaded.

use candle_core::Device;

use super::{cuda, metal};
use crate::files::available_memory;

/// Whoever knows how much memory networks can have. A device does; a test invents it.
pub trait DeviceMemory {
    /// Bytes that are free; `None` where it is not told.
    fn free(&self) -> Option<u64>;
}

impl DeviceMemory for Device {
    fn free(&self) -> Option<u64> {
        match self {
            Self::Cpu => available_memory(),
            Self::Cuda(_) => cuda::free_memory(self),
            Self::Metal(_) => metal::free_memory(self),
        }
    }
}
