//! stand-in
use crate::error::{Error, Result};
pub fn run(_o: crate::worker::Options) -> Result<()> {
    Err(Error::new("no window yet"))
}
pub fn screenshots(_d: &std::path::Path, _o: crate::worker::Options) -> Result<Vec<std::path::PathBuf>> {
    Err(Error::new("no window yet"))
}
