//! A mapped file that another program cuts short while it is read. The system answers a read beyond the new end with
//! SIGBUS, which ends the program and the window with it. So the ranges of mapped files are known here: a read that fails
//! in one of them finds zeros instead, since the rest of the range becomes empty memory, and the file is noted as cut.
//! Whoever used what was read asks [`file_cut_short`] before believing it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files that are guarded at once; more are mapped without.
const SLOTS: usize = 1024;

/// The range of one mapped file; `start` is 0 where the slot is free.
struct Slot {
    start: AtomicUsize,
    end: AtomicUsize,
    cut: AtomicBool,
}

static RANGES: [Slot; SLOTS] =
    [const { Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), cut: AtomicBool::new(false) } }; SLOTS];

/// The names of guarded files by their slots, and of those that were cut and closed since.
static NAMES: Mutex<(BTreeMap<usize, String>, Vec<String>)> = Mutex::new((BTreeMap::new(), Vec::new()));

fn names() -> MutexGuard<'static, (BTreeMap<usize, String>, Vec<String>)> {
    NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stands while a file is mapped.
#[derive(Debug)]
pub struct Guard(Option<usize>);

impl Guard {
    /// Guards the mapped `bytes` of the file called `name`.
    pub fn over(bytes: &[u8], name: String) -> Self {
        #[cfg(unix)]
        handler::install();
        let range = bytes.as_ptr_range();
        let (start, end) = (range.start as usize, range.end as usize);
        let free = |slot: &Slot| slot.start.compare_exchange(0, start, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let slot = RANGES.iter().position(free);
        if let Some(slot) = slot {
            names().0.insert(slot, name);
            RANGES[slot].cut.store(false, Ordering::Relaxed);
            RANGES[slot].end.store(end, Ordering::Release);
        }
        Self(slot)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(slot) = self.0 else { return };
        let mut names = names();
        let name = names.0.remove(&slot);
        if RANGES[slot].cut.load(Ordering::Acquire) {
            names.1.extend(name);
        }
        RANGES[slot].end.store(0, Ordering::Release);
        RANGES[slot].start.store(0, Ordering::Release);
    }
}

/// A file that was cut short while it was mapped and read, once for each.
pub fn file_cut_short() -> Option<String> {
    let mut names = names();
    let open = names.0.iter().find(|(slot, _)| RANGES[**slot].cut.swap(false, Ordering::AcqRel));
    open.map(|(_, name)| name.clone()).or_else(|| names.1.pop())
}

#[cfg(unix)]
mod handler {
    use std::sync::Once;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::RANGES;

    static PAGE: AtomicUsize = AtomicUsize::new(0);
    /// What listened before: the standard library's word about a stack that is full.
    static BEFORE: AtomicUsize = AtomicUsize::new(libc::SIG_DFL);

    type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

    /// Listens, from the first call on.
    pub fn install() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // SAFETY: the calls are given zeroed structs of their own, in which every field is valid.
            unsafe {
                PAGE.store(usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(0), Ordering::Relaxed);
                let mut action: libc::sigaction = std::mem::zeroed();
                let mut before: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = on_bus as Handler as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                if libc::sigaction(libc::SIGBUS, &action, &mut before) == 0 {
                    let known = before.sa_flags & libc::SA_SIGINFO != 0;
                    BEFORE.store(if known { before.sa_sigaction } else { libc::SIG_DFL }, Ordering::Relaxed);
                }
            }
        });
    }

    /// Puts empty memory in place of what is left of a guarded range; what is in none goes to whoever listened before.
    /// Makes system calls and reads numbers, and nothing else.
    extern "C" fn on_bus(signal: libc::c_int, about: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the system hands a valid struct to a handler that asked for one.
        let address = unsafe { (*about).si_addr() } as usize;
        let page = PAGE.load(Ordering::Relaxed).max(1);
        for slot in &RANGES {
            let (start, end) = (slot.start.load(Ordering::Acquire), slot.end.load(Ordering::Acquire));
            if start == 0 || !(start..end).contains(&address) {
                continue;
            }
            let from = address - address % page;
            let length = (end - from).next_multiple_of(page);
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
            // SAFETY: the range belongs to a mapping of ours that only reads; whoever unmaps it takes these pages too.
            let empty = unsafe { libc::mmap(from as *mut libc::c_void, length, libc::PROT_READ, flags, -1, 0) };
            if empty != libc::MAP_FAILED {
                slot.cut.store(true, Ordering::Release);
                return;
            }
        }
        match BEFORE.load(Ordering::Relaxed) {
            // The same read fails again, and then ends the program as it would have without this.
            // SAFETY: puts the system's own way back.
            libc::SIG_DFL | libc::SIG_IGN => drop(unsafe { libc::signal(signal, libc::SIG_DFL) }),
            // SAFETY: the system told that it is a handler of this kind.
            before => unsafe { std::mem::transmute::<usize, Handler>(before)(signal, about, context) },
        }
    }
}
