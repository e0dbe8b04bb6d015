//! The user's own folders: settings, data and what can be made again.
//!
//! Where they are is the system's business, and `dirs` knows it: XDG's variables and defaults on Linux, the Library
//! on macOS, `AppData\Local` on Windows.

use std::path::{Path, PathBuf};

/// The variable that puts all of them into one folder.
const HOME: &str = "DIFFUSION_LAB_HOME";

/// What is kept there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserFolder {
    /// Settings.
    Config,
    /// Results.
    Data,
    /// What can be made again.
    Cache,
}

/// The folder, which may not be there yet: in the one that `DIFFUSION_LAB_HOME` names, or the desktop's.
pub fn user_folder(which: UserFolder) -> PathBuf {
    if let Some(home) = std::env::var_os(HOME).filter(|home| !home.is_empty()) {
        return match which {
            UserFolder::Config | UserFolder::Data => PathBuf::from(home),
            UserFolder::Cache => Path::new(&home).join("cache"),
        };
    }
    // Local ones: a gallery does not travel with a Windows account, nor do the timings of one machine.
    let system = match which {
        UserFolder::Config => dirs::config_local_dir(),
        UserFolder::Data => dirs::data_local_dir(),
        UserFolder::Cache => dirs::cache_dir(),
    };
    system.unwrap_or_else(std::env::temp_dir).join("diffusion-lab")
}
