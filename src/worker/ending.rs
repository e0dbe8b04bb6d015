//! Being asked to end: by Ctrl+C, by a logout or a closed connection (SIGHUP), by a service manager or a batch system
//! (SIGTERM). All mean the same, and whoever listens has the time to save its work.

use crate::error::{Error, Result};

/// Calls `act`, on a thread of its own, each time the program is asked to end. Once in a program.
///
/// A SIGHUP that the program was started to ignore, as by `nohup`, stays ignored.
pub fn when_asked_to_end(act: impl FnMut() + Send + 'static) -> Result<()> {
    ctrlc::set_handler(act).map_err(|error| Error::new(format!("cannot listen for Ctrl+C ({error})")))?;
    #[cfg(unix)]
    for signal in [libc::SIGTERM, libc::SIGHUP] {
        let handler = interrupt as extern "C" fn(libc::c_int) as libc::sighandler_t;
        // SAFETY: the handler makes one call, which may be made in a handler.
        let before = unsafe { libc::signal(signal, handler) };
        if before == libc::SIG_IGN {
            // SAFETY: it is put back as it was.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
    }
    Ok(())
}

/// As if Ctrl+C was pressed, which is listened to.
#[cfg(unix)]
extern "C" fn interrupt(_: libc::c_int) {
    // SAFETY: a number, and one of the calls that may be made in a handler.
    unsafe { libc::raise(libc::SIGINT) };
}
