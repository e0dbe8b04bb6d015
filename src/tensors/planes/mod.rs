//! Operations on planes [n, c, …] for every device: candle's, put together so that few kernels are launched, and mended where
//! candle's own are wrong or missing somewhere. The processor runs them too, as a GPU would (`MapLayout`).

mod convolution;
mod group_norm;
mod softmax;

pub use convolution::{Geometry, convolve};
pub use group_norm::{UnitAffine, group_norm};
pub use softmax::softmax;
