//! How much room this machine has, on a disk and in memory, and how much of it was taken. `None` where the system does not tell.
//!
//! Disks are asked through `fs4`, by path. `sysinfo` lists mounted disks instead and leaves some out (overlays, network
//! drives), and a list has to ask every one of them, also one that hangs.

use std::path::Path;

use sysinfo::{MemoryRefreshKind, ProcessRefreshKind, ProcessesToUpdate, System};

use super::size::size;
use crate::error::{Error, Result};

/// Free bytes on the disk that has `path`, or will have it.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let path = std::path::absolute(path).ok()?;
    fs4::available_space(path.ancestors().find(|path| path.exists())?).ok()
}

/// Memory that a program can have without pushing others out, in bytes; in a container, no more than that may take.
pub fn available_memory() -> Option<u64> {
    let mut system = System::new().ok()?;
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    // Where nothing could be asked, `sysinfo` says 0.
    let free = Some(system.available_memory()).filter(|_| system.total_memory() > 0)?;
    Some(allowed(&mut system).map_or(free, |allowed| allowed.min(free)))
}

/// An error where `what` takes more bytes than are free, at `place`; none where the system does not tell.
pub fn check_memory(needed: u64, what: &str, place: impl std::fmt::Display, hint: &str) -> Result<()> {
    match available_memory() {
        Some(free) if needed > free => {
            Err(Error::new(format!("{what} takes about {}, and {} of memory are free", size(needed), size(free)))
                .at(place)
                .hint(hint))
        }
        _ => Ok(()),
    }
}

/// What the control group of this process leaves it. Files in the page cache count as used there and are given up when
/// memory is wanted, mapped weights among them: so the limit less what programs hold, not the group's own free memory.
fn allowed(system: &mut System) -> Option<u64> {
    if cfg!(not(target_os = "linux")) {
        return None;
    }
    let own = sysinfo::get_current_pid().ok()?;
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, ProcessRefreshKind::nothing());
    let limits = system.process(own)?.cgroup_limits()?;
    Some(limits.total_memory.saturating_sub(limits.rss))
}

/// Hands memory that was let go of back to the system. glibc keeps what lies between pieces that are still used.
pub fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the call touches only what nobody uses.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The most memory that the program has held at once, bytes. (Linux hands `getrusage`'s peak on to a program from the one that
/// started it, so that is asked elsewhere only.)
#[cfg(target_os = "linux")]
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|size| size * 1024)
}

/// The most memory that the program has held at once, bytes.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn peak_memory_bytes() -> Option<u64> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call fills in the struct that it is given; zeroed, it is valid even if the call fails.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) != 0 {
            return None;
        }
        usage.assume_init()
    };
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    u64::try_from(usage.ru_maxrss).ok().map(|size| size * unit)
}

/// Not known on this system.
#[cfg(not(unix))]
pub fn peak_memory_bytes() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{available_memory, free_bytes};

    #[test]
    fn memory_is_told_in_bytes() {
        let free = available_memory().expect("every system tells");
        assert!((1 << 20..1 << 50).contains(&free), "{free}");
    }

    #[test]
    fn a_folder_that_is_not_there_yet_has_the_room_of_the_disk_above_it() {
        let there = tempfile::tempdir().expect("a temporary folder");
        let told = free_bytes(there.path()).expect("every system tells");
        let later = free_bytes(&there.path().join("not/yet")).expect("the same disk");
        assert!(told > 0 && later.abs_diff(told) < told / 2 + (1 << 30), "{told} {later}");
        assert!(free_bytes(Path::new("not-yet")).is_some(), "relative to where the program was started");
    }
}
