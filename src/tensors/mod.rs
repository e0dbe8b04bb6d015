//! What PyTorch has and candle lacks, by torch's names and to torch's numbers.

mod gaussian_blur;
mod interpolate;
mod quantile;
mod randn;

pub use gaussian_blur::gaussian_blur;
pub use interpolate::interpolate_bilinear;
pub use quantile::quantile;
pub use randn::{Generator, Generators};
