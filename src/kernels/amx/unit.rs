//! The tile unit's instructions. Stable Rust has no intrinsics for them, the assembler knows them.
//!
//! Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18. A tile register holds 16 rows of 64
//! bytes; `tdpbf16ps` adds to 16×16 f32 the product of 16×32 bf16 and 32×16 bf16, the latter in pairs of rows. Rows are
//! loaded whole, so they should begin on a cache line: where they straddle two, everything takes twice as long.

use std::arch::asm;
use std::arch::x86_64::{
    __cpuid_count, __m512bh, __m512i, _mm512_cvtne2ps_pbh, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_storeu_ps, _mm512_storeu_si512,
};

use crate::half::Half;

/// Rows of a product: two tiles.
pub const ROWS: usize = 32;
/// Its columns: one tile.
pub const COLUMNS: usize = 16;
/// Channels that one instruction multiplies.
pub const DEPTH: usize = 32;

/// A product.
#[repr(C, align(64))]
pub struct Block([[f32; COLUMNS]; ROWS]);

impl Default for Block {
    fn default() -> Self {
        Self([[0.0; COLUMNS]; ROWS])
    }
}

impl Block {
    pub fn rows(&self) -> &[[f32; COLUMNS]; ROWS] {
        &self.0
    }
}

/// All eight tile registers with 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Shapes([u8; 64]);

static SHAPES: Shapes = {
    let mut bytes = [0; 64];
    bytes[0] = 1;
    let mut tile = 0;
    while tile < 8 {
        bytes[16 + 2 * tile] = 64;
        bytes[48 + tile] = 16;
        tile += 1;
    }
    Shapes(bytes)
};

/// The kernel gives the tile registers' state to processes that ask (`arch_prctl(2)`).
const ARCH_REQ_XCOMP_PERM: libc::c_int = 0x1023;
const XFEATURE_XTILEDATA: libc::c_int = 18;

/// Whether the processor has bf16 tiles and the kernel lets this process use them.
pub fn available() -> bool {
    let features = __cpuid_count(7, 0).edx;
    let (bf16, tiles) = (features & 1 << 22 != 0, features & 1 << 24 != 0);
    let vectors = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bf16");
    // SAFETY: a question that takes two numbers.
    bf16 && tiles
        && vectors
        && unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) } == 0
}

/// This thread's tile registers in use; released when dropped. Made only where the unit is `available`.
pub struct Unit(std::marker::PhantomData<*const ()>);

impl Unit {
    pub fn new() -> Self {
        // SAFETY: an `Amx` exists only where the unit is available; the shapes are 64 bytes that it accepts.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &SHAPES, options(nostack, readonly, preserves_flags)) };
        Self(std::marker::PhantomData)
    }

