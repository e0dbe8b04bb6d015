//! How a result is split over the threads of the current pool, and the memory they need meanwhile.
//!
//! No result depends on the split: every number is summed by one task in one order.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::buffer::Buffer;

/// Tasks for each thread, so that one that is held up does not hold up all.
const TASKS_PER_THREAD: usize = 4;

/// A slice that several tasks write, each its own elements.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a> {
    start: *mut f32,
    len: usize,
    borrow: PhantomData<&'a mut [f32]>,
}

// SAFETY: handing out pointers is safe; who writes through them promises that tasks do not meet.
unsafe impl Send for Shared<'_> {}
// SAFETY: as for `Send`.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    /// All of `values`, for as long as it is borrowed.
    pub fn new(values: &'a mut [f32]) -> Self {
        Self { start: values.as_mut_ptr(), len: values.len(), borrow: PhantomData }
    }

    /// The element at `index`, of which `count` from there on must exist.
    pub fn at(self, index: usize, count: usize) -> *mut f32 {
        assert!(index + count <= self.len, "a task reaches beyond its slice");
        self.start.wrapping_add(index)
    }

    /// `count` elements from `index`.
    ///
    /// # Safety
    /// No other task may touch them while they are borrowed.
    #[allow(clippy::mut_from_ref, reason = "tasks borrow apart, as the safety section says")]
    pub unsafe fn slice(&self, index: usize, count: usize) -> &mut [f32] {
        // SAFETY: `at` checked the range; the caller vouches that it is its own.
        unsafe { std::slice::from_raw_parts_mut(self.at(index, count), count) }
    }
}

/// Runs `task(0)` … `task(count - 1)` on the threads of the current pool.
pub fn run(count: usize, task: impl Fn(usize) + Sync) {
    if count <= 1 || rayon::current_num_threads() == 1 {
        (0..count).for_each(&task);
    } else {
        (0..count).into_par_iter().with_max_len(1).for_each(&task);
    }
}

/// How many tasks to make of work that takes `operations` multiply-adds.
pub fn tasks(operations: usize) -> usize {
    let threads = rayon::current_num_threads();
    // Waking a thread takes as long as some thirty thousand of them.
    if threads == 1 { 1 } else { (threads * TASKS_PER_THREAD).min(operations >> 15).max(1) }
}

/// Calls `work` with `len` floats of scratch that this thread keeps for the next time; what they hold is left over.
pub fn with_scratch<R>(len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    work(&mut Scratch::of(len))
}

thread_local!(static SCRATCH: RefCell<Vec<Buffer>> = const { RefCell::new(Vec::new()) });

/// Such scratch for kernels, which cannot work inside of a closure.
pub struct Scratch(Buffer);

impl Scratch {
    /// `len` floats that hold anything; none costs nothing.
    pub fn of(len: usize) -> Self {
        // Taken out, so that work which asks again while this is in use gets another.
        let mut buffer =
            if len == 0 { Buffer::default() } else { SCRATCH.with_borrow_mut(Vec::pop).unwrap_or_default() };
        buffer.resize(len);
        Self(buffer)
    }
}

impl Deref for Scratch {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.0.capacity() > 0 {
            // A thread that ends has no use for it.
            let _ = SCRATCH.try_with(|kept| kept.borrow_mut().push(std::mem::take(&mut self.0)));
        }
    }
}
