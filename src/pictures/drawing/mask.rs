//! What is particular to a mask: one channel, white where the picture is made new.

use image::RgbImage;

use super::Drawing;

impl Drawing<1> {
    /// A mask that is black everywhere; erasing goes back to black.
    pub fn black(width: usize, height: usize) -> Self {
        Self::new(width, height, vec![[0]; width * height])
    }

    /// Takes a grey picture of the same size as the mask, as one step of undo.
    pub fn take(&mut self, grey: &RgbImage) {
        let values: Vec<[u8; 1]> = grey.pixels().map(|pixel| [pixel[0]]).collect();
        if values.len() == self.width * self.height {
            self.replace(&values);
        }
    }

    /// White for black and black for white.
    pub fn invert(&mut self) -> bool {
        self.change_all(|[value]| [255 - value])
    }
}
