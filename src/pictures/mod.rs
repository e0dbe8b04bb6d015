//! Pixels in and out of tensors and files.
//!
//! A picture is an [`image::RgbImage`] of 8-bit sRGB, or a tensor [b, 3, h, w] of f32 from -1 to 1.

mod animation;
mod built_in;
pub mod drawing;
mod fit;
mod grey;
mod grid;
mod load;
mod mask;
mod measures;
mod png;
mod resize;
mod squinted;
mod tensor;

pub use animation::Animation;
pub use built_in::{BUILT_IN, built_in};
pub use fit::fit_square;
pub use grey::{bytes_from_grey, pictures_from_grey};
pub use grid::{Grid, side_by_side};
pub use load::{decode, decode_mask, load, load_mask};
pub use mask::{luminance, tensor_from_mask};
pub use measures::{psnr, ssim};
pub use png::{Carried, encode_png, read_carried};
pub use resize::resize_bilinear;
pub use squinted::squinted;
pub use tensor::{pictures_from_tensor, tensor_from_picture};

use image::RgbImage;
use sha2::{Digest, Sha256};

/// The hash of a picture's size and pixels, in hexadecimal.
pub fn sha256(pixels: &RgbImage) -> String {
    let mut hasher = Sha256::new();
    hasher.update(pixels.width().to_le_bytes());
    hasher.update(pixels.height().to_le_bytes());
    hasher.update(pixels.as_raw());
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
