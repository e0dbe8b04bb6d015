//! How much room this machine has: on a disk, and in memory. `None` where the system does not tell.

use std::path::Path;

/// Free bytes on the disk that has `path`, or will have it.
pub fn free_bytes(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let there = path.ancestors().find(|path| path.exists())?;
        let name = std::ffi::CString::new(there.as_os_str().as_bytes()).ok()?;
        let mut told = std::mem::MaybeUninit::<libc::statvfs>::uninit();
        // SAFETY: the name ends in 0, and the call fills what it is pointed to when it gives 0.
        let told = unsafe { (libc::statvfs(name.as_ptr(), told.as_mut_ptr()) == 0).then(|| told.assume_init()) }?;
        #[allow(clippy::unnecessary_cast, reason = "32 bits wide on some systems")]
        return Some(told.f_bavail as u64 * told.f_frsize as u64);
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Memory that a program can have without pushing others out, in bytes.
pub fn available_memory() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let table = std::fs::read_to_string("/proc/meminfo").ok()?;
        let line = table.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kibibytes * 1024)
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        // SAFETY: two calls that take a number and give one.
        let (pages, page) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
        // All of it: these systems do not tell what is free in one call.
        Some(u64::try_from(pages).ok()? * u64::try_from(page).ok()?)
    }
    #[cfg(not(unix))]
    None
}

/// Hands memory that was let go of back to the system. glibc keeps what lies between pieces that are still used.
pub fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: the call touches only what nobody uses.
    unsafe {
        libc::malloc_trim(0);
    }
}
