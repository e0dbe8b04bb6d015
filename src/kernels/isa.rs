//! Which instruction set the kernels use: the widest this processor has, found once, or the one asked for.
//!
//! A kernel is written once over `Vector` and compiled for each set. `DIFFUSION_LAB_ISA` = avx512, avx2, neon
//! or portable forces one for tests and measurements; a set that the processor lacks is ignored.

use std::sync::OnceLock;

#[cfg(target_arch = "aarch64")]
use pulp::aarch64::Neon;
#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};
use pulp::{NullaryFnOnce, Scalar128b, Simd};

/// Vectors of f32 with a multiply-add that is fast on every set.
pub trait Vector: Simd {
    /// a · b + c, fused where the processor can.
    fn madd(self, a: Self::f32s, b: Self::f32s, c: Self::f32s) -> Self::f32s;

    /// Calls a part of a kernel without making it part of the caller: one copy of it serves all.
    fn call<K: Kernel>(self, kernel: K) -> K::Output;
}

/// A kernel: `run` is compiled once for each instruction set and must be `#[inline(always)]` all the way down.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The work, with the vectors of the set it was dispatched to.
    fn run<V: Vector>(self, vector: V) -> Self::Output;
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug)]
pub enum Isa {
    /// 16 lanes, 32 registers.
    #[cfg(target_arch = "x86_64")]
    Avx512(V4),
    /// 8 lanes, 16 registers, with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(V3),
    /// 4 lanes, 32 registers.
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
    /// Plain Rust over 4 lanes, which any compiler target vectorises as it can.
    Portable,
}

impl Isa {
    /// All that this processor has, widest first.
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            sets.extend(V4::try_new().map(Self::Avx512));
            sets.extend(V3::try_new().map(Self::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        sets.extend(Neon::try_new().map(Self::Neon));
        sets.push(Self::Portable);
        sets
    }

    /// The one in use.
    pub fn get() -> Self {
        static CHOSEN: OnceLock<Isa> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let sets = Self::available();
            let wanted = std::env::var("DIFFUSION_LAB_ISA").unwrap_or_default();
            sets.iter().copied().find(|set| set.name() == wanted).unwrap_or(sets[0])
        })
    }

    /// As `DIFFUSION_LAB_ISA` has it.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => "neon",
            Self::Portable => "portable",
        }
    }

    /// f32 in a vector.
    pub fn lanes(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => 16,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => 8,
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => 4,
            Self::Portable => 4,
        }
    }

    /// Vector registers that a register tile may fill.
    pub fn registers(self) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => 32,
            #[cfg(target_arch = "aarch64")]
            Self::Neon(_) => 32,
            _ => 16,
        }
    }

    /// Whether products in bf16 go by a tile unit, which only processors with AVX-512 have.
    pub fn has_amx(self) -> bool {
        self.name() == "avx512" && super::amx::Amx::available()
    }

    /// Runs a kernel compiled for this set.
    #[inline(always)]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(vector) => vector.vectorize(Call { kernel, vector }),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(vector) => vector.vectorize(Call { kernel, vector }),
            #[cfg(target_arch = "aarch64")]
            Self::Neon(vector) => vector.vectorize(Call { kernel, vector }),
            Self::Portable => kernel.run(Scalar128b),
        }
    }
}

struct Call<K, V> {
    kernel: K,
    vector: V,
}

impl<K: Kernel, V: Vector> NullaryFnOnce for Call<K, V> {
    type Output = K::Output;

    #[inline(always)]
    fn call(self) -> K::Output {
        self.kernel.run(self.vector)
    }
}

macro_rules! fused {
    ($set:ty) => {
        impl Vector for $set {
            #[inline(always)]
            fn madd(self, a: Self::f32s, b: Self::f32s, c: Self::f32s) -> Self::f32s {
                self.mul_add_f32s(a, b, c)
            }

            #[inline(never)]
            fn call<K: Kernel>(self, kernel: K) -> K::Output {
                self.vectorize(Call { kernel, vector: self })
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
fused!(V4);
#[cfg(target_arch = "x86_64")]
fused!(V3);
#[cfg(target_arch = "aarch64")]
fused!(Neon);

impl Vector for Scalar128b {
    /// Rounded twice: without the instruction, a fused one is a library call.
    #[inline(always)]
    fn madd(self, a: Self::f32s, b: Self::f32s, c: Self::f32s) -> Self::f32s {
        self.add_f32s(self.mul_f32s(a, b), c)
    }

    #[inline(never)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}
