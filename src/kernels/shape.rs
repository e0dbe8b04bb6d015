//! How large a batch of pictures is, with and without its channels: what every kernel and layer is told.

/// Sizes of a batch of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// Pictures.
    pub n: usize,
    /// Rows of pixels.
    pub h: usize,
    /// Pixels in a row.
    pub w: usize,
}

impl Pictures {
    /// Pixels of all pictures.
    pub fn pixels(self) -> usize {
        self.n * self.h * self.w
    }

    /// Winograd's tiles of 4×4 results.
    pub(super) fn tiles(self) -> usize {
        self.n * self.h.div_ceil(4) * self.w.div_ceil(4)
    }

    /// Picture, first row and first column of a tile's results.
    pub(super) fn tile(self, number: usize) -> (usize, usize, usize) {
        let (down, across) = (self.h.div_ceil(4), self.w.div_ceil(4));
        (number / (down * across), number / across % down * 4, number % across * 4)
    }
}

/// Sizes of a feature map: pictures and the channels of each pixel, which lie together, [n, h, w, c].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Pictures.
    pub n: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
    /// Channels.
    pub c: usize,
}

impl Shape {
    /// Pictures with `c` channels.
    pub fn of(pictures: Pictures, c: usize) -> Self {
        let Pictures { n, h, w } = pictures;
        Self { n, h, w, c }
    }

    /// Without the channels.
    pub fn pictures(self) -> Pictures {
        Pictures { n: self.n, h: self.h, w: self.w }
    }

    /// Pixels of all pictures.
    pub fn pixels(self) -> usize {
        self.pictures().pixels()
    }

    /// Pixels of one picture.
    pub fn picture(self) -> usize {
        self.h * self.w
    }

    /// Numbers.
    pub fn count(self) -> usize {
        self.pixels() * self.c
    }
}
