//! Memory for maps, reused from step to step: a fresh buffer costs a page fault every 4 KiB, which was a fifth of
//! candle's training step.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::tensors::cpu::Buffer;

/// Buffers that nobody uses, by capacity.
static FREE: Mutex<BTreeMap<usize, Vec<Buffer>>> = Mutex::new(BTreeMap::new());

/// How many [`Keep`]s there are.
static KEEPERS: AtomicUsize = AtomicUsize::new(0);

/// While one of these lives, memory of maps is kept for the next maps; with the last, it goes back to the system.
#[derive(Debug)]
pub struct Keep(());

impl Keep {
    /// From now on.
    #[allow(clippy::new_without_default, reason = "making one does something")]
    pub fn new() -> Self {
        KEEPERS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        if KEEPERS.fetch_sub(1, Ordering::Relaxed) == 1 {
            lock().clear();
        }
    }
}

/// f32 of one map; goes back to the free ones when dropped.
#[derive(Debug, Default)]
pub struct Values(Buffer);

impl Values {
    /// `len` numbers, left over from somewhere.
    pub fn anything(len: usize) -> Self {
        let mut free = lock();
        // The smallest that is large enough and not much larger.
        let found = free.range_mut(len..=len + len / 4 + 1024).find_map(|(_, buffers)| buffers.pop());
        drop(free);
        match found {
            Some(mut buffer) => {
                buffer.resize(len);
                Self(buffer)
            }
            None => Self(Buffer::zeros(len)),
        }
    }
}

fn lock() -> std::sync::MutexGuard<'static, BTreeMap<usize, Vec<Buffer>>> {
    FREE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Drop for Values {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        if buffer.capacity() > 0 && KEEPERS.load(Ordering::Relaxed) > 0 {
            lock().entry(buffer.capacity()).or_default().push(buffer);
        }
    }
}

impl Deref for Values {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Values {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}
