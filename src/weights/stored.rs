//! A tensor that still lies in its file: where, of which type, and how it becomes a candle tensor.

use std::borrow::Cow;
use std::fmt;

use candle_core::{DType, Device, Tensor};

use crate::error::{Error, Result};

/// The largest finite f16.
const F16_MAX: f32 = 65504.0;

/// How numbers are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredDtype {
    /// 64-bit float.
    F64,
    /// 32-bit float.
    F32,
    /// 16-bit float.
    F16,
    /// 16-bit float with f32's range.
    BF16,
    /// 8-bit float with 3 bits of mantissa.
    F8E4M3,
    /// 64-bit integer.
    I64,
    /// 32-bit integer.
    I32,
    /// 16-bit integer.
    I16,
    /// 8-bit integer.
    I8,
    /// 8-bit unsigned integer.
    U8,
    /// One byte a truth value.
    Bool,
    /// Known by name only; cannot be read.
    Other(&'static str),
}

impl StoredDtype {
    /// Bytes per number; 0 for a type that cannot be read.
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 => 4,
            Self::F16 | Self::BF16 | Self::I16 => 2,
            Self::F8E4M3 | Self::I8 | Self::U8 | Self::Bool => 1,
            Self::Other(_) => 0,
        }
    }

    /// Candle's type with the same bytes; `None` where candle has none.
    fn same_bytes(self) -> Option<DType> {
        Some(match self {
            Self::F64 => DType::F64,
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::BF16 => DType::BF16,
            Self::F8E4M3 => DType::F8E4M3,
            Self::I64 => DType::I64,
            Self::I32 => DType::I32,
            Self::I16 => DType::I16,
            Self::U8 | Self::Bool => DType::U8,
            Self::I8 | Self::Other(_) => return None,
        })
    }
}

impl fmt::Display for StoredDtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
            Self::F8E4M3 => "f8e4m3",
            Self::I64 => "i64",
            Self::I32 => "i32",
            Self::I16 => "i16",
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::Bool => "bool",
            Self::Other(name) => name,
        })
    }
}

/// Where one tensor lies: `bytes[start..]` of file number `file`.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Index of the file in its set.
    pub file: usize,
    /// The first byte of the tensor's first element.
    pub start: usize,
    /// How the numbers are written.
    pub dtype: StoredDtype,
    /// The sizes of the axes.
    pub shape: Vec<usize>,
    /// Steps in elements along the axes; `None` for row-major without gaps.
    pub strides: Option<Vec<usize>>,
}

impl Stored {
    /// The number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Row `row` of the first axis, which must have it.
    pub(super) fn row(&self, row: usize) -> Self {
        let stride = self.strides.as_ref().map_or_else(|| self.shape[1..].iter().product(), |strides| strides[0]);
        Self {
            file: self.file,
            start: self.start + row * stride * self.dtype.size(),
            dtype: self.dtype,
            shape: self.shape[1..].to_vec(),
            strides: self.strides.as_ref().map(|strides| strides[1..].to_vec()),
        }
    }

    /// The tensor's numbers, row-major, as little-endian bytes. `file` is the whole file.
    fn contiguous<'a>(&self, file: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        let size = self.dtype.size();
        let beyond = || Error::new("the file ends inside a tensor").hint("it is cut short: get it again");
        let Some(strides) = &self.strides else {
            let end = self.start.checked_add(self.elements() * size).ok_or_else(beyond)?;
            return Ok(Cow::Borrowed(file.get(self.start..end).ok_or_else(beyond)?));
        };
        let mut gathered = Vec::with_capacity(self.elements() * size);
        let mut index = vec![0usize; self.shape.len()];
        for _ in 0..self.elements() {
            let element: usize = index.iter().zip(strides).map(|(i, stride)| i * stride).sum();
            let at = self.start + element * size;
            gathered.extend_from_slice(file.get(at..at + size).ok_or_else(beyond)?);
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                if index[axis] < self.shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        Ok(Cow::Owned(gathered))
    }

    /// The tensor in the type it is written in, on the CPU.
    pub fn read(&self, file: &[u8]) -> Result<Tensor> {
        let bytes = self.contiguous(file)?;
        self.tensor(&bytes)
    }

    /// The tensor as `dtype` on `device`, and what is wrong with its numbers, if anything.
    pub fn read_as(&self, file: &[u8], dtype: DType, device: &Device) -> Result<(Tensor, Option<&'static str>)> {
        let bytes = self.contiguous(file)?;
        let fault = self.fault(&bytes, dtype);
        Ok((self.tensor(&bytes)?.to_dtype(dtype)?.to_device(device)?, fault))
    }

    fn tensor(&self, bytes: &[u8]) -> Result<Tensor> {
        if let Some(dtype) = self.dtype.same_bytes() {
            return Ok(Tensor::from_raw_buffer(bytes, dtype, &self.shape, &Device::Cpu)?);
        }
        if self.dtype == StoredDtype::I8 {
            let values: Vec<i16> = bytes.iter().map(|&byte| i16::from(byte.cast_signed())).collect();
            return Ok(Tensor::from_vec(values, self.shape.as_slice(), &Device::Cpu)?);
        }
        Err(Error::new(format!("cannot read numbers of type {}", self.dtype)))
    }

    /// Why the numbers cannot be used as `dtype`.
    fn fault(&self, bytes: &[u8], dtype: DType) -> Option<&'static str> {
        let narrow = dtype == DType::F16;
        let (mut finite, mut fits) = (true, true);
        match self.dtype {
            StoredDtype::F32 => {
                for four in bytes.as_chunks::<4>().0 {
                    let value = f32::from_le_bytes(*four);
                    finite &= value.is_finite();
                    fits &= value.abs() <= F16_MAX;
                }
            }
            StoredDtype::F16 => {
                for two in bytes.as_chunks::<2>().0 {
                    finite &= u16::from_le_bytes(*two) & 0x7C00 != 0x7C00;
                }
            }
            StoredDtype::BF16 => {
                for two in bytes.as_chunks::<2>().0 {
                    let value = f32::from_bits(u32::from(u16::from_le_bytes(*two)) << 16);
                    finite &= value.is_finite();
                    fits &= value.abs() <= F16_MAX;
                }
            }
            StoredDtype::F64 => {
                for eight in bytes.as_chunks::<8>().0 {
                    let value = f64::from_le_bytes(*eight);
                    finite &= value.abs() <= f64::from(f32::MAX);
                    fits &= value.abs() <= f64::from(F16_MAX);
                }
            }
            StoredDtype::F8E4M3 => finite = bytes.iter().all(|byte| byte & 0x7F != 0x7F),
            _ => {}
        }
        match (finite, fits || !narrow) {
            (false, _) => Some("NaN or infinite"),
            (true, false) => Some("too large for f16"),
            (true, true) => None,
        }
    }
}
