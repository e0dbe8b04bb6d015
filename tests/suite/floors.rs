//! Reads every `crate::<room>` path under `src` and fails on an arrow that points up or sideways.

use std::collections::{HashMap, HashSet};
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
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
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
        // Kernels are a crate of their own, which knows nothing of this one.
        if ["lib", "main", "kernels"].contains(&room) {
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
    // The reader itself, a table of the system's, and a folder that is locked.
    let may = ["files/input.rs", "files/lock.rs", "files/room.rs"].map(|name| root.join(name));
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

/// Each file of the window with the files that its `use`s and paths name.
fn arrows_of_the_window() -> Vec<(PathBuf, Vec<PathBuf>)> {
    let app = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/app");
    let mut found = Vec::new();
    sources(&app, &mut found);
    let module = |path: &Path| -> Vec<String> {
        let inside = path.strip_prefix(&app).unwrap().with_extension("");
        let parts = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
        parts.filter(|part| part != "mod").collect()
    };
    let modules: HashMap<Vec<String>, PathBuf> = found.iter().map(|path| (module(path), path.clone())).collect();
    let texts: HashMap<PathBuf, String> = found
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            // A module of tests has another `super`.
            (path.clone(), text.split("#[cfg(test)]").next().unwrap_or_default().to_owned())
        })
        .collect();
    // A name that a folder's `mod.rs` hands on is the file's that has it.
    let owner = |at: &[String], name: &str| -> Option<PathBuf> {
        let handed = |line: &&str| line.starts_with("pub use ") && names(line).iter().any(|known| known == name);
        let line = texts[&modules[at]].split(';').map(str::trim).find(handed)?;
        let child = line.strip_prefix("pub use ")?.split("::").next()?.to_owned();
        modules.get(&[at, &[child]].concat()).cloned()
    };
    let resolve = |from: &[String], path: &[String]| -> Option<PathBuf> {
        let mut at = from.to_vec();
        let mut rest = path;
        while let [first, more @ ..] = rest
            && modules.contains_key(&[at.as_slice(), std::slice::from_ref(first)].concat())
        {
            at.push(first.clone());
            rest = more;
        }
        match rest.first().and_then(|name| owner(&at, name)) {
            Some(file) => Some(file),
            None => modules.get(&at).cloned(),
        }
    };
    let mut arrows = Vec::new();
    for path in &found {
        let own = module(path);
        let parent = &own[..own.len().saturating_sub(1)];
        let mut named = Vec::new();
        for (start, base) in [("crate::app::", &[][..]), ("super::", parent)] {
            for (at, _) in texts[path].match_indices(start) {
                if start == "super::" && texts[path][..at].ends_with("super::") {
                    continue;
                }
                let paths = expanded(&texts[path][at + start.len()..]);
                named.extend(paths.iter().filter_map(
                    |path| match path.first().is_some_and(|first| first == "super") {
                        true => resolve(&parent[..parent.len().saturating_sub(1)], &path[1..]),
                        false => resolve(base, path),
                    },
                ));
            }
        }
        // A `mod.rs` names its children without a way to them; what it hands on is no arrow.
        let children = modules.iter().filter(|(module, _)| module.len() == own.len() + 1 && module.starts_with(&own));
        for (module, child) in children.filter(|_| path.ends_with("mod.rs")) {
            let uses = |line: &str| {
                let at = line.find(&format!("{}::", module[own.len()]));
                at.is_some_and(|at| !line[..at].ends_with([':', '_']) && !line[..at].ends_with(char::is_alphanumeric))
            };
            if texts[path].lines().any(|line| !line.starts_with("//") && !line.starts_with("pub use") && uses(line)) {
                named.push(child.clone());
            }
        }
        named.retain(|file| file != path);
        arrows.push((path.clone(), named));
    }
    arrows
}

/// The names in a list such as `a::{B, c::D}`.
fn names(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
}

/// The paths that a text begins with: one, or several in braces.
fn expanded(text: &str) -> Vec<Vec<String>> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if let Some(inside) = text.strip_prefix('{') {
        let (mut depth, mut from, mut all) = (0, 0, Vec::new());
        for (at, c) in inside.char_indices() {
            match c {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    all.extend(expanded(inside[from..at].trim()));
                    from = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        return all;
    }
    match text[name.len()..].strip_prefix("::") {
        Some(rest) if !name.is_empty() => {
            let rests = expanded(rest);
            rests.into_iter().map(|rest| [vec![name.clone()], rest].concat()).collect()
        }
        _ if name.is_empty() => vec![Vec::new()],
        _ => vec![vec![name]],
    }
}

/// The window's areas own themselves: whoever follows imports from file to file comes back after three files at most.
#[test]
fn no_circle_of_files_in_the_window_is_longer_than_three() {
    let arrows: HashMap<PathBuf, Vec<PathBuf>> = arrows_of_the_window().into_iter().collect();
    assert!(arrows.values().map(Vec::len).sum::<usize>() > 300, "the imports are not read");
    let mut reaches: HashMap<&PathBuf, HashSet<&PathBuf>> = HashMap::new();
    for from in arrows.keys() {
        let (seen, mut next) = (reaches.entry(from).or_default(), vec![from]);
        while let Some(file) = next.pop() {
            next.extend(arrows[file].iter().filter(|file| seen.insert(*file)));
        }
    }
    for file in arrows.keys() {
        let mut circle: Vec<_> = reaches[file].iter().filter(|other| reaches[**other].contains(file)).collect();
        circle.sort();
        assert!(circle.len() <= 3, "a circle of {} files: {circle:#?}", circle.len());
    }
}
