//! How numbers are written in weight files.

use std::fmt;

use candle_core::DType;
use candle_core::quantized::GgmlDType;

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
    /// Blocks of numbers with scales of their own, as llama.cpp writes them.
    Quantized(GgmlDType),
    /// Known by name only; cannot be read.
    Other(&'static str),
}

impl StoredDtype {
    /// So many numbers come together in so many bytes; no bytes for a type that cannot be read.
    pub fn block(self) -> (usize, usize) {
        match self {
            Self::F64 | Self::I64 => (1, 8),
            Self::F32 | Self::I32 => (1, 4),
            Self::F16 | Self::BF16 | Self::I16 => (1, 2),
            Self::F8E4M3 | Self::I8 | Self::U8 | Self::Bool => (1, 1),
            Self::Quantized(blocks) => (blocks.block_size(), blocks.type_size()),
            Self::Other(_) => (1, 0),
        }
    }

    /// Bytes of `numbers` numbers that follow each other, a whole number of blocks.
    pub fn bytes(self, numbers: usize) -> usize {
        let (block, bytes) = self.block();
        numbers / block * bytes
    }

    /// Candle's type with the same bytes; `None` where candle has none.
    pub(super) fn same_bytes(self) -> Option<DType> {
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
            Self::I8 | Self::Quantized(_) | Self::Other(_) => return None,
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
            Self::Quantized(blocks) => return write!(f, "{blocks:?}"),
            Self::Other(name) => name,
        })
    }
}
