//! Kernels for the processor: f32, pixels as [n, h, w, c], every instruction set from one source.
//!
//! `isa` chooses the instruction set, `tile` multiplies in registers, `panels` packs what is multiplied, `split`
//! shares work and scratch memory among threads. Everything else is made of these.

pub mod buffer;
pub mod isa;
pub mod matmul;
pub mod panels;
pub mod split;
pub mod tile;
pub mod winograd;

pub use buffer::Buffer;
pub use isa::Isa;
pub use matmul::matmul;
pub use panels::Panels;
pub use tile::{Rows, Start};
pub use winograd::{Pictures, Winograd};
