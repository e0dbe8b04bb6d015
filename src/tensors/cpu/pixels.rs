//! Feature maps as pixels [n, h, w, c], in memory that is used again from map to map and step to step.
//!
//! Fresh memory costs a page fault for every 4 KiB, a fifth of the time of candle's CPU path.

use std::sync::{Arc, Mutex, PoisonError};

use super::buffer::Buffer;
use super::winograd::Pictures;

/// Memory of maps that are no longer needed. A handle; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pool(Arc<Mutex<Vec<Buffer>>>);

impl Pool {
    /// `len` elements that hold anything.
    fn take(&self, len: usize) -> Buffer {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = free.iter().enumerate().filter(|(_, buffer)| (len..=2 * len).contains(&buffer.capacity()));
        let best = fits.min_by_key(|(_, buffer)| buffer.capacity()).map(|(at, _)| at);
        let mut buffer = best.map(|at| free.swap_remove(at)).unwrap_or_default();
        drop(free);
        buffer.resize(len);
        buffer
    }

    fn give(&self, buffer: Buffer) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

/// A batch of pictures with c channels; a clone shares the memory.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// Their sizes.
    pub pictures: Pictures,
    /// Channels.
    pub c: usize,
    values: Arc<Pooled>,
}

#[derive(Debug)]
struct Pooled {
    buffer: Buffer,
    pool: Pool,
}

impl Drop for Pooled {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.buffer));
    }
}

impl Pixels {
    /// A map that `write` fills: its slice holds anything before, [n, h, w, c].
    pub fn new(pool: &Pool, pictures: Pictures, c: usize, write: impl FnOnce(&mut [f32])) -> Self {
        let mut buffer = pool.take(pictures.pixels() * c);
        write(&mut buffer);
        Self { pictures, c, values: Arc::new(Pooled { buffer, pool: pool.clone() }) }
    }

    /// The numbers, [n, h, w, c].
    pub fn values(&self) -> &[f32] {
        &self.values.buffer
    }

    /// Where maps made of this one get their memory.
    pub fn pool(&self) -> &Pool {
        &self.values.pool
    }
}
