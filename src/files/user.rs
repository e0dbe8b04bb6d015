//! The user's own folders: settings, data and what can be made again.

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
    let user = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    let user = user.map_or_else(std::env::temp_dir, PathBuf::from);
    let mac = std::env::consts::OS == "macos";
    let (variable, fallback) = match which {
        UserFolder::Config => ("XDG_CONFIG_HOME", if mac { "Library/Application Support" } else { ".config" }),
        UserFolder::Data => ("XDG_DATA_HOME", if mac { "Library/Application Support" } else { ".local/share" }),
        UserFolder::Cache => ("XDG_CACHE_HOME", if mac { "Library/Caches" } else { ".cache" }),
    };
    let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    set.unwrap_or_else(|| user.join(fallback)).join("diffusion-lab")
}
