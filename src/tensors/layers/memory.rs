//! Memory of feature maps, used again from map to map and step to step: a fresh buffer costs a page fault every 4 KiB,
//! which was a fifth of candle's time, drawing and training alike.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::tensors::cpu::Buffer;

/// Where maps take their memory and give it back. A handle; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pool(Arc<Free>);

#[derive(Debug, Default)]
struct Free {
    /// Buffers that nobody uses, by capacity.
    buffers: Mutex<BTreeMap<usize, Vec<Buffer>>>,
    /// How many [`PoolGuard`]s there are.
    guards: AtomicUsize,
}

impl Pool {
    /// The one of all networks that have none of their own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Pool> = OnceLock::new();
        SHARED.get_or_init(Self::default)
    }

    fn buffers(&self) -> MutexGuard<'_, BTreeMap<usize, Vec<Buffer>>> {
        self.0.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `len` elements that hold anything.
    fn take(&self, len: usize) -> Buffer {
        let mut free = self.buffers();
        // The smallest that is large enough and not much larger.
        let found = free.range_mut(len..=len + len / 4 + 1024).find_map(|(_, buffers)| buffers.pop());
        drop(free);
        let mut buffer = found.unwrap_or_default();
        buffer.resize(len);
        buffer
    }

    fn give(&self, buffer: Buffer) {
        if buffer.capacity() > 0 && self.0.guards.load(Ordering::Relaxed) > 0 {
            self.buffers().entry(buffer.capacity()).or_default().push(buffer);
        }
    }
}

/// While one of these lives, its pool keeps memory for the next maps; with the last, all goes back to the system.
#[derive(Debug)]
pub struct PoolGuard(Pool);

impl PoolGuard {
    /// Of a pool, from now on.
    pub fn new(pool: &Pool) -> Self {
        pool.0.guards.fetch_add(1, Ordering::Relaxed);
        Self(pool.clone())
    }

    /// What it keeps.
    pub fn pool(&self) -> &Pool {
        &self.0
    }
}

impl Clone for PoolGuard {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for PoolGuard {
    fn drop(&mut self) {
        if self.0.0.guards.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.buffers().clear();
        }
    }
}

/// f32 of one map; they go back to the pool when dropped.
#[derive(Debug)]
pub struct Values {
    buffer: Buffer,
    pool: Pool,
}

impl Values {
    /// `len` numbers, left over from somewhere.
    pub fn anything(pool: &Pool, len: usize) -> Self {
        Self { buffer: pool.take(len), pool: pool.clone() }
    }

    /// `len` numbers that `write` fills.
    pub fn written(pool: &Pool, len: usize, write: impl FnOnce(&mut [f32])) -> Self {
        let mut values = Self::anything(pool, len);
        write(&mut values);
        values
    }

    /// Where they are from.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        self.pool.give(std::mem::take(&mut self.buffer));
    }
}

impl Deref for Values {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.buffer
    }
}

impl DerefMut for Values {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.buffer
    }
}
