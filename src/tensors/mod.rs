//! What PyTorch has and candle lacks, by torch's names and to torch's numbers.

mod feature_map;
mod gaussian_blur;
mod gelu;
mod group_norm;
mod interpolate;
pub mod layers;
mod map_layout;
mod matmul_transposed;
mod mt19937;
mod on_cpu;
pub mod planes;
mod quantile;
mod randn;
mod reflect_pad;
mod symmetric_eigen;

pub use feature_map::FeatureMap;
pub use gaussian_blur::gaussian_blur;
pub use gelu::gelu;
pub use group_norm::GroupNorm;
pub use interpolate::interpolate_bilinear;
pub use kernels as cpu;
pub use map_layout::MapLayout;
pub use matmul_transposed::matmul_transposed;
pub use on_cpu::OnCpu;
pub use quantile::quantile;
pub use randn::{Generator, Generators};
pub use reflect_pad::reflect_pad;
pub use symmetric_eigen::symmetric_eigen;
