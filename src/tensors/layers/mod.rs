//! Layers over feature maps on the CPU: PyTorch's numbers without candle's autograd between them.
//!
//! `pixels` is the map, in memory from a pool (`memory`). A layer that is asked for a gradient leaves a `record` of how its
//! result was made and goes back through it; one that only draws leaves none. `candle` leads in and out. What computes are
//! the kernels of `cpu`.

mod attention;
mod batch_norm;
mod candle;
mod convolution;
mod elementwise;
mod group_norm;
mod memory;
mod pixels;
mod record;
mod resample;

pub use attention::attention;
pub use batch_norm::{Norm, convolve_norm_gelu};
pub use candle::backward;
pub use convolution::{Weights, convolve};
pub use elementwise::{add, concat, gelu, mean, scale_shift};
pub use group_norm::{GroupNorm, group_norm};
pub use memory::{Pool, PoolGuard};
pub use pixels::Pixels;
pub use resample::{average_pool, upsample_nearest};
