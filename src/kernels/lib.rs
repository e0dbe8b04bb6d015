//! Kernels for the processor, forward and backward: f32 over plain slices, pixels as [n, h, w, c], every instruction set
//! from one source. Weights may be kept in 16 bits.
//!
//! `isa` chooses the instruction set, `microkernel` multiplies in registers, `packed_b` packs what is multiplied, `split`
//! shares work and scratch memory among threads. Everything else is made of these. Drawing packs weights once (`direct`,
//! `winograd`, `amx`); training packs them at every step (`convolution`), and multiplies and gathers by the same code.
//! Sums are split by the data alone, so that a result has the same bits on any number of threads.

mod accumulate;
pub mod activations;
pub mod amx;
pub mod attention;
mod attention_backward;
pub mod batch_norm;
pub mod buffer;
pub mod convolution;
pub mod direct;
mod gather;
pub mod group_norm;
pub mod half;
pub mod isa;
pub mod layer_norm;
pub mod math;
pub mod matmul;
pub mod microkernel;
pub mod packed_b;
pub mod resample;
mod rows;
pub mod shape;
pub mod split;
pub mod winograd;

pub use activations::{geglu, relu};
pub use amx::Amx;
pub use attention::{Heads, Tokens, attention};
pub use attention_backward::attention_backward;
pub use buffer::Buffer;
pub use convolution::{Convolution, Form};
pub use direct::Direct;
pub use group_norm::{Norm, NormGradients, Normalised, group_norm, group_norm_backward};
pub use half::Half;
pub use isa::Isa;
pub use layer_norm::{RowNorm, layer_norm};
pub use math::Activation;
pub use matmul::matmul;
pub use microkernel::{Rows, Start};
pub use packed_b::PackedB;
pub use shape::{Pictures, Shape};
pub use winograd::Winograd;
