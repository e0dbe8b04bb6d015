//! Where networks compute: the processor everywhere, a GPU where the program was built for one.

mod cuda;
mod memory;
mod metal;

use std::fmt;
use std::str::FromStr;

use candle_core::Device;

use crate::error::{Error, Result};
use crate::files::available_memory;

pub use memory::DeviceMemory;

/// The `--device` flag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The best that is there.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The NVIDIA GPU of this number, from 0.
    Cuda(usize),
    /// The Apple GPU.
    Metal,
}

/// What the command line takes.
const NAMES: &str = "auto, cpu, cuda, cuda:N or metal";

impl FromStr for DeviceChoice {
    type Err = Error;

    /// By its name on the command line; `cuda` is `cuda:0`.
    fn from_str(name: &str) -> Result<Self> {
        let unknown = || Error::arguments(format!("there is no device `{name}`")).hint(format!("choose from {NAMES}"));
        match name {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            "metal" => Ok(Self::Metal),
            _ => {
                let number = name.strip_prefix("cuda:").and_then(|number| number.parse().ok());
                number.map(Self::Cuda).ok_or_else(unknown)
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(0) => f.write_str("cuda"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
            Self::Metal => f.write_str("metal"),
        }
    }
}

impl DeviceChoice {
    /// What it comes to, as far as this build alone decides it.
    pub fn of_this_build(self) -> Self {
        let gpu = candle_core::utils::cuda_is_available() || candle_core::utils::metal_is_available();
        if self == Self::Auto && !gpu { Self::Cpu } else { self }
    }

    /// What a person calls it; an NVIDIA GPU has its card's name.
    pub fn words(self) -> String {
        match self {
            Self::Auto => "Best available".to_owned(),
            Self::Cpu => "Processor".to_owned(),
            Self::Cuda(number) => match cuda::cards().get(number) {
                Some(card) => card.name.clone(),
                None => format!("NVIDIA GPU {number}"),
            },
            Self::Metal => "Apple GPU".to_owned(),
        }
    }

    /// Those that this build and this machine have, each with the memory that networks can have there, in bytes: what is
    /// free of the processor's, all of a GPU's. No device is opened for it.
    pub fn here() -> Vec<(Self, Option<u64>)> {
        let cards = cuda::cards().iter().enumerate();
        let cuda = cards.map(|(number, card)| (Self::Cuda(number), Some(card.memory)));
        let metal = metal::memory().map(|memory| (Self::Metal, Some(memory)));
        std::iter::once((Self::Cpu, available_memory())).chain(cuda).chain(metal).collect()
    }

    /// The device; a GPU that was asked for by name and is not there is an error.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(number) => cuda::open(number),
            Self::Metal => metal::open(),
            Self::Auto => Ok(best(&[&|| cuda::open(0), &metal::open])),
        }
    }
}

/// The first GPU that opens, or the processor.
fn best(gpus: &[&dyn Fn() -> Result<Device>]) -> Device {
    gpus.iter().find_map(|open| open().ok()).unwrap_or(Device::Cpu)
}

/// What opens a GPU of `kind` by candle, whose bindings panic where there is no driver or no card.
fn opened(kind: &str, hint: &str, open: impl FnOnce() -> candle_core::Result<Device>) -> Result<Device> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(open)) {
        Ok(Ok(device)) => Ok(device),
        Ok(Err(error)) => Err(Error::from(error).hint(hint)),
        Err(_) => Err(Error::new(format!("no {kind} device was found")).hint(hint)),
    }
}

/// The name of a device on the command line and in results.
pub fn device_name(device: &Device) -> String {
    match device.location() {
        candle_core::DeviceLocation::Cpu => DeviceChoice::Cpu.to_string(),
        candle_core::DeviceLocation::Cuda { gpu_id } => DeviceChoice::Cuda(gpu_id).to_string(),
        candle_core::DeviceLocation::Metal { .. } => DeviceChoice::Metal.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::{DeviceChoice, best, opened};
    use crate::error::Error;

    #[test]
    fn names_come_back() {
        for name in ["auto", "cpu", "cuda", "cuda:1", "cuda:12", "metal"] {
            assert_eq!(name.parse::<DeviceChoice>().unwrap().to_string(), name);
        }
        assert_eq!("cuda:0".parse::<DeviceChoice>().unwrap(), DeviceChoice::Cuda(0));
        for wrong in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CUDA"] {
            let line = wrong.parse::<DeviceChoice>().unwrap_err().to_string();
            assert!(line.contains("cuda:N"), "{line}");
        }
    }

    /// As on a Mac without Metal, where the binding indexes an empty list.
    #[test]
    fn a_binding_that_panics_is_a_device_that_is_not_there() {
        let empty =
            || opened("Metal", "use --device cpu", || -> candle_core::Result<Device> { panic!("index 0 of 0") });
        assert_eq!(empty().unwrap_err().to_string(), "no Metal device was found; use --device cpu");
        let failing = || Err(Error::new("no"));
        assert!(best(&[&failing, &empty]).is_cpu());
    }
}
