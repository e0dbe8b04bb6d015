//! Floating-point numbers of a file as f32, whatever they are written in: shared among threads, checked on the way.
//!
//! A text encoder of 5 billion numbers is converted anew for every batch of prompts, so the loops below are written
//! to become vector instructions; candle's conversions go number by number on one thread.

use std::borrow::Cow;

use candle_core::quantized::GgmlDType;
use candle_core::{CpuStorage, DType};
use pulp::{Arch, Simd, WithSimd};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};

use super::stored_dtype::StoredDtype;
use crate::error::{Error, Result};

/// The largest finite f16.
const F16_MAX: f32 = 65504.0;

/// Numbers that one thread converts at a time: a whole number of any type's blocks.
const PIECE: usize = 1 << 16;

/// What was seen of numbers that were read.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    finite: bool,
    fits_f16: bool,
}

impl Check {
    /// Of nothing yet.
    pub const NONE: Self = Self { finite: true, fits_f16: true };

    /// Of these numbers and others.
    pub fn and(self, other: Self) -> Self {
        Self { finite: self.finite && other.finite, fits_f16: self.fits_f16 && other.fits_f16 }
    }

    /// Why the numbers cannot be used as `dtype`.
    pub fn fault(self, dtype: DType) -> Option<&'static str> {
        match (self.finite, self.fits_f16 || dtype != DType::F16) {
            (false, _) => Some("NaN or infinite"),
            (true, false) => Some("too large for f16"),
            (true, true) => None,
        }
    }

    fn of(values: &[f32]) -> Self {
        let largest_bits = wide(|| {
            let mut largest_bits = 0;
            for value in values {
                largest_bits = largest_bits.max(value.to_bits() & 0x7FFF_FFFF);
            }
            largest_bits
        });
        // Bits of positive floats are ordered as the floats are; NaN is above infinity.
        Self { finite: largest_bits < f32::INFINITY.to_bits(), fits_f16: largest_bits <= F16_MAX.to_bits() }
    }
}

/// Whether numbers of this type can be converted here.
pub(super) fn are_floats(dtype: StoredDtype) -> bool {
    use StoredDtype::{BF16, F8E4M3, F16, F32, F64, Quantized};
    matches!(dtype, F64 | F32 | F16 | BF16 | F8E4M3 | Quantized(_))
}

/// Converts all of `bytes` into `out`, each number times `scale`, on all threads.
pub(super) fn to_f32(dtype: StoredDtype, bytes: &[u8], scale: f32, out: &mut [f32]) -> Result<Check> {
    let piece = dtype.bytes(PIECE).max(1);
    out.par_chunks_mut(PIECE)
        .zip(bytes.par_chunks(piece))
        .map(|(out, bytes)| piece_to_f32(dtype, bytes, scale, out))
        .try_reduce(|| Check::NONE, |a, b| Ok(a.and(b)))
}

/// What is to be said of numbers that stay as they are written.
pub(super) fn check(dtype: StoredDtype, bytes: &[u8]) -> Check {
    let mut values = vec![0f32; PIECE];
    let piece = dtype.bytes(PIECE).max(1);
    let each = bytes.chunks(piece).map(|bytes| {
        let values = &mut values[..bytes.len() / dtype.bytes(1).max(1)];
        // A type whose bytes candle has too is never one of blocks, which alone can fail.
        piece_to_f32(dtype, bytes, 1.0, values).unwrap_or(Check::NONE)
    });
    each.fold(Check::NONE, Check::and)
}

/// Converts `bytes` into `out`, each number times `scale`, on this thread.
pub(super) fn piece_to_f32(dtype: StoredDtype, bytes: &[u8], scale: f32, out: &mut [f32]) -> Result<Check> {
    let mut infinite = false;
    match dtype {
        StoredDtype::F64 => each(bytes, out, |eight: [u8; 8]| f64::from_le_bytes(eight) as f32),
        StoredDtype::F32 => each(bytes, out, f32::from_le_bytes),
        StoredDtype::BF16 => each(bytes, out, |two| f32::from_bits(u32::from(u16::from_le_bytes(two)) << 16)),
        StoredDtype::F16 => {
            infinite = wide(|| {
                let mut infinite = false;
                for two in bytes.as_chunks::<2>().0 {
                    infinite |= u16::from_le_bytes(*two) & 0x7C00 == 0x7C00;
                }
                infinite
            });
            each(bytes, out, f16_to_f32);
        }
        StoredDtype::F8E4M3 => {
            let table: [f32; 256] = std::array::from_fn(|bits| f8e4m3_to_f32(bits as u8));
            each(bytes, out, |[byte]| table[usize::from(byte)]);
        }
        StoredDtype::Quantized(blocks) => dequantize(blocks, bytes, out)?,
        other => return Err(Error::new(format!("cannot read numbers of type {other}"))),
    }
    if scale != 1.0 {
        out.iter_mut().for_each(|value| *value *= scale);
    }
    let check = Check::of(out);
    Ok(Check { finite: check.finite && !infinite, ..check })
}

