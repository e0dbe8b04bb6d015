//! Activations that follow no normalisation and so pass over memory by themselves.

use super::isa::{Isa, Kernel, Vector};
use super::math::gelu;
use super::split::{self, Shared};

/// Elements of the result that one task makes, about.
const TASK: usize = 1 << 15;

/// y [rows, c] = value · gelu(gate) of x [rows, 2 c], whose first c channels are the value (`GEGLU`).
pub fn geglu(isa: Isa, x: &[f32], c: usize, y: &mut [f32]) {
    assert!(c > 0 && y.len().is_multiple_of(c) && x.len() == 2 * y.len());
    let (rows, at_once) = (y.len() / c, (TASK / c).max(1));
    let y = Shared::new(y);
    split::run(rows.div_ceil(at_once), |task| {
        let rows = task * at_once..((task + 1) * at_once).min(rows);
        // SAFETY: tasks differ in rows.
        let y = unsafe { y.slice(rows.start * c, rows.len() * c) };
        isa.run(Gate { x: &x[2 * rows.start * c..2 * rows.end * c], c, y });
    });
}

struct Gate<'a> {
    x: &'a [f32],
    c: usize,
    y: &'a mut [f32],
}

impl Kernel for Gate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let c = self.c;
        for (x, y) in self.x.chunks_exact(2 * c).zip(self.y.chunks_exact_mut(c)) {
            let (value, gate) = x.split_at(c);
            for channel in (0..c).step_by(V::F32_LANES) {
                let to = (channel + V::F32_LANES).min(c);
                let gate = gelu(v, v.partial_load_f32s(&gate[channel..to]));
                let product = v.mul_f32s(v.partial_load_f32s(&value[channel..to]), gate);
                v.partial_store_f32s(&mut y[channel..to], product);
            }
        }
    }
}

/// y = x where it is not negative, else 0; NaN stays.
pub fn relu(x: &[f32], y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    let (len, y) = (y.len(), Shared::new(y));
    split::run(len.div_ceil(TASK), |task| {
        let range = task * TASK..((task + 1) * TASK).min(len);
        // SAFETY: tasks differ in elements.
        let y = unsafe { y.slice(range.start, range.len()) };
        y.iter_mut().zip(&x[range]).for_each(|(y, &x)| *y = if x < 0.0 { 0.0 } else { x });
    });
}
