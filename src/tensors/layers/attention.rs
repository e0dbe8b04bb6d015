//! Attention of maps: every pixel is a token that looks at the tokens of one or several maps, head by head.

use super::memory::Values;
use super::pixels::Pixels;
use super::record::{Gradients, Origin, Place};
use crate::error::{Error, Result};
use crate::tensors::cpu::{self, Heads, Isa, Tokens};

/// softmax(q kᵀ / √width) v, [n, h, w, c] as q, of keys and values that are put one after the other; c is shared out to
/// `heads`. An error where sizes differ.
pub fn attention(q: &Pixels, parts: &[(Pixels, Pixels)], heads: usize) -> Result<Pixels> {
    let shape = q.shape();
    let fits = |map: &Pixels| map.shape().n == shape.n && map.shape().c == shape.c;
    let pairs = parts.iter().all(|(k, v)| fits(k) && fits(v) && k.shape() == v.shape());
    if !pairs || heads == 0 || !shape.c.is_multiple_of(heads) {
        return Err(Error::new(format!("an attention of {heads} heads does not fit maps {shape:?}")));
    }
    let attend = Attend { q: q.clone(), parts: parts.to_vec(), heads, y: None };
    let mut y = Values::anything(q.pool(), shape.count());
    cpu::attention(Isa::get(), attend.sizes(), tokens(q), &attend.tokens(), &mut y);
    let track = q.tracks() || parts.iter().any(|(k, v)| k.tracks() || v.tracks());
    if !track {
        return Ok(Pixels::made(shape, y, None));
    }
    // The way back needs the result; the map itself would hold its own record.
    let copy = Pixels::new(q.pool(), shape, |copy| copy.copy_from_slice(&y));
    Ok(Pixels::made(shape, y, Some(Box::new(Attend { y: Some(copy), ..attend }))))
}

fn tokens(map: &Pixels) -> Tokens<'_> {
    Tokens { values: map.values(), row: map.shape().c, tokens: map.shape().picture() }
}

struct Attend {
    q: Pixels,
    parts: Vec<(Pixels, Pixels)>,
    heads: usize,
    y: Option<Pixels>,
}

impl Attend {
    fn sizes(&self) -> Heads {
        let shape = self.q.shape();
        let width = shape.c / self.heads;
        Heads { n: shape.n, heads: self.heads, width, scale: (width as f32).powf(-0.5) }
    }

    fn tokens(&self) -> Vec<(Tokens<'_>, Tokens<'_>)> {
        self.parts.iter().map(|(k, v)| (tokens(k), tokens(v))).collect()
    }
}

impl Origin for Attend {
    fn inputs(&self) -> Vec<&Place> {
        let parts = self.parts.iter().flat_map(|(k, v)| [k.place(), v.place()]);
        std::iter::once(self.q.place()).chain(parts).collect()
    }

    fn backward(&self, dy: Values, gradients: &mut Gradients) -> Result<()> {
        let Some(y) = &self.y else { return Ok(()) };
        let anything = |map: &Pixels| Values::anything(dy.pool(), map.shape().count());
        let mut dq = anything(&self.q);
        let mut d_parts: Vec<(Values, Values)> = self.parts.iter().map(|(k, v)| (anything(k), anything(v))).collect();
        let mut slices: Vec<(&mut [f32], &mut [f32])> = d_parts.iter_mut().map(|(k, v)| (&mut **k, &mut **v)).collect();
        let (sizes, parts) = (self.sizes(), self.tokens());
        cpu::attention_backward(Isa::get(), sizes, tokens(&self.q), &parts, (y.values(), &dy), &mut dq, &mut slices);
        gradients.add(self.q.place(), dq);
        for ((k, v), (dk, dv)) in self.parts.iter().zip(d_parts) {
            gradients.add(k.place(), dk);
            gradients.add(v.place(), dv);
        }
        Ok(())
    }
}
