//! A view made for a size: of tensors, of estimates on the way back, and of pictures while it turns.

use std::fmt;
use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;

use super::ViewSpec;
use super::permutation::Permutation;
use crate::error::{Error, Result};

/// What the file of a view implements. Tensors are [b, c, size, size] and pictures size × size: checked.
pub(super) trait Transform: Send + Sync {
    /// The picture as this view shows it.
    fn view(&self, x: &Tensor) -> Result<Tensor>;

    /// An estimate of the view's noise, turned back.
    fn inverse_view(&self, x: &Tensor) -> Result<Tensor>;

    /// The same for a variance.
    fn inverse_view_variance(&self, x: &Tensor) -> Result<Tensor> {
        self.inverse_view(x)
    }

    /// The picture on its way: `amount` is above 0, and 1 is the view.
    fn frame(&self, picture: &RgbImage, amount: f64) -> RgbImage;

    /// The permutation, where the view is nothing else.
    fn permutation(&self) -> Option<&Permutation> {
        None
    }
}

/// A map of pictures [b, c, size, size] and its inverse; cheap to clone.
#[derive(Clone)]
pub struct View {
    spec: ViewSpec,
    size: usize,
    transform: Arc<dyn Transform>,
}

impl View {
    pub(super) fn new(spec: ViewSpec, size: usize, transform: Arc<dyn Transform>) -> Self {
        Self { spec, size, transform }
    }

    /// What it was made from.
    pub fn spec(&self) -> &ViewSpec {
        &self.spec
    }

    /// The side of its pictures, in pixels.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether noise stays white under it, so that the network sees what it was trained on.
    pub fn is_orthogonal(&self) -> bool {
        self.spec.entry().orthogonal
    }

    /// `x` [b, c, size, size] as this view shows it, in the same shape.
    pub fn view(&self, x: &Tensor) -> Result<Tensor> {
        self.check(x)?;
        self.transform.view(x)
    }

    /// An estimate [b, c, size, size] made of the view, turned back: of an orthogonal view, bit for bit.
    pub fn inverse_view(&self, x: &Tensor) -> Result<Tensor> {
        self.check(x)?;
        self.transform.inverse_view(x)
    }

    /// A variance (or the v of a learned range) [b, c, size, size] made of the view, turned back: pixels
    /// move as in [`Self::inverse_view`], but nothing is negated, since a variance has no sign.
    pub fn inverse_view_variance(&self, x: &Tensor) -> Result<Tensor> {
        self.check(x)?;
        self.transform.inverse_view_variance(x)
    }

    /// For a view that only moves pixels: pixel i of the view is pixel `permutation()[i]` of the picture,
    /// both counted row by row.
    pub fn permutation(&self) -> Option<&[u32]> {
        self.transform.permutation().map(Permutation::source)
    }

    /// `picture` (size × size) while the view turns: at `amount` 0 the picture, at 1 the view of it; what
    /// the moving parts leave free has the colour [`super::BACKGROUND`].
    pub fn frame(&self, picture: &RgbImage, amount: f64) -> Result<RgbImage> {
        let (w, h) = picture.dimensions();
        self.check_sides(w as usize, h as usize)?;
        // Not a number is no amount.
        Ok(if amount > 0.0 { self.transform.frame(picture, amount.min(1.0)) } else { picture.clone() })
    }

    fn check(&self, x: &Tensor) -> Result<()> {
        let (_, _, h, w) = x.dims4()?;
        self.check_sides(w, h)
    }

    fn check_sides(&self, w: usize, h: usize) -> Result<()> {
        if (w, h) == (self.size, self.size) {
            return Ok(());
        }
        let size = self.size;
        Err(Error::new(format!("a view for {size} × {size} px was given {w} × {h}")).at(self.spec.entry().name))
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({} at {} px)", self.spec, self.size)
    }
}
