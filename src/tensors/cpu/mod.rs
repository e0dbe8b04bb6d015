//! Kernels for the processor: f32 (weights in 16 bits where asked), pixels as [n, h, w, c], every instruction set from one source.
//!
//! `isa` chooses the instruction set, `tile` multiplies in registers, `panels` packs what is multiplied, `split`
//! shares work and scratch memory among threads. Everything else is made of these.

pub mod attention;
pub mod buffer;
pub mod direct;
pub mod group_norm;
pub mod half;
pub mod isa;
pub mod math;
pub mod matmul;
pub mod panels;
pub mod pixels;
pub mod resample;
pub mod split;
pub mod tile;
pub mod tiles;
pub mod winograd;

pub use attention::{Heads, Tokens, attention};
pub use buffer::Buffer;
pub use direct::Direct;
pub use group_norm::{Norm, group_norm};
pub use half::Half;
pub use isa::Isa;
pub use matmul::matmul;
pub use panels::Panels;
pub use pixels::{Pixels, Pool};
pub use tile::{Rows, Start};
pub use tiles::Tiles;
pub use winograd::{Pictures, Winograd};