    /// c = Σ over offsets of A · B, where A is 32 rows of 32 bf16, `row` numbers apart, from `offset` on in `a`, and B the
    /// next block of `b`.
    ///
    /// Two tiles of A against one of B: with more registers in use this unit becomes slower, not faster.
    ///
    /// # Safety
    /// `a` must hold 32 rows at every offset.
    #[inline(always)]
    pub unsafe fn product(&mut self, a: &[u16], row: usize, offsets: &[usize], b: &[u16], c: &mut Block) {
        assert!(!offsets.is_empty() && b.len() >= offsets.len() * DEPTH * COLUMNS);
        debug_assert!(offsets.iter().all(|offset| offset + (ROWS - 1) * row + DEPTH <= a.len()));
        // SAFETY: the caller vouches for A, the assertion for B; C is a whole block, and no other code uses the tiles.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "2:",
                "mov {at}, [{offsets}]",
                "tileloadd tmm2, [{b} + {line}*1]",
                "lea {at}, [{a} + {at}*2]",
                "tileloadd tmm3, [{at} + {row}*1]",
                "tdpbf16ps tmm0, tmm3, tmm2",
                "add {at}, {half}",
                "tileloadd tmm3, [{at} + {row}*1]",
                "tdpbf16ps tmm1, tmm3, tmm2",
                "add {b}, 1024",
                "add {offsets}, 8",
                "cmp {offsets}, {end}",
                "jne 2b",
                "tilestored [{c} + {line}*1], tmm0",
                "tilestored [{c} + {line}*1 + 1024], tmm1",
                a = in(reg) a.as_ptr(),
                row = in(reg) 2 * row,
                half = in(reg) 2 * row * (ROWS / 2),
                offsets = inout(reg) offsets.as_ptr() => _,
                end = in(reg) offsets.as_ptr_range().end,
                b = inout(reg) b.as_ptr() => _,
                c = in(reg) c,
                line = in(reg) 64usize,
                at = out(reg) _,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                options(nostack),
            );
        }
    }

    /// y = bias + factor of the addend · addend + factor · row, for as many columns as y has.
    #[inline(always)]
    pub fn write(
        &self,
        row: &[f32; COLUMNS],
        factor: f32,
        bias: Option<&[f32]>,
        add: Option<(&[f32], f32)>,
        y: &mut [f32],
    ) {
        assert!(bias.is_none_or(|bias| bias.len() == y.len()) && add.is_none_or(|(add, _)| add.len() == y.len()));
        if y.len() == COLUMNS {
            // SAFETY: where the unit is, these vectors are, too; all slices are as long as one of them.
            return unsafe { write_vector(row, factor, bias, add, y) };
        }
        for (j, y) in y.iter_mut().enumerate() {
            let start = bias.map_or(0.0, |bias| bias[j]);
            let start = add.map_or(start, |(add, factor)| add[j].mul_add(factor, start));
            *y = row[j].mul_add(factor, start);
        }
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        // SAFETY: gives back what `new` took.
        unsafe { asm!("tilerelease", options(nomem, nostack, preserves_flags)) };
    }
}

/// # Safety
/// Every slice must be a vector long, and the processor have AVX-512.
#[target_feature(enable = "avx512f")]
unsafe fn write_vector(
    row: &[f32; COLUMNS],
    factor: f32,
    bias: Option<&[f32]>,
    add: Option<(&[f32], f32)>,
    y: &mut [f32],
) {
    // SAFETY: the caller's: every slice is a vector long.
    unsafe {
        let mut start = bias.map_or(_mm512_setzero_ps(), |bias| _mm512_loadu_ps(bias.as_ptr()));
        if let Some((add, factor)) = add {
            start = _mm512_fmadd_ps(_mm512_loadu_ps(add.as_ptr()), _mm512_set1_ps(factor), start);
        }
        let sum = _mm512_fmadd_ps(_mm512_loadu_ps(row.as_ptr()), _mm512_set1_ps(factor), start);
        _mm512_storeu_ps(y.as_mut_ptr(), sum);
    }
}

/// The nearest bf16s; both are equally long.
pub fn narrow(from: &[f32], to: &mut [u16]) {
    assert_eq!(from.len(), to.len());
    let whole = from.len() / DEPTH * DEPTH;
    // SAFETY: where the unit is, these vectors are, too.
    unsafe { narrow_vectors(&from[..whole], &mut to[..whole]) };
    for (from, to) in from[whole..].iter().zip(&mut to[whole..]) {
        *to = Half::Bf16.narrow(*from);
    }
}

/// # Safety
/// The processor must have AVX-512 with bf16.
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn narrow_vectors(from: &[f32], to: &mut [u16]) {
    for (from, to) in from.chunks_exact(DEPTH).zip(to.chunks_exact_mut(DEPTH)) {
        // SAFETY: both chunks are two vectors of f32 and one of bf16 long.
        unsafe {
            let (low, high) = (_mm512_loadu_ps(from.as_ptr()), _mm512_loadu_ps(from.as_ptr().add(DEPTH / 2)));
            let both = _mm512_cvtne2ps_pbh(high, low);
            _mm512_storeu_si512(to.as_mut_ptr().cast(), std::mem::transmute::<__m512bh, __m512i>(both));
        }
    }
}
