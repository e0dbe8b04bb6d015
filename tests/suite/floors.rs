//! Reads every `crate::<room>` path under `src` and fails on an arrow that points up or sideways.

use std::path::{Path, PathBuf};

/// Rooms by floor, as `src/lib.rs` lists them.
const FLOORS: [&[&str]; 8] = [
    &["error"],
    &["files", "spec", "tensors"],
    &["pictures", "diffusion", "views", "decompositions", "datasets", "weights"],
    &["models"],
    &["training"],
    &["experiments"],
    &["report", "worker"],
    &["app", "cli"],
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

fn floor(room: &str) -> usize {
    FLOORS.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("{room} has no floor"))
}

fn all_sources() -> (PathBuf, Vec<PathBuf>) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    (root, found)
}

#[test]
fn rooms_import_only_from_lower_floors() {
    let (root, files) = all_sources();
    let mut arrows = 0;
    for path in files {
        let inside = path.strip_prefix(&root).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
        let room = first.trim_end_matches(".rs");
        if ["lib", "main"].contains(&room) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("crate::") {
            let rest = &text[at + "crate::".len()..];
            let target: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(!target.is_empty(), "{}: one `use crate::ROOM` for each room", inside.display());
            if target == room {
                continue;
            }
            // The shell may drive the window (`screenshots`, and no arguments at all).
            let drives = room == "cli" && target == "app";
            assert!(floor(&target) < floor(room) || drives, "{} imports {target}", inside.display());
            arrows += 1;
        }
    }
    assert!(arrows > 50, "{arrows}");
}

/// Files from outside come in by one door, which refuses what is no file and what is too long.
#[test]
fn files_are_read_by_the_one_reader() {
    let (root, files) = all_sources();
    // The reader itself, and a table of the system's.
    let may = ["files/input.rs", "files/room.rs"].map(|name| root.join(name));
    for path in files.into_iter().filter(|path| !may.contains(path)) {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for way in ["fs::read(", "fs::read_to_string(", "File::open(", "image::open(", "ImageReader::open("] {
            assert!(!text.contains(way), "{} reads with {way}: use files::read_file", path.display());
        }
    }
}

/// candle's convolutions are called in one place, which puts kernels in order before: its own way back does not, and Metal
/// then multiplies by the wrong numbers.
#[test]
fn convolutions_go_through_the_one_that_is_mended() {
    let (root, files) = all_sources();
    let mended = root.join("tensors/planes/convolution.rs");
    let calls = [".conv2d(", ".conv_transpose2d(", ".conv1d(", ".conv2d_with_algo("];
    assert!(calls[..2].iter().all(|call| std::fs::read_to_string(&mended).unwrap().contains(call)));
    for path in files.into_iter().filter(|path| *path != mended) {
        let text = std::fs::read_to_string(&path).unwrap();
        for call in calls {
            assert!(!text.contains(call), "{} calls {call}: use tensors::planes::convolve", path.display());
        }
    }
}

#[test]
fn every_file_says_why_it_exists() {
    for path in all_sources().1 {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{} has no header", path.display());
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines", path.display());
    }
}
