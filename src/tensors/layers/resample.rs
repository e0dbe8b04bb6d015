//! Half and twice the size: the mean of 2×2 pixels, and every pixel four times. Each goes back by the other's kernel.

use super::memory::Values;
use super::pixels::Pixels;
use super::record::{Gradients, Origin, Place};
use crate::error::Result;
use crate::tensors::cpu::{Shape, resample};

/// The mean of each 2×2 pixels; odd last rows and columns are left out, as PyTorch's `avg_pool2d(2)` does.
pub fn average_pool(x: &Pixels) -> Pixels {
    let from = x.shape();
    let shape = Shape { h: from.h / 2, w: from.w / 2, ..from };
    let write = |y: &mut [f32]| resample::average_pool(x.values(), from.pictures(), from.c, y);
    let y = Values::written(x.pool(), shape.count(), write);
    Pixels::made(shape, y, x.tracks().then(|| Box::new(Halved(x.place().clone())) as Box<dyn Origin>))
}

struct Halved(Place);

impl Origin for Halved {
    fn inputs(&self) -> Vec<&Place> {
        vec![&self.0]
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let to = self.0.shape();
        let write = |dx: &mut [f32]| resample::average_pool_backward(&dy, to.pictures(), to.c, dx);
        gradients.add(&self.0, Values::written(dy.pool(), to.count(), write));
        Ok(())
    }
}

/// Every pixel twice in each direction.
pub fn upsample_nearest(x: &Pixels) -> Pixels {
    let from = x.shape();
    let shape = Shape { h: 2 * from.h, w: 2 * from.w, ..from };
    let write = |y: &mut [f32]| resample::upsample_nearest(x.values(), from.pictures(), from.c, y);
    let y = Values::written(x.pool(), shape.count(), write);
    Pixels::made(shape, y, x.tracks().then(|| Box::new(Doubled(x.place().clone())) as Box<dyn Origin>))
}

struct Doubled(Place);

impl Origin for Doubled {
    fn inputs(&self) -> Vec<&Place> {
        vec![&self.0]
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let to = self.0.shape();
        let large = Shape { h: 2 * to.h, w: 2 * to.w, ..to };
        let write = |dx: &mut [f32]| resample::upsample_nearest_backward(&dy, large.pictures(), to.c, dx);
        gradients.add(&self.0, Values::written(dy.pool(), to.count(), write));
        Ok(())
    }
}
