//! Where networks compute: the processor everywhere, a GPU where the program was built for one.

use candle_core::Device;

use crate::error::{Error, Result};
use crate::files::available_memory;

/// The `--device` flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The best that is there.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The first NVIDIA GPU.
    Cuda,
    /// The Apple GPU.
    Metal,
}

impl DeviceChoice {
    /// Every choice, by its name on the command line.
    pub const ALL: [(&'static str, Self); 4] =
        [("auto", Self::Auto), ("cpu", Self::Cpu), ("cuda", Self::Cuda), ("metal", Self::Metal)];

    /// The name of what it comes to, as far as this build alone decides it.
    pub fn name(self) -> &'static str {
        let gpu = candle_core::utils::cuda_is_available() || candle_core::utils::metal_is_available();
        let choice = if self == Self::Auto && !gpu { Self::Cpu } else { self };
        Self::ALL.iter().find(|(_, known)| *known == choice).map_or("", |(name, _)| name)
    }

    /// What a person calls it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Auto => "Best available",
            Self::Cpu => "Processor",
            Self::Cuda => "NVIDIA GPU",
            Self::Metal => "Apple GPU",
        }
    }

    /// Those that this build and this machine have, each with the memory that is free for it, in bytes.
    pub fn here() -> Vec<(Self, Option<u64>)> {
        let devices = [Self::Cpu, Self::Cuda, Self::Metal].into_iter();
        devices.filter_map(|choice| Some((choice, free_memory(&choice.open().ok()?)))).collect()
    }

    /// The device; a GPU that was asked for by name and is not there is an error.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda => cuda(),
            Self::Metal => metal(),
            Self::Auto => Ok(cuda().or_else(|_| metal()).unwrap_or(Device::Cpu)),
        }
    }
}

/// What is free on a device, in bytes; `None` where it does not tell. An Apple GPU tells how much it should be given.
fn free_memory(device: &Device) -> Option<u64> {
    match device {
        Device::Cpu => available_memory(),
        #[cfg(feature = "cuda")]
        Device::Cuda(_) => {
            let told = candle_core::cuda_backend::cudarc::driver::result::mem_get_info();
            told.ok().map(|(free, _)| free as u64)
        }
        #[cfg(feature = "metal")]
        Device::Metal(metal) => Some(metal.metal_device().recommended_max_working_set_size() as u64),
        #[allow(unreachable_patterns, reason = "every kind is above where both features are on")]
        _ => None,
    }
}

/// The driver's absence is a panic in candle's binding, so it is caught.
fn cuda() -> Result<Device> {
    let hint = "build with --features cuda on a machine with an NVIDIA driver, or use --device cpu";
    if !candle_core::utils::cuda_is_available() {
        return Err(Error::new("this build has no CUDA").hint(hint));
    }
    match std::panic::catch_unwind(|| Device::new_cuda(0)) {
        Ok(Ok(device)) => Ok(device),
        Ok(Err(error)) => Err(Error::from(error).hint(hint)),
        Err(_) => Err(Error::new("no CUDA driver was found").hint(hint)),
    }
}

fn metal() -> Result<Device> {
    let hint = "build with --features metal on a Mac, or use --device cpu";
    if !candle_core::utils::metal_is_available() {
        return Err(Error::new("this build has no Metal").hint(hint));
    }
    Device::new_metal(0).map_err(|error| Error::from(error).hint(hint))
}
