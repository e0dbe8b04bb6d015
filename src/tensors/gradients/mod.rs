//! Layers of small networks on the CPU, forward and backward: PyTorch's numbers without candle's autograd between them.
//!
//! `map` remembers how a result was made and goes back through it, `layers` are what it is made by, `candle` leads in and
//! out; below them are kernels over plain slices, pixels as [n, h, w, c], f32: `convolution` chooses between Winograd and
//! `strided`, `batch_norm` normalises with GELU in the same pass. Sums are split by the data alone, so that a result
//! has the same bits on any number of threads.

mod accumulate;
pub mod batch_norm;
mod candle;
pub mod convolution;
mod layers;
mod map;
mod memory;
mod normal;
mod rows;
pub mod strided;
pub mod winograd_weight;

pub use candle::backward;
pub use convolution::Form;
pub use layers::{Norm, Weights, concat, convolve, convolve_norm_gelu, gelu, mean, scale_shift};
pub use map::{Map, Shape};
pub use memory::Keep;