fn each<const N: usize>(bytes: &[u8], out: &mut [f32], number: impl Fn([u8; N]) -> f32) {
    wide(|| {
        for (value, bytes) in out.iter_mut().zip(bytes.as_chunks::<N>().0) {
            *value = number(*bytes);
        }
    });
}

/// Runs a loop with the widest vectors that the processor has: it is compiled once for each kind.
fn wide<R>(work: impl FnOnce() -> R) -> R {
    struct Wide<F>(F);

    impl<R, F: FnOnce() -> R> WithSimd for Wide<F> {
        type Output = R;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _simd: S) -> R {
            (self.0)()
        }
    }

    Arch::new().dispatch(Wide(work))
}

/// For finite numbers: the exponent's bias is changed by a product, which takes numbers below 2^-14 along.
fn f16_to_f32(two: [u8; 2]) -> f32 {
    /// 2^112, the difference of f32's and f16's bias.
    const REBIAS: f32 = f32::from_bits(0x7780_0000);
    let bits = u32::from(u16::from_le_bytes(two));
    let magnitude = f32::from_bits((bits & 0x7FFF) << 13) * REBIAS;
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

/// 4 bits of exponent with bias 7, 3 of mantissa; no infinities, NaN is all ones (arXiv 2209.05433).
fn f8e4m3_to_f32(byte: u8) -> f32 {
    let (exponent, mantissa) = (i32::from(byte >> 3 & 0xF), f32::from(byte & 7));
    let magnitude = match (exponent, byte & 7) {
        (15, 7) => f32::NAN,
        (0, _) => mantissa / 512.0,
        _ => (1.0 + mantissa / 8.0) * 2f32.powi(exponent - 7),
    };
    if byte & 0x80 == 0 { magnitude } else { -magnitude }
}

fn dequantize(blocks: GgmlDType, bytes: &[u8], out: &mut [f32]) -> Result<()> {
    // Types of 4-byte alignment are read from a copy: a file may have them anywhere.
    let aligned = bytes.as_ptr().align_offset(4) == 0;
    let bytes = if aligned { Cow::Borrowed(bytes) } else { Cow::Owned(bytes.to_vec()) };
    match blocks.from_data(bytes).dequantize(out.len())? {
        CpuStorage::F32(values) if values.len() == out.len() => out.copy_from_slice(&values),
        _ => return Err(Error::new(format!("blocks of {blocks:?} did not become numbers"))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Tensor};

    use super::{f8e4m3_to_f32, f16_to_f32};

    /// Every number of a small type, by candle.
    fn by_candle(bytes: &[u8], dtype: DType) -> Vec<f32> {
        let tensor = Tensor::from_raw_buffer(bytes, dtype, &[bytes.len() / dtype.size_in_bytes()], &Device::Cpu);
        tensor.unwrap().to_dtype(DType::F32).unwrap().to_vec1().unwrap()
    }

    #[test]
    fn every_finite_half_is_exact() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        for (bits, wanted) in by_candle(&all, DType::F16).into_iter().enumerate() {
            let got = f16_to_f32((bits as u16).to_le_bytes());
            assert!(!wanted.is_finite() || got.to_bits() == wanted.to_bits(), "{bits:#x}: {got} {wanted}");
        }
    }

    #[test]
    fn every_byte_float_is_exact() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        for (bits, wanted) in by_candle(&all, DType::F8E4M3).into_iter().enumerate() {
            let got = f8e4m3_to_f32(bits as u8);
            assert!(got.to_bits() == wanted.to_bits() || got.is_nan() && wanted.is_nan(), "{bits:#x}: {got} {wanted}");
        }
    }
}
