//! Numbers of 16 bits, as packed weights may be kept: half the memory, and half of what a product reads.
//!
//! Sums are always in f32. Conversions are plain integer arithmetic, which the compiler turns into vectors of any
//! instruction set; every one of the 65,536 patterns is compared with the `half` crate's in tests.

/// A format of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// IEEE binary16: 11 bits of mantissa, to 65,504.
    F16,
    /// The upper half of an f32: 8 bits of mantissa, its range.
    Bf16,
}

impl Half {
    /// The nearest number of this format, ties to even.
    pub fn narrow(self, value: f32) -> u16 {
        match self {
            Self::F16 => half::f16::from_f32(value).to_bits(),
            Self::Bf16 => half::bf16::from_f32(value).to_bits(),
        }
    }

    /// The same numbers times `factor` in f32; both slices are equally long.
    #[inline(always)]
    pub fn widen(self, from: &[u16], factor: f32, to: &mut [f32]) {
        match self {
            Self::F16 => {
                let factor = factor * EXPONENT;
                for (to, from) in to.iter_mut().zip(from) {
                    *to = times(*from, factor);
                }
            }
            Self::Bf16 => {
                for (to, from) in to.iter_mut().zip(from) {
                    *to = f32::from_bits(u32::from(*from) << 16) * factor;
                }
            }
        }
    }
}

/// 2^112: what an f16's exponent and mantissa, read as an f32's, are too small by.
const EXPONENT: f32 = f32::from_bits(0x7780_0000);

/// The f16 times a factor that makes up for its small exponent.
#[inline(always)]
fn times(bits: u16, factor: f32) -> f32 {
    let bits = u32::from(bits);
    let (sign, rest) = ((bits & 0x8000) << 16, (bits & 0x7fff) << 13);
    // Infinity and NaN keep their mantissa and get the largest exponent.
    let special = if rest >= 0x7c00 << 13 { 0x7f80_0000 } else { 0 };
    f32::from_bits((f32::from_bits(rest) * factor).to_bits() | special | sign)
}
